"""Which sensor a sent reading is of: the one that stood on its asset when it was measured; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.store.facts.sensors import SensorRow

#: How long before its registration a device may have measured, where nobody said since when it
#: stands there: it was hung up before it was registered, and sends what it kept. What is older
#: comes from a clock that was never set. Source: ours.
KEPT = dt.timedelta(days=31)
_NEVER = "9999-12-31T23:59:59.999Z"
_NAMED = 4


def addressee(
    sensors: Sequence[SensorRow],
    *,
    by: str,
    name: str,
    quantity: str | None,
    at: dt.datetime,
    zone: ZoneInfo,
    also: Iterable[tuple[str, str]] = (),
) -> SensorRow:
    """The one sensor that a reading names and that stood on its asset at the moment.

    Parameters
    ----------
    sensors
        Candidates, also those that are no longer read.
    by
        ``sensor``, ``device`` or ``asset``: what `name` is.
    zone
        In which moments are told.
    also
        Further names of it, as pairs of `by` and `name`: they must be of the same sensor.

    Raises
    ------
    InputRefused
        None is registered under the name, none stood anywhere then, several did, or its names
        are of different ones.
    """
    named = [row for row in sensors if _fits(row, by, name, quantity)]
    if not named:
        raise _nobody(sensors, by, name, quantity)
    moment = times.to_text(at)
    standing = [row for row in named if _floor(row, named) <= moment < (row.until or _NEVER)]
    sure = _surest(standing, moment)
    if len({row.asset_uid for row in sure}) > 1:
        stood = _stood(sure, zone)
        facts = {"name": name, "by": by, "at": times.local_text(at, zone), "stood": stood}
        raise InputRefused("telemetry.sent_overlap", **facts)
    if len(sure) > 1:
        raise InputRefused("telemetry.sent_several", name=name, by=by)
    if not sure:
        raise InputRefused(
            "telemetry.sent_elsewhere",
            name=name,
            by=by,
            at=times.local_text(at, zone),
            stood=Phrase("telemetry.sent_stood", {"stood": _stood(named, zone)}),
        )
    for other, called in also:
        if not _fits(sure[0], other, called, None):
            facts = {"name": name, "by": by, "other": other, "called": called}
            raise InputRefused("telemetry.sent_disagree", **facts, asset=sure[0].name)
    return sure[0]


def _nobody(sensors: Iterable[SensorRow], by: str, name: str, quantity: str | None) -> InputRefused:
    """Why no sensor fits: none is registered under the name, or none of the quantity."""
    others = {row.quantity for row in sensors if _fits(row, by, name, None)}
    if not others:
        return InputRefused("telemetry.sent_nobody", name=name, by=by)
    known = tuple(sorted(others))
    return InputRefused("telemetry.sent_quantity", name=name, by=by, quantity=quantity, known=known)


def _surest(standing: list[SensorRow], moment: str) -> list[SensorRow]:
    """Of several on record for a moment those that say most.

    Of one that ended nobody knows when, only the others can say that it stood there no more. Where
    a device was registered again on its asset, because its beginning was wrong, what is stated of
    the moment outranks what is supposed, and what is still read outranks what ended.
    """
    sure = [row for row in standing if row.enabled or row.until is not None] or standing
    if len({(row.asset_uid, row.quantity, row.url) for row in sure}) > 1:
        return sure
    begun = [row for row in sure if row.since is not None and row.since <= moment] or sure
    return [row for row in begun if row.enabled] or begun


def _fits(row: SensorRow, by: str, name: str, quantity: str | None) -> bool:
    if quantity is not None and row.quantity != quantity:
        return False
    if by == "sensor":
        return row.uid == name
    if by == "device":
        return row.url.partition("?")[0] == f"push://{name}"
    return name in (row.asset_code, row.asset_uid)


def _floor(row: SensorRow, named: Iterable[SensorRow]) -> str:
    """First moment (stored text) from which a sensor's readings can be its own."""
    if row.since is not None and row.since_stated:
        return row.since
    registered = row.since or row.registered_at
    if registered is None:
        return ""
    floor = times.to_text(times.from_text(registered) - KEPT)
    return max([floor, *(r.until for r in named if r.until is not None and r.until <= registered)])


def _stood(named: Iterable[SensorRow], zone: ZoneInfo) -> str:
    """On which assets, and from when until when, sensors stood, the latest first."""
    rows = sorted(named, key=lambda row: row.since or "", reverse=True)[:_NAMED]
    return "; ".join(
        f"{row.name} {_local(row.since or row.registered_at, zone)} – {_local(row.until, zone)}"
        for row in rows
    )


def _local(moment: str | None, zone: ZoneInfo) -> str:
    return times.stored_local_text(moment, zone) or ""
