"""Says of a finding what people know the row by, and which fields differ as far as is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from hydrant.model.geopoint import decode_point
from hydrant.store.ground.raw_columns import columns
from hydrant.store.opened.registry import Registry
from hydrant.store.proofs.verifying import Finding, Verified

#: Rows of which it is looked up which fields differ.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Named:
    """A finding with what people know the row by.

    Attributes
    ----------
    asset
        Code of the asset, or of the one that the row belongs to; None where it is not known.
    fields
        Columns that are not what the audit log says; empty where it does not tell.
    sealed_at
        When the row was sealed last, as stored text; None where that is not known.
    of
        The moment that a reading, an alarm or a suspension is of, as stored text.
    """

    finding: Finding
    asset: str | None = None
    fields: tuple[str, ...] = ()
    sealed_at: str | None = None
    of: str | None = None


def named(registry: Registry, verified: Verified) -> list[Named]:
    """Findings with what people know the rows by; fields of the first thousand."""
    times: dict[int, str] = {}
    return [
        Named(
            finding,
            _asset(registry, finding),
            _fields(registry, finding) if place < _MOST and finding.kind == "changed" else (),
            _sealed_at(registry, finding.sealed, times),
        )
        for place, finding in enumerate(verified.findings)
    ]


def _sealed_at(registry: Registry, number: int | None, known: dict[int, str]) -> str | None:
    if number is None:
        return None
    if number not in known:
        row = registry.connection.execute("SELECT at FROM seal WHERE number = ?", (number,))
        known[number] = (row.fetchone() or ("",))[0]
    return known[number] or None


def _asset(registry: Registry, finding: Finding) -> str | None:
    if finding.table == "asset":
        return _code(registry, "fid", finding.fid) or _logged(registry, finding.uid, "code")
    if "asset_uid" not in _names(finding.table):
        return None
    row = registry.connection.execute(
        f"SELECT asset_uid FROM {finding.table} WHERE fid = ?", (finding.fid,)
    ).fetchone()
    uid = row[0] if row else _logged(registry, finding.uid, "asset_uid")
    return None if uid is None else _code(registry, "uid", uid)


def _names(table: str) -> tuple[str, ...]:
    return () if table == "seal" else columns(table)


def _code(registry: Registry, column: str, value: object) -> str | None:
    row = registry.connection.execute(
        f"SELECT code FROM asset WHERE {column} = ?", (value,)
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _logged(registry: Registry, uid: str | None, name: str) -> str | None:
    """A value of a row that is gone, as the audit log told it last."""
    value = None if uid is None else _entries_of(registry, uid, ()).get(name)
    return None if value is None else str(value)


def _entries_of(registry: Registry, uid: str, names: Sequence[str]) -> dict[str, object]:
    """What the audit log says of a row, its entries one after the other.

    Of a row whose beginning is told, `names` that were never told were empty; one that came with
    many others is told by a digest of them all.
    """
    told: dict[str, object] = {}
    for action, before, after in registry.connection.execute(
        "SELECT action, before, after FROM change WHERE entity_uid = ? ORDER BY fid", (uid,)
    ).fetchall():
        if action == "insert" and after:
            told |= dict.fromkeys(names)
        for text in (before, after):
            try:
                found = json.loads(text) if text else {}
            except ValueError:
                continue  # the entry itself was changed, and is named for that
            told |= found if isinstance(found, dict) else {}
    return told


def _fields(registry: Registry, finding: Finding) -> tuple[str, ...]:
    if finding.uid is None:
        return ()
    names = columns(finding.table)
    told = _entries_of(registry, finding.uid, names)
    listed = ", ".join(f'"{name}"' for name in names)
    row = registry.connection.execute(
        f"SELECT {listed} FROM {finding.table} WHERE fid = ?",
        (finding.fid,),
    ).fetchone()
    if row is None:
        return ()
    return tuple(
        name
        for name, value in zip(names, row, strict=True)
        if name in told and _plain(value, told[name]) != _as_number(told[name])
    )


def _plain(value: object, logged: object) -> object:
    """A stored value in the way in which the log tells it; a position is told as lon and lat."""
    if not isinstance(value, bytes):
        return _as_number(value)
    if isinstance(logged, list):
        point = decode_point(value)
        return None if point is None else list(point)
    return hashlib.sha256(value).hexdigest()


def _as_number(value: object) -> object:
    return int(value) if isinstance(value, bool) else value
