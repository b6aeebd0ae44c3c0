"""Where units lie decides what is required: wrong levels, moves of the past, splits, ends."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from hydrant import times
from hydrant.model.tables import RegionSuccessor
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from tests.conftest import Program

UNITS = """code,name_zh,level,parent_code
Y,云水县,county,
Z,他县,county,
Y1,东镇,township,Y
Y2,西镇,township,Y
V1,东一村,village,Y1
V2,东二村,village,Y1
"""


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    units(program, tmp_path, UNITS)
    for unit, count in (("Y1", 4), ("Y2", 3)):
        program.data("require", "set", unit, "hydrant", count, "--from", "2020-01-01")
    return program


def units(program: Program, folder: Path, table: str) -> dict[str, Any]:
    file = folder / "units.csv"
    file.write_text(table, encoding="utf-8")
    ran = program("region", "import", file, "--json")
    assert ran.code == 0, ran
    return ran.json


def required(program: Program, *words: str) -> int:
    total = program.data("integrity", "Y", *words)["total"]
    return int(total["completeness"]["required"])


@pytest.mark.parametrize(
    "row", ["Y2,township,V1", "Y2,township,Y1", "P,province,Y", "Y,village,", "Y1,county,Y"]
)
def test_a_unit_lies_in_a_coarser_one(county: Program, tmp_path: Path, row: str) -> None:
    before = required(county)
    file = tmp_path / "wrong.csv"
    file.write_text(f"code,level,parent_code\n{row}\n", encoding="utf-8")
    ran = county("region", "import", file, "--json")
    assert ran.code == 3
    assert ran.json["messages"][0]["key"] == "store.region_level"
    assert required(county) == before


def test_a_unit_that_is_placed_anew_without_a_day_is_named(county: Program, tmp_path: Path) -> None:
    answer = units(county, tmp_path, "code,level,parent_code\nY2,township,Z\n")
    assert [message["key"] for message in answer["messages"]] == ["cli_region.placed_anew"]
    assert "Y2: Y → Z" in answer["messages"][0]["text"]
    assert required(county, "--as-of", "2024-12-31") == 4
    units(county, tmp_path, "code,level,parent_code\nY2,township,Y\n")
    dated = "code,level,parent_code,valid_from\nY2,township,Z,2025-01-01\n"
    assert units(county, tmp_path, dated)["messages"] == []
    assert (required(county, "--as-of", "2024-12-31"), required(county)) == (7, 4)


def test_what_was_part_of_a_split_units_number_is_no_gain_and_no_loss(
    county: Program, tmp_path: Path
) -> None:
    for village in ("V1", "V2"):
        county.data("require", "set", village, "hydrant", 1, "--from", "2020-01-01")
    new = "code,name_zh,level,parent_code,valid_from\n"
    units(county, tmp_path, f"{new}Y5,新东,township,Y,2025-01-01\nY6,新北,township,Y,2025-01-01\n")
    county.data("region", "succeed", "Y1", "Y5", "Y6", "--at", "2025-01-01")
    assert required(county) == 7
    moved = "code,level,parent_code,valid_from\n"
    answer = units(county, tmp_path, f"{moved}V1,village,Y5,2025-01-01\nV2,village,Y6,2025-01-01\n")
    assert (required(county), answer["messages"]) == (7, [])
    for unit in ("Y5", "Y6"):
        county.data("require", "set", unit, "hydrant", 2, "--from", "2025-01-01")
        assert required(county) == 7
    messages = county("integrity", "Y", "--json").json["messages"]
    assert "integrity.fallen" not in {message["key"] for message in messages}


@pytest.mark.parametrize("whole", [None, 10])
def test_what_lies_above_a_unit_does_not_succeed_it(
    county: Program, tmp_path: Path, whole: int | None
) -> None:
    if whole is not None:
        county.data("require", "set", "Y", "hydrant", whole, "--from", "2020-01-01")
    before = required(county)
    ran = county("region", "succeed", "Y1", "Y", "--at", "2025-01-01", "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "store.heir_above")
    units(county, tmp_path, "code,level,parent_code,valid_until\nY1,township,Y,2025-01-01\n")
    assert required(county) == before
    # nor where a registry has it on record from earlier
    with (
        open_registry(county.db, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        start = times.start_of_day(dt.date(2025, 1, 1), registry.zone)
        writer.add(RegionSuccessor(code="Y1", successor_code="Y", at=start))
    assert required(county) == before
