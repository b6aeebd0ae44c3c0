"""What a transaction on a server writes: triggers of its tables tell of it."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, nullcontext

from hydrant.store.chain.hashes import row_hash
from hydrant.store.ground.touched import LEAST, Touched, gathered, query
from hydrant.store.server.connection import ServerConnection
from hydrant.store.server_tables.former import former_row

_MAKE = (
    "CREATE TEMP TABLE IF NOT EXISTS touched (n bigint GENERATED ALWAYS AS IDENTITY, "
    "entity text, fid bigint, old text, marked bigint DEFAULT 0)"
)
#: Before a hash, where other rows stand as JSON.
_HASH = "#"


class ServerTouched:
    """What the transactions of one connection write.

    See `hydrant.store.ground.backend.TouchedRows`.
    """

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    def begin(self) -> None:
        """Forget what was written down, and see to it that what comes is; in a transaction."""
        self._connection.server(_MAKE)
        self._connection.server("DELETE FROM pg_temp.touched")

    def in_bulk(
        self,
        table: str,  # noqa: ARG002
        count: int,  # noqa: ARG002
        *,
        least: int = LEAST,  # noqa: ARG002
    ) -> AbstractContextManager[None]:
        """A block that only inserts rows; a trigger tells of all rows of a statement at once."""
        return nullcontext()

    def left_out(self, table: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """A block that only drops rows: those of a day have a table without such triggers."""
        return nullcontext()

    def mark(self, table: str, fid: int, old: bytes | None) -> None:
        """Write down a row that another program wrote."""
        self._connection.execute(
            "INSERT INTO temp.touched (entity, fid, old, marked) VALUES (?, ?, ?, ?)",
            (table, fid, None if old is None else _HASH + old.hex(), 1),
        )

    def written(self, known: AbstractSet[tuple[str, int, int]] = frozenset()) -> dict[str, Touched]:
        """What was written since the transaction began, by table."""
        found = gathered(self._connection.execute(*query(known)), _hash)
        return dict(sorted(found.items()))


def _hash(table: str, stored: str | None) -> bytes | None:
    """Hash of a former row as PostgreSQL writes it down, or as it was marked."""
    if stored is None:
        return None
    if stored.startswith(_HASH):
        return bytes.fromhex(stored.removeprefix(_HASH))
    return row_hash(table, former_row(table, json.loads(stored)))
