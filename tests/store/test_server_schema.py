"""The server's schema, translated from the file's migrations, is that of the models."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import Boolean, Double, Integer, LargeBinary
from sqlmodel import SQLModel

from hydrant.model.columns import Point
from hydrant.store.file import migrate
from hydrant.store.ground.place import Server
from hydrant.store.opened.registry import open_registry

_TYPES = (
    (Boolean, "boolean"), (Double, "double precision"), (Integer, "bigint"),
    (LargeBinary, "bytea"), (Point, "USER-DEFINED"),
)  # fmt: skip


def test_migrations_build_the_models_on_a_server(database: Server) -> None:
    with open_registry(database) as registry:
        found = {
            (table, column): (kind, collation, nullable == "YES")
            for table, column, kind, collation, nullable in registry.connection.execute(
                "SELECT table_name, column_name, data_type, collation_name, is_nullable "
                "FROM information_schema.columns WHERE table_schema = 'hydrant'"
            )
        }
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            kind = next((t for c, t in _TYPES if isinstance(column.type, c)), "text")
            expected = (kind, "C" if kind == "text" else None, bool(column.nullable))
            assert found[table.name, column.name] == expected, (table.name, column.name)


def test_migrating_a_present_registry_does_nothing(database: Server) -> None:
    assert migrate.migrate(database) == []


def test_the_driver_says_nothing_of_its_own_on_the_screen() -> None:
    """A restart under an import ended with the driver's warning above our line."""
    script = (
        "import logging, hydrant.store.server.connection; "
        "logging.getLogger('psycopg').warning('error ignored')"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert ran.stderr == b""
