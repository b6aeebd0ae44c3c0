"""A proven backup goes into a database on a server, and never over a registry."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hydrant.ids import new_uid
from hydrant.store.care import copying
from hydrant.store.care.copying import _READING as READING
from hydrant.store.ground import gpkg
from hydrant.store.ground.location import locate, readings_path
from hydrant.store.ground.place import Server
from hydrant.store.readings.readings_file import view_readings
from tests.conftest import Program
from tests.older import turn_back, turn_readings_back
from tests.server import Cluster
from tests.store.test_backup import add, flip, polled

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def backup(program: Program, tmp_path: Path) -> Path:
    """A backup of two assets and a sensor that was polled."""
    add(program, "A")
    add(program, "B")
    polled(program)
    program.data("db", "backup", tmp_path / "b.gpkg")
    return tmp_path / "b.gpkg"


@pytest.fixture
def absent(postgres: Cluster) -> Iterator[Server]:
    """A database that does not exist yet."""
    name = f"restored {new_uid()[-12:]}"
    yield Server(f"{postgres.url}/{name.replace(' ', '%20')}")
    postgres.drop(name)


def told(program: Program) -> list[Any]:
    assert program("db", "check").code == 0
    assert program("audit", "verify").code == 0
    return [
        *(program.data(*words) for words in (("asset", "list"), ("sensor", "list"))),
        program.data("audit", "log"),
        readings(program.db),
    ]


def readings(place: Any) -> list[Any]:
    with view_readings(readings_path(locate(str(getattr(place, "url", place))))) as store:
        assert store is not None
        return list(store.connection.execute(f"SELECT {', '.join(READING)} FROM reading"))


def test_a_database_that_is_not_there_is_made_and_proven_equal(
    program: Program, backup: Path, absent: Server
) -> None:
    server = Program(absent.url, program._capsys)
    ran = server("db", "restore", backup, "--json")
    assert ran.code == 0, ran
    assert (ran.data["restored"], ran.data["assets"]) == (str(absent), 2)
    assert ran.data["digest"]
    assert [m["key"] for m in ran.json["messages"]] == ["cli_db_backup.roles_again"]
    assert told(server) == told(program)
    add(server, "C")  # numbers go on after those of the backup
    again = server("db", "restore", backup)
    assert (again.code, len(again.err.splitlines())) == (4, 1)
    assert "never overwritten" in again.err
    assert len(server.data("asset", "list")["assets"]) == 3


def test_broken_off_it_is_no_registry_and_goes_on(
    program: Program, backup: Path, absent: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Program(absent.url, program._capsys)

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(copying, "_copy_readings", broken)
        assert server("db", "restore", backup).code == 130
    ran = server("asset", "list")
    assert (ran.code, "db restore" in ran.err) == (4, True)
    assert server("db", "restore", backup).code == 0
    assert told(server) == told(program)


def test_a_backup_with_faults_makes_no_database(
    program: Program, backup: Path, absent: Server
) -> None:
    flip(backup, backup.stat().st_size // 2)
    server = Program(absent.url, program._capsys)
    assert server("db", "restore", backup).code == 4
    ran = server("asset", "list")
    assert (ran.code, "no such database" in ran.err) == (4, True)


def test_an_older_backup_is_brought_up_to_date_on_the_way(
    program: Program, backup: Path, absent: Server
) -> None:
    with closing(sqlite3.connect(backup)) as raw, raw:
        gpkg.register_functions(raw)
        turn_back(raw, 3)
    turn_readings_back(backup.with_suffix(".readings.db"), 2)
    for name in ("b.gpkg.sha256", "b.readings.db.sha256"):
        (backup.parent / name).unlink()
    before = backup.read_bytes()
    server = Program(absent.url, program._capsys)
    assert server("db", "restore", backup, "--json").data["schema"] == 3
    assert server("db", "check").code == 0
    assert len(readings(server.db)) == 1
    assert backup.read_bytes() == before


def test_a_login_that_may_make_no_database_is_told_so(
    program: Program, backup: Path, absent: Server, postgres: Cluster
) -> None:
    login = f"poor_{new_uid()[-12:]}"
    postgres.run(f'CREATE ROLE "{login}" LOGIN')
    try:
        place = absent.url.replace("postgres@", f"{login}@")
        ran = Program(place, program._capsys)("db", "restore", backup)
    finally:
        postgres.run(f'DROP ROLE "{login}"')
    assert (ran.code, "may not" in ran.err, len(ran.err.splitlines())) == (4, True, 1)
