"""SQL of the evidence stream: predicates per asset at a date.

`hydrant.store.evidence.evidence` asks it.

What holds at a date is told by `hydrant.store.sql.state_sql`; here it is held against the policy.
Bound names beside those: ``:fresh_NAME`` first fresh moment of each check, ``:static``, ``:flow``,
``:flow_at``, ``:lift`` the policy's limits, each with ``_N`` behind it for the N-th kind that has
its own, and ``:drop``, the least drop of pressure for a projection.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from hydrant.store.sql.state_sql import (
    OPEN_DEFECT,
    SINCE,
    STATE,
    assets_at,
    counted,
    last_decisive,
    took_effect,
    visits,
)
from hydrant.vocabulary import FAMILIES, Structure

#: Covering indexes: each evidence lookup is answered from one index alone. The partial ones
#: hold only rows that can decide.
EVIDENCE_INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_inspection_decisive ON inspection "
    "(asset_uid, effective_at DESC, outcome, recorded_at, withdrawn_at) "
    "WHERE outcome IN ('works', 'fails', 'not_found')",
    "CREATE INDEX ix_inspection_static ON inspection "
    "(asset_uid, effective_at DESC, static_kpa, recorded_at, withdrawn_at) "
    "WHERE static_kpa IS NOT NULL",
    "CREATE INDEX ix_inspection_flow ON inspection "
    "(asset_uid, effective_at DESC, flow_l_s, residual_kpa, static_kpa, recorded_at, "
    "withdrawn_at) "
    "WHERE flow_l_s IS NOT NULL",
    "CREATE INDEX ix_inspection_asset ON inspection (asset_uid, effective_at DESC)",
)

_COLUMNS = (
    *("uid", "code", "kind", "service", "name", "address", "region_code"),
    *("owner", "builder", "maintainer", "supervisor"),
    *("structure", "lift_drought_m", "access_lane", "turning_area"),
)


class Held(NamedTuple):
    """What a registry holds; what it does not hold is not looked for.

    Attributes
    ----------
    former
        Former or announced rows of assets.
    breaks
        Moves, and removals of what exists again: they take earlier visits out of account.
    flows
        Measured flows.
    """

    former: bool
    breaks: bool
    flows: bool


#: Which of the things there are at all that cost a look at every asset: see `Held`.
HELD = """
SELECT EXISTS (SELECT 1 FROM asset_version),
  EXISTS (SELECT 1 FROM lifecycle WHERE event = 'relocated') OR EXISTS (
    SELECT 1 FROM lifecycle l WHERE l.event IN ('removed', 'planned', 'under_construction')
    AND EXISTS (SELECT 1 FROM lifecycle n WHERE n.asset_uid = l.asset_uid AND n.at >= l.at
      AND n.event IN ('commissioned', 'resumed', 'suspended'))
    AND (EXISTS (SELECT 1 FROM inspection i WHERE i.asset_uid = l.asset_uid
        AND i.effective_at <= hydrant_latest(l.at))
      OR EXISTS (SELECT 1 FROM sensor s WHERE s.asset_uid = l.asset_uid))),
  EXISTS (SELECT 1 FROM inspection WHERE flow_l_s IS NOT NULL)
"""


class Kinds(NamedTuple):
    """For which kinds or families the policy states what; the finer ones come first.

    Attributes
    ----------
    measured
        By measurement (``static``, ``flow``, ``lift``, ``access``, ``level``): kinds and families,
        each with whether it applies to them; it does not apply to others.
    own
        By bound name: kinds or families with a value of their own.
    """

    measured: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]
    own: tuple[tuple[str, tuple[str, ...]], ...]


def _is_kind(kind: str) -> str:
    """Condition that an asset is of a kind or family; kinds are words of the vocabulary."""
    within = "" if "." in kind else f" OR a.kind LIKE '{kind}.%'"
    return f"(a.kind = '{kind}'{within})"


_BLOCKING = f"""
EXISTS (SELECT 1 FROM defect d WHERE d.asset_uid = a.uid AND d.severity = 'blocking'
  AND {OPEN_DEFECT})
"""
_STRUCTURED = " OR ".join(_is_kind(name) for name, family in FAMILIES.items() if family.structured)
_BARE = f"CASE WHEN a.structure = '{Structure.NONE}' AND ({_STRUCTURED}) THEN 1 ELSE 0 END"
_ACCESS = """
CASE WHEN NOT a.access_lane OR NOT a.turning_area THEN 'below'
  WHEN a.access_lane AND a.turning_area THEN 'fresh' ELSE 'absent' END
"""


_ABSENT = "'absent'"


class _Parts:
    """Predicates of one stream, each an expression over the asset ``a``."""

    def __init__(self, held: Held, kinds: Kinds, *, sensors: bool) -> None:
        self.since = SINCE if held.breaks else "''"
        self.own, self.measured = dict(kinds.own), dict(kinds.measured)
        self.flows, self.sensors = held.flows, sensors

    def all(self) -> tuple[str, ...]:
        """The predicates in the order of `hydrant.integrity.evidence.Evidence`."""
        static = self._static_with_sensors if self.sensors else self._static
        return (
            STATE,
            _BLOCKING,
            self._outcomes(),
            self._where("static", static),
            self._where("flow", self._flow) if self.flows else "'absent'",
            self._where("lift", self._lift),
            self._where("access", lambda _kind: _ACCESS),
            self._where("level", self._level),
            _BARE,
        )

    def _where(self, name: str, part: Callable[[str | None], str]) -> str:
        """A measurement where the policy knows a limit or check for the kind, else absent.

        Each kind with values of its own has an expression of its own: SQLite does not look for
        outer names in the ORDER BY of a subquery.
        """
        stated = self.measured.get(name, ())
        cases = [
            f"WHEN {_is_kind(kind)} THEN {part(kind) if applies else _ABSENT}"
            for kind, applies in stated
        ]
        return f"CASE {' '.join(cases)} ELSE {_ABSENT} END" if cases else _ABSENT

    def _value(self, name: str, kind: str | None) -> str:
        """The bound name of a limit or check for a kind."""
        kinds = self.own.get(name, ())
        for stated in (kind, kind and kind.partition(".")[0]):
            if stated in kinds:
                return f":{name}_{kinds.index(stated)}"
        return f":{name}"

    def _aged(self, at: str, check: str, kind: str | None) -> str:
        """Whether a good value is fresh; ``at`` null is a date nobody knows, so it is old."""
        fresh = self._value(f"fresh_{check}", kind)
        return f"CASE WHEN {at} >= {fresh} THEN 'fresh' ELSE 'old' END"

    def _outcomes(self) -> str:
        own = self.own.get("fresh_function", ())
        cases = [f"WHEN {_is_kind(kind)} THEN {self._outcome(kind)}" for kind in own]
        rest = self._outcome(None)
        return f"CASE {' '.join(cases)} ELSE {rest} END" if cases else rest

    def _outcome(self, kind: str | None) -> str:
        """Outcome of the last decisive visit; one that fails was at least found."""
        found = last_decisive(
            "CASE WHEN i.outcome <> 'works' THEN i.outcome "
            "WHEN i.effective_at = '' THEN 'works_undated' "
            f"WHEN i.effective_at >= {self._value('fresh_function', kind)} THEN 'works_fresh' "
            "ELSE 'works_old' END",
            since=self.since,
        )
        return f"coalesce({found}, 'none')"

    def _measured(self, value: str, limit: str, aged: str, where: str) -> str:
        below = f"{value} < {limit}"
        judged = f"CASE WHEN {below} THEN 'below' ELSE {aged} END"
        found = visits(judged, where=where, since=self.since, worst=value, bad=below)
        return f"coalesce({found}, 'absent')"

    def _static(self, kind: str | None) -> str:
        aged = self._aged("i.at", "static", kind)
        limit = self._value("static", kind)
        return self._measured("i.static_kpa", limit, aged, "i.static_kpa IS NOT NULL")

    def _static_with_sensors(self, kind: str | None) -> str:
        """As `_static` with sensors beside visits: a confirmed alarm is low, a good value not."""
        low = f"i.static_kpa < {self._value('static', kind)}"
        return f"""
coalesce((SELECT CASE WHEN low THEN 'below' ELSE {self._aged("dated", "static", kind)} END
  FROM (
    SELECT {took_effect(low)} AS at, i.at AS dated, {low} AS low
    FROM inspection i WHERE i.asset_uid = a.uid AND i.static_kpa IS NOT NULL
      AND i.effective_at < :end AND {took_effect(low)} >= {self.since} AND {counted("i")}
    UNION ALL
    SELECT s.at, s.at, s.low FROM temp.sensor_pressure s WHERE s.asset_uid = a.uid
      AND s.at < :end AND s.at >= {self.since}) measured
  ORDER BY at DESC, low DESC LIMIT 1), 'absent')
"""

    def _flow(self, kind: str | None) -> str:
        """Flow as it is held against the limit.

        Enough at the limit's pressure or above it, or too little at that pressure or below it, is
        certain; otherwise it is projected to that pressure where the pressures allow, and says
        nothing where they do not, or where the residual pressure is not known.
        """
        limit, at = self._value("flow", kind), self._value("flow_at", kind)
        held = f"""
CASE WHEN {at} IS NULL THEN i.flow_l_s
  WHEN i.residual_kpa IS NULL THEN NULL
  WHEN i.flow_l_s >= {limit} AND i.residual_kpa >= {at} THEN i.flow_l_s
  WHEN i.flow_l_s < {limit} AND i.residual_kpa <= {at} THEN i.flow_l_s
  WHEN i.static_kpa IS NULL THEN NULL
  ELSE hydrant_projected(i.flow_l_s, i.static_kpa, i.residual_kpa, {at}, :drop) END
"""
        aged = self._aged("i.at", "flow", kind)
        where = f"i.flow_l_s IS NOT NULL AND {held} IS NOT NULL"
        return self._measured(held, limit, aged, where)

    def _lift(self, kind: str | None) -> str:
        limit = self._value("lift", kind)
        last = visits(
            "i.lift_m", where="i.lift_m IS NOT NULL", since=self.since, worst="i.lift_m DESC",
            bad=f"i.lift_m > {limit}",
        )  # fmt: skip
        return f"""
CASE WHEN a.lift_drought_m > {limit} OR {last} > {limit} THEN 'below'
  WHEN a.lift_drought_m IS NULL THEN 'absent' ELSE 'fresh' END
"""

    def _level(self, kind: str | None) -> str:
        last = visits(
            self._aged("i.at", "level", kind), where="i.level_m IS NOT NULL",
            since=self.since, worst="i.fid DESC",
        )  # fmt: skip
        return f"coalesce({last}, 'absent')"


SENSOR_TABLE = "CREATE TEMP TABLE sensor_pressure (asset_uid TEXT, at TEXT, low BOOLEAN)"
SENSOR_INDEX = "CREATE INDEX temp.ix_sensor_pressure ON sensor_pressure (asset_uid, at)"
SENSOR_INSERT = "INSERT INTO temp.sensor_pressure VALUES (?, ?, ?)"

#: Who paid for the asset, by the last event that says so.
_FUNDING = f"""
(SELECT l.funding FROM lifecycle l WHERE l.asset_uid = a.uid AND l.funding IS NOT NULL
  AND l.confirmed AND (l.at IS NULL OR l.at < :end) AND {counted("l")}
 ORDER BY l.at DESC, l.fid DESC LIMIT 1)
"""

#: Words that may stand at the head of the stream, before the predicates.
HEADS = {
    "cut": "a.region_code, a.kind, a.service, NULL",
    "owner": "a.region_code, a.kind, a.service, a.owner",
    "builder": "a.region_code, a.kind, a.service, a.builder",
    "maintainer": "a.region_code, a.kind, a.service, a.maintainer",
    "supervisor": "a.region_code, a.kind, a.service, a.supervisor",
    "funding": f"a.region_code, a.kind, a.service, {_FUNDING}",
    "asset": "a.uid, a.code, a.name, a.address, a.region_code, a.kind, a.service, a.owner, "
    f"a.builder, a.maintainer, a.supervisor, {_FUNDING}, a.geom, a.lon, a.lat",
}


@cache
def stream_sql(head: str, held: Held, kinds: Kinds, *, sensors: bool, some: bool = False) -> str:
    """The statement of one stream, put together from the fixed parts above.

    Parameters
    ----------
    head
        Key of `HEADS`.
    held
        What the registry holds.
    kinds
        For which kinds the policy states what.
    sensors
        Whether ``temp.sensor_pressure`` holds anything.
    some
        Whether only assets of the JSON list ``:wanted`` are meant.
    """
    predicates = ", ".join(_Parts(held, kinds, sensors=sensors).all())
    source = f"({assets_at(_COLUMNS, versions=held.former)}) a"
    wanted = " WHERE a.uid IN (SELECT value FROM json_each(:wanted))" if some else ""
    return f"SELECT {HEADS[head]}, {predicates} FROM {source}{wanted}"
