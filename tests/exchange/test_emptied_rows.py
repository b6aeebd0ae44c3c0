"""A row of a register that states no outcome any more: one rule, whatever else is left of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program

HEAD = "code,kind,lon,lat,outcome,at,static_kpa\n"
#: What is left of a row's outcome, day and pressure.
LEFT = (",,", ",2026-05-01,", ",2026-05-01,320", ",,320")


def deliver(program: Program, folder: Path, cells: str) -> dict[str, Any]:
    file = folder / "r.csv"
    file.write_text(f"{HEAD}A1,hydrant,16.1,47.1,{cells}\n", "utf-8")
    data: dict[str, Any] = program.data("import", file, "--crs", "wgs84")
    return data


def condition(program: Program) -> str:
    return str(program.data("explain", "A1", "--as-of", "2026-05-02")["condition"])


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("pressure", ["", "320"])
def test_that_it_worked_is_taken_back(
    program: Program, tmp_path: Path, left: str, pressure: str
) -> None:
    deliver(program, tmp_path, f"works,2026-05-01,{pressure}")
    assert condition(program) == "intact"
    emptied = deliver(program, tmp_path, left)
    assert (emptied["updated"], emptied["visits"]["corrected"]) == (1, 1)
    assert condition(program) == "untested"
    again = deliver(program, tmp_path, left)
    assert (again["unchanged"], again["visits"]["corrected"]) == (1, 0)


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("found", ["fails", "not_found"])
def test_that_it_failed_stays_and_is_told(
    program: Program, tmp_path: Path, left: str, found: str
) -> None:
    deliver(program, tmp_path, f"{found},2026-05-01,320")
    emptied = deliver(program, tmp_path, left)
    assert (emptied["unchanged"], emptied["visits"]["corrected"]) == (1, 0)
    assert [row["code"] for row in emptied["named"]["visits_kept"]] == ["A1"]
    assert condition(program) == "defective"
    again = deliver(program, tmp_path, left)
    assert (again["unchanged"], again["visits"]["kept"]) == (1, 0)


def test_a_measurement_beside_a_failure_is_taken_in(program: Program, tmp_path: Path) -> None:
    deliver(program, tmp_path, "fails,2026-05-01,")
    measured = deliver(program, tmp_path, ",2026-05-01,320")
    assert (measured["updated"], measured["visits"]["corrected"]) == (1, 1)
    assert condition(program) == "defective"
