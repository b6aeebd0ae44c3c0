"""A slip is answered with what was meant, and an answer comes in the terms it was asked in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program

pytestmark = pytest.mark.file_only


@pytest.fixture
def county(program: Program) -> Program:
    for number, code in enumerate(("XF-041", "XF-950", "QZ-17")):
        program.data("asset", "add", code, "--kind", "hydrant", "--crs", "cgcs2000",
                     "--lon", 120.1 + number / 100, "--lat", 30.2)  # fmt: skip
    return program


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("typed", "meant", "code"),
    [
        (("integirty",), "integrity", 2),
        (("surve",), "survey", 2),
        (("survey", "recrod"), "record", 2),
        (("integrity", "--asof", "2026-01-01"), "--as-of", 2),
        (("asset", "list", "--kind", "hydrant.pilar"), "hydrant.pillar", 2),
        (("near", "120", "30", "--kind", "消防栓"), "hydrant", 2),
        (("near", "120", "30", "--kind", "地下消火栓"), "hydrant.underground", 2),
        (("survey", "record", "QZ-17", "--outcome", "可以用"), "works", 2),
        (("require", "set", "1", "hydrent", "3", "--from", "2025-01-01"), "hydrant", 2),
        (("survey", "record", "QZ-17", "--outcome", "wroks"), "works", 2),
        (("defect", "open", "QZ-17", "leak", "--severity", "blokcing"), "blocking", 2),
        (("integrity", "--list", "defectve"), "defective", 2),
        (("integrity", "--by", "townshp"), "township", 2),
        (("integrity", "--policy", "zhejang"), "zhejiang", 3),
        (("config", "set", "lnag", "zh"), "lang", 3),
        (("asset", "edit", "QZ-17", "--set", "adress=x"), "address", 2),
        (("sensor", "add", "QZ-17", "--profile", "keller-33", "--url", "tcp://h:1", "--unit", "1"),
         "keller-33x", 3),
        (("asset", "show", "xf041"), "XF-041", 3),
        (("asset", "show", "XF-95"), "XF-950", 3),
        (("defect", "open", "QZ-17", "leek"), "leak", 3),
        (("survey", "record", "QZ-17", "--outcome", "works", "--defect", "rusted"),
         "rusted_shut", 3),
    ],
)  # fmt: skip
def test_a_slip_names_what_was_meant(
    county: Program, typed: tuple[str, ...], meant: str, code: int, lang: str
) -> None:
    ran = county(*typed, lang=lang)
    assert ran.code == code, ran
    assert meant in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_nothing_is_proposed_where_nothing_is_like_it(county: Program) -> None:
    assert "mean" not in county("asset", "show", "ZZZZZZ").err
    assert "mean" not in county("frobnicate").err


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "wgs84", "cgcs2000"])
def test_an_answer_typed_back_in_its_datum_is_the_same_place(county: Program, crs: str) -> None:
    for words in (("near",), ("supply", "--flow", "5")):
        ran = county(words[0], 120.1, 30.2, *words[1:], "--crs", crs, "--json")
        found = [*ran.data["sources"], *ran.data.get("unknown_flow", [])]
        for source in found:
            assert source["crs"] == crs
            again = county.data("near", source["lon"], source["lat"], "--crs", source["crs"])
            assert again["sources"][0]["distance_m"] < 1
            assert again["sources"][0]["code"] == source["code"]


def test_a_system_without_degrees_is_answered_in_those_of_the_registry(county: Program) -> None:
    found = county.data("near", 40509600, 3342000, "--crs", "EPSG:4528")
    assert {source["crs"] for source in found["sources"]} == {"cgcs2000"}
    shown = county("near", 40509600, 3342000, "--crs", "EPSG:4528").out
    assert "EPSG:4528" in shown


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_position_is_shown_whole(county: Program, lang: str) -> None:
    county.data("asset", "add", "G-1", "--kind", "hydrant", "--x", 40503456.78, "--y",
                3276543.21, "--crs", "EPSG:4528")  # fmt: skip
    shown = county("asset", "show", "G-1", lang=lang).out
    for number in ("40503456.78", "3276543.21", "120.035687", "29.606937", "CGCS2000"):
        assert number in shown


def test_a_dry_run_counts_what_the_run_writes(county: Program, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    row = "XF-041,2026-03-02,works,300\n"
    file.write_text(f"code,at,outcome,static_kpa\n{row}{row}XF-950,2026-03-02,fails,\n", "utf-8")
    counts = []
    for more in (["--dry-run"], [], ["--dry-run"], []):
        data = county.data("survey", "import", file, *more)
        counts.append({name: data[name] for name in ("new", "unchanged")})
    assert counts[0] == counts[1] == {"new": 2, "unchanged": 1}
    assert counts[2] == counts[3] == {"new": 0, "unchanged": 3}


@pytest.mark.parametrize("cell", ["0.32", "3.2", "9.9"])
def test_a_pressure_of_another_gauge_is_refused_where_nobody_can_be_asked(
    county: Program, tmp_path: Path, cell: str
) -> None:
    ran = county("survey", "record", "QZ-17", "--outcome", "works", "--static-kpa", cell)
    assert ran.code == 3
    assert "kPa" in ran.err
    visits, register = tmp_path / "visits.csv", tmp_path / "register.csv"
    visits.write_text(f"code,at,outcome,static_kpa\nQZ-17,2026-03-02,works,{cell}\n", "utf-8")
    assert county("survey", "import", visits).code == 3
    register.write_text(
        f"code,kind,lon,lat,inspected_at,outcome,static_kpa\nN,hydrant,120,30,2026-03-02,works,{cell}\n",
        "utf-8",
    )
    assert county("import", register, "--crs", "cgcs2000").code == 3
    for true in (0, 14, 95):
        assert county("survey", "record", "QZ-17", "--outcome", "works", "--static-kpa",
                      true).code == 0  # fmt: skip
