"""Sets triggers and indexes of a table aside while many rows go in, within one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from hydrant.store.file.touched_file import FileTouched

#: Fewer rows than this go in as they are: dropping and making things anew has its cost, too.
LEAST = 2000
#: From this share of new rows on (one in so many), triggers are set aside.
SHARE = 10


@contextmanager
def loading(
    connection: sqlite3.Connection, touched: FileTouched, table: str, count: int
) -> Iterator[bool]:
    """A block that inserts rows of one's own making; yields whether triggers are off.

    Row by row, triggers in Python and live indexes cost twice the insert itself. Triggers are
    set aside when a tenth of the table or more is new, indexes when at least half is (into a
    full table, building them anew loses). What was set aside is put back from its own text;
    a failure rolls back everything with the transaction.

    Parameters
    ----------
    count
        Rows about to be inserted.
    """
    with touched.in_bulk(table, count), _set_aside(connection, table, count) as aside:
        yield aside


@contextmanager
def _set_aside(connection: sqlite3.Connection, table: str, count: int) -> Iterator[bool]:
    existing = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    aside: list[tuple[str, str, str]] = []
    if count >= LEAST and count * SHARE >= existing:
        kinds = ("trigger", "index") if count >= existing else ("trigger",)
        aside = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL "
            f"AND type IN ({', '.join('?' * len(kinds))})",
            (table, *kinds),
        ).fetchall()
    for kind, name, _ in aside:
        connection.execute(f"DROP {kind} {name}")
    yield bool(aside)
    for _, _, sql in aside:
        connection.execute(sql)
