"""Each thing broken on purpose on a server is found, explained, and put back where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hydrant.ids import new_uid
from hydrant.store.ground.place import Server
from hydrant.store.readings.readings_file import open_readings
from tests.conftest import Program
from tests.server import Cluster
from tests.store.test_backup import add, polled

psycopg = pytest.importorskip("psycopg")

NOTHING = "RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
#: What is done to the registry, and the finding that must name it.
BROKEN = {
    "no trigger that stamps": ("DROP TRIGGER stamp ON asset", "check.trigger"),
    "one that is switched off": ("ALTER TABLE asset DISABLE TRIGGER stamp", "check.trigger"),
    "no trigger that watches": ("DROP TRIGGER watch ON defect", "check.watch"),
    "one that watches less": (
        "CREATE OR REPLACE TRIGGER watch AFTER UPDATE ON asset FOR EACH ROW "
        "WHEN (current_setting('hydrant.writing', true) IS DISTINCT FROM 'on') "
        "EXECUTE FUNCTION watch()", "check.watch"),
    "one that never watches": (
        "CREATE OR REPLACE TRIGGER watch AFTER INSERT OR UPDATE OR DELETE ON asset "
        "FOR EACH ROW WHEN (false) EXECUTE FUNCTION watch()", "check.watch"),
    "a trigger of others": (
        f"CREATE FUNCTION theirs() {NOTHING}; CREATE TRIGGER theirs BEFORE INSERT ON defect "
        "FOR EACH ROW EXECUTE FUNCTION theirs()", "check.foreign_trigger"),
    "a trigger of others on alarms": (
        f"CREATE FUNCTION theirs() {NOTHING}; CREATE TRIGGER theirs BEFORE INSERT ON alarm "
        "FOR EACH ROW EXECUTE FUNCTION theirs()", "check.foreign_trigger"),
    "no trigger that seals alarms": ("DROP TRIGGER touch_update ON alarm", "check.trigger"),
    "a rule of others": (
        "CREATE RULE theirs AS ON INSERT TO defect WHERE NEW.severity = 'blocking' "
        "DO INSTEAD NOTHING", "check.foreign_trigger"),
    "a function that watches nothing": (f"CREATE OR REPLACE FUNCTION watch() {NOTHING}",
                                        "check.watch"),
    "a function that seals nothing": (f"CREATE OR REPLACE FUNCTION touch() {NOTHING}",
                                      "check.function"),
    "no function": ("DROP FUNCTION reading_day", "check.function"),
    "no map index": ("DROP INDEX ix_asset_geom", "check.missing_index"),
    "no index": ("DROP INDEX ix_asset_code", "check.missing_index"),
    "no index of readings": ("DROP INDEX ix_reading_good", "check.missing_index"),
    "an index that failed": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_asset_code'::regclass",
        "check.missing_index"),
    "no latest values": ("DELETE FROM latest", "check.latest"),
    "older latest values": ("UPDATE latest SET at = '2020-01-01T00:00:00.000Z', value = 1",
                            "check.latest"),
    "another state of alarms": ("UPDATE alarm_state SET active = 0", "check.alarm_state"),
    "no state of alarms": ("DELETE FROM alarm_state", "check.alarm_state"),
    "a log that may be rewritten": ("DROP TRIGGER keep_log ON change", "check.rights"),
    "rows that are not guarded": ("DROP TRIGGER guard ON requirement", "check.rights"),
    "a table without row security": ("ALTER TABLE asset DISABLE ROW LEVEL SECURITY",
                                     "check.rights"),
}  # fmt: skip
ALARM = """
INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, limit_value, confirmed_at)
SELECT 'alarm', sensor_uid, asset_uid, 'low', 1, 2, at FROM latest;
INSERT INTO alarm_state (sensor_uid, kind, active, count) SELECT sensor_uid, 'low', 1, 0 FROM latest
"""


def put(program: Program, statements: str) -> None:
    with psycopg.connect(program.db.url, autocommit=True) as connection:
        connection.execute("SET search_path TO hydrant, public")
        connection.execute(statements)


def asked(program: Program, query: str) -> list[Any]:
    with psycopg.connect(program.db.url) as connection:
        connection.execute("SET search_path TO hydrant, public")
        return list(connection.execute(query).fetchall())


@pytest.fixture
def program(database: Server, capsys: pytest.CaptureFixture[str]) -> Program:
    """Two assets, a polled sensor with an alarm, roles."""
    program = Program(database, capsys)
    add(program, "A")
    add(program, "B")
    polled(program)
    with open_readings(program.db) as store, store.transaction():
        for statement in ALARM.split(";"):
            store.connection.execute(statement)
    assert program("db", "roles").code == 0
    assert program.data("db", "check")["faults"] == []
    return program


def keys(found: list[dict[str, Any]]) -> set[str]:
    return {fault["key"] for fault in found}


@pytest.mark.parametrize("what", BROKEN)
def test_found_explained_and_put_back(program: Program, what: str) -> None:
    statement, key = BROKEN[what]
    latest = asked(program, "SELECT * FROM latest ORDER BY 1")
    put(program, statement)
    ran = program("db", "check", "--json")
    assert (ran.code, keys(ran.data["faults"])) == (1, {key})
    assert all(fault["means"] and fault["do"] for fault in ran.data["faults"])
    done = program.data("db", "check", "--repair")
    assert done["left"] == []
    assert (done["repaired"], done["put_in_place"]) == (str(program.db), None)
    assert program.data("db", "check")["faults"] == []
    assert program("audit", "verify").code == 0
    assert asked(program, "SELECT * FROM latest ORDER BY 1") == latest
    assert program.data("db", "check", "--repair")["repaired"] is None


def test_what_nothing_can_tell_is_listed_and_the_rest_put_back(program: Program) -> None:
    put(program, "SET hydrant.writing TO 'on'; DROP INDEX ix_asset_code; "
        "UPDATE asset SET geom = NULL WHERE code = 'A'")  # fmt: skip
    ran = program("db", "check", "--repair", "--json")
    assert ran.code == 1
    assert "check.no_position" in keys(ran.data["left"])
    assert "check.missing_index" not in keys(ran.data["left"])
    assert "check.missing_index" in keys(ran.data["faults"])
    shown = program("db", "check", "--repair", lang="zh")
    assert (shown.code, "{" in shown.out) == (1, False)


def test_it_is_undone_where_a_fact_would_change(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hydrant.store.care import server_repair as repair  # noqa: PLC0415  an extra

    def wrong(connection: Any, *_: object) -> None:
        connection.server("UPDATE alarm SET value = 7")

    monkeypatch.setattr(repair, "derive", wrong)
    put(program, "DROP INDEX ix_asset_code")
    ran = program("db", "check", "--repair")
    assert (ran.code, len(ran.err.splitlines())) == (4, 1)
    assert asked(program, "SELECT value FROM alarm") == [(1.0,)]
    assert keys(program("db", "check", "--json").data["faults"]) == {"check.missing_index"}


@pytest.fixture
def officer(program: Program, postgres: Cluster) -> Iterator[Program]:
    name = f"wang_{new_uid()[-12:]}"
    assert program("db", "roles", name, "--as", "officer").code == 0
    url = program.db.url.replace("postgres@", f"{name}@")
    yield Program(Server(url), program._capsys)
    put(program, f'DROP OWNED BY "{name}"')
    postgres.run(f'DROP ROLE "{name}"')


def test_who_may_not_is_told_so_and_nothing_is_changed(program: Program, officer: Program) -> None:
    put(program, "DROP TRIGGER stamp ON asset")
    ran = officer("db", "check", "--repair", "--json")
    assert ran.code == 4
    assert json.loads(ran.out)["messages"][0]["key"] == "server.denied"
    assert keys(program("db", "check", "--json").data["faults"]) == {"check.trigger"}
