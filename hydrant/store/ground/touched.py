"""Which rows a transaction writes, and what the rows it changes said before.

Triggers write it down in a temporary table: in a file they are temporary, too, so they see the
statements of our own connection and nobody else's; on a server they belong to the tables and do
nothing for a session that has not made the table. Every statement is seen, so no part of the
program can forget to tell of what it wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeVar

#: Instead of a hash: what the row said before is not known exactly.
UNKNOWN = b""
#: Fewer rows than this are written down one by one.
LEAST = 2000


_Old = TypeVar("_Old")


@dataclass(slots=True)
class Touched:
    """Rows of one table that were written.

    Attributes
    ----------
    before
        Of each row, by number, the hash of what it said before it was first written; None
        where it was inserted.
    inserted
        Numbers of the rows that were inserted at any time.
    marked
        Numbers of the rows that another program wrote.
    ranges
        First and last number of rows that were inserted in bulk.
    """

    before: dict[int, bytes | None] = field(default_factory=dict)
    inserted: set[int] = field(default_factory=set)
    marked: set[int] = field(default_factory=set)
    ranges: list[tuple[int, int]] = field(default_factory=list)


def query(known: AbstractSet[tuple[str, int, int]]) -> tuple[str, list[str | int]]:
    """The statement that asks for what was written down, but for runs of new rows, and its values.

    Parameters
    ----------
    known
        Tables with the first and last number of rows that were inserted in bulk, and are left out
        unless they were written again.
    """
    sql, values = "SELECT entity, fid, old, marked FROM temp.touched", []
    if known:
        left_out = " OR ".join("entity = ? AND fid BETWEEN ? AND ?" for _ in known)
        sql += f" WHERE NOT (old IS NULL AND ({left_out}))"
        values = [part for run in known for part in run]
    return f"{sql} ORDER BY n", values


def gathered(
    rows: Iterable[tuple[str, int, _Old | None, int]],
    hash_of: Callable[[str, _Old | None], bytes | None],
) -> dict[str, Touched]:
    """What was written down, by table: the first that is told of a row is what it was.

    Parameters
    ----------
    hash_of
        Gives the hash of a former row of a table as it was written down.
    """
    found: dict[str, Touched] = {}
    for table, fid, old, marked in rows:
        touched = found.setdefault(table, Touched())
        if marked:
            touched.marked.add(fid)
        if old is None:
            touched.inserted.add(fid)
        if fid not in touched.before:
            touched.before[fid] = hash_of(table, old)
    return found
