"""Deliveries of a register: which files told of its rows, and what of it still stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hydrant import times
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import ALWAYS, STATE


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file of a register that was taken in.

    Attributes
    ----------
    follows
        Uids of earlier ones whose rows it named.
    """

    uid: str
    file_name: str
    follows: tuple[str, ...]


def deliveries(registry: Registry, source: str) -> list[Delivery]:
    """Files of a register that changed anything."""
    return [
        Delivery(uid, name, tuple(json.loads(counts).get("follows", ())))
        for uid, name, counts in registry.connection.execute(
            "SELECT uid, file_name, counts FROM import_batch WHERE source = ? ORDER BY fid",
            (source,),
        )
    ]


def is_known(registry: Registry, source: str) -> bool:
    """Whether anything came from a register of that name."""
    found = registry.connection.execute(
        "SELECT 1 FROM source_record WHERE source = ? LIMIT 1", (source,)
    ).fetchone()
    return found is not None


def continued_under(registry: Registry, name: str) -> str | None:
    """The register that was taken in under another name before, and continued from then on."""
    found = registry.connection.execute(
        "SELECT source, counts FROM import_batch WHERE file_name LIKE ? || '.%' ORDER BY fid DESC",
        (name,),
    )
    return next((source for source, c in found if json.loads(c).get("continues") == name), None)


def said_by(
    registry: Registry, columns: Sequence[str], cells: Collection[str]
) -> list[tuple[str, int]]:
    """Registers that said some rows word for word: name and number of rows, most first."""
    found = registry.connection.execute(
        "SELECT r.source, r.cells FROM source_record r JOIN import_batch b ON b.uid = r.batch_uid "
        "WHERE b.columns = ?",
        ("\x1f".join(columns),),
    )
    return Counter(source for source, said in found if said in cells).most_common()


def headed_alike(registry: Registry, columns: Collection[str]) -> list[str]:
    """Registers one of whose deliveries shares most of its headings with some, by name."""
    told, found = {*columns}, set()
    for source, headings in registry.connection.execute("SELECT source, columns FROM import_batch"):
        before = {*headings.split("\x1f")}
        if 2 * len(told & before) > len(told | before):
            found.add(source)
    return sorted(found)


def standing(registry: Registry, uids: Collection[str]) -> list[tuple[str, str | None]]:
    """Uid and code of those assets that are not removed by now, in the order of their codes."""
    bound = {"end": times.to_text(times.now()), "known": ALWAYS, "uids": json.dumps(sorted(uids))}
    return [
        (uid, code)
        for uid, code in registry.connection.execute(
            "SELECT a.uid, a.code FROM asset a "
            f"WHERE a.uid IN (SELECT value FROM json_each(:uids)) AND {STATE} <> 'removed' "
            "ORDER BY a.code, a.uid",
            bound,
        )
    ]
