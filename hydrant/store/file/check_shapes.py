"""Whether the tables of a file are such that each row is counted once, and says what follows.

A program that rebuilds a table can leave out that a row has one number, or let a computed
column say something else than what it is computed from; no row is other than it was sealed then.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlmodel import SQLModel

from hydrant.model import books, tables  # noqa: F401  the tables are known once imported
from hydrant.store.ground.backend import Connection, Finding, one_row
from hydrant.store.ground.gpkg import has_numbers


def kind_findings(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Message keys and facts of tables that are none, or whose rows have no number of their own."""
    kinds = dict(connection.execute("SELECT name, type FROM sqlite_master"))
    for table in SQLModel.metadata.tables:
        if kinds.get(table) == "table" and not has_numbers(connection, table):
            yield "check.numbers", {"table": table}
        elif kinds.get(table, "table") != "table":
            yield "check.no_table", {"table": table}


def computed_findings(connection: Connection) -> Iterator[Finding]:
    """Message keys and facts of computed columns that say something else, on both stores."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if column.computed is None:
                continue
            (rows,) = one_row(
                connection.execute(
                    f"SELECT count(*) FROM {table.name} WHERE {column.name} IS NULL "
                    f"OR {column.name} <> {column.computed.sqltext}"
                )
            )
            if rows:
                facts = {"table": table.name, "column": column.name, "count": rows}
                yield "check.computed", facts
