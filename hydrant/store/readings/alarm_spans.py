"""Alarms as spans of time that follow from readings, whatever the order in which they came.

What a late reading changes is written so that what was known before stays what it was: an alarm
that did not hold is withdrawn at that moment, never deleted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hydrant import times
from hydrant.ids import new_uid
from hydrant.store.readings.readings import Readings


@dataclass(frozen=True, slots=True)
class Span:
    """An alarm from its confirmation until its end; times are stored text.

    Attributes
    ----------
    uid
        Of the alarm on record; None for one that is not yet.
    cleared
        First moment at which it was over; None while it is open.
    """

    sensor_uid: str
    asset_uid: str
    kind: str
    confirmed: str
    cleared: str | None
    value: float | None
    limit: float | None
    uid: str | None = None

    def holds(self, at: str) -> bool:
        """Whether it is open at a moment."""
        return self.confirmed <= at and (self.cleared is None or at < self.cleared)


Key = tuple[str, str]
Spans = Mapping[Key, Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Changed:
    """Alarms that were opened, that ended, and that turned out never to have been.

    Among the opened ones are those that were thought to be over and are not.
    """

    opened: tuple[Span, ...] = ()
    cleared: tuple[Span, ...] = ()
    withdrawn: tuple[Span, ...] = ()


def spans_of(store: Readings, sensors: Collection[str]) -> dict[Key, list[Span]]:
    """Alarms of sensors that their readings opened, by sensor and kind, in order of time."""
    found: dict[Key, list[Span]] = {}
    for row in store.connection.execute(
        "SELECT sensor_uid, asset_uid, kind, confirmed_at, cleared_at, value, limit_value, uid "
        "FROM alarm WHERE sensor_uid IN (SELECT value FROM json_each(?)) "
        "AND withdrawn_at IS NULL AND limit_value IS NOT NULL "
        "AND kind NOT IN ('stale', 'gateway_offline') ORDER BY confirmed_at, uid",
        (json.dumps(sorted(sensors)),),
    ):
        span = Span(*row)
        found.setdefault((span.sensor_uid, span.kind), []).append(span)
    return found


def write(store: Readings, was: Spans, now_is: Spans) -> Changed:
    """Make alarms on record be what they are found to be; within an open transaction."""
    moment = times.to_text(times.now())
    opened, cleared, withdrawn = [], [], []
    for key in sorted(was.keys() | now_is.keys()):
        before = {span.confirmed: span for span in was.get(key, ())}
        after = {span.confirmed: span for span in now_is.get(key, ())}
        for confirmed, span in after.items():
            known = before.get(confirmed)
            if known is None:
                _open(store, span, moment)
                opened.append(span)
            else:
                _renew(store, known, span, moment)
            if known is not None and known.cleared is not None and span.cleared is None:
                opened.append(span)
            if span.cleared is not None and (known is None or known.cleared is None):
                cleared.append(span)
        for span in (before[at] for at in before.keys() - after.keys()):
            _change(store, "withdrawn_at = ?", span, moment)
            withdrawn.append(span)
    return Changed(tuple(opened), tuple(cleared), tuple(withdrawn))


def _open(store: Readings, span: Span, now: str) -> None:
    store.connection.execute(
        "INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, limit_value, confirmed_at, "
        "recorded_at, cleared_at, cleared_recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(new_uid(), span.sensor_uid, span.asset_uid, span.kind, span.value, span.limit),
            *(span.confirmed, now, span.cleared, None if span.cleared is None else now),
        ),
    )


def _renew(store: Readings, known: Span, span: Span, now: str) -> None:
    """Let an alarm on record say what is found of it now."""
    if known.cleared != span.cleared:
        _end(store, known, span.cleared, now)
    if (known.value, known.limit) != (span.value, span.limit):
        store.connection.execute(
            "UPDATE alarm SET value = ?, limit_value = ? WHERE uid = ?",
            (span.value, span.limit, known.uid),
        )


def _end(store: Readings, known: Span, cleared: str | None, now: str) -> None:
    """Give an alarm its end; where it had another one, what was known of it is kept beside it."""
    if known.cleared is not None:
        store.connection.execute(
            "INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, value, limit_value, "
            "confirmed_at, recorded_at, cleared_at, cleared_recorded_at, withdrawn_at) "
            "SELECT ?, sensor_uid, asset_uid, kind, value, limit_value, confirmed_at, "
            "recorded_at, cleared_at, cleared_recorded_at, ? FROM alarm WHERE uid = ?",
            (new_uid(), now, known.uid),
        )
        _change(store, "recorded_at = ?", known, now)
    told = None if cleared is None else now
    _change(store, "cleared_at = ?, cleared_recorded_at = ?", known, cleared, told)


def _change(store: Readings, what: str, span: Span, *values: str | None) -> None:
    store.connection.execute(f"UPDATE alarm SET {what} WHERE uid = ?", (*values, span.uid))


def put_states(
    store: Readings,
    states: Mapping[Key, tuple[bool, int, float | None]],
    *,
    heard: Collection[str],
    gone: Collection[str],
) -> None:
    """Note where alarms stand: active or not, samples toward the change, since when.

    Parameters
    ----------
    heard
        Sensors whose readings were looked at: what is not among the states is at rest.
    gone
        Sensors that are no longer read; nothing is awaited of them.
    """
    store.connection.execute(
        "UPDATE alarm_state SET active = 0, count = 0, since = NULL WHERE kind NOT IN "
        "('stale', 'gateway_offline') AND sensor_uid IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(heard)),),
    )
    for (uid, kind), (active, count, since) in states.items():
        if uid not in gone:
            store.connection.execute(
                "INSERT INTO alarm_state (sensor_uid, kind, active, count, since) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (sensor_uid, kind) DO UPDATE SET "
                "active = excluded.active, count = excluded.count, since = excluded.since",
                (uid, kind, int(active), count, since),
            )
