"""Streams the evidence of all assets at a date and counts equal ones.

SQL gives a few predicates per asset; they are counted outside it (a GROUP BY would sort), and
the one rule is applied once per distinct combination. Nothing here knows the rule.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.integrity.evidence import Evidence, LastOutcome, Lifecycle, Measured
from hydrant.integrity.policy import CHECKS, Policy
from hydrant.model.geopoint import decode_point
from hydrant.model.values import Row
from hydrant.store.ground.backend import Connection, Cursor, one_row
from hydrant.store.opened.registry import Registry
from hydrant.store.sql import evidence_sql
from hydrant.store.sql.evidence_sql import Kinds
from hydrant.store.sql.state_sql import ALWAYS, NOT_EXISTING


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
    def last_moment(self) -> dt.datetime:
        """The last moment of the day, in stored precision."""
        return times.end_of_day(self.as_of, self.zone) - dt.timedelta(milliseconds=1)

    @property
    def ahead(self) -> bool:
        """Whether the day has not come: its figures take what is on record today to hold."""
        return self.as_of > times.local_day(times.now(), self.zone)

    @property
    def known(self) -> str:
        """Stored text of the last moment of recording that counts."""
        return ALWAYS if self.known_at is None else times.to_text(self.known_at)


def today(registry: Registry) -> Cut:
    """The registry's local day that it is now, with everything that is known."""
    return Cut(times.local_day(times.now(), registry.zone), registry.zone)


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
    position
        Lon and lat at the date (EPSG:4490), degrees.
    """

    uid: str
    code: str | None
    name: str | None
    address: str | None
    region_code: str | None
    kind: str
    service: str
    fields: Mapping[str, str | None]
    position: tuple[float, float] | None
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
    raw: Counter[Row] = Counter(cursor)
    counts: Counts = Counter()
    for row, count in raw.items():
        region, kind, service, value, *predicates = row
        counts[(region, kind, service, value, _evidence(kind, tuple(predicates)))] += count
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
        geom, lon, lat = row[12:15]
        position = decode_point(geom) if lon is None or lat is None else (lon, lat)
        yield AssetEvidence(*(*row[:7], fields, position, _evidence(row[5], row[15:])))


def _stream(
    connection: Connection,
    cut: Cut,
    policy: Policy,
    *,
    head: str,
    sensors: Iterable[SensorPressure],
    wanted: list[str] | None = None,
) -> Cursor:
    has_sensors = _load_sensors(connection, sensors)
    held = evidence_sql.Held(*map(bool, one_row(connection.execute(evidence_sql.HELD))))
    sql = evidence_sql.stream_sql(
        head, held, _kinds(policy), sensors=has_sensors, some=wanted is not None
    )
    return connection.execute(sql, _bound(cut, policy) | {"wanted": json.dumps(wanted)})


def _load_sensors(connection: Connection, sensors: Iterable[SensorPressure]) -> bool:
    rows = [(fact.asset_uid, fact.at, bool(fact.low)) for fact in sensors]
    if rows:
        connection.execute("DROP TABLE IF EXISTS temp.sensor_pressure")
        connection.execute(evidence_sql.SENSOR_TABLE)
        connection.executemany(evidence_sql.SENSOR_INSERT, rows)
        connection.execute(evidence_sql.SENSOR_INDEX)
    return bool(rows)


#: Bound names of limits and checks, with where the policy states them.
_LIMITS = {"static": "static_kpa", "flow": "flow_l_s", "lift": "lift_m", "access": "access"}


def _kinds(policy: Policy) -> Kinds:
    """For which kinds a policy states limits and checks, the finer ones first."""
    measured: list[tuple[str, tuple[tuple[str, bool], ...]]] = []
    own: list[tuple[str, tuple[str, ...]]] = []
    for name, stated in _LIMITS.items():
        limit = policy.limits[stated]
        kinds = {**dict.fromkeys(limit.families, True), **dict.fromkeys(limit.kinds, True)}
        if name in CHECKS:  # a check of its own asks for its own first fresh moment
            kinds |= {k: policy.limit_for(stated, k) is not None for k in policy.checks[name].kinds}
        measured.append((name, tuple((kind, kinds[kind]) for kind in _finest_first(kinds))))
        own.append((name, _finest_first(limit.kinds)))
    own.append(("flow_at", _finest_first(policy.limits["flow_l_s"].kinds)))
    own.extend((f"fresh_{name}", _finest_first(policy.checks[name].kinds)) for name in CHECKS)
    level = policy.checks["level"]
    stated_for = (*(level.families or ()), *level.kinds)
    told = {kind: policy.check_for("level", kind) for kind in stated_for}
    wanted = ((kind, told[kind]) for kind in _finest_first(told))
    measured.append(("level", tuple((k, c is not None and c.demanded) for k, c in wanted)))
    return Kinds(tuple(measured), tuple(own))


def _finest_first(kinds: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(kinds, key=lambda kind: ("." not in kind, kind)))


def _bound(cut: Cut, policy: Policy) -> dict[str, object]:
    """Values of the bound names; one for each kind that has its own."""
    values: dict[str, object] = {"end": cut.end, "known": cut.known, "drop": policy.least_drop}
    for name in ("static", "flow", "lift"):
        limit = policy.limits[_LIMITS[name]]
        values[name] = limit.value
        for number, kind in enumerate(_finest_first(limit.kinds)):
            values[f"{name}_{number}"] = limit.kinds[kind].value
    flow = policy.limits["flow_l_s"]
    values["flow_at"] = flow.at_kpa
    for number, kind in enumerate(_finest_first(flow.kinds)):
        values[f"flow_at_{number}"] = flow.kinds[kind].at_kpa
    for name in CHECKS:
        check = policy.checks[name]
        values[f"fresh_{name}"] = cut.fresh_from(check.within_days)
        for number, kind in enumerate(_finest_first(check.kinds)):
            values[f"fresh_{name}_{number}"] = cut.fresh_from(check.kinds[kind].within_days)
    return values


def _evidence(kind: str, predicates: Row) -> Evidence:
    lifecycle, blocking, outcome, static, flow, lift, access, level, bare = predicates
    return Evidence(
        kind,
        Lifecycle.NOT_EXISTING if lifecycle in NOT_EXISTING else Lifecycle(lifecycle),
        bool(blocking),
        LastOutcome(outcome),
        Measured(static),
        Measured(flow),
        Measured(lift),
        Measured(access),
        Measured(level),
        bool(bare),
    )
