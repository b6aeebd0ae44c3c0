"""The chain of the readings: its first seal, its authors, and its rows by the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hydrant import times
from hydrant.model.values import Numbered
from hydrant.store.chain.ledger import READINGS
from hydrant.store.chain.reading import PAGE, PAGE_BITS, selected
from hydrant.store.chain.sealing import Author, seal_pages
from hydrant.store.ground.backend import Connection

#: Kinds of seals: of a new store, of one that had none, of what was written, looked at, signed.
CREATED, FOUND, WRITTEN, ACCEPTED, SIGNED = "created", "found", "readings", "accepted", "signed"


def author(kind: str, *, actor: str = "") -> Author:
    """Of a seal that is made now; who polled stands in no seal."""
    return Author(actor, "", "", kind, times.to_text(times.now()))


def found(connection: Connection, kind: str) -> None:
    """Seal everything as it stands, in the open transaction."""
    pages = (
        (table, rows) for table in READINGS.tables for rows in rows_of(connection, table, table)
    )
    seal_pages(connection, author(kind), READINGS, pages)


def rows_of(
    connection: Connection,
    table: str,
    stands_in: str,
    condition: str = "true",
    values: Sequence[object] = (),
) -> Iterator[list[Numbered]]:
    """Rows of a table in the order of their numbers, each page of blocks by itself.

    Parameters
    ----------
    stands_in
        The table itself, or the one of a day of readings on a server.
    condition
        Which rows; they are called ``r``.
    """
    numbers = connection.execute(f"SELECT DISTINCT fid >> {PAGE_BITS} FROM {stands_in}").fetchall()
    for (page,) in sorted(numbers):
        rows = connection.execute(
            f"SELECT {selected(table)} FROM {stands_in} AS r WHERE fid BETWEEN ? AND ? "
            f"AND {condition} ORDER BY fid",
            (page * PAGE, (page + 1) * PAGE - 1, *values),
        ).fetchall()
        if rows:
            yield rows
