"""Streams the evidence of all assets at a date and counts equal ones.

SQL gives a few predicates per asset; they are counted outside it (a GROUP BY would sort), and
the one rule is applied once per distinct combination. Nothing here knows the rule.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.integrity.evidence import Evidence, LastOutcome, Lifecycle, Measured
from hydrant.integrity.policy import Policy
from hydrant.store import evidence_sql
from hydrant.store.registry import Registry
from hydrant.vocabulary import family_of

#: Later than everything that can have been recorded.
_ALWAYS_KNOWN = "9999-12-31T23:59:59.999Z"


@dataclass(frozen=True, slots=True)
class Cut:
    """The moment and the knowledge that figures are asked for.

    Attributes
    ----------
    as_of
        Local day; its end is meant.
    known_at
        Only what was recorded by then counts; None counts everything.
    zone
        Local zone of the registry.
    """

    as_of: dt.date
    zone: ZoneInfo
    known_at: dt.datetime | None = None

    def fresh_from(self, days: int) -> str:
        """Stored text of the first moment that is fresh for a check of so many days."""
        day = self.as_of - dt.timedelta(days=days)
        return times.to_text(times.start_of_day(day, self.zone))

    @property
    def end(self) -> str:
        """Stored text of the first moment after the day."""
        return times.to_text(times.end_of_day(self.as_of, self.zone))

    @property
    def known(self) -> str:
        """Stored text of the last moment of recording that counts."""
        return _ALWAYS_KNOWN if self.known_at is None else times.to_text(self.known_at)


@dataclass(frozen=True, slots=True)
class SensorPressure:
    """What a sensor says of an asset's pressure: a confirmed low alarm, or a good value."""

    asset_uid: str
    at: str
    low: bool


@dataclass(frozen=True, slots=True)
class AssetEvidence:
    """One asset with its evidence.

    Attributes
    ----------
    fields
        Duties (owner, builder, maintainer, supervisor) and the funding source.
    """

    uid: str
    code: str | None
    name: str | None
    address: str | None
    region_code: str | None
    kind: str
    service: str
    fields: Mapping[str, str | None]
    geom: bytes | None
    evidence: Evidence


#: Region, kind, service, the field that is cut by, and the evidence: how often.
Counts = Counter[tuple[str | None, str, str, str | None, Evidence]]


def count_evidence(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    *,
    field: str | None = None,
    sensors: Iterable[SensorPressure] = (),
) -> Counts:
    """How often each combination of region, kind, service, field and evidence occurs.

    Parameters
    ----------
    field
        Field to cut by: a duty or the funding source; None for none.
    sensors
        Pressures known from sensors.
    """
    cursor = _stream(registry.connection, cut, policy, head=field or "cut", sensors=sensors)
    raw = Counter(cursor)
    counts: Counts = Counter()
    for row, count in raw.items():
        region, kind, service, value, *predicates = row
        counts[(region, kind, service, value, _evidence(kind, predicates))] += count
    return counts


_FIELDS = ("owner", "builder", "maintainer", "supervisor", "funding")


def list_evidence(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    *,
    uids: Iterable[str] | None = None,
    sensors: Iterable[SensorPressure] = (),
) -> Iterator[AssetEvidence]:
    """Each asset with its evidence, all or only some uids."""
    wanted = None if uids is None else list(uids)
    for row in _stream(
        registry.connection, cut, policy, head="asset", sensors=sensors, wanted=wanted
    ):
        fields = dict(zip(_FIELDS, row[7:12], strict=True))
        yield AssetEvidence(*(*row[:7], fields, row[12], _evidence(row[5], row[13:])))


def _stream(
    connection: sqlite3.Connection,
    cut: Cut,
    policy: Policy,
    *,
    head: str,
    sensors: Iterable[SensorPressure],
    wanted: list[str] | None = None,
) -> sqlite3.Cursor:
    has_sensors = _load_sensors(connection, sensors)
    held = evidence_sql.Held(*map(bool, connection.execute(evidence_sql.HELD).fetchone()))
    sql = evidence_sql.stream_sql(head, held, sensors=has_sensors, some=wanted is not None)
    return connection.execute(sql, _bound(cut, policy) | {"wanted": json.dumps(wanted)})


def _load_sensors(connection: sqlite3.Connection, sensors: Iterable[SensorPressure]) -> bool:
    rows = [(fact.asset_uid, fact.at, bool(fact.low)) for fact in sensors]
    if rows:
        connection.execute("DROP TABLE IF EXISTS temp.sensor_pressure")
        connection.execute(evidence_sql.SENSOR_TABLE)
        connection.executemany(evidence_sql.SENSOR_INSERT, rows)
        connection.execute(evidence_sql.SENSOR_INDEX)
    return bool(rows)


def _bound(cut: Cut, policy: Policy) -> dict[str, Any]:
    flow = policy.limits["flow_l_s"]
    return {
        "end": cut.end,
        "known": cut.known,
        "fresh_function": cut.fresh_from(policy.checks["function"].within_days),
        "fresh_static": cut.fresh_from(policy.checks["static"].within_days),
        "fresh_flow": cut.fresh_from(policy.checks["flow"].within_days),
        "static": policy.limits["static_kpa"].value,
        "flow": flow.value,
        "flow_at": flow.at_kpa,
        "lift": policy.limits["lift_m"].value,
    }


def _evidence(kind: str, predicates: Iterable[Any]) -> Evidence:
    lifecycle, blocking, outcome, static, flow, lift, access = predicates
    return Evidence(
        family_of(kind),
        Lifecycle(lifecycle),
        bool(blocking),
        LastOutcome(outcome),
        Measured(static),
        Measured(flow),
        Measured(lift),
        Measured(access),
    )
