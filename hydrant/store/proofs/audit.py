"""Reads the audit log and says whether its chain is whole."""

from __future__ import annotations

from functools import cache

from hydrant.store.chain.hashes import GENESIS, entry_hash, sealed_tables
from hydrant.store.ground.raw_columns import columns
from hydrant.store.opened.registry import Registry

_FIELDS = "uid, at, actor, origin, action, entity, entity_uid, before, after, rows, digest, writer"


def log(registry: Registry, *, asset_uid: str | None, limit: int) -> list[dict[str, object]]:
    """Latest entries, newest first.

    Parameters
    ----------
    asset_uid
        Keep only entries about this asset and what is recorded of it, and the one of the import
        it came with, which tells of many rows at once.
    limit
        Most entries to give.
    """
    kept = "" if asset_uid is None else f"WHERE fid IN ({_of_asset()})"
    rows = registry.connection.execute(
        f"SELECT {_FIELDS}, login FROM change {kept} ORDER BY fid DESC LIMIT :limit",
        {"uid": asset_uid, "part": f'%"asset_uid":"{asset_uid}"%', "limit": limit},
    )
    names = (*_FIELDS.split(", "), "login")
    return [dict(zip(names, row, strict=True)) for row in rows]


@cache
def _of_asset() -> str:
    """Numbers of the entries about an asset; of a record that is gone its last words tell."""
    uids = " UNION ALL ".join(
        f"SELECT uid FROM {table} WHERE asset_uid = :uid"
        for table in sealed_tables()
        # a former version follows from the change that ended it
        if {"uid", "asset_uid"} <= set(columns(table)) and table != "asset_version"
    )
    return (
        f"SELECT fid FROM change WHERE entity_uid = :uid OR entity_uid IN ({uids}) "
        "UNION SELECT fid FROM change WHERE action = 'delete' AND before LIKE :part "
        "UNION SELECT fid FROM change WHERE entity = 'asset' AND action = 'import' "
        "AND at = (SELECT recorded_at FROM asset WHERE uid = :uid)"
    )


_SEAL = "number, at, actor, origin, kind, writer, rows, removed, findings, hash, signer"


def seals(registry: Registry, *, limit: int) -> list[dict[str, object]]:
    """Latest seals, newest first: one for each transaction that wrote."""
    rows = registry.connection.execute(
        f"SELECT {_SEAL} FROM seal ORDER BY number DESC LIMIT ?", (limit,)
    )
    return [dict(zip(_SEAL.split(", "), row, strict=True)) for row in rows]


def verify(registry: Registry) -> list[str]:
    """Uids of entries that were changed, or before which one is missing or out of order."""
    last: dict[str, str] = {}
    broken = []
    for *fields, login, previous, digest in registry.connection.execute(
        f"SELECT {_FIELDS}, login, previous_hash, hash FROM change ORDER BY fid"
    ):
        writer = fields[-1]
        made = entry_hash(previous, tuple(fields), login)
        if previous != last.get(writer, GENESIS) or digest != made:
            broken.append(fields[0])
        last[writer] = digest
    return broken
