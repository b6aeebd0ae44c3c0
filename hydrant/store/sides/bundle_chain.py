"""Holds a bundle that came back against its own chain: which rows the crew's program sealed.

A bundle begins a chain of its own as it is packed. What the crew's program wrote is sealed in it;
what a GIS program wrote was written down by the triggers; anything else was done past both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from hydrant.errors import InputRefused
from hydrant.model.values import Row
from hydrant.store.chain.hashes import sealed_tables
from hydrant.store.file.file_backend import FileBackend
from hydrant.store.ground.bounded_sqlite import require_size, require_tables, tame
from hydrant.store.ground.connection import connect, sqlite_errors
from hydrant.store.ground.raw_columns import columns
from hydrant.store.opened.number_ends import refuse_row_numbers
from hydrant.store.opened.registry import Registry
from hydrant.store.proofs.verifying import Finding, verify

_SEALS = ("seal", "seal_block", "outside_edit")
#: Kind of the first seal of a bundle, see `hydrant.store.chain.sealing.founding`.
_PACKED = "packed"


@dataclass(frozen=True, slots=True)
class BundleChain:
    """What the chain of a bundle says of its rows.

    Attributes
    ----------
    findings
        What does not agree with it.
    kinds
        What was found of rows, by table and key as sealed and as they are now.
    edited
        Rows that a program wrote which the triggers saw, by table and key.
    whole
        Whether the seals themselves are sound; where they are not they prove no row.
    """

    findings: tuple[Finding, ...]
    kinds: Mapping[tuple[str, str], str]
    edited: frozenset[tuple[str, str]]
    whole: bool

    def proves(self, table: str, uid: str) -> bool:
        """Whether a row is as the crew's program, or a program seen by the triggers, left it."""
        return self.whole and (table, uid) not in self.kinds

    def is_crews(self, table: str, uid: str) -> bool:
        """Whether a row is as the crew's program left it."""
        return self.proves(table, uid) and (table, uid) not in self.edited


def read_chain(base: Path, bundle: Path) -> BundleChain:
    """Hold a bundle against its chain; `base` is the copy of it as it left.

    Raises
    ------
    InputRefused
        Its chain begins with another seal than the one it was packed with: it is another file.
    StoreError
        It cannot be read, or its log has a row at the end of all numbers.
    """
    with sqlite_errors(base), closing(connect(base, write=False, older=True)) as connection:
        left = _first(connection)
    with sqlite_errors(bundle), closing(connect(bundle, write=False)) as connection:
        tame(connection)
        require_tables(connection, (*sealed_tables(), *_SEALS), bundle)
        for table in (*sealed_tables(), *_SEALS):
            require_size(connection, table, bundle)
        came = _first(connection)
        # one of an older version had no seals as it left: what it says is taken as it is found
        if left is not None and left[0] == _PACKED and came is not None and came[1:] != left[1:]:
            raise InputRefused("store.other_chain", file=bundle)
        crew = Registry(bundle, FileBackend(bundle, connection))
        refuse_row_numbers(crew, "change")  # its log is taken over in the order of its numbers
        found = verify(crew, advance=lambda _: None)
        kinds = {key: one.kind for one in found.findings for key in _keys(connection, one)}
        edited = frozenset(key for one in found.waiting for key in _keys(connection, one))
    broken = found.head is None or any(one.table == "seal" for one in found.findings)
    return BundleChain(tuple(found.findings), kinds, edited, not broken)


def _first(connection: sqlite3.Connection) -> Row | None:
    """Kind, hash and time of the first seal; None where it is not there."""
    found: Row | None = connection.execute(
        "SELECT kind, hash, at FROM seal WHERE number = 1"
    ).fetchone()
    return found


def _keys(connection: sqlite3.Connection, found: Finding) -> list[tuple[str, str]]:
    if found.table == "seal" or "uid" not in columns(found.table):
        return []
    keys = [(found.table, found.uid)]
    if "removed" not in (found.kind, found.found):
        row = connection.execute(f"SELECT uid FROM {found.table} WHERE fid = ?", (found.fid,))
        keys += [(found.table, uid) for (uid,) in row.fetchall()]
    return [(table, uid) for table, uid in keys if isinstance(uid, str)]
