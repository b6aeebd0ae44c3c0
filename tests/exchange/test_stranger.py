"""A stranger's file: a mapping is proposed, asked about where the file is silent, and kept."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hydrant.cli import asking, import_proposal
from hydrant.exchange.suggesting import suggest
from hydrant.exchange.table import Table
from tests.conftest import Program, Ran

HEAD = (
    "水源编号",
    "省份",
    "类型",
    "经度",
    "纬度",
    "状态",
    "检查日期",
    "管径",
    "静压(MPa)",
    "权属单位",
)
ROWS: tuple[tuple[str, ...], ...] = (
    ("H-1", "浙江", "地上式消火栓", "120.151", "30.25", "完好", "2026-05-11", "DN150", ".32", "甲"),
    ("H-2", "浙江", "地下式消火栓", "120.161", "30.251", "损坏", "2026-05-12", "100", ".05", "甲"),
    ("H-3", "浙江", "消防水鹤", "120.171", "30.251", "待查", "", "", "", "乙"),
)  # fmt: skip
ABROAD: tuple[tuple[str, ...], ...] = (
    ("Nummer", "Bauart", "longitude", "latitude", "Ruhedruck"),
    ("A1", "Unterflur", "16.11", "47.1", "5.4"),
    ("A2", "Oberflur", "16.12", "47.1", "6.1"),
)

Answer = Callable[..., Ran]


def table(path: Path, head: Sequence[str], *rows: Sequence[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([head, *rows])
    return path


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Ten columns of a Chinese register whose datum nobody states."""
    return table(tmp_path / "台账.csv", HEAD, *ROWS)


@pytest.fixture
def abroad(tmp_path: Path) -> Path:
    """A register outside China whose pressures have no unit."""
    return table(tmp_path / "abroad.csv", *ABROAD)


@pytest.fixture
def answer(program: Program, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Runs an import at a terminal at which these answers are typed; all of them are needed."""

    def run(file: Path, *typed: str, flags: Sequence[object] = (), lang: str = "en") -> Ran:
        left = list(typed)

        def read(_prompt: str) -> str:
            if not left:
                raise EOFError
            return left.pop(0)

        monkeypatch.setattr(import_proposal, "at_terminal", lambda: True)
        monkeypatch.setattr(asking, "_typed", read)
        ran = program("import", file, *flags, lang=lang)
        monkeypatch.undo()
        assert not left, ran
        return ran

    return run


def assets(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.data("asset", "list")["assets"]
    return sorted(found, key=lambda asset: str(asset["code"]))


def nothing_happened(program: Program, folder: Path) -> bool:
    return not assets(program) and not list(folder.glob("*.toml"))


@pytest.mark.parametrize(
    ("lang", "datum"), [("zh", "高德"), ("en", "2"), ("zh", "GCJ02"), ("en", "amap")]
)
def test_answers_by_number_or_word_lead_to_a_mapping_and_its_assets(
    program: Program, answer: Answer, town: Path, lang: str, datum: str
) -> None:
    ran = answer(town, datum, "y", lang=lang)
    assert ran.code == 0, ran
    mapping = tomllib.loads(town.with_suffix(".toml").read_text("utf-8"))
    assert (mapping["crs"], mapping["key"]) == ("gcj02", ["水源编号"])
    first, second, third = assets(program)
    assert [a["kind"] for a in (first, second, third)] == [
        "hydrant.pillar", "hydrant.underground", "crane",
    ]  # fmt: skip
    assert (first["owner"], first["mains_dn_mm"], first["orig_crs"]) == ("甲", 150, "gcj02")
    visits = [program.data("asset", "show", c)["inspections"] for c in ("H-1", "H-2", "H-3")]
    assert visits == [1, 1, 0]  # "待查" is no state that is understood, so it is none
    working = program.data("integrity", "--as-of", "2026-05-12")["total"]["working_order"]
    assert (working["intact"], working["defective"], working["untested"]) == (1, 1, 1)
    # the mapping that was kept is the whole of it: the next delivery needs no question
    again = program.data("import", town, "--mapping", town.with_suffix(".toml"))
    assert (again["unchanged"], again["new"]) == (3, 0)


def test_what_would_be_stored_is_shown_before_the_answer(
    program: Program, answer: Answer, town: Path
) -> None:
    ran = answer(town, "wgs84", "n")
    assert ran.code == 3
    assert nothing_happened(program, town.parent)
    for told in ("H-1", "pillar hydrant", "120.15100 30.25000", "works", "2026-05-11",
                 "待查", 'not used: "省份"', "Key:", "3 new"):  # fmt: skip
        assert told in ran.out, told


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("wrong", ["", "9", "nad27", "y", "0", "-1", "1.0", "gcj"])
def test_a_wrong_answer_is_asked_again(
    program: Program, answer: Answer, town: Path, wrong: str, lang: str
) -> None:
    assert answer(town, wrong, "wgs84", wrong + "?", "y", lang=lang).code == 0
    assert {asset["orig_crs"] for asset in assets(program)} == {"wgs84"}


@pytest.mark.parametrize("typed", [("q",), (), ("wgs84", "退出"), ("1", "n"), ("1",), ("2", "否")])
def test_who_stops_leaves_nothing_behind(
    program: Program, answer: Answer, town: Path, typed: tuple[str, ...]
) -> None:
    assert answer(town, *typed).code == 3
    assert nothing_happened(program, town.parent)


def test_only_the_mapping_is_kept_on_wish(program: Program, answer: Answer, town: Path) -> None:
    ran = answer(town, "1", "s")
    assert ran.code == 3
    assert not assets(program)
    assert "--mapping" in ran.err
    assert program.data("import", town, "--mapping", town.with_suffix(".toml"))["new"] == 3


def test_a_dry_run_asks_and_writes_nothing_but_the_mapping(
    program: Program, answer: Answer, town: Path
) -> None:
    assert answer(town, "1", "y", flags=["--dry-run"]).code == 0
    assert not assets(program)
    assert town.with_suffix(".toml").exists()


@pytest.mark.parametrize(("said", "visits"), [("y", 1), ("n", 0), ("是", 1), ("否", 0)])
def test_a_unit_that_nobody_states_is_stored_only_when_confirmed(
    program: Program, answer: Answer, abroad: Path, said: str, visits: int
) -> None:
    assert answer(abroad, said, "y").code == 0
    assert program.data("asset", "show", "A1")["inspections"] == visits
    made = tomllib.loads(abroad.with_suffix(".toml").read_text("utf-8"))
    assert ("static_kpa" in made.get("inspection", {})) == bool(visits)


def test_a_unit_that_nobody_confirmed_is_a_remark_of_the_mapping(
    program: Program, abroad: Path
) -> None:
    ran = program("import", abroad, "--json")
    assert (ran.code, ran.data["questions"][0]["topic"]) == (3, "units")
    assert not tomllib.loads(ran.data["mapping"])["inspection"]
    assert "# static_kpa" in ran.data["mapping"]


def test_the_kind_is_asked_where_nothing_tells_it(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    file = table(tmp_path / "points.csv", ("ident", "lon", "lat"), ("a", "16.1", "47.1"),
                 ("b", "16.2", "47.1"))  # fmt: skip
    assert answer(file, "hydrunt", "18", "water tower", "y").code == 0
    assert {asset["kind"] for asset in assets(program)} == {"tank.tower"}


@pytest.mark.parametrize(("said", "refused"), [("-", 1), ("", 1), ("well", 0), ("水井", 0)])
def test_words_that_name_no_kind_are_asked_about_or_refused(
    program: Program, answer: Answer, tmp_path: Path, said: str, refused: int
) -> None:
    file = table(tmp_path / "w.csv", ("ident", "type", "lon", "lat"),
                 ("a", "hydrant", "16.1", "47.1"), ("b", "hydrant", "16.2", "47.1"),
                 ("c", "Sonstiges", "16.3", "47.1"))  # fmt: skip
    assert answer(file, said, "y").code == 0
    kinds = sorted(asset["kind"] for asset in assets(program))
    assert kinds == ["hydrant", "hydrant"] + ["well"] * (1 - refused)
    assert (tmp_path / "w.refused.csv").exists() == bool(refused)


@pytest.mark.parametrize(
    ("typed", "north_first"), [(("EPSG:4326", "EPSG:9", "x", "EPSG:4549"), True), (("4549",), None)]
)
def test_a_system_of_metres_is_asked_and_checked_against_the_place(
    program: Program, answer: Answer, tmp_path: Path, typed: tuple[str, ...], north_first: bool
) -> None:
    file = table(tmp_path / "gk.csv", ("编号", "类型", "X坐标", "Y坐标"),
                 ("1", "地上式", "3342000.1", "509600.2"),
                 ("2", "地下式", "3342010.1", "509700.2"))  # fmt: skip
    ran = answer(file, *typed, *(["y"] if north_first else []))
    assert ran.code == (0 if north_first else 3)
    if north_first:
        assert tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))["axes"] == "ne"
        assert [round(asset["lat"], 2) for asset in assets(program)] == [30.2, 30.2]


@pytest.mark.parametrize("turned", [False, True])
def test_digits_of_a_zone_do_not_tell_the_datum(
    program: Program, answer: Answer, tmp_path: Path, turned: bool
) -> None:
    pairs = [("40509600.2", "3342000.1"), ("40509700.2", "3342010.1")]
    rows = [(str(n), "地上式", *(pair[::-1] if turned else pair)) for n, pair in enumerate(pairs)]
    file = table(tmp_path / "gk.csv", ("编号", "类型", "X坐标", "Y坐标"), *rows)
    told = program("import", file, "--json").data
    assert [question["topic"] for question in told["questions"]] == ["zone"]
    assert "crs" not in tomllib.loads(told["mapping"])
    assert answer(file, "EPSG:4528", "y").code == 0
    assert [round(asset["lat"], 2) for asset in assets(program)] == [30.2, 30.2]


def test_no_more_than_three_questions_are_asked(answer: Answer, tmp_path: Path) -> None:
    """Datum, words and units are asked; the key is not, and the rule without one is told."""
    rows = [(str(n // 2 + 1), f"u{n}x", "其他" if n else "地上式", f"120.1{n}", "30.2", "5.5")
            for n in range(4)]  # fmt: skip
    rows = [*rows, *((str(n), f"u{n}x", "地上式", f"120.1{n}", "30.2", "5.5") for n in range(4, 9))]
    file = table(tmp_path / "r.csv", ("编号", "guid", "类型", "经度", "纬度", "静压"), *rows)
    ran = answer(file, "1", "-", "n", "y")
    assert ran.out.count("Question ") == 3
    assert "Key:" in ran.out


@pytest.mark.parametrize(("said", "key"), [("1", ["guid"]), ("guid", ["guid"]), ("-", None)])
def test_the_key_is_asked_where_the_numbers_repeat(
    answer: Answer, tmp_path: Path, said: str, key: list[str] | None
) -> None:
    rows = [("1" if n < 3 else str(n), f"u{n}x", "hydrant", f"16.1{n}", "47.2") for n in range(9)]
    file = table(tmp_path / "r.csv", ("no", "guid", "type", "lon", "lat"), *rows)
    assert answer(file, "7", said, "y").code == 0
    made = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
    assert made.get("key") == key


def test_a_file_without_a_key_says_what_that_means(program: Program, tmp_path: Path) -> None:
    file = table(tmp_path / "k.csv", ("type", "lon", "lat"), ("hydrant", "16.1", "47.2"),
                 ("hydrant", "16.2", "47.2"))  # fmt: skip
    for lang, told in (("en", "position was corrected is a new asset"), ("zh", "成为新设施")):
        ran = program("import", file, "--json", lang=lang)
        assert told in ran.data["key"]
        assert ran.data["key_columns"] == []


def test_without_a_terminal_the_mapping_is_left_with_what_to_do_next(
    program: Program, town: Path
) -> None:
    ran = program("import", town)
    assert ran.code == 3
    place = town.with_suffix(".toml")
    assert len(ran.err.strip().splitlines()) == 1
    assert f"hydrant import {town} --mapping {place}" in ran.err
    assert not assets(program)
    told = program("import", town, "--json")
    assert told.code == 3
    assert told.data["mapping_file"] == str(place)  # the same again, so it is the same file
    assert told.data["questions"][0]["choices"] == ["wgs84", "gcj02", "bd09", "cgcs2000"]
    assert told.data["mapping"] == place.read_text("utf-8")
    assert [path.name for path in town.parent.glob("*.toml")] == [place.name]
    with_datum = program("import", town, "--crs", "gcj02", "--json")
    assert with_datum.data["questions"] == []
    assert len(with_datum.data["sample"]) == 3
    assert with_datum.data["counts"]["new"] == 3
    done = program.data("import", town, "--mapping", with_datum.data["mapping_file"])
    assert done["new"] == 3


@pytest.mark.parametrize("terminal", [True, False])
def test_no_file_is_ever_written_over(
    program: Program, answer: Answer, town: Path, terminal: bool
) -> None:
    there = town.with_suffix(".toml")
    there.write_text("# somebody's work\n", "utf-8")
    ran = answer(town, "1", "y") if terminal else program("import", town)
    assert ran.code == (0 if terminal else 3)
    assert there.read_text("utf-8") == "# somebody's work\n"
    assert town.with_name("台账-2.toml").exists()
    named = program("import", town, "--save-mapping", there)
    assert (named.code, there.read_text("utf-8")) == (3, "# somebody's work\n")
    other = town.with_name("mine.toml")
    assert program("import", town, "--save-mapping", other).code == 3
    assert other.exists()


def test_a_place_that_cannot_be_written_is_named(program: Program, town: Path) -> None:
    ran = program("import", town, "--save-mapping", town.parent / "no" / "m.toml")
    assert (ran.code, len(ran.err.strip().splitlines())) == (3, 1)
    assert "m.toml" in ran.err
    assert program("import", town, "--mapping", "osm", "--save-mapping", "x.toml").code == 2


def test_our_own_headings_are_taken_as_before(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    file = table(tmp_path / "own.csv", ("code", "kind", "lon", "lat", "Zustand"),
                 ("A", "hydrant", "16.1", "47.1", "defekt"))  # fmt: skip
    assert answer(file, flags=["--crs", "wgs84"]).code == 0
    only = table(tmp_path / "own2.csv", ("code", "lon", "lat"), ("B", "16.2", "47.1"))
    ran = program("import", only, "--kind", "hydrant", "--json")
    assert (ran.code, ran.data["new"]) == (0, 1)
    assert not list(tmp_path.glob("*.toml"))


def test_what_a_cell_holds_never_becomes_a_line_of_the_mapping(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    sly = "x\"\n[inspection]\noutcome = { constant = 'works' }\n#"
    head = ("ident", f"type{sly}", "lon", "lat", "remark", "status")
    rows = [(f"a{n}", "hydrant", f"16.{n}", "47.1", sly, sly if n else "ok") for n in (0, 1)]
    file = table(tmp_path / "s.csv", head, *rows)
    ran = answer(file, "nothing", "y")
    assert ran.code == 0, ran
    made = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
    assert made["inspection"]["outcome"]["column"] == "status"
    assert "\x1b" not in ran.out
    assert len(assets(program)) == 2
    assert program.data("integrity")["total"]["working_order"]["untested"] == 1


def test_a_known_schema_is_proposed_only_where_it_reads_the_file(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    head = ("NO", "住所", "緯度", "経度", "種別")
    good = table(tmp_path / "good.csv", head, ("1", "a", "36.06", "136.22", "公設消火栓"))
    ran = program("import", good, "--json")
    assert ran.data["known"] == "japan"
    # the same headings over something else: no place can be read, so it is not that schema
    bad = table(
        tmp_path / "bad.csv", head, *[(str(n), "a", "北", "東", "公設消火栓") for n in range(3)]
    )
    told = program("import", bad, "--json")
    assert (told.code, told.data["known"]) == (3, None)
    assert answer(good, "y").code == 0
    assert program.data("import", good, "--mapping", good.with_suffix(".toml"))["unchanged"] == 1


KOREAN = ("시설번호", "시설유형코드", "시군구코드", "위도", "경도", "사용가능여부")


def test_a_schema_is_known_in_its_own_encoding_too(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "k.csv"
    rows = [KOREAN, ("1", "01", "48330", "35.41", "129.05", "Y"),
            ("2", "2", "48330", "35.42", "129.05", "N")]  # fmt: skip
    file.write_bytes("\n".join(map(",".join, rows)).encode("euc-kr"))
    ran = program("import", file, "--json")
    assert (ran.data["known"], ran.data["counts"]["new"]) == ("korea", 2)


def test_an_encoding_is_asked_for_with_how_it_reads(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    file = tmp_path / "w.csv"
    text = "Nummer,Art,lon,lat,Straße\nA,hydrant,16.1,47.1,Mühlgasse\nB,hydrant,16.2,47.1,Ölweg\n"
    file.write_bytes(text.encode("cp1252"))
    assert program("import", file).code == 3
    assert answer(file, "latin", "cp1252", "y").code == 0
    assert [asset["address"] for asset in assets(program)] == ["Mühlgasse", "Ölweg"]


def lines(columns: dict[str, list[str]]) -> dict[str, Any]:
    """What is proposed for some columns, as a mapping."""
    count = len(next(iter(columns.values())))
    made = suggest(Table("r.csv", columns, range(2, count + 2)), header_row=1)
    names = ("", "position", "fields", "inspection", "lifecycle")
    parts: dict[str, list[str]] = {name: [] for name in names}
    for one in made.lines:
        if one.toml is not None:
            parts[one.part].append(one.toml)
    return tomllib.loads("\n".join("\n".join([f"[{p}]"] * bool(p) + v) for p, v in parts.items()))


PLACES = {"lon": ["16.1", "16.2"], "lat": ["47.1", "47.1"]}


@pytest.mark.parametrize(
    ("heading", "cells", "outcome"),
    [
        ("是否完好", ["是", "否"], {"是": "works", "否": "fails"}),
        ("状态", ["1", "0"], None),  # a number of a state is no state
        ("status", ["yes", "no"], None),
        ("status", ["ok", "weird"], {"ok": "works", "weird": ""}),
        ("使用状态", ["在用", "拆除"], None),
    ],
)
def test_a_state_is_taken_only_where_its_words_say_it(
    heading: str, cells: list[str], outcome: dict[str, str] | None
) -> None:
    made = lines({"type": ["hydrant"] * 2, **PLACES, heading: cells})
    found = made.get("inspection", {}).get("outcome", {}).get("values")
    assert found == outcome


@pytest.mark.parametrize(
    ("heading", "cells", "told"),
    [
        ("管径", ["DN150", "100", "约100"], {"unit": "mm", "empty": ["约100"]}),
        ("diameter", ["150", "UNB", "100"], {"unit": "mm", "empty": ["UNB"]}),
        ("diameter", ["6", "4", "8"], {"unit": "in"}),
        ("diameter", ["0", "150", "100"], {"unit": "mm", "empty": ["0"]}),
        ("管径(mm)", ["１５０", "100", ""], {"unit": "mm"}),
        ("管径", ["甲", "乙", "100"], None),
    ],
)
def test_diameters_are_read_with_their_units(
    heading: str, cells: list[str], told: dict[str, Any] | None
) -> None:
    places = {"lon": ["16.1", "16.2", "16.3"], "lat": ["47.1"] * 3}
    found = lines({"type": ["hydrant"] * 3, **places, heading: cells})["fields"].get("mains_dn_mm")
    assert found == (None if told is None else {"column": heading, **told})


def test_a_main_is_read_as_signs_tell_it() -> None:
    made = lines({"type": ["hydrant"] * 2, **PLACES, "Name": ["К-150", "Т-100"]})["fields"]
    assert made["mains_dn_mm"]["column"] == made["mains_type"]["column"] == "Name"


@pytest.mark.parametrize("heading", ["编号", "Name", "Bemerkung"])
@pytest.mark.parametrize("first", [101, 131])
def test_a_running_number_is_no_main(heading: str, first: int) -> None:
    numbers = [f"K{first + n}" for n in range(12)]
    places = {"lon": ["16.1"] * 12, "lat": [f"47.{n + 10}" for n in range(12)]}
    made = lines({"type": ["hydrant"] * 12, **places, heading: numbers})["fields"]
    assert not {"mains_dn_mm", "mains_type"} & made.keys()


def test_our_own_words_are_known_under_any_heading() -> None:
    kinds, states = ["intake.river", "hydrant.wall"], ["not_found", "not_testable"]
    made = lines({"Art": kinds, **PLACES, "Zustand": states})
    assert list(made["fields"]["kind"]["values"].values()) == kinds
    assert list(made["inspection"]["outcome"]["values"].values()) == states


@pytest.mark.parametrize("columns", ["NO,住所,緯度,経度,種別", "type,lat,lon", "no,type,lat,lon"])
def test_every_proposal_tells_the_key(program: Program, tmp_path: Path, columns: str) -> None:
    values = {"NO": "1", "no": "1", "住所": "a", "緯度": "36.1", "lat": "36.1",
              "経度": "136.2", "lon": "136.2", "種別": "消火栓", "type": "hydrant"}  # fmt: skip
    head = columns.split(",")
    file = table(tmp_path / "k.csv", head, [values[name] for name in head])
    assert program.data("import", file, "--suggest")["key"]
    printed = program("import", file, "--suggest").out
    assert "key" in printed.lower()
    tomllib.loads(printed)


def test_a_province_named_after_a_river_is_no_river() -> None:
    made = lines({"省份": ["浙江省"] * 2, "类型": ["地上式", "河流"], **PLACES})
    assert made["fields"]["kind"]["values"] == {"地上式": "hydrant.pillar", "河流": "intake.river"}


@pytest.mark.parametrize(
    ("head", "crs"),
    [
        (("WGS84经度", "WGS84纬度"), "wgs84"),
        (("百度经度", "百度纬度"), "bd09"),
        (("经度", "纬度"), None),
    ],
)
def test_a_datum_that_headings_name_is_not_asked(head: tuple[str, str], crs: str | None) -> None:
    made = lines({"类型": ["消火栓"] * 2, head[0]: ["120.1", "120.2"], head[1]: ["30.1", "30.2"]})
    assert made.get("crs") == crs
    assert made["position"] == {"x": head[0], "y": head[1]}


def test_geometry_inside_china_states_no_datum_by_itself(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "g.geojson"
    features = [{"type": "Feature", "properties": {"类型": "消火栓", "编号": str(n)},
                 "geometry": {"type": "Point", "coordinates": [120.1 + n / 100, "30.2"]}}
                for n in range(2)]  # fmt: skip
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    told = program("import", file, "--json")
    assert [question["topic"] for question in told.data["questions"]] == ["datum"]
    assert "crs" not in tomllib.loads(told.data["mapping"])
    assert program("import", file, "--crs", "wgs84", "--json").data["counts"]["new"] == 2


def test_rows_without_a_number_are_told(program: Program, tmp_path: Path) -> None:
    rows = [("0-0" if n % 3 else str(n), "hydrant", f"16.{n:02}", "47.1") for n in range(30)]
    file = table(tmp_path / "p.csv", ("hydrant id", "type", "lon", "lat"), *rows)
    told = program("import", file, "--json").data
    assert tomllib.loads(told["mapping"])["placeholder_codes"] == ["0-0"]
    assert not any(row["code"] == "0-0" for row in told["sample"])
