"""Holds what sensors said, and the alarms, against the chain of the readings store."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hydrant.store.chain.ledger import READINGS
from hydrant.store.chain.reading import Reader, total_rows
from hydrant.store.ground.backend import Connection
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.raw_columns import columns
from hydrant.store.opened.registry import Registry
from hydrant.store.proofs.naming import Named
from hydrant.store.proofs.verifying import PAST, Advance, Finding, Verified, hold
from hydrant.store.readings.reading_seals import accept, has_seals
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import open_readings, view_readings

#: Columns that say of when a row is, by its table.
_MOMENT = {
    "reading": "at",
    "former_reading": "at",
    "reading_hour": "hour",
    "alarm": "confirmed_at",
    "out_of_service": "since",
    "service_pause": "since",
    "expected_use": "since",
    "birth": "born_at",
}


@dataclass(frozen=True, slots=True)
class Sensed:
    """What became of holding the readings against their chain.

    Attributes
    ----------
    sealed
        Whether they have a chain: those of an older version get it when they are written next.
    altered
        What another program defined on their tables.
    """

    verified: Verified
    named: list[Named]
    sealed: bool = True
    altered: tuple[str, ...] = ()


def total(registry: Registry) -> int:
    """How many rows of the readings there are to look at."""
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None or not has_seals(readings.shelf):
            return 0
        return total_rows(readings.connection, READINGS)


def verify_sensed(registry: Registry, *, advance: Advance, key: str | None = None) -> Sensed | None:
    """Hold every reading, alarm and suspension against the chain; None where there are none.

    Parameters
    ----------
    advance, key
        As for `hydrant.store.proofs.verifying.verify`.
    """
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None:
            return None
        if not has_seals(readings.shelf):
            return Sensed(Verified(), [], sealed=False)
        reader = Reader(readings.shelf.reads, READINGS)
        found = hold(reader, dict, advance=advance, key=key, head=None)
        altered = tuple(readings.shelf.altered())
        return Sensed(found, _named(registry, readings, found), altered=altered)


def accept_sensed(registry: Registry, findings: list[Finding]) -> None:
    """Seal what is found of readings as it stands; the registry's audit log says who and why."""
    rows: dict[str, list[int]] = {}
    for one in findings:
        if one.kind not in PAST:
            rows.setdefault(one.table, []).append(one.fid)
    told: list[list[object]] = [[f.kind, f.table, f.fid, f.uid, f.sealed] for f in findings]
    with open_readings(readings_path(registry.path)) as readings, readings.transaction():
        accept(readings.shelf, rows, told)


def _named(registry: Registry, readings: Readings, found: Verified) -> list[Named]:
    """Findings with the asset, and the moment that a row is of."""
    codes = _codes(registry, {one.uid for one in found.findings if one.uid is not None})
    times: dict[int, str | None] = {}
    return [
        Named(
            one,
            codes.get(one.uid or ""),
            (),
            _sealed_at(readings.connection, one.sealed, times),
            _of(readings.connection, one),
        )
        for one in found.findings
    ]


def _codes(registry: Registry, uids: set[str]) -> dict[str, str]:
    """Codes of assets by their uids, and by those of their sensors."""
    rows = registry.connection.execute(
        "SELECT s.uid, a.code FROM sensor s JOIN asset a ON a.uid = s.asset_uid "
        "WHERE s.uid IN (SELECT value FROM json_each(?1)) AND a.code IS NOT NULL "
        "UNION ALL SELECT uid, code FROM asset WHERE uid IN (SELECT value FROM json_each(?1)) "
        "AND code IS NOT NULL",
        (json.dumps(sorted(uids)),),
    )
    return dict(rows.fetchall())


def _sealed_at(
    connection: Connection, number: int | None, known: dict[int, str | None]
) -> str | None:
    if number is None:
        return None
    if number not in known:
        row = connection.execute(
            f"SELECT at FROM {READINGS.seal} WHERE number = ?", (number,)
        ).fetchone()
        known[number] = None if row is None else str(row[0])
    return known[number]


def _of(connection: Connection, one: Finding) -> str | None:
    """The moment that a row says it is of, stored text; None where it is gone."""
    name = _MOMENT.get(one.table)
    if name is None or name not in columns(one.table):
        return None
    row = connection.execute(f"SELECT {name} FROM {one.table} WHERE fid = ?", (one.fid,)).fetchone()
    return None if row is None or row[0] is None else str(row[0])
