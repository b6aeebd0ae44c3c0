"""Seals of what sensors said: each transaction on the readings store ends with one.

What was there before the store got its chain is sealed as it is found when somebody writes to it
next. Latest values, alarm states and polls are not sealed: they follow from what is, or decide
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from hydrant.errors import StoreError
from hydrant.store.chain import retiring
from hydrant.store.chain.ledger import READINGS
from hydrant.store.chain.reading_chain import ACCEPTED, WRITTEN, author, rows_of
from hydrant.store.chain.sealing import Accepted, seal
from hydrant.store.ground.backend import Shelf, one_row

#: Half of what can be counted: no store gets there.
_MOST = 2**62


@contextmanager
def sealed(shelf: Shelf) -> Iterator[None]:
    """A block within a transaction whose rows are sealed as it ends."""
    _refuse_numbers(shelf)
    shelf.refuse_altered()
    shelf.touched.begin()
    yield
    _seal(shelf)


def _seal(shelf: Shelf, retired: retiring.Retired | None = None) -> None:
    shelf.hold_chain()
    seal(shelf, author(WRITTEN), ledger=READINGS, retired=retired)


def _refuse_numbers(shelf: Shelf) -> None:
    """Refuse to write beside a reading whose number no store comes to by counting."""
    if shelf.numbers_given:
        return
    (most,) = one_row(shelf.connection.execute("SELECT max(fid) FROM reading"))
    if most is not None and most > _MOST:
        raise StoreError("store.number_end", table="reading", row=most)


def has_seals(shelf: Shelf) -> bool:
    """Whether the store has a chain: one of an older version gets it when it is written to."""
    return shelf.has_table(READINGS.seal)


def drop(shelf: Shelf, table: str, condition: str, values: Sequence[object]) -> int:
    """Drop readings in bulk, each held against its seal before; how many.

    Parameters
    ----------
    table
        The table of readings, or one of its days on a server.
    condition
        Which readings; they are called ``r``.
    """
    pages = rows_of(shelf.connection, "reading", table, condition, values)
    gone = retiring.look_at(shelf.connection, READINGS, "reading", chain.from_iterable(pages))
    with shelf.touched.left_out("reading"):
        dropped = shelf.connection.execute(f"DELETE FROM {table} AS r WHERE {condition}", values)
    _seal(shelf, gone)
    shelf.touched.begin()
    return int(dropped.rowcount)


def accept(shelf: Shelf, rows: dict[str, list[int]], findings: Iterable[list[object]]) -> None:
    """Seal rows as they stand now, after somebody looked at them; within an open transaction.

    Parameters
    ----------
    rows
        Their numbers, by table.
    findings
        What was found: kind, table, number, key and number of the seal it was found by.
    """
    shelf.hold_chain()
    seal(shelf, author(ACCEPTED), ledger=READINGS, accepted=Accepted(rows, list(findings)))
    shelf.touched.begin()
