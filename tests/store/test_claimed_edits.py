"""What somebody writes down as another program's edit proves nothing by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Program
from tests.store.outside import other_program

pytestmark = pytest.mark.file_only


@pytest.fixture
def filled(program: Program) -> Program:
    """A hydrant that fails, seen from a place with many digits."""
    program.data("asset", "add", "H1", "--kind", "hydrant.pillar", "--lon", 120, "--lat", 30,
                 "--crs", "cgcs2000")  # fmt: skip
    program.data("survey", "record", "H1", "--outcome", "fails")
    with other_program(program.db) as connection:
        connection.execute("UPDATE inspection SET observer_lon = 1.2e2 / 7, observer_lat = 9e1 / 7")
    program.data("integrity")
    return program


def claim(program: Program, **former: Any) -> None:
    """Change the visit unseen, and claim that it had said the same before but for some digits."""
    with other_program(program.db) as connection:
        connection.execute("INSERT INTO setting (key, value) VALUES ('writing', 'x')")
        connection.execute("UPDATE inspection SET outcome = 'works', observer_lon = 17.0")
        found = connection.execute("SELECT * FROM inspection")
        row = dict(zip([c[0] for c in found.description], found.fetchone(), strict=True))
        connection.execute("DELETE FROM setting WHERE key = 'writing'")
        connection.execute(
            "INSERT INTO outside_edit (at, entity, row, action, before) VALUES "
            "('2026-11-01T00:00:00.000Z', 'inspection', ?, 'update', ?)",
            (row["fid"], json.dumps(row | former)),
        )


def named(program: Program) -> list[tuple[str, str, str | None]]:
    ran = program("audit", "verify", "--json")
    return [(f["kind"], f["table"], f["found"]) for f in ran.data["findings"]]


@pytest.mark.parametrize("former", [{"observer_lon": 120 / 7},
                                    {"observer_lon": 120 / 7, "observer_lat": 1 / 7}])  # fmt: skip
def test_digits_that_were_cut_off_do_not_cover_a_forgery(
    filled: Program, former: dict[str, float]
) -> None:
    claim(filled, **former)
    assert named(filled) == [("noticed", "inspection", "changed")]


def test_an_honest_edit_of_such_numbers_is_not_accused(filled: Program) -> None:
    with other_program(filled.db) as connection:
        connection.execute("UPDATE inspection SET observer_lon = 17.0, observer_lat = 12.9")
    assert named(filled) == []
    assert filled.data("db", "check")["faults"] == []


@pytest.mark.parametrize("told", [
    {"before": "no JSON"}, {"before": None}, {"before": "[]"}, {"before": "{}"},
    {"before": "[" * 50_000}, {"row": "x"}, {"at": "x"}, {"action": "x"},
])  # fmt: skip
def test_what_no_trigger_wrote_stops_nobody_and_covers_nothing(
    filled: Program, told: dict[str, str | None]
) -> None:
    claim(filled)
    with other_program(filled.db) as connection:
        for name, value in told.items():
            connection.execute(f'UPDATE outside_edit SET "{name}" = ?', (value,))
    filled.data("survey", "record", "H1", "--outcome", "not_found")
    assert named(filled) == [("changed", "inspection", None)]
