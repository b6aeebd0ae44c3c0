"""Both rates computed again from ``docs/explanation/counting.md`` alone.

Nothing here comes from the program, not a name and not a helper: plain Python over the rows of
the tables, as slow and as literal as the page. `Facts` holds the rows; everything else is asked
for a day and, if wanted, a moment of knowing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

Row = dict[str, Any]
#: A policy's rules by name, as ``hydrant policy show NAME --json`` lists them.
Rules = Mapping[str, Mapping[str, Any]]
TABLES = (
    *("asset", "asset_version", "lifecycle", "inspection", "defect", "requirement"),
    *("region", "region_successor", "sensor"),
)
INTACT, STALE, DEFECTIVE, UNTESTED = "intact", "stale", "defective", "untested"
BELOW, FRESH, OLD, ABSENT = "below", "fresh", "old", "absent"
#: The order of two decisive visits at the same moment; the first counts.
WORST_FIRST = ("fails", "not_found", "works")
UTC = dt.UTC
BEFORE_ALL = dt.datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=100_000)
def _parsed(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def moment(value: Any) -> dt.datetime | None:
    """A moment of a row; None where none is on record."""
    if value is None or value == "":
        return None
    return _parsed(value) if isinstance(value, str) else value


@lru_cache(maxsize=10_000)
def first_moment(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first moment of a local day."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(UTC)


def family(kind: str) -> str:
    """What a kind belongs to."""
    return kind.partition(".")[0]


# --- what was known -----------------------------------------------------------------------------


@dataclass
class Facts:
    """All rows of a registry's tables, and what its readings store says."""

    zone: ZoneInfo
    tables: Mapping[str, list[Row]]
    columns: Mapping[str, list[str]]
    changes: list[Row] = field(default_factory=list)
    #: Valid readings, each with ``sensor_uid``, ``at``, ``value`` and ``arrived_at``.
    readings: list[Row] = field(default_factory=list)
    #: Low-pressure alarms, each with ``sensor_uid``, ``confirmed_at``, ``cleared_at`` and when
    #: either was recorded: ``recorded_at``, ``cleared_recorded_at``.
    alarms: list[Row] = field(default_factory=list)
    _known: dict[dt.datetime | None, Known] = field(default_factory=dict, init=False)

    def known(self, at: dt.datetime | None) -> Known:
        """The rows that count at a moment of knowing; None for all that is known."""
        if at not in self._known:
            self._known[at] = Known(self, at)
        return self._known[at]

    @classmethod
    def of(cls, connection: Any, zone: ZoneInfo, **stored: Any) -> Facts:
        """All rows by ``SELECT *`` over a connection of the DB-API.

        Parameters
        ----------
        stored
            What the readings store holds, as `said_by_sensors` reads it.
        """
        read = {name: _all(connection, name) for name in (*TABLES, "change")}
        tables = {name: rows for name, (rows, _) in read.items()}
        columns = {name: names for name, (_, names) in read.items()}
        return cls(zone, tables, columns, changes=tables.pop("change"), **stored)


def said_by_sensors(connection: Any) -> dict[str, list[Row]]:
    """Valid readings, each hour that was summed up as one, and alarms of low pressure at rest."""
    singly = "SELECT sensor_uid, at, value, arrived_at FROM reading WHERE quality = 0"
    hours = (
        "SELECT sensor_uid, last_good, lowest, arrived_at FROM reading_hour "
        "WHERE last_good IS NOT NULL"
    )
    alarms = (
        "SELECT sensor_uid, confirmed_at, cleared_at, recorded_at, cleared_recorded_at "
        "FROM alarm WHERE kind = 'low_pressure'"
    )
    reading = ("sensor_uid", "at", "value", "arrived_at")
    alarm = ("sensor_uid", "confirmed_at", "cleared_at", "recorded_at", "cleared_recorded_at")

    def rows(names: tuple[str, ...], query: str) -> list[Row]:
        return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]

    return {
        "readings": [*rows(reading, singly), *rows(reading, hours)],
        "alarms": rows(alarm, alarms),
    }


def _all(connection: Any, table: str) -> tuple[list[Row], list[str]]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY fid")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor], names


class Known:
    """The rows that count at a moment of knowing, as they stood then."""

    def __init__(self, facts: Facts, at: dt.datetime | None) -> None:
        self.facts, self.at, self.zone = facts, at, facts.zone
        rows = _put_back(facts, at) if at else facts.tables
        self.rows = {name: [r for r in rows[name] if self._counts(name, r)] for name in TABLES}
        self.by_asset = {
            name: _grouped(self.rows[name])
            for name in ("asset_version", "lifecycle", "inspection", "defect", "sensor")
        }

    def of(self, table: str, asset: str) -> list[Row]:
        """Rows of a table that are about an asset."""
        return self.by_asset[table].get(asset, [])

    def heard(self, value: Any) -> bool:
        """Whether what was recorded at `value` was known."""
        recorded = moment(value)
        return self.at is None or recorded is None or recorded <= self.at

    def _counts(self, table: str, row: Row) -> bool:
        recorded = row["replaced_at"] if table == "asset_version" else row["recorded_at"]
        withdrawn = moment(row.get("withdrawn_at"))
        return self.heard(recorded) and (withdrawn is None or not self.heard(withdrawn))


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["asset_uid"], []).append(row)
    return groups


def _put_back(facts: Facts, at: dt.datetime) -> dict[str, list[Row]]:
    """The tables without what was changed after a moment; what was added goes by its own time."""
    rows = {name: {row["uid"]: row for row in facts.tables[name]} for name in TABLES}
    for change in reversed(facts.changes):
        when = moment(change["at"])
        if when is None or when <= at or change["entity"] not in rows or not change["before"]:
            continue
        kept, before = rows[change["entity"]], json.loads(change["before"])
        uid = change["entity_uid"]
        kept[uid] = {**(kept.get(uid) or _empty(facts, change["entity"])), **before}
    return {name: list(kept.values()) for name, kept in rows.items()}


def _empty(facts: Facts, table: str) -> Row:
    """A row of which nothing is known: the log leaves out empty columns and the number."""
    return dict.fromkeys(facts.columns[table]) | {"fid": 0}


# --- the row of an asset and whether it exists --------------------------------------------------


def row_at(known: Known, asset: Row, end: dt.datetime) -> Row:
    """The row that holds at the last moment before `end`; the first one holds since ever."""
    versions = known.of("asset_version", asset["uid"])
    start = moment(asset["valid_from"])
    later = [
        begun
        for version in versions
        if (begun := moment(version["valid_from"])) and (start is None or begun > start)
    ]
    spans = [(start, min(later, default=None), asset)]
    spans += [(moment(v["valid_from"]), moment(v["valid_until"]), v) for v in versions]
    holding = [
        (begun or BEFORE_ALL, row)
        for begun, until, row in spans
        if (begun is None or begun < end) and (until is None or until >= end)
    ]
    if holding:
        return max(holding, key=lambda found: found[0])[1]
    return min(spans, key=lambda span: span[0] or BEFORE_ALL)[2]


class Told:
    """One value of an asset over time, from the changes in the order in which they were entered."""

    def __init__(self, value: Any) -> None:
        self._spans: list[tuple[dt.datetime, Any]] = [(BEFORE_ALL, value)]

    def at(self, at: dt.datetime) -> Any:
        """The value that holds at a moment."""
        return self._spans[self._place(at)][1]

    def change(self, since: dt.datetime, value: Any) -> None:
        """Another value from a moment on, until the next change on record."""
        place = self._place(since)
        if self._spans[place][1] != value:
            self._spans.insert(place + 1, (since, value))
            self._settle()

    def correct(self, now: dt.datetime, value: Any) -> None:
        """Another value for as long as it said what it says now."""
        place = self._place(now)
        self._spans[place] = self._spans[place][0], value
        self._settle()

    def _place(self, at: dt.datetime) -> int:
        return max(n for n, (start, _) in enumerate(self._spans) if start <= at)

    def _settle(self) -> None:
        """A row that ends as it begins never held; what says the same follows on."""
        kept: list[tuple[dt.datetime, Any]] = []
        for start, value in self._spans:
            if kept and kept[-1][0] == start:
                kept.pop()
            if not kept or kept[-1][1] != value:
                kept.append((start, value))
        self._spans = kept


def _confirmed(known: Known, asset: str) -> list[Row]:
    return [event for event in known.of("lifecycle", asset) if event["confirmed"]]


def stage(known: Known, asset: str, end: dt.datetime) -> str:
    """``in_service``, ``suspended``, or why it does not exist."""
    events = _confirmed(known, asset)
    before = [
        event
        for event in events
        if event["event"] != "relocated" and (moment(event["at"]) or BEFORE_ALL) < end
    ]
    if before:
        last = max(before, key=lambda e: (moment(e["at"]) or BEFORE_ALL, e["fid"]))["event"]
        return "in_service" if last in {"commissioned", "resumed"} else str(last)
    after = [event for event in events if (moment(event["at"]) or BEFORE_ALL) >= end]
    if not after:
        return "in_service"
    first = min(after, key=lambda e: (moment(e["at"]), e["fid"]))["event"]
    if first == "resumed":
        return "suspended"
    return "in_service" if first in {"suspended", "removed", "relocated"} else "planned"


def state(known: Known, asset: str, end: dt.datetime) -> str | None:
    """``in_service``, ``suspended``, or None where it does not exist."""
    found = stage(known, asset, end)
    return found if found in {"in_service", "suspended"} else None


def last_break(known: Known, asset: str, end: dt.datetime) -> dt.datetime | None:
    """When it was last moved, or gone: of a day without a time, until the end of that day."""
    breaks = []
    for event in _confirmed(known, asset):
        when = moment(event["at"])
        if when is None or when >= end:
            continue
        if event["event"] == "relocated":
            breaks.append(when)
        elif event["event"] in {"removed", "planned", "under_construction"}:
            breaks.append(at_latest(when, known.zone))
    return max(breaks, default=None)


def at_latest(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The end of the day where no more than the day is known, one millisecond before the next."""
    day = at.astimezone(zone).date()
    if at != first_moment(day, zone):
        return at
    return first_moment(day + dt.timedelta(days=1), zone) - dt.timedelta(milliseconds=1)


# --- visits and measurements --------------------------------------------------------------------


def took_effect(visit: Row) -> dt.datetime:
    """When a visit took effect; an undated one before everything, unless it found a fault."""
    if (at := moment(visit["at"])) is not None:
        return at
    if visit["outcome"] in {"fails", "not_found"}:
        return moment(visit["recorded_at"]) or BEFORE_ALL
    return BEFORE_ALL


class Visits(NamedTuple):
    """Visits of an asset before the end of the day."""

    rows: list[Row]
    since: dt.datetime
    zone: ZoneInfo

    def found(self, row: Row, *, bad: bool) -> dt.datetime | None:
        """When something was found, for the order; None where that was before the last break."""
        at = took_effect(row)
        if bad and row["at"]:  # a bad finding of a day without a time: the end of that day
            at = at_latest(at, self.zone)
        return at if at >= self.since else None

    def measured(self, value: Callable[[Row], Any], below: Callable[[Any], bool]) -> list[Measured]:
        """Every value that was measured, and whether it is below its limit."""
        return [
            Measured(at, bad, _dated(row))
            for row in self.rows
            if (one := value(row)) is not None
            for bad in [below(one)]
            if (at := self.found(row, bad=bad)) is not None
        ]


def visits_of(known: Known, asset: str, end: dt.datetime) -> Visits:
    """Visits that may count."""
    since = last_break(known, asset, end) or BEFORE_ALL
    rows = [v for v in known.of("inspection", asset) if took_effect(v) < end]
    return Visits(rows, since, known.zone)


def last_visit(visits: Visits) -> Row | None:
    """The last decisive visit."""
    decisive = [
        (at, -WORST_FIRST.index(row["outcome"]), row["fid"], row)
        for row in visits.rows
        if row["outcome"] in WORST_FIRST
        if (at := visits.found(row, bad=row["outcome"] != "works")) is not None
    ]
    return max(decisive, key=lambda one: one[:3])[3] if decisive else None


def limit(rules: Rules, name: str, kind: str) -> Mapping[str, Any] | None:
    """The limit that applies to a kind."""
    return _stated(rules, f"limits.{name}", kind, everywhere=False)


#: The limit by which a check applies that names no families of its own.
LIMIT_OF = {"static": "static_kpa", "flow": "flow_l_s"}


def check(rules: Rules, name: str, kind: str) -> Mapping[str, Any] | None:
    """The rule of a check that applies to a kind."""
    if (found := _stated(rules, f"checks.{name}", kind, everywhere=False)) is not None:
        return found
    applies = name == "function" or (name in LIMIT_OF and limit(rules, LIMIT_OF[name], kind))
    return rules.get(f"checks.{name}") if applies else None


def _stated(rules: Rules, name: str, kind: str, *, everywhere: bool) -> Mapping[str, Any] | None:
    for named in (kind, family(kind)):
        if (special := rules.get(f"{name}.kinds.{named}")) is not None:
            return special
    general = rules.get(name)
    if general is None:
        return None
    return general if everywhere or family(kind) in general.get("families", ()) else None


class Measured(NamedTuple):
    """A measurement held against its limit."""

    at: dt.datetime
    below: bool
    dated: bool = True


@dataclass(frozen=True)
class Question:
    """A day, a policy and what was known."""

    known: Known
    day: dt.date
    rules: Rules

    @property
    def end(self) -> dt.datetime:
        """The first moment after the day."""
        return first_moment(self.day + dt.timedelta(days=1), self.known.zone)

    def fresh(self, at: dt.datetime, within_days: int) -> bool:
        """Whether a check made at a moment is fresh."""
        day = self.day - dt.timedelta(days=within_days)
        return at >= first_moment(day, self.known.zone)

    def switch(self, name: str) -> str:
        """What the policy says where it can say one thing or another."""
        return str(self.rules[f"switches.{name}"]["value"])

    def aged(self, measured: list[Measured], name: str, kind: str) -> str:
        """What the newest measurement is, of several at the same moment the one below."""
        if not measured:
            return ABSENT
        newest = max(measured, key=lambda m: (m.at, m.below))
        if newest.below:
            return BELOW
        rule = check(self.rules, name, kind)
        days = rule["within_days"] if rule else 0
        return FRESH if newest.dated and self.fresh(newest.at, days) else OLD


def _dated(visit: Row) -> bool:
    return moment(visit["at"]) is not None


def static(question: Question, asset: str, kind: str, visits: Visits) -> str | None:
    """Static pressure; None where no limit applies."""
    if (rule := limit(question.rules, "static_kpa", kind)) is None:
        return None
    found = visits.measured(lambda v: v["static_kpa"], lambda kpa: kpa < rule["value"])
    since = last_break(question.known, asset, question.end) or BEFORE_ALL
    said = [m for m in by_sensors(question, asset, rule["value"]) if since <= m.at < question.end]
    return question.aged(found + said, "static", kind)


def by_sensors(question: Question, asset: str, least: float) -> list[Measured]:
    """What sensors say of the pressure of an asset."""
    found: list[Measured] = []
    for sensor in question.known.of("sensor", asset):
        if sensor["quantity"] == "pressure":
            found += _by_sensor(question, sensor, least)
    return found


def _by_sensor(question: Question, sensor: Row, least: float) -> list[Measured]:
    known, end = question.known, question.end
    begun, until = moment(sensor["valid_from"]) or BEFORE_ALL, moment(sensor["valid_until"])

    def stood(at: dt.datetime) -> bool:
        return begun <= at and (until is None or at < until)

    valid = [
        (at, reading["value"])
        for reading in known.facts.readings
        if reading["sensor_uid"] == sensor["uid"]
        if (at := moment(reading["at"])) and at < end
        if known.heard(reading["arrived_at"] or reading["at"])
    ]
    enough = [at for at, value in valid if value >= least and stood(at)]
    found = [Measured(max(enough), below=False)] if enough else []
    for alarm in known.facts.alarms:
        confirmed = moment(alarm["confirmed_at"])
        if alarm["sensor_uid"] != sensor["uid"] or confirmed is None or confirmed >= end:
            continue
        if not known.heard(alarm["recorded_at"] or alarm["confirmed_at"]):
            continue
        cleared = moment(alarm["cleared_at"])
        if cleared and not known.heard(alarm["cleared_recorded_at"] or alarm["cleared_at"]):
            cleared = None
        over = min(one for one in (cleared, until, end) if one is not None)
        at = max([confirmed, *(at for at, _ in valid if at < over)])
        if stood(at):
            found.append(Measured(at, below=True))
    return found


def flow(question: Question, kind: str, visits: Visits) -> str | None:
    """Flow; None where no limit applies."""
    if (rule := limit(question.rules, "flow_l_s", kind)) is None:
        return None
    drop = question.rules["projection.drop"]["value"]
    found = visits.measured(
        lambda v: flow_at(v, rule["value"], rule.get("at_kpa"), drop),
        lambda l_s: l_s < rule["value"],
    )
    return question.aged(found, "flow", kind)


def flow_at(visit: Row, least: float, at_kpa: float | None, drop: float) -> float | None:
    """Flow of a visit to be held against a limit at a pressure; None where it says nothing."""
    measured, residual, rest = visit["flow_l_s"], visit["residual_kpa"], visit["static_kpa"]
    if measured is None or at_kpa is None:
        return None if measured is None else float(measured)
    if residual is None:
        return None
    if measured >= least and residual >= at_kpa:
        return float(measured)
    if measured < least and residual <= at_kpa:
        return float(measured)
    if rest is None or rest <= at_kpa or rest <= residual or rest - residual < rest * drop / 100:
        return None
    return float(measured * ((rest - at_kpa) / (rest - residual)) ** 0.54)


def lift(rules: Rules, row: Row, visits: Visits) -> str | None:
    """Suction lift; None where no limit applies."""
    if (rule := limit(rules, "lift_m", row["kind"])) is None:
        return None
    measured = visits.measured(lambda v: v["lift_m"], lambda m: m > rule["value"])
    drought = row["lift_drought_m"]
    if drought is not None and drought > rule["value"]:
        return BELOW
    if measured and max(measured, key=lambda m: (m.at, m.below)).below:
        return BELOW
    return ABSENT if drought is None else FRESH


def access(rules: Rules, row: Row) -> str | None:
    """Truck lane and turning area; None where no limit applies."""
    if limit(rules, "access", row["kind"]) is None:
        return None
    both = [row["access_lane"], row["turning_area"]]
    if any(one is not None and not one for one in both):
        return BELOW
    return ABSENT if None in both else FRESH


def level(question: Question, kind: str, visits: Visits) -> str:
    """Water level, which is never below."""
    found = visits.measured(lambda v: v["level_m"], lambda _: False)
    return question.aged(found, "level", kind)


# --- the class of an asset ----------------------------------------------------------------------


class Judged(NamedTuple):
    """What an existing asset counts as; `recorded` is the code of the unit that it bears."""

    condition: str
    region: str | None
    kind: str
    service: str
    built: bool
    unmeasured: bool
    recorded: str | None


def classes(
    facts: Facts, day: dt.date, rules: Rules, known_at: dt.datetime | None = None
) -> dict[str, Judged]:
    """Every existing asset, private ones too, by its key."""
    question = Question(facts.known(known_at), day, rules)
    places = Places(question.known, question.end)
    found = {}
    for asset in question.known.rows["asset"]:
        judged = _judged(question, places, asset)
        if judged is not None:
            found[asset["uid"]] = judged
    return found


def _judged(question: Question, places: Places, asset: Row) -> Judged | None:
    known, end, uid = question.known, question.end, asset["uid"]
    standing = state(known, uid, end)
    row = row_at(known, asset, end)
    if standing is None:
        return None
    if standing == "suspended" and question.switch("suspended") == "not_existing":
        return None
    visits = visits_of(known, uid, end)
    kind = row["kind"]
    against = {
        "static": static(question, uid, kind, visits),
        "flow": flow(question, kind, visits),
        "lift": lift(question.rules, row, visits),
        "access": access(question.rules, row),
    }
    against_level = level(question, kind, visits)
    out = standing == "suspended" and question.switch("suspended") == "defective"
    condition = _condition(
        question, kind, against, against_level, visits, out or _blocked(known, uid, end)
    )
    if condition is None:
        return None
    bare = row["structure"] == "none" and family(kind) == "intake"
    built = not bare or question.switch("no_structure") == "built"
    region = places.heir(row["region_code"])
    unmeasured = ABSENT in against.values()
    return Judged(condition, region, kind, row["service"], built, unmeasured, row["region_code"])


def _blocked(known: Known, asset: str, end: dt.datetime) -> bool:
    """Whether a blocking defect is open."""
    return any(d["severity"] == "blocking" for d in open_defects(known, asset, end))


def open_defects(known: Known, asset: str, end: dt.datetime) -> list[Row]:
    """Confirmed defects that were found and not cleared."""
    return [
        defect
        for defect in known.of("defect", asset)
        if defect["state"] not in {"proposed", "rejected"}
        and (moment(defect["found_at"]) or BEFORE_ALL) < end
        and not ((cleared := moment(defect["cleared_at"])) and cleared < end)
    ]


def _condition(
    question: Question,
    kind: str,
    against: Mapping[str, str | None],
    against_level: str,
    visits: Visits,
    broken: bool,
) -> str | None:
    """The first line that fits decides; None is not counted at all."""
    last = last_visit(visits)
    outcome = last["outcome"] if last else None
    if outcome == "not_found" and question.switch("not_found") == "not_existing":
        return None
    if broken or outcome in {"fails", "not_found"} or BELOW in against.values():
        return DEFECTIVE
    if last is None:
        return UNTESTED
    demanded = [
        value
        for name, value in (*against.items(), ("level", against_level))
        if name not in {"lift", "access"}
        if (rule := check(question.rules, name, kind)) and rule["demanded"]
    ]
    if ABSENT in demanded:
        return UNTESTED
    rule = check(question.rules, "function", kind)
    assert rule is not None
    if not _dated(last) or not question.fresh(took_effect(last), rule["within_days"]):
        return STALE
    return STALE if OLD in demanded else INTACT


# --- regions ------------------------------------------------------------------------------------


class Places:
    """The tree of regions on a day."""

    def __init__(self, known: Known, end: dt.datetime) -> None:
        self._end = end
        self._rows: dict[str, list[Row]] = {}
        for row in known.rows["region"]:
            self._rows.setdefault(row["code"], []).append(row)
        heirs: dict[str, set[str]] = {}
        for row in known.rows["region_successor"]:
            above = self._above(row["code"]) - {row["code"]}
            if (moment(row["at"]) or BEFORE_ALL) < self._end and row["successor_code"] not in above:
                heirs.setdefault(row["code"], set()).add(row["successor_code"])
        self._heirs = {
            code: next(iter(found))
            for code, found in heirs.items()
            if len(found) == 1 and self.has_ended(code)
        }
        self._parts = heirs
        self.codes = {self.heir(code) for code in self._rows}

    @property
    def codes_of(self) -> list[str]:
        """Every code on record, ended ones too."""
        return list(self._rows)

    def split(self, code: str) -> list[str]:
        """Codes of the units among which a unit was split."""
        parts = self._parts.get(code, set())
        return sorted(parts) if len(parts) > 1 and self.has_ended(code) else []

    def next(self, code: str) -> list[str]:
        """Codes of all that took over from a unit that ended, be it one or several."""
        return sorted(self._parts.get(code, ())) if self.has_ended(code) else []

    def ended(self, code: str) -> dt.datetime:
        """When a unit ended."""
        row = self.row(code)
        until = moment(row["valid_until"]) if row else None
        return until or BEFORE_ALL

    def heir(self, code: str | None) -> str | None:
        """The unit a code counts in."""
        seen = set()
        while code in self._heirs and code not in seen:
            seen.add(code)
            code = self._heirs[code]
        return code

    def took_over(self, code: str | None) -> list[tuple[dt.datetime, str]]:
        """When a unit and each that took over from it ended, and who took over."""
        found: list[tuple[dt.datetime, str]] = []
        while code in self._heirs and len(found) <= len(self._heirs):
            row = self.row(code)
            until = moment(row["valid_until"]) if row else None
            assert until is not None
            code = self._heirs[code]
            found.append((until, code))
        return found

    def stays(self, code: str) -> list[tuple[dt.datetime, str]]:
        """When each of the units ended in which a code counted, and which."""
        found = []
        for ended, heir in self.took_over(code):
            found.append((ended, code))
            code = heir
        return found

    def _above(self, code: str | None) -> set[str]:
        """A unit and all that it lies in, as the list of units says."""
        found: set[str] = set()
        while code is not None and code not in found:
            found.add(code)
            row = self.row(code)
            code = row["parent_code"] if row else None
        return found

    def has_ended(self, code: str) -> bool:
        row = self.row(code)
        until = moment(row["valid_until"]) if row else None
        return until is not None and until < self._end

    def row(self, code: str | None) -> Row | None:
        """The row of a code in force on the day, or else its last one."""
        rows = self._rows.get(code or "", [])
        return max(rows, key=self._in_force, default=None)

    def lives(self, code: str) -> bool:
        """Whether a unit has begun and not ended."""
        row = self.row(code)
        return row is not None and self._in_force(row)[0]

    def _in_force(self, row: Row) -> tuple[bool, dt.datetime, int]:
        begun, until = moment(row["valid_from"]) or BEFORE_ALL, moment(row["valid_until"])
        return (begun < self._end and (until is None or until >= self._end), begun, row["fid"])

    def upwards(self, code: str | None) -> list[str]:
        """A region and all those above it."""
        found: list[str] = []
        while code is not None and code not in found:
            found.append(code)
            row = self.row(code)
            code = self.heir(row["parent_code"]) if row else None
        return found

    def at_level(self, code: str | None, wanted: str) -> str | None:
        """The region of a level in which another lies."""
        for above in self.upwards(code):
            row = self.row(above)
            if row and row["level"] == wanted:
                return above
        return None


def places(facts: Facts, day: dt.date, known_at: dt.datetime | None = None) -> Places:
    """The tree of regions on a day."""
    known = facts.known(known_at)
    return Places(known, first_moment(day + dt.timedelta(days=1), known.zone))


# --- the two rates ------------------------------------------------------------------------------


def floored(part: int, whole: int) -> float | None:
    """A percentage with two decimals that is 100.00 only when exact."""
    return part * 10_000 // whole / 100 if whole else None


class WorkingOrder(NamedTuple):
    """How many exist and what they count as."""

    existing: int
    intact: int
    stale: int
    defective: int
    untested: int
    unmeasured: int

    @property
    def proven(self) -> float | None:
        """Working order proven."""
        return floored(self.intact, self.existing)

    @property
    def at_best(self) -> float | None:
        """Working order if all that was not verified is well."""
        return floored(self.existing - self.defective, self.existing)


def working_order(assets: Iterable[Judged]) -> WorkingOrder:
    """Working order of some assets."""
    found = list(assets)
    counts = Counter(asset.condition for asset in found)
    return WorkingOrder(
        existing=len(found),
        intact=counts[INTACT],
        stale=counts[STALE],
        defective=counts[DEFECTIVE],
        untested=counts[UNTESTED],
        unmeasured=sum(asset.unmeasured for asset in found),
    )


def in_figures(assets: Mapping[str, Judged], rules: Rules) -> dict[str, Judged]:
    """Without the private ones, where they have a line of their own."""
    if rules["switches.private"]["value"] == "included":
        return dict(assets)
    return {uid: a for uid, a in assets.items() if a.service != "private"}


def due(assets: Mapping[str, Judged]) -> set[str]:
    """What is not in working order for want of evidence."""
    return {uid for uid, asset in assets.items() if asset.condition in {STALE, UNTESTED}}


class Line(NamedTuple):
    """What one requirement asks for, beyond what regions below ask for themselves."""

    region: str
    kind: str
    service: str | None
    required: int
    built: int

    @property
    def met(self) -> int:
        """What of it there is."""
        return min(self.required, self.built)

    @property
    def shortfall(self) -> int:
        """What of it is missing."""
        return self.required - self.met


class Completeness(NamedTuple):
    """All requirements together."""

    required: int
    built: int
    met: int
    shortfall: int

    @property
    def rate(self) -> float | None:
        """Completeness."""
        return floored(self.met, self.required)


def total(lines: Iterable[Line]) -> Completeness:
    """Sums over requirements, each for itself."""
    found = list(lines)
    sums = [[n.required, n.built, n.met, n.shortfall] for n in found]
    return Completeness(*(sum(column) for column in zip(*sums, strict=True)) if sums else [0] * 4)


class Stated(NamedTuple):
    """A number that holds on the day."""

    region: str
    kind: str
    service: str | None
    number: int

    @property
    def width(self) -> tuple[bool, bool]:
        """What is narrower comes first: a kind, then one service."""
        return self.kind == family(self.kind), self.service is None

    def answers(self, kind: str, service: str | None) -> bool:
        """Whether assets of a kind and service belong to it."""
        return self.kind in {kind, family(kind)} and self.service in {None, service}

    def takes_in(self, other: Stated) -> bool:
        """Whether all that belongs to another number belongs to this one."""
        return self.answers(other.kind, other.service)


@dataclass(frozen=True)
class Required:
    """The lines of completeness, and the numbers that do not fit those below them."""

    lines: list[Line]
    #: (region, kind, service, its own number, sum of those below).
    disagreeing: list[tuple[str, str, str | None, int, int]]


def completeness(
    facts: Facts,
    day: dt.date,
    rules: Rules,
    known_at: dt.datetime | None = None,
    *,
    assets: Mapping[str, Judged] | None = None,
) -> Required:
    """Every requirement with what is built for it.

    Parameters
    ----------
    assets
        What `classes` says, where that was asked before.
    """
    if assets is None:
        assets = classes(facts, day, rules, known_at)
    question = Question(facts.known(known_at), day, rules)
    tree = Places(question.known, question.end)
    stated = stated_numbers(question, tree)
    built: dict[Stated, int] = {}
    for asset in in_figures(assets, rules).values():
        need = _stands_against(asset, stated, tree) if asset.built else None
        if need is not None:
            built[need] = built.get(need, 0) + 1
    return _settled(stated, tree, built)


def _settled(stated: Iterable[Stated], tree: Places, built: Mapping[Stated, int]) -> Required:
    """What each number keeps beyond those below it, from the finest regions up."""
    stated = list(stated)
    found = Required([], [])
    left: dict[Stated, int] = {}
    for need in sorted(stated, key=lambda n: (-len(tree.upwards(n.region)), n.width)):
        rivals = [n for n in stated if n.region == need.region and n.width < need.width]
        below = [
            other
            for other in left
            if need.region in tree.upwards(other.region)[1:]
            and need.takes_in(other)
            and not any(rival.takes_in(other) for rival in rivals)
        ]
        summed = sum(left[other] for other in below)
        if summed > need.number:
            found.disagreeing.append((*need[:3], need.number, summed))
        if below and summed >= need.number:
            continue
        left[need] = need.number - summed
        found.lines.append(Line(*need[:3], left[need], built.get(need, 0)))
    return found


def stated_numbers(question: Question, tree: Places) -> list[Stated]:
    return _numbers_at(question.known, question.end, tree)


def _numbers_at(known: Known, end: dt.datetime, tree: Places) -> list[Stated]:
    """What each unit must have at the last moment before `end`, those that ended included."""
    rows = [row for row in _holding(known, end) if not _stated_anew(row, known, end, tree)]
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        region = tree.heir(row["region_code"])
        assert region is not None
        groups.setdefault((region, family(row["kind"])), []).append(row)
    whole = {
        place: _together(place[0], _once(group, known, tree.stays))
        for place, group in groups.items()
    }
    ended = _Ended(known, tree, rows, whole)
    return [number for place in whole for number in ended.settle(place)]


def _once(
    group: list[Row], known: Known, stays: Callable[[str], list[tuple[dt.datetime, str]]]
) -> list[Row]:
    """Numbers that come together, what was part of one that came too taken off that one.

    Parameters
    ----------
    stays
        Gives when each of the units ended in which a number counted.
    """
    if len({row["region_code"] for row in group}) == 1:
        return group
    left = {row["fid"]: row["count"] for row in group}
    off: dict[tuple[int, int], int] = {}
    trees: dict[dt.datetime, Places] = {}
    steps = []
    for row in group:
        for ended, unit in stays(row["region_code"]):
            then = trees.setdefault(ended, Places(known, ended))
            depth = len(then.upwards(unit))
            steps.append(((-depth, ended, unit, _narrow_row(row)), row, then))
    for (_, ended, unit, _), row, then in sorted(steps, key=lambda step: step[0]):
        for above in then.upwards(unit)[1:]:
            wide = [
                other
                for other in sorted(group, key=_narrow_row)
                if other is not row
                and then.heir(other["region_code"]) == above
                and (moment(other["valid_from"]) or BEFORE_ALL) < ended
                and other["kind"] in {row["kind"], family(row["kind"])}
                and other["service"] in {None, row["service"]}
            ]
            done = sum(off.get((row["fid"], other["fid"]), 0) for other in wide)
            for other in wide:
                less = max(min(left[row["fid"]] - done, left[other["fid"]]), 0)
                left[other["fid"]] -= less
                done += less
                pair = row["fid"], other["fid"]
                off[pair] = off.get(pair, 0) + less
    return [row | {"count": left[row["fid"]]} for row in group]


def _narrow_row(row: Row) -> tuple[bool, bool, str, str, str]:
    whole, kind, service = row["kind"] == family(row["kind"]), row["kind"], row["service"]
    return whole, service is None, kind, service or "", row["region_code"]


def _holding(known: Known, end: dt.datetime) -> list[Row]:
    """Numbers that hold at the last moment before `end`."""
    return [
        row
        for row in known.rows["requirement"]
        if (moment(row["valid_from"]) or BEFORE_ALL) < end
        and ((until := moment(row["valid_until"])) is None or until >= end)
    ]


def partial(question: Question, tree: Places, assets: Iterable[Judged]) -> set[tuple[str, str]]:
    """Units and families that are stated in part: a part has no number, or none any more."""
    known, end = question.known, question.end
    held: dict[tuple[str | None, str], list[Row]] = {}
    for row in _holding(known, end):
        if not _stated_anew(row, known, end, tree):
            place = tree.heir(row["region_code"]), family(row["kind"])
            held.setdefault(place, []).append(row)
    ended = [row for row in known.rows["requirement"] if _has_ended(row, end)]
    found = set()
    for gone in ended:
        unit, of = tree.heir(gone["region_code"]), family(gone["kind"])
        cell = gone["kind"], gone["service"]
        group = held.get((unit, of), [])
        others = [
            row
            for row in (*group, *ended)
            if (tree.heir(row["region_code"]), family(row["kind"])) == (unit, of)
            and row["region_code"] != unit
        ]
        meant = [row for row in group if _overlaps((row["kind"], row["service"]), cell)]
        same = any(row["region_code"] == gone["region_code"] for row in meant)
        whole = _of_the_whole(meant, gone["region_code"], tree)
        if unit is not None and others and meant and not same and not whole:
            found.add((unit, of))
    for asset in assets:
        found |= _came_without(asset, held, known, tree)
    return found


def _has_ended(row: Row, end: dt.datetime) -> bool:
    begun, until = moment(row["valid_from"]) or BEFORE_ALL, moment(row["valid_until"])
    return until is not None and begun < until < end


def _of_the_whole(rows: Iterable[Row], part: str, tree: Places) -> bool:
    """Whether a number was stated for one that took over, on that day or later."""
    return any(
        row["region_code"] == heir and (moment(row["valid_from"]) or BEFORE_ALL) >= at
        for row in rows
        for at, heir in tree.took_over(part)
    )


def _came_without(
    asset: Judged, held: Mapping[tuple[str | None, str], list[Row]], known: Known, tree: Places
) -> set[tuple[str, str]]:
    """The unit of an asset that came with a unit without a number."""
    of = family(asset.kind)
    unit = next((up for up in tree.upwards(asset.region) if held.get((up, of))), None)
    if unit is None or asset.recorded is None:
        return set()
    for old in tree.codes_of:
        took = tree.took_over(old)
        if not took or took[-1][1] != unit:
            continue
        at = took[0][0]
        then = Places(known, at)
        lay_in = then.upwards(asset.recorded)
        stated = any(
            one.region in lay_in and family(one.kind) == of for one in _numbers_at(known, at, then)
        )
        if old in lay_in and not stated and not _of_the_whole(held[unit, of], old, tree):
            return {(unit, of)}
    return set()


def _together(region: str, group: list[Row]) -> list[Stated]:
    """A unit's numbers of one family; where some came from elsewhere, added up to the wider."""
    numbers = [Stated(region, row["kind"], row["service"], row["count"]) for row in group]
    if any(row["region_code"] != region for row in group):
        numbers = _made_one(numbers)
    sums: dict[tuple[str, str, str | None], int] = {}
    for number in numbers:
        sums[number[:3]] = sums.get(number[:3], 0) + number.number
    return [Stated(*cell, count) for cell, count in sums.items()]


@dataclass
class _Ended:
    """Numbers of units on a day, while those of units that were split are lessened."""

    known: Known
    tree: Places
    rows: list[Row]
    whole: dict[tuple[str, str], list[Stated]]
    left: dict[tuple[str, str], list[Stated]] = field(default_factory=dict)
    taken: dict[tuple[str, str], Cells] = field(default_factory=dict)

    def settle(self, place: tuple[str, str]) -> list[Stated]:
        """What is left of the numbers of a unit: all of them, unless it was split."""
        if place in self.left:
            return self.left[place]
        region, of = place
        self.left[place] = numbers = self.whole.get(place, [])
        heirs, ended = self.tree.split(region), self.tree.ended(region)
        if not numbers or not heirs:
            return numbers
        gains = self.gains(self.took_over(region), of, region)
        for other in self.rivals(region):
            self.settle((other, of))
            for cell, count in self.taken.get((other, of), {}).items():
                gains[cell] = gains.get(cell, 0) - count
        gone = all(_anew(self.tree, self.rows, heir, of, ended) for heir in heirs)
        self.left[place], self.taken[place] = _less(numbers, _offset(gains), gone=gone)
        return self.left[place]

    def took_over(self, region: str) -> dict[str, dt.datetime]:
        """All that took over from a unit, in turn, and when: the earliest first."""
        since: dict[str, dt.datetime] = {}
        waiting = [(self.tree.ended(region), heir) for heir in self.tree.next(region)]
        while waiting:
            waiting.sort()
            at, unit = waiting.pop(0)
            for code in self.tree.codes_of:
                below = unit in self.tree.upwards(code) and code != region and code not in since
                if below and not self._ended_before(code, {unit, *since}):
                    since[code] = at
                    then = max(at, self.tree.ended(code))
                    waiting += [(then, heir) for heir in self.tree.next(code)]
        return since

    def _ended_before(self, code: str, among: set[str]) -> bool:
        """Whether a unit had ended before it came to lie below one of some."""
        if code in among or not self.tree.has_ended(code):
            return False
        then = Places(self.known, self.tree.ended(code))
        return among.isdisjoint(then.upwards(code))

    def rivals(self, region: str) -> list[str]:
        """Units split earlier of which something went to the same ones."""
        own = self.took_over(region)
        order = (self.tree.ended(region), region)
        found = []
        for other in self.tree.codes_of:
            if self.tree.split(other) and (self.tree.ended(other), other) < order:
                theirs = self.took_over(other)
                if other not in own and region not in theirs and set(own) & set(theirs):
                    found.append(other)
        return found

    def gains(self, since: dict[str, dt.datetime], of: str, split: str) -> Cells:
        """What units must have more than when each took over, or went into one of them.

        What was part of the numbers of the unit that was split was nothing beside them.
        """
        came = {code: (at, code) for code, at in since.items()}
        for code in set(self.tree.codes_of) - set(since):
            into = [(at, heir) for at, heir in self.tree.took_over(code) if heir in since]
            if into:
                at, heir = into[0]
                came[code] = max(at, since[heir]), heir
        gains = _cells([n for code in since for n in self.settle((code, of))], self.tree)
        for moment_of in {at for at, _ in came.values()}:
            before: dict[str, list[Stated]] = {}
            then = Places(self.known, moment_of)
            for number in _numbers_at(self.known, moment_of, then):
                joined, code = came.get(number.region, (None, ""))
                part = split in then.upwards(number.region) and any(
                    whole.takes_in(number) for whole in self.whole[split, of]
                )
                if family(number.kind) == of and joined == moment_of and not part:
                    before.setdefault(code, []).append(number)
            settled = []
            for code, joined_then in before.items():
                found = self.once(joined_then, moment_of)
                moved = [number._replace(region=code) for number in found]
                settled += _made_one(moved) if moved != found else found
            for cell, count in _cells(settled, self.tree).items():
                gains[cell] = gains.get(cell, 0) - count
        return gains

    def once(self, numbers: list[Stated], at: dt.datetime) -> list[Stated]:
        """Numbers that come to one unit at one moment, without what was part of another."""
        rows = [
            {"fid": n, "region_code": one.region, "kind": one.kind, "service": one.service,
             "count": one.number, "valid_from": None}
            for n, one in enumerate(numbers)
        ]  # fmt: skip
        left = _once(rows, self.known, lambda code: [(at, code)])
        return [one._replace(number=row["count"]) for one, row in zip(numbers, left, strict=True)]


def _anew(tree: Places, rows: list[Row], unit: str, of: str, since: dt.datetime) -> bool:
    """Whether a number was stated for a unit, one below it, or each that took over from it."""
    for row in rows:
        begun = moment(row["valid_from"])
        here = family(row["kind"]) == of and unit in tree.upwards(row["region_code"])
        if here and begun is not None and begun >= since:
            return True
    heirs, ended = tree.next(unit), max(since, tree.ended(unit))
    return bool(heirs) and all(_anew(tree, rows, heir, of, ended) for heir in heirs)


def _less(numbers: list[Stated], gains: Cells, *, gone: bool) -> tuple[list[Stated], Cells]:
    """Numbers less what was gained in their stead, the narrowest first, and what was taken off."""
    before = sorted(numbers, key=lambda n: (n.width, n.kind, n.service or ""))
    numbers, taken = list(before), {}
    for cell, count in sorted(gains.items(), key=_narrow_first):
        rest = count
        for place, number in enumerate(numbers):
            if _overlaps(cell, (number.kind, number.service)):
                less = min(rest, number.number)
                numbers[place] = number._replace(number=number.number - less)
                rest -= less
        taken[cell] = count - rest
    pairs = zip(numbers, before, strict=True)
    kept = [number for number, was in pairs if number.number or not was.number]
    return [] if gone else kept, taken


Cells = dict[tuple[str, str | None], int]


def _cells(numbers: list[Stated], tree: Places) -> Cells:
    """What numbers require together, by kind and service."""
    sums: dict[tuple[str, str, str | None], int] = {}
    for number in numbers:
        sums[number[:3]] = sums.get(number[:3], 0) + number.number
    found: Cells = {}
    for line in _settled([Stated(*cell, n) for cell, n in sums.items()], tree, {}).lines:
        found[line.kind, line.service] = found.get((line.kind, line.service), 0) + line.required
    return found


def _narrow_first(item: tuple[tuple[str, str | None], int]) -> tuple[bool, bool, str, str]:
    (kind, service), _ = item
    return kind == family(kind), service is None, kind, service or ""


def _overlaps(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    kinds = one[0] == other[0] or family(one[0]) == other[0] or family(other[0]) == one[0]
    return kinds and (one[1] == other[1] or None in (one[1], other[1]))


def _offset(change: Cells) -> Cells:
    """Gains, less what overlapping kinds and services fell by."""
    gains = {cell: count for cell, count in change.items() if count > 0}
    for cell, count in sorted(change.items(), key=_narrow_first):
        fell = max(-count, 0)
        for other, _ in sorted(gains.items(), key=_narrow_first):
            if _overlaps(cell, other):
                taken = min(fell, gains[other])
                gains[other] -= taken
                fell -= taken
    return gains


def _made_one(numbers: list[Stated]) -> list[Stated]:
    """Numbers of a family that came together: those that overlap become the wider one."""
    real = [(one.kind, one.service) for one in numbers if one.number > 0]
    numbers = [
        one
        for one in numbers
        if one.number > 0 or not any(_overlaps((one.kind, one.service), cell) for cell in real)
    ]
    if any(one.service is None for one in numbers):
        numbers = [one._replace(service=None) for one in numbers]
    whole = {one.service for one in numbers if one.kind == family(one.kind)}
    return [one._replace(kind=family(one.kind)) if one.service in whole else one for one in numbers]


def _stated_anew(row: Row, known: Known, end: dt.datetime, tree: Places) -> bool:
    """Whether a unit that took over has a number of its own from that day on: the new whole."""
    return any(
        other["region_code"] == heir
        and family(other["kind"]) == family(row["kind"])
        and _overlaps((row["kind"], other["service"]), (row["kind"], row["service"]))
        and (begun := moment(other["valid_from"])) is not None
        and begun >= ended
        for ended, heir in tree.took_over(row["region_code"])
        for other in _holding(known, end)
    )


def _stands_against(asset: Judged, stated: list[Stated], tree: Places) -> Stated | None:
    """The nearest number that takes an asset in, of one region's the narrowest."""
    for code in tree.upwards(asset.region):
        own = [n for n in stated if n.region == code and n.answers(asset.kind, asset.service)]
        if own:
            return min(own, key=lambda need: need.width)
    return None
