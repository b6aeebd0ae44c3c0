"""What a unit's own move, end or beginning does to figures is named by ``compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hydrant.messages import text
from hydrant.vocabulary import Language
from tests.conftest import Program

BEFORE, DAY, AFTER = "2025-02-28", "2025-03-01", "2025-06-01"
HEAD = "code,name_zh,name_en,level,parent_code,valid_from\n"
#: Two counties, two townships of one name in the first, a village with a hydrant.
ROWS = (
    "C,县,County,county,,\nD,邻县,Next,county,,\nT1,城关镇,Chengguan,township,C,\n"
    "T2,城关镇,Chengguan,township,C,\nV,村,Cun,village,T1,\nW,屯,Tun,village,T1,\n"
)


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    """The first township must have a hydrant and has it, in its village."""
    take(program, tmp_path, ROWS)
    program.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000", "--region", "V", "--built", "2020-01-01")  # fmt: skip
    for code, count in (("T1", 1), ("T2", 0), ("D", 0)):
        program.data("require", "set", code, "hydrant", count, "--from", "2020-01-01")
    return program


def take(program: Program, folder: Path, rows: str) -> None:
    path = folder / "rows.csv"
    path.write_text(HEAD + rows, "utf-8")
    program.data("region", "import", path)


def units(program: Program, *words: object) -> list[tuple[Any, ...]]:
    found = program.data("compare", BEFORE, AFTER, *words)["units"]
    names = ("region", "change", "before", "after", "successors", "assets")
    return [tuple(row[name] for name in names) for row in found]


def percents(program: Program, *words: object) -> tuple[Any, Any]:
    found = program.data("compare", BEFORE, AFTER, *words)
    before, after = (found[side]["completeness"] for side in ("before", "after"))
    return before["percent"], after["percent"]


def test_a_village_that_moved_is_named_with_both_townships(county: Program, tmp_path: Path) -> None:
    assert units(county) == []
    take(county, tmp_path, f"V,村,Cun,village,T2,{DAY}\n")
    assert percents(county) == (100, 0)
    moved: tuple[Any, ...] = ("V", "moved", "T1", "T2", [], 1)
    assert units(county) == [moved]
    for asked in ("C", "T1", "T2"):  # also for whom it left, and to whom it came
        assert units(county, "--region", asked) == [moved]
    assert units(county, "--region", "D") == []
    for lang in Language:
        shown = " ".join(county("compare", BEFORE, AFTER, lang=lang).out.split())
        assert "(T1)" in shown
        assert "(T2)" in shown
        assert text("cli_compare.unit_moved", lang) in shown


def test_what_lies_above_the_asked_region_is_named_too(county: Program, tmp_path: Path) -> None:
    take(county, tmp_path, f"T1,城关镇,Chengguan,township,D,{DAY}\n")
    moved: tuple[Any, ...] = ("T1", "moved", "C", "D", [], 1)
    for asked in ("C", "D", "T1", "V"):
        assert units(county, "--region", asked) == [moved]


@pytest.mark.parametrize("row", ["V,村,Cun,village,T2", "T1,城关镇,Chengguan,township,D"])
def test_no_reason_says_that_a_thing_became_itself(
    county: Program, tmp_path: Path, row: str
) -> None:
    """Whatever moved, the unit or one above it: what it lay in before and lies in now is said."""
    take(county, tmp_path, f"{row},{DAY}\n")
    left, came = ("T1", "T2") if row.startswith("V") else ("C", "D")
    for lang in Language:
        for asked in (left, came):
            shown = county("compare", BEFORE, AFTER, "--region", asked, lang=lang).out
            (line,) = (one for one in shown.splitlines() if one.startswith("H1"))
            one, other = line.split(" → ")
            assert f"({left})" in one
            assert f"({came})" in other


def test_units_of_one_name_are_told_apart(county: Program) -> None:
    county.data("asset", "edit", "H1", "--region", "T1", "--from", "2024-01-01")
    county.data("region", "succeed", "T1", "T2", "--at", DAY)
    shown = " ".join(county("compare", BEFORE, AFTER).out.split())
    assert "Chengguan (T1) → Chengguan (T2)" in shown


def test_successions_are_named_with_those_who_took_over(county: Program, tmp_path: Path) -> None:
    take(county, tmp_path, f"T3,新镇,Xin,township,C,{DAY}\n")
    county.data("region", "succeed", "T1", "T2", "T3", "--at", DAY)
    county.data("region", "succeed", "V", "W", "--at", DAY)
    assert units(county) == [
        ("T1", "split", "C", None, ["T2", "T3"], 1),
        ("T3", "began", None, "C", [], 0),
        ("V", "went_into", "T1", None, ["W"], 1),
    ]
    # what lies in what took over lies as it did, and is not named
    take(county, tmp_path, f"T4,合镇,He,township,C,{DAY}\n")
    county.data("region", "succeed", "T3", "T4", "--at", "2025-04-01")
    assert [row[:2] for row in units(county)] == [
        ("T1", "split"), ("T4", "began"), ("V", "went_into")
    ]  # fmt: skip
    assert units(county)[0][4] == ["T2", "T4"]
    take(county, tmp_path, f"W,屯,Tun,village,T2,{DAY}\n")
    assert ("W", "moved", "T1", "T2", [], 1) in units(county)


def test_a_unit_that_ended_for_nobody_is_named(county: Program, tmp_path: Path) -> None:
    path = tmp_path / "end.csv"
    path.write_text(f"code,level,valid_until\nW,village,{DAY}\n", "utf-8")
    county.data("region", "import", path)
    assert units(county) == [("W", "ended", "T1", None, [], 0)]
    found = county.data("compare", BEFORE, AFTER)
    assert found["assets"] == []
