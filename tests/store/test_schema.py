from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hydrant.errors import StoreError
from hydrant.store import migrate
from hydrant.store.migrations import LATEST
from hydrant.store.registry import Registry, open_registry
from hydrant.store.schema import registry_ddl


def shape(connection: sqlite3.Connection) -> dict[str, str]:
    return {
        name: " ".join(sql.split())
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'rtree%'"
        )
    }


def test_migrations_build_the_schema_of_the_models(registry: Registry) -> None:
    fresh = sqlite3.connect(":memory:")
    for statement in registry_ddl():
        fresh.execute(statement)
    assert shape(registry.connection) == shape(fresh)


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


def test_an_older_registry_gets_its_styles(registry_path: Path) -> None:
    raw = sqlite3.connect(registry_path)
    raw.execute("DROP TABLE layer_styles")
    raw.execute("DELETE FROM gpkg_contents WHERE table_name = 'layer_styles'")
    raw.execute("DROP TABLE seal")
    raw.execute("DROP TABLE seal_block")
    raw.execute("DELETE FROM migration WHERE version >= 3")
    raw.commit()
    raw.close()
    assert migrate.migrate(registry_path) == [3, 4]
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
