"""A table that says otherwise of what is on record says which figures change, and on which days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hydrant.vocabulary import Language
from tests.conftest import Program

HEAD = "code,name_zh,level,parent_code,valid_from,valid_until,successors\n"
ROWS = (
    "C,县,county,,,,\nT1,甲镇,township,C,,,\nT2,乙镇,township,C,,,\nT3,丙镇,township,C,,,\n"
    "V,村,village,T1,,,\n"
)


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    """Three townships with a number each; the first has its hydrant, in a village."""
    take(program, tmp_path, ROWS)
    program.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000", "--region", "V", "--built", "2015-01-01")  # fmt: skip
    for code, count in (("T1", 1), ("T2", 2), ("T3", 4)):
        program.data("require", "set", code, "hydrant", count, "--from", "2016-01-01")
    return program


def table(folder: Path, rows: str, head: str = HEAD) -> Path:
    path = folder / "rows.csv"
    path.write_text(head + rows, "utf-8")
    return path


def take(program: Program, folder: Path, rows: str) -> Any:
    return program.data("region", "import", table(folder, rows))


def told(done: Any, name: str = "completeness.required") -> dict[tuple[str, str], Any]:
    return {
        (one["region"], one["as_of"]): (
            one["figures"][name]["before"],
            one["figures"][name]["after"],
        )
        for one in done["figures_changed"]
        if name in one["figures"]
    }


def required(program: Program, region: str, day: str) -> Any:
    return program.data("integrity", region, "--as-of", day)["total"]["completeness"]["required"]


def into(heir: str, day: str) -> str:
    return f"T1,甲镇,township,C,,{day},{heir}\n"


def test_a_succession_of_another_day_or_unit_says_what_it_does(
    county: Program, tmp_path: Path
) -> None:
    first = told(take(county, tmp_path, into("T2", "2024-01-01")))
    assert first["T1", "2024-01-01"] == (1, 0)
    assert first["T2", "2024-01-01"] == (2, 3)
    # half a year later: of the half year only
    later = told(take(county, tmp_path, into("T2", "2024-07-01")))
    assert later == {
        ("T1", "2024-01-01"): (0, 1), ("T1", "2024-06-30"): (0, 1),
        ("T2", "2024-01-01"): (3, 2), ("T2", "2024-06-30"): (3, 2),
    }  # fmt: skip
    for (region, day), (_, after) in later.items():
        assert required(county, region, day) == after
    other = told(take(county, tmp_path, into("T3", "2024-07-01")))
    assert {region for region, _ in other} == {"T2", "T3"}
    assert other["T3", "2024-07-01"] == (4, 5)
    assert take(county, tmp_path, into("T3", "2024-07-01"))["figures_changed"] == []


def test_a_move_of_another_day_says_what_it_does_and_leaves_no_gap(
    county: Program, tmp_path: Path
) -> None:
    take(county, tmp_path, "V,村,village,T2,2023-01-01,,\n")
    for day, changed in (("2023-04-01", "2023-01-01"), ("2022-07-01", "2022-07-01")):
        done = take(county, tmp_path, f"V,村,village,T2,{day},,\n")
        built = told(done, "completeness.built")
        assert {region for region, _ in built} == {"T1", "T2"}
        later = day > "2023"
        assert built["T1", changed] == ((0, 1) if later else (1, 0))
        assert built["T2", changed] == ((1, 0) if later else (0, 1))
        night = {"2023-04-01": "2023-03-31", "2022-07-01": "2022-06-30"}[day]
        for asked, where in ((night, "T1"), (day, "T2")):
            (group,) = (
                g for g in county.data("integrity", "--by", "township", "--as-of", asked)["groups"]
                if g["working_order"]["existing"]
            )  # fmt: skip
            assert group["key"] == where
            # and the village lives on each of the days
            found = county.data("integrity", "--by", "village", "--as-of", asked)["villages"]
            assert found["unproven"] == 1
    assert county.data("db", "check")["faults"] == []


def test_a_name_changes_no_figures_and_none_are_asked(county: Program, tmp_path: Path) -> None:
    done = take(county, tmp_path, "V,新村,village,T1,,,\n")
    assert (done["updated"], done["figures_changed"]) == (1, [])


@pytest.mark.parametrize(
    "row", ["T1,甲镇,township,C,2025-01-01,,", "T3,丙镇,township,C,,2010-01-01,"]
)
def test_no_unit_ends_before_it_begins(county: Program, tmp_path: Path, row: str) -> None:
    take(county, tmp_path, into("T2", "2024-01-01") + "T3,丙镇,township,C,2015-01-01,,\n")
    ran = county("region", "import", table(tmp_path, f"{row}\n"))
    assert ran.code == 3
    assert "cannot end on that day or before" in ran.err


@pytest.mark.parametrize("lang", Language)
def test_it_is_said_in_words(county: Program, tmp_path: Path, lang: Language) -> None:
    shown = county("region", "import", table(tmp_path, into("T2", "2024-01-01")), lang=lang).out
    (line,) = (one for one in shown.splitlines() if one.startswith("T2") and "2024-01-01" in one)
    assert {"en": "required 2 → 3", "zh": "应建 2 → 3"}[lang] in line


def test_what_was_not_compared_is_counted(county: Program, tmp_path: Path) -> None:
    rows = "".join(f"N{n},里,village,T1,,,\n" for n in range(30))
    take(county, tmp_path, rows)
    shown = county("region", "import", table(tmp_path, rows.replace("T1", "T2"))).out
    assert "were not compared; figures may differ there" in shown


def test_numbers_stated_otherwise_in_a_table_say_what_they_do(
    county: Program, tmp_path: Path
) -> None:
    rows = "T1,hydrant,3,2016-01-01\nT2,hydrant,2,2016-01-01\nT3,tank,1,2016-01-01\n"
    file = table(tmp_path, rows, "region,kind,count,from\n")
    done = county.data("require", "import", file)
    assert {region for region, _ in told(done)} == {"T1"}
    assert told(done)["T1", "2016-01-01"] == (1, 3)
    assert county.data("require", "import", file)["figures_changed"] == []
