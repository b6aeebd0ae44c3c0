"""Cuts some assets and what belongs to them out of a registry on a server, into a new file.

Only what is cut out passes the network; what was written is read again and held against it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hydrant.errors import StoreError
from hydrant.model.values import Row
from hydrant.store.care import copying
from hydrant.store.file.migrate import create
from hydrant.store.ground.backend import Connection
from hydrant.store.ground.place import Place
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import open_registry

#: So many assets are asked for at once.
_BATCH = 2000


@dataclass(slots=True)
class _Sum:
    """Number of rows and the sum of their hashes, whatever their order."""

    rows: int = 0
    total: int = 0

    def over(self, pages: Iterable[list[Row]]) -> Iterator[list[Row]]:
        for page in pages:
            for row in page:
                text = json.dumps(copying.plain_row(row), ensure_ascii=False)
                self.total += int.from_bytes(hashlib.sha256(text.encode()).digest())
            self.rows += len(page)
            yield page


def cut(
    source: Place,
    target: Path,
    uids: Sequence[str],
    *,
    carried: Collection[str],
    left_out: Collection[str],
) -> None:
    """Write a registry's file with some assets; all of what is neither carried nor left out.

    Parameters
    ----------
    carried
        Tables of assets and of what belongs to one of them (``asset_uid``).

    Raises
    ------
    StoreError
        The server cannot be read, or what was written differs from what was read.
    """
    create(target, settings={})
    with (
        open_registry(source) as origin,
        origin.backend.at_one_moment(),
        open_registry(target, write=True) as part,
    ):
        copying.clear_founding(part)
        for table in copying.names():
            if table in left_out:
                continue
            if table in carried:
                pages = _belonging(origin.connection, table, uids)
            else:
                pages = copying.pages(origin.connection, table, 0)
            read, written = _Sum(), _Sum()
            for page in read.over(pages):
                copying.put_rows(part, table, page)
            for _ in written.over(copying.pages(part.connection, table, 0)):
                pass
            if read != written:
                raise StoreError("store.copy_differs", file=target, table=table)


def _belonging(connection: Connection, table: str, uids: Sequence[str]) -> Iterator[list[Row]]:
    listed = ", ".join(f'"{name}"' for name in raw_rows.columns(table))
    column = "uid" if table == "asset" else "asset_uid"
    for first in range(0, len(uids), _BATCH):
        yield connection.execute(
            f"SELECT fid, {listed} FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))",
            (json.dumps(list(uids[first : first + _BATCH])),),
        ).fetchall()
