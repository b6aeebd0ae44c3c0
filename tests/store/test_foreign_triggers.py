"""Programs that others leave in the file do not change what is written into it."""

from __future__ import annotations

import pytest

from hydrant.store.file.foreign_triggers import foreign_triggers
from tests.conftest import Program
from tests.store.outside import other_program

pytestmark = pytest.mark.file_only

WRITES = "UPDATE defect SET severity = 'remark' WHERE fid = NEW.fid;"
#: Bodies of triggers that would change what is recorded, also where SQLite reads more leniently.
TRIGGERS = {
    "another severity": WRITES,
    "between comments": f"SELECT '/*'; {WRITES.replace(' ', '/* */', 1)} SELECT '*/';",
    "quoted": WRITES.replace(" defect", '"defect"'),
    "as a text": WRITES.replace("defect", "'DEFECT'"),
    "taken out": "DELETE FROM defect WHERE fid = NEW.fid;",
    "replaced": "INSERT OR REPLACE INTO [defect] SELECT * FROM defect WHERE fid = NEW.fid;",
    "left out": "SELECT RAISE(IGNORE);",
}
#: What others may well do.
HARMLESS = {
    "a count": "UPDATE others SET n = n + 1 WHERE name = 'defect';",
    "a log": "INSERT INTO others (name) SELECT NEW.uid FROM defect;",
}


@pytest.fixture
def filled(program: Program) -> Program:
    """One hydrant."""
    program.data("asset", "add", "H1", "--kind", "hydrant.pillar", "--lon", 120, "--lat", 30,
                 "--crs", "cgcs2000")  # fmt: skip
    return program


def leave(program: Program, body: str) -> None:
    with other_program(program.db) as connection:
        connection.execute("CREATE TABLE others (name, n)")
        connection.execute(f'CREATE TRIGGER "a ""b" AFTER INSERT ON defect BEGIN {body} END')


@pytest.mark.parametrize("body", TRIGGERS.values(), ids=TRIGGERS)
def test_a_trigger_that_changes_what_is_recorded_is_named_and_taken_out(
    filled: Program, body: str
) -> None:
    leave(filled, body)
    (fault,) = filled("db", "check", "--json").data["faults"]
    assert (fault["key"], fault["name"]) == ("check.foreign_trigger", 'a "b')
    ran = filled("defect", "open", "H1", "leak", "--severity", "blocking")
    assert ran.code == 4
    assert 'a "b' in ran.err
    assert filled.data("defect", "list")["defects"] == []
    filled.data("db", "restore", filled.data("db", "check", "--repair")["repaired"])
    filled.data("defect", "open", "H1", "leak", "--severity", "blocking")
    (defect,) = filled.data("defect", "list")["defects"]
    assert defect["severity"] == "blocking"
    assert filled.data("db", "check")["faults"] == []


@pytest.mark.parametrize("body", HARMLESS.values(), ids=HARMLESS)
def test_a_trigger_that_writes_elsewhere_is_left_alone(filled: Program, body: str) -> None:
    leave(filled, body)
    filled.data("defect", "open", "H1", "leak", "--severity", "blocking")
    assert filled.data("db", "check")["faults"] == []


def test_our_own_triggers_are_ours_when_a_table_was_named_back(filled: Program) -> None:
    with other_program(filled.db) as connection:
        connection.execute("ALTER TABLE defect RENAME TO elsewhere")
        connection.execute("ALTER TABLE elsewhere RENAME TO defect")
        assert foreign_triggers(connection) == []
