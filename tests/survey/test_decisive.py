"""What decides a figure waits where another program changes it, by a list of what is read."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Any

import pytest

from hydrant.integrity.policy_reader import policy_names
from hydrant.report.question import Question, ask
from hydrant.store.opened.registry import open_registry
from hydrant.survey import outside_rules as rules
from tests.conftest import Program
from tests.raw import sqlite_of
from tests.store.outside import other_program

AT = ("--crs", "cgcs2000", "--lon", "120.1", "--lat", "30.1")
#: Columns that figures read and that need not wait, each with its reason.
ELSEWHERE = {
    **dict.fromkeys(
        ("uid", "recorded_at", "withdrawn_at", "valid_from"), "the program's own: waits"
    ),
    "fid": "the file's own number",
    "code": "says which asset it is, not what it counts as",
    "name": "as code",
    "geom": "moved: a rule of its own",
    "region_code": "where it counts; emptied: waits, another: held against the region's extent",
    "effective_at": "computed from the moment",
    "cleared_at": "a rule of its own: only sooner waits",
    "owner": "a cut, not a class",
    "maintainer": "as owner",
    "builder": "as owner",
    "supervisor": "as owner",
    "funding": "as owner",
    "address": "describes",
    "project": "names the road project of an event",
    "cost": "money",
}


def test_every_column_that_figures_read_is_decisive_or_told_why_not(program: Program) -> None:
    for code, kind in (("A", "hydrant.pillar"), ("B", "intake.river"), ("C", "tank.tower")):
        program.data("asset", "add", code, "--kind", kind, *AT)
        program.data("survey", "record", code, "--outcome", "works")
    program.data("defect", "open", "A", "no_water")
    program.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://d", "--unit", 1)
    read: dict[str, set[str]] = defaultdict(set)

    def look(action: int, table: str | None, column: str | None, *_: Any) -> int:
        if action == sqlite3.SQLITE_READ and table in rules.DECISIVE and column:
            read[table].add(column)
        return sqlite3.SQLITE_OK

    with open_registry(program.db) as registry:
        sqlite_of(registry).set_authorizer(look)
        for policy in policy_names():
            basis = ask(registry, Question(policy=policy), lambda _: None)
            basis.report()
        sqlite_of(registry).set_authorizer(None)
    assert set(rules.DECISIVE) <= set(read)
    for table, columns in read.items():
        left = columns - rules.DECISIVE[table] - set(ELSEWHERE)
        assert not left, f"{table}: {sorted(left)} decide figures and may be edited by anybody"


INTAKE = ("--kind", "intake.river", *AT, "--set", "access_lane=0", "--set", "turning_area=1",
          "--set", "lift_drought_m=6.4")  # fmt: skip
#: An edit of a cell of an intake, and whether it waits.
EDITS = {
    "less lift": ("lift_drought_m", 5.0, True),
    "no lift": ("lift_drought_m", None, True),
    "more lift": ("lift_drought_m", 9.0, False),
    "a lane": ("access_lane", 1, True),
    "a lane unknown": ("access_lane", None, True),
    "no turning": ("turning_area", 0, False),
    "another kind": ("kind", "hydrant.pillar", True),
    "no structure": ("structure", "none", False),
    "a structure": ("structure", "platform", True),
    "an address": ("address", "Quay 3", False),
}


@pytest.mark.parametrize("what", EDITS)
def test_what_may_raise_waits_and_what_can_only_lower_stands(program: Program, what: str) -> None:
    column, value, waits = EDITS[what]
    program.data("asset", "add", "L", *INTAKE)
    with other_program(program.db) as gis:
        gis.execute(f"UPDATE asset SET {column} = ?", (value,))
    listed = program.data("audit", "outside", "list")["changes"]
    assert [change["field"] for change in listed] == ([column] if waits else [])
    if waits:
        program.data("audit", "outside", "accept", "--all")
    assert program.data("asset", "show", "L")["asset"][column] == value


def test_a_sensor_that_is_switched_off_elsewhere_goes_on(program: Program) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", *AT)
    program.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://d", "--unit", 1)
    for column, value in (("enabled", 0), ("valid_until", "2026-01-01T00:00:00.000Z")):
        with other_program(program.db) as gis:
            gis.execute(f'UPDATE sensor SET "{column}" = ?', (value,))
    listed = program.data("audit", "outside", "list")["changes"]
    assert {change["field"] for change in listed} == {"enabled", "valid_until"}


def test_what_a_program_edits_in_a_crews_file_waits_as_in_the_registry(
    program: Program, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for code in ("A", "B", "C", "D"):
        program.data("asset", "add", code, "--kind", "hydrant", *AT)
    program.data("survey", "record", "A", "--outcome", "fails")
    program.data("survey", "record", "B", "--outcome", "works")
    program.data("defect", "open", "B", "no_water")
    crew = tmp_path / "crew.gpkg"
    program.data("survey", "pack", crew, "--crew", "East")
    Program(crew, capsys).data("survey", "record", "D", "--outcome", "works")
    with other_program(crew) as gis:
        gis.execute("UPDATE inspection SET outcome = 'works' WHERE outcome = 'fails'")
        gis.execute("UPDATE defect SET severity = 'remark'")
        gis.execute("UPDATE asset SET service = 'private', address = 'Gate 7' WHERE code = 'C'")
    merged = program.data("survey", "merge", crew)
    assert len(merged["unsealed"]) == 3
    told = {code: program.data("explain", code)["condition"] for code in ("A", "B", "D")}
    assert told == {"A": "defective", "B": "defective", "D": "intact"}
    asset = program.data("asset", "show", "C")["asset"]
    assert (asset["service"], asset["address"]) == ("municipal", "Gate 7")
    waiting = program.data("audit", "outside", "list")["changes"]
    assert {(one["entity"], one["field"]) for one in waiting} == {
        ("inspection", "outcome"), ("defect", "severity"), ("asset", "service"),
    }  # fmt: skip
    # merged again it says nothing new
    program.data("survey", "merge", crew)
    assert len(program.data("audit", "outside", "list")["changes"]) == 3
