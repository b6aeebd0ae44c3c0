"""What each role may not do is refused by the database itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from hydrant.store.ground.place import Server
from hydrant.store.opened.registry import open_registry
from hydrant.store.readings.readings import Reading
from hydrant.store.readings.readings_file import open_readings
from tests.conftest import Program

psycopg = pytest.importorskip("psycopg")


def refused(url: str, statement: str) -> bool:
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
    return False


def test_a_crew_works_in_its_own_region_only(
    office: Program, login: Callable[..., str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    crew = Program(Server(login("crew", "330199001")), capsys)
    crew.data("survey", "record", "A", "--outcome", "works", "--static-kpa", 300)
    crew.data("asset", "edit", "A", "--owner", "X")
    file = tmp_path / "more.csv"
    rows = [f"N{n},hydrant,120.{n + 200},30.2,330199001" for n in range(40)]
    file.write_text("code,kind,lon,lat,region\n" + "\n".join(rows), "utf-8")
    assert crew.data("import", file, "--crs", "cgcs2000")["new"] == 40
    assert office("audit", "verify").code == 0
    for words in (
        ("asset", "edit", "B", "--owner", "X"),
        ("survey", "record", "B", "--outcome", "works"),
        ("require", "set", "330199001", "hydrant", 1, "--from", "2025-01-01"),
        ("asset", "edit", "A", "--region", "330199002"),
    ):
        ran = crew(*words, "--json")
        assert (ran.code, ran.json["messages"][0]["key"]) == (4, "server.denied"), words
    assert crew.data("asset", "show", "B")["asset"]["owner"] is None


CHANGES = {
    "asset": "UPDATE hydrant.asset SET owner = 'x' WHERE code = 'B'",
    "drop": "DELETE FROM hydrant.asset WHERE code = 'B'",
    "visit": "INSERT INTO hydrant.inspection (asset_uid, outcome) "
    "SELECT uid, 'works' FROM hydrant.asset WHERE code = 'B'",
    "requirement": "UPDATE hydrant.requirement SET count = 1",
    "wish": "INSERT INTO hydrant.proposal (bundle_uid, entity, entity_uid, field, value, "
    "packed_at, state) SELECT 'b', 'asset', uid, 'owner', '1', '', 'live' FROM hydrant.asset "
    "WHERE code = 'B'",
    "conflict": "INSERT INTO hydrant.merge_conflict (uid, recorded_at, recorded_by, entity, "
    "entity_uid, field, reason, state) SELECT '', '', '', 'asset', uid, 'owner', 'x', 'open' FROM "
    "hydrant.asset WHERE code = 'B'",
    "log": "UPDATE hydrant.change SET actor = 'x'",
    "unlog": "DELETE FROM hydrant.change",
    "setting": "UPDATE hydrant.setting SET value = 'x'",
    "reading": "DELETE FROM hydrant.reading",
    "right": "INSERT INTO hydrant.role_region VALUES (current_user, '330199')",
}
MAY_NOT = {
    "crew": set(CHANGES),
    "poller": set(CHANGES),
    "auditor": set(CHANGES),
    "officer": set(CHANGES) - {"asset", "drop", "visit", "requirement", "wish", "conflict"},
    "admin": {"log", "unlog", "reading"},
}


@pytest.mark.parametrize("role", MAY_NOT)
def test_what_a_role_may_not_do_the_database_refuses(login: Callable[..., str], role: str) -> None:
    regions = {"crew": ["330199001"], "officer": ["330199"]}.get(role, [])
    url = login(role, *regions)
    for name, statement in CHANGES.items():
        if name == "right" and role == "admin":
            continue
        assert refused(url, f"BEGIN; {statement}; ROLLBACK") == (name in MAY_NOT[role]), name


def test_everybody_reads_and_a_poller_writes_readings(
    office: Program, login: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    for role in ("poller", "auditor", "officer", "crew", "admin"):
        reader = Program(Server(login(role)), capsys)
        assert reader.data("integrity")["total"]["working_order"]["existing"] == 2
    poller = Program(Server(login("poller")), capsys)
    poller.data("poll")
    begun = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    for count in (2, 60):
        rows = [Reading("s", "a", begun + dt.timedelta(hours=count + n), 1.0, 0, None, None)
                for n in range(count)]  # fmt: skip
        with open_readings(poller.db) as store:
            assert store.save(rows) == count
    assert poller("asset", "edit", "A", "--owner", "X").code == 4


def test_the_log_is_only_added_to_even_by_its_owner(office: Program) -> None:
    office.data("db", "roles")
    assert refused(office.db.url, "UPDATE hydrant.change SET actor = 'x'")
    with open_registry(office.db) as registry:
        assert registry.settings["policy"] == "zhejiang"
