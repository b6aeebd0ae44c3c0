"""Rounds for crews: on the screen, on paper and as GPX."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.report.round_sheet import qr_svg
from hydrant.survey.due import DueAsset
from hydrant.survey.form import load_form
from hydrant.survey.planning import Pace, Wish, plan_rounds
from hydrant.vocabulary import Language
from tests.conftest import Program, missing
from tests.parts import FONT, advice


@pytest.fixture
def town(program: Program, tmp_path: Path) -> Program:
    """Forty hydrants in a field of 5 x 8, one without a plate, one bearing Chinese."""
    rows = [
        (
            "消-07" if n == 7 else "" if n == 9 else f"H{n:02}",
            120.1 + n % 8 / 500,
            30.2 + n // 8 / 500,
        )
        for n in range(40)
    ]
    file = tmp_path / "town.csv"
    lines = [
        f"{code},hydrant.pillar,{lon},{lat},水务{n % 2}" for n, (code, lon, lat) in enumerate(rows)
    ]
    file.write_text("code,kind,lon,lat,maintainer\n" + "\n".join(lines) + "\n", "utf-8")
    program.data("import", file, "--crs", "cgcs2000")
    return program


def due_at(number: int, x: int, y: int) -> DueAsset:
    return DueAsset(
        f"u{number}", None, "hydrant", None, None, None, None, 0, (119 + x / 500, 29 + y / 500)
    )


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=60),
    st.integers(1, 6),
    st.booleans(),
    st.sampled_from([None, (119.02, 29.02)]),
)
def test_crews_share_the_stops_evenly(
    places: list[tuple[int, int]], crews: int, back: bool, start: tuple[float, float] | None
) -> None:
    due = [due_at(number, x, y) for number, (x, y) in enumerate(places)]
    pace = Pace(10.0, 20.0)
    plan = plan_rounds(due, Wish(start, back, crews, pace))
    seen = [visit.asset.uid for each in plan.rounds for visit in each.visits]
    assert sorted(seen) == sorted(asset.uid for asset in due)
    assert len(plan.rounds) == min(crews, len(due))
    # 80 stops' steps at most lie between any two places: 12 km, 35 min; out and home as much
    one = plan_rounds(due, Wish(start, back, 1, pace)).rounds[0]
    longest = max((visit.leg_m or 0.0) for visit in one.visits)
    bound = one.minutes / len(plan.rounds) + 2 * (10.0 + pace.minutes(longest))
    bound += pace.minutes(4 * 8_000.0) if start or back else 0.0
    assert max(each.minutes for each in plan.rounds) <= bound + 1e-6


def test_filters_order_and_totals(town: Program, tmp_path: Path) -> None:
    data = town.data("survey", "plan", "--near", "120.1,30.2", "--crews", 2, "--return")
    assert len(data["due"]) == data["due_total"] == 40
    assert [crew["crew"] for crew in data["crews"]] == [1, 2]
    for crew in data["crews"]:
        mine = [row for row in data["due"] if row["crew"] == crew["crew"]]
        assert [row["order"] for row in mine] == list(range(1, crew["stops"] + 1))
        legs = sum(row["leg_m"] for row in mine) + crew["back_m"]
        assert legs == pytest.approx(crew["length_m"], abs=0.1 * len(mine))
    assert len(town.data("survey", "plan", "--maintainer", "水务1")["due"]) == 20
    area = tmp_path / "area.geojson"
    ring = [[120.0999, 30.1999], [120.1021, 30.1999], [120.1021, 30.21], [120.0999, 30.21]]
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}), "utf-8")
    ran = town("survey", "plan", "--area", area)
    assert (ran.code, "--area-crs" in ran.err) == (3, True)
    assert len(town.data("survey", "plan", "--area", area, "--area-crs", "cgcs2000")["due"]) == 10
    # as drawn by hand: a loop at the end, where the outline crosses itself
    loop = [*ring, ring[0], ring[2], ring[1]]
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [[*loop, loop[0]]]}), "utf-8")
    assert len(town.data("survey", "plan", "--area", area, "--area-crs", "cgcs2000")["due"]) > 0
    for corner in ([181.0, 30.0], [120.0, 1e308], [float("nan"), 30.0]):
        broken = [[*ring, corner, ring[0]]]
        area.write_text(json.dumps({"type": "Polygon", "coordinates": broken}), "utf-8")
        ran = town("survey", "plan", "--area", area, "--area-crs", "cgcs2000")
        assert (ran.code, len(ran.err.strip().splitlines())) == (3, 1), ran
    listed = tmp_path / "list.csv"
    listed.write_text("code\nH01\nH39\n", "utf-8")
    assert {r["code"] for r in town.data("survey", "plan", "--list", listed)["due"]} == {
        "H01",
        "H39",
    }
    assert town.data("survey", "plan", "--kind", "intake")["due"] == []


def test_limit_says_what_it_leaves(town: Program) -> None:
    ran = town("survey", "plan", "--limit", 3, "--near", "120.1,30.2", "--json")
    assert {row["code"] for row in ran.data["due"]} == {"H00", "H01", "H08"}
    assert "cli_survey_plan.left" in [message["key"] for message in ran.json["messages"]]


def test_what_has_no_place_is_not_lost() -> None:
    nowhere = DueAsset("u9", None, "hydrant", None, None, None, None, 0, None)
    plan = plan_rounds([due_at(0, 1, 1), nowhere], Wish(None, False, 2, Pace(10.0, 20.0)))
    assert plan.without_position == (nowhere,)
    assert [len(each.visits) for each in plan.rounds] == [1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_table(town: Program, lang: str) -> None:
    ran = town("survey", "plan", "--crews", 3, lang=lang)
    assert ran.code == 0
    assert "消-07" in ran.out
    assert ("第 3 组" if lang == "zh" else "Crew 3") in ran.out


def test_along_streets(town: Program, tmp_path: Path) -> None:
    streets = tmp_path / "streets.geojson"
    ticks = [120.1 + n / 500 for n in range(8)]
    lines = [[[x, 30.2 + y / 500] for x in ticks] for y in range(5)]
    lines.append([[ticks[0], 30.2 + y / 500] for y in range(5)])
    streets.write_text(json.dumps({"type": "MultiLineString", "coordinates": lines}), "utf-8")
    gpx = tmp_path / "r.gpx"
    along = town.data(
        "survey", "plan", "--streets", streets, "--streets-crs", "cgcs2000", "--gpx", gpx
    )
    straight = town.data("survey", "plan")
    assert along["along_streets"]
    assert along["crews"][0]["length_m"] > straight["crews"][0]["length_m"]
    assert "<trkseg>" in gpx.read_text("utf-8")
    far = tmp_path / "far.geojson"
    far.write_text('{"type": "LineString", "coordinates": [[-75.7, 45.4], [-75.6, 45.4]]}', "utf-8")
    ran = town("survey", "plan", "--streets", far)
    assert ran.code == 3
    assert len(ran.err.strip().splitlines()) == 1


def test_wrong_lines(town: Program, tmp_path: Path) -> None:
    wrong: list[tuple[list[object], int]] = [
        (["--near", "nowhere"], 2),
        (["--km-h", "0"], 2),
        (["--minutes-per-stop", "nan"], 2),
        (["--near", "500,30"], 2),
        (["--crews", "0"], 2),
        (["--sheet", tmp_path / "r.docx"], 3),
        (["--gpx", town.db], 3),
        (["--streets", tmp_path / "none.shp"], 3),
        (["--kind", "intake", "--sheet", tmp_path / "r.pdf"], 3),
    ]
    for words, code in wrong:
        ran = town("survey", "plan", *words)
        assert ran.code == code, ran
    assert not list(tmp_path.glob("*.pdf"))


def test_the_round_goes_the_short_way(town: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = town.data("survey", "plan", "--near", "120.1,30.2", "--limit", 20)
    import io  # noqa: PLC0415
    import sys  # noqa: PLC0415

    monkeypatch.setattr(sys, "stdin", io.StringIO("s\n" * 20))
    ran = town("survey", "round", "--near", "120.1,30.2")
    places = [ran.out.index(row["code"] or row["uid"]) for row in plan["due"]]
    assert all(one < other for one, other in pairwise(places))


@pytest.mark.peer
def test_gdal_reads_the_route(town: Program, tmp_path: Path, peer: Callable[[str], str]) -> None:
    gpx = tmp_path / "r.gpx"
    town.data("survey", "plan", "--crews", 2, "--gpx", gpx)
    for layer, count in (("waypoints", 40), ("routes", 2), ("route_points", 40)):
        said = subprocess.run(
            [peer("ogrinfo"), "-ro", "-so", str(gpx), layer],
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"Feature Count: {count}" in said.stdout, said
        assert "ERROR" not in said.stderr


@pytest.mark.peer
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_plates_can_be_read_from_the_sheet(
    town: Program, tmp_path: Path, peer: Callable[[str], str], lang: str
) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    import numpy as np  # noqa: PLC0415

    sheet = tmp_path / "r.pdf"
    ran = town("survey", "plan", "--crews", 2, "--sheet", sheet, "--json", lang=lang)
    if ran.code == 4:
        missing(advice(FONT))
    assert ran.code == 0, ran
    names = {row["code"] or row["uid"] for row in ran.data["due"]}
    read = subprocess.run(
        [peer("pdftotext"), "-raw", str(sheet), "-"], capture_output=True, text=True, check=True
    ).stdout
    printed = "".join(read.split())
    assert all(name in printed for name in names)
    subprocess.run(
        [peer("pdftoppm"), "-gray", "-r", "150", str(sheet), str(tmp_path / "page")], check=True
    )
    found = set()
    for page in sorted(tmp_path.glob("page*.pgm")):
        magic, size, _, *_ = page.read_bytes().split(b"\n", 3)
        assert magic == b"P5"
        width, height = map(int, size.split())
        pixels = np.frombuffer(page.read_bytes()[-width * height :], np.uint8)
        codes = zxingcpp.read_barcodes(pixels.reshape(height, width))
        found |= {code.text for code in codes}
    assert found == names


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40))
def test_any_plate_makes_a_code(name: str) -> None:
    assert qr_svg(name).startswith("<svg")


@pytest.mark.peer
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_crew_takes_the_open_defects_along_by_name(
    town: Program, tmp_path: Path, peer: Callable[[str], str], lang: str
) -> None:
    """On the sheet, on the device and on the screen; repaired ones not, one found twice once."""
    faults = load_form().defects
    for code in ("cap_missing", "outlet_damaged", "outlet_damaged"):
        town.data("defect", "open", "H03", code, "--severity", "anomaly", "--at", "2026-01-02")
    town.data("defect", "open", "H04", "paint_poor", "--severity", "remark", "--at", "2026-01-02")
    town.data("defect", "clear", "H04", "paint_poor")
    sheet, route = tmp_path / "r.pdf", tmp_path / "r.gpx"
    ran = town("survey", "plan", "--sheet", sheet, "--gpx", route, lang=lang)
    if ran.code == 4:
        missing(advice(FONT))
    assert ran.code == 0, ran
    printed = subprocess.run(
        [peer("pdftotext"), "-raw", str(sheet), "-"], capture_output=True, text=True, check=True
    ).stdout
    for shown in (ran.out, printed, route.read_text("utf-8")):
        solid = "".join(shown.split())
        for code in ("cap_missing", "outlet_damaged"):
            assert "".join(faults[code].names[Language(lang)].split()) in solid, code
            assert code not in solid
        assert "".join(faults["paint_poor"].names[Language(lang)].split()) not in solid
        assert "hydrant.pillar" not in solid
    (row,) = [r for r in town.data("survey", "plan")["due"] if r["code"] == "H03"]
    assert sorted(row["defects"]) == ["cap_missing", "outlet_damaged"]
