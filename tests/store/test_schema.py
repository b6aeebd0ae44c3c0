from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from hydrant.errors import StoreError
from hydrant.store.file import migrate
from hydrant.store.ground import gpkg
from hydrant.store.migrations import CHANGES, LATEST
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.sql.schema import registry_ddl
from tests.raw import sqlite_of


def shape(connection: sqlite3.Connection) -> dict[str, object]:
    """Triggers and indexes by their text, tables by their columns and keys.

    A column that a migration adds stands behind the table's keys in the text of the table, and
    behind all others, wherever the model has it: nothing asks for a column by its place.
    """
    found: dict[str, object] = {}
    for name, kind, sql in connection.execute(
        "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'rtree%'"
    ).fetchall():
        if kind != "table":
            found[f"{kind} {name}"] = " ".join(sql.split())
            continue
        for _, column, *rest in connection.execute(f"PRAGMA table_xinfo({name})").fetchall():
            found[f"column {name}.{column}"] = rest
        found[f"keys of {name}"] = _keys(connection, name)
    return found


def _keys(connection: sqlite3.Connection, name: str) -> object:
    keys = [
        (*index[2:4], [c[2] for c in connection.execute(f"PRAGMA index_info({index[1]})")])
        for index in connection.execute(f"PRAGMA index_list({name})").fetchall()
    ]
    return connection.execute(f"PRAGMA foreign_key_list({name})").fetchall(), sorted(keys, key=str)


def asked_for(made: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    """A line for each thing that the migrations do not make as the models want it."""
    lines = [f"{name} is missing in store/migrations: a new file of its folder has to add it"
             for name in wanted.keys() - made.keys()]  # fmt: skip
    lines += [f"{name} is made by store/migrations and wanted by no model"
              for name in made.keys() - wanted.keys()]  # fmt: skip
    lines += [f"{name} is another in store/migrations: a new file has to drop it and make it as "
              f"registry_ddl() has it" for name in made.keys() & wanted.keys()
              if made[name] != wanted[name]]  # fmt: skip
    return sorted(lines)


def older(path: Path, version: int) -> None:
    """A registry as the program of an earlier schema made it, without facts."""
    raw = sqlite3.connect(path, isolation_level=None)
    gpkg.register_functions(raw)
    raw.execute(f"PRAGMA application_id = {gpkg.APPLICATION_ID}")
    raw.execute(f"PRAGMA user_version = {gpkg.USER_VERSION}")
    for change in CHANGES[:version]:
        for statement in change.statements():
            raw.execute(statement)
        raw.execute(
            "INSERT INTO migration (version, name, applied_at) VALUES (?, ?, '')",
            (change.version, change.name),
        )
    raw.execute("INSERT INTO setting (key, value) VALUES ('writer', 'w'), ('policy', 'zhejiang')")
    raw.close()


def test_migrations_build_the_schema_of_the_models(registry: Registry) -> None:
    fresh = sqlite3.connect(":memory:")
    for statement in registry_ddl():
        fresh.execute(statement)
    lines = asked_for(shape(sqlite_of(registry)), shape(fresh))
    assert not lines, "\n" + "\n".join(lines)


def test_what_no_migration_makes_is_named() -> None:
    made = {"column asset.code": ["TEXT"], "trigger watch": "old", "column asset.gone": ["TEXT"]}
    wanted = {"column asset.code": ["TEXT"], "trigger watch": "new", "column asset.lock": ["TEXT"]}
    assert [line.partition(" is ")[0] for line in asked_for(made, wanted)] == [
        "column asset.gone", "column asset.lock", "trigger watch",
    ]  # fmt: skip


def test_newer_registry_is_refused_and_untouched(registry_path: Path) -> None:
    raw = sqlite3.connect(registry_path)
    raw.execute(
        "INSERT INTO migration (version, name, applied_at) VALUES (?, 'later', '2030')",
        (LATEST + 1,),
    )
    raw.commit()
    raw.close()
    before = registry_path.read_bytes()
    with pytest.raises(StoreError) as caught, open_registry(registry_path, write=True):
        pass
    assert caught.value.key == "store.newer"
    with pytest.raises(StoreError):
        migrate.migrate(registry_path)
    assert registry_path.read_bytes() == before


def test_migrating_a_present_registry_does_nothing(registry_path: Path) -> None:
    assert migrate.migrate(registry_path) == []


def test_an_older_registry_gets_its_styles(tmp_path: Path) -> None:
    registry_path = tmp_path / "older.gpkg"
    older(registry_path, 2)
    assert migrate.migrate(registry_path) == list(range(3, LATEST + 1))
    raw = sqlite3.connect(registry_path)
    styles = raw.execute(
        "SELECT f_table_name, count(*), sum(useAsDefault) FROM layer_styles GROUP BY 1"
    ).fetchall()
    raw.close()
    assert ("asset", 2, 1) in styles


def test_create_never_replaces_a_file(registry_path: Path) -> None:
    before = registry_path.read_bytes()
    with pytest.raises(StoreError) as caught:
        migrate.create(registry_path, settings={})
    assert caught.value.key == "store.exists"
    assert registry_path.read_bytes() == before


def test_failed_create_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(migrate, "apply_changes", fail)
    with pytest.raises(StoreError):
        migrate.create(tmp_path / "new.gpkg", settings={})
    assert list(tmp_path.glob("*.gpkg*")) == []


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.gpkg"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught, open_registry(path):
        pass
    assert caught.value.key == "store.foreign"
