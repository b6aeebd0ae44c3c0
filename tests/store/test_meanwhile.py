"""What others write between the opening of a registry and a command's own transaction."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hydrant.errors import StoreError
from hydrant.exchange.rows import read_rows
from hydrant.model.geopoint import encode_point
from hydrant.model.tables import Defect
from hydrant.store.facts.assets import edit_asset, find_asset
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.proofs.naming import named
from tests.conftest import Program
from tests.store.outside import meanwhile, other_program
from tests.store.tampering import other_program as forger

pytestmark = pytest.mark.file_only


@pytest.fixture
def filled(program: Program) -> Program:
    """One hydrant."""
    program.data("asset", "add", "H1", "--kind", "hydrant.pillar", "--lon", 120, "--lat", 30,
                 "--crs", "cgcs2000", "--owner", "first")  # fmt: skip
    return program


def moved(path: Path, *statements: str) -> None:
    with other_program(path) as connection:
        for statement in statements:
            connection.execute(statement, {"g": encode_point(120.0001, 30)})


def log(program: Program) -> list[tuple[str, str, Any, Any]]:
    changes = program.data("audit", "log", "H1")["changes"]
    return [
        (e["origin"], e["action"], *(json.loads(e[n] or "{}").get("owner") for n in
                                     ("before", "after")))
        for e in reversed(changes) if e["action"] != "state"
    ]  # fmt: skip


def clean(program: Program) -> None:
    assert program.data("db", "check")["faults"] == []
    assert program.data("audit", "verify")["broken"] == []


def test_an_edit_by_another_program_is_taken_in_before_ours(
    filled: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: moved(
        filled.db, "UPDATE asset SET geom = :g, owner = 'theirs'"))  # fmt: skip
    ran = filled("asset", "edit", "H1", "--owner", "ours", "--json")
    assert ran.code == 0
    assert [m["key"] for m in ran.json["messages"]] == ["cli_common.outside_taken"]
    facts = ran.data["asset"]
    assert (facts["owner"], facts["lon"]) == ("ours", 120.0001)
    assert log(filled)[1:] == [
        ("outside edit", "update", "first", "theirs"),
        ("asset edit", "update", "theirs", "ours"),
    ]
    with other_program(filled.db) as connection:
        periods = connection.execute(
            "SELECT owner, lon, valid_from, valid_until FROM asset_version ORDER BY fid"
        ).fetchall()
    assert [period[:2] for period in periods] == [("first", 120.0), ("theirs", 120.0001)]
    assert periods[0][3] == periods[1][2] <= periods[1][3]
    clean(filled)


def test_our_own_other_writer_is_seen(filled: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def other() -> None:
        with (
            open_registry(filled.db, write=True) as registry,
            transaction(registry, actor="b", origin="other") as writer,
        ):
            writer.update(find_asset(registry, "H1"), owner="theirs", builder="them")

    meanwhile(monkeypatch, other)
    facts = filled.data("asset", "edit", "H1", "--owner", "ours")["asset"]
    assert (facts["owner"], facts["builder"]) == ("ours", "them")
    assert log(filled)[1:] == [
        ("other", "update", "first", "theirs"),
        ("asset edit", "update", "theirs", "ours"),
    ]
    clean(filled)


def test_what_is_gone_by_then_is_said(filled: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.data("asset", "add", "H2", "--kind", "hydrant.pillar", "--lon", 120, "--lat", 30,
                "--crs", "cgcs2000")  # fmt: skip

    def other() -> None:
        with (
            open_registry(filled.db, write=True) as registry,
            transaction(registry, actor="b", origin="other") as writer,
        ):
            writer.delete(find_asset(registry, "H1"))

    meanwhile(monkeypatch, other)
    ran = filled("asset", "edit", "H1", "--owner", "ours")
    assert ran.code == 4
    assert "taken out by somebody else meanwhile" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_nothing_is_written_over_what_nobody_checked(filled: Program) -> None:
    """A registry opened without anybody to take edits in."""
    with open_registry(filled.db, write=True) as registry:
        found = find_asset(registry, "H1")
        moved(filled.db, "UPDATE asset SET owner = 'theirs'")
        with (
            pytest.raises(StoreError, match="unseen"),
            transaction(registry, actor="a", origin="test") as writer,
        ):
            edit_asset(writer, found, {"owner": "ours"}, {}, since=writer.moment)
    assert filled.data("asset", "show", "H1")["asset"]["owner"] == "theirs"
    clean(filled)


def test_what_could_not_be_taken_in_leaves_nothing_behind(filled: Program) -> None:
    """A server may end the taking in half-way; ours goes on beside what waits."""
    filled.data("asset", "add", "H2", "--kind", "hydrant.pillar", "--lon", 121, "--lat", 30,
                "--crs", "cgcs2000")  # fmt: skip
    with open_registry(filled.db, write=True) as registry:
        found = find_asset(registry, "H1")

        def half(_waiting: int) -> bool:
            with (
                suppress(StoreError),
                transaction(registry, actor="external", origin="outside edit") as writer,
            ):
                writer.update(found, owner="half")
                writer.add(Defect(asset_uid=found.uid, code="leak", severity="remark",
                                  found_at=writer.moment))  # fmt: skip
                raise StoreError("store.locked", file=filled.db, why="deadlock")
            return False

        registry.triage = half
        moved(filled.db, "UPDATE asset SET owner = 'theirs' WHERE code = 'H2'")
        with transaction(registry, actor="a", origin="test") as writer:
            edit_asset(writer, found, {"builder": "ours"}, {}, since=writer.moment)
    facts = filled.data("asset", "show", "H1")["asset"]
    assert (facts["owner"], facts["builder"]) == ("first", "ours")
    assert filled.data("defect", "list")["defects"] == []
    assert filled.data("asset", "show", "H2")["asset"]["owner"] == "theirs"
    clean(filled)


def test_two_imports_at_once_take_a_row_once(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "f.csv"
    file.write_text("code,kind,lon,lat\nA1,hydrant,120,30\n", "utf-8")
    name = "hydrant.exchange.importing.read_rows"

    def hooked(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(name, read_rows)
        rows = read_rows(*arguments, **options)
        assert program.data("import", file, "--crs", "cgcs2000")["new"] == 1
        return rows

    monkeypatch.setattr(name, hooked)
    second = program.data("import", file, "--crs", "cgcs2000")
    assert (second["new"], second["unchanged"]) == (0, 1)
    assert len(program.data("asset", "list")["assets"]) == 1


def test_a_busy_file_is_said_and_leaves_nothing_open(filled: Program) -> None:
    with open_registry(filled.db, write=True) as registry:
        found = find_asset(registry, "H1")
        registry.connection.execute("PRAGMA busy_timeout = 1")
        other = sqlite3.connect(filled.db)
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(StoreError, match="locked"),
            transaction(registry, actor="a", origin="test"),
        ):
            pass
        other.close()
        assert found.owner == "first"
        with transaction(registry, actor="a", origin="test") as writer:
            writer.update(find_asset(registry, "H1"), owner="ours")
    clean(filled)


def test_what_was_changed_after_the_look_is_not_accepted(
    filled: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with forger(filled.db, "without triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'forged'")

    def hooked(*words: Any) -> Any:
        monkeypatch.setattr("hydrant.cli.audit.named", named)
        found = named(*words)
        with forger(filled.db, "without triggers") as connection:
            connection.execute("UPDATE asset SET owner = 'forged further'")
        return found

    monkeypatch.setattr("hydrant.cli.audit.named", hooked)
    ran = filled("audit", "accept", "--reason", "looked at")
    assert (ran.code, len(ran.err.splitlines())) == (4, 1)
    assert filled("audit", "verify").code == 1
    filled.data("audit", "accept", "--reason", "looked at again")
    clean(filled)
