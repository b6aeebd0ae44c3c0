"""Reads the audit log and says whether its chain is whole."""

from __future__ import annotations

from typing import Any

from hydrant.store.chain.hashes import GENESIS, chain_hash
from hydrant.store.registry import Registry

_FIELDS = "uid, at, actor, origin, action, entity, entity_uid, before, after, rows, digest, writer"


def log(registry: Registry, *, entity_uid: str | None, limit: int) -> list[dict[str, Any]]:
    """Latest entries, newest first.

    Parameters
    ----------
    entity_uid
        Keep only entries about this fact.
    limit
        Most entries to give.
    """
    rows = registry.connection.execute(
        f"SELECT {_FIELDS} FROM change WHERE ? IS NULL OR entity_uid = ? ORDER BY fid DESC LIMIT ?",
        (entity_uid, entity_uid, limit),
    )
    names = _FIELDS.split(", ")
    return [dict(zip(names, row, strict=True)) for row in rows]


_SEAL = "number, at, actor, origin, kind, writer, rows, removed, findings, hash, signer"


def seals(registry: Registry, *, limit: int) -> list[dict[str, Any]]:
    """Latest seals, newest first: one for each transaction that wrote."""
    rows = registry.connection.execute(
        f"SELECT {_SEAL} FROM seal ORDER BY number DESC LIMIT ?", (limit,)
    )
    return [dict(zip(_SEAL.split(", "), row, strict=True)) for row in rows]


def verify(registry: Registry) -> list[str]:
    """Uids of entries that were changed, or before which one is missing or out of order."""
    last: dict[str, str] = {}
    broken = []
    for *fields, previous, digest in registry.connection.execute(
        f"SELECT {_FIELDS}, previous_hash, hash FROM change ORDER BY fid"
    ):
        writer = fields[-1]
        if previous != last.get(writer, GENESIS) or digest != chain_hash(previous, tuple(fields)):
            broken.append(fields[0])
        last[writer] = digest
    return broken
