"""Both rates recomputed in plain Python from the facts, sharing no code with the engine."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {table}")
    names = [item[0] for item in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def moment(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)


#: The numbers of policy zhejiang, written down once more.
ZHEJIANG: dict[str, Any] = {
    "days": {"function": 365, "static": 365, "flow": 365},
    "demanded": {"static": False, "flow": False},
    "static_kpa": 140,
    "flow_l_s": 15,
    "flow_at": 100,
    "lift": 6,
    "suspended": "defective",
    "not_found": "defective",
    "private": "apart",
}


def classes(
    connection: sqlite3.Connection, day: dt.date, rules: dict[str, Any] = ZHEJIANG
) -> Counter[str]:
    """How many assets of each class exist at the end of a day."""
    return Counter(verdict for _, verdict in existing(connection, day, rules))


def existing(
    connection: sqlite3.Connection, day: dt.date, rules: dict[str, Any]
) -> list[tuple[dict[str, Any], str]]:
    """Assets that exist and count, each with its class."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, ZONE)
    fresh = {
        name: dt.datetime.combine(day - dt.timedelta(days=days), dt.time.min, ZONE)
        for name, days in rules["days"].items()
    }
    found = []
    for asset in as_of(connection, end):
        if asset["service"] == "private" and rules["private"] == "apart":
            continue
        verdict = judge(connection, asset, end, fresh, rules)
        if verdict is not None:
            found.append((asset, verdict))
    return found


def completeness(
    connection: sqlite3.Connection,
    day: dt.date,
    rules: dict[str, Any],
    below: dict[str, set[str]],
) -> dict[str, int]:
    """Required, built, met and shortfall; `below` gives every region's own and lower codes."""
    assets = [asset for asset, _ in existing(connection, day, rules)]
    stated = {
        (row["region_code"], row["kind"]): row["count"] for row in rows(connection, "requirement")
    }
    total = dict.fromkeys(("required", "built", "met", "shortfall"), 0)
    for (region, kind), number in stated.items():
        finer = {code for code, of in stated if of == kind and code in below[region] - {region}}
        needed = number - _required_within(finer, kind, stated, below)
        if finer and needed <= 0:
            continue
        there = below[region] - {code for code in finer for code in below[code]}
        built = sum(
            asset["region_code"] in there
            and (asset["kind"] == kind or asset["kind"].split(".")[0] == kind)
            for asset in assets
        )
        total["required"] += needed
        total["built"] += built
        total["met"] += min(built, needed)
        total["shortfall"] += max(0, needed - built)
    return total


def _required_within(
    codes: set[str], kind: str, stated: dict[tuple[str, str], int], below: dict[str, set[str]]
) -> int:
    """What the nearest of some regions require: each its number or the sum in it, if more."""
    nearest = {code for code in codes if not any(code in below[c] - {c} for c in codes)}
    return sum(
        max(
            stated[code, kind],
            _required_within((codes & below[code]) - {code}, kind, stated, below),
        )
        for code in nearest
    )


def as_of(connection: sqlite3.Connection, end: dt.datetime) -> list[dict[str, Any]]:
    held = []
    for asset in rows(connection, "asset"):
        candidates = [
            version | {"uid": asset["uid"]}
            for version in rows(connection, "asset_version")
            if version["asset_uid"] == asset["uid"]
        ] + [asset | {"valid_until": None}]
        for row in candidates:
            begins, until = moment(row["valid_from"]), moment(row["valid_until"])
            if (begins is None or begins < end) and (until is None or until >= end):
                held.append(row)
                break
    return held


def judge(
    connection: sqlite3.Connection,
    asset: dict[str, Any],
    end: dt.datetime,
    fresh: dict[str, dt.datetime],
    rules: dict[str, Any],
) -> str | None:
    def mine(table: str) -> list[dict[str, Any]]:
        return [row for row in rows(connection, table) if row["asset_uid"] == asset["uid"]]

    early = dt.datetime.min.replace(tzinfo=dt.UTC)
    events = sorted(
        (row for row in mine("lifecycle") if row["confirmed"]),
        key=lambda row: (moment(row["at"]) or early, row["fid"]),
    )
    past = [row for row in events if (moment(row["at"]) or early) < end]
    coming = [row for row in events if row not in past]
    before = {"resumed": "suspended", "planned": "", "under_construction": "", "commissioned": ""}
    state = before.get(coming[0]["event"], "in_service") if coming else "in_service"
    since = early
    for row in past:
        if row["event"] == "relocated":
            since = moment(row["at"]) or early
        elif row["event"] in ("resumed", "commissioned"):
            state = "in_service"
        else:
            state = "suspended" if row["event"] == "suspended" else ""
    if not state:
        return None
    if state == "suspended" and rules["suspended"] == "not_existing":
        return None
    visits, last = decisive_visits(mine("inspection"), end, since, early)
    gone = rules["not_found"] == "not_existing"
    if gone and last is not None and last[3]["outcome"] == "not_found":
        return None
    if state == "suspended" and rules["suspended"] == "defective":
        return "defective"
    for fault in mine("defect"):
        open_then = (moment(fault["found_at"]) or early) < end and (
            fault["cleared_at"] is None or moment(fault["cleared_at"]) >= end  # type: ignore[operator]
        )
        if fault["severity"] == "blocking" and fault["state"] == "confirmed" and open_then:
            return "defective"
    family = asset["kind"].split(".")[0]
    if last is not None and last[3]["outcome"] != "works":
        return "defective"
    ages: dict[str, str] = {}
    if family == "hydrant":
        for name, field in (("static", "static_kpa"), ("flow", "flow_l_s")):
            measured = [
                (v[0], -held)
                for v in visits
                if v[3][field] is not None
                and (held := v[3][field] if name == "static" else at_limit(v[3], rules)) is not None
            ]
            if not measured:
                ages[name] = "absent"
                continue
            when, lowest = max(measured)
            if -lowest < rules[field]:
                return "defective"
            ages[name] = "fresh" if when >= fresh[name] else "old"
    if family == "intake":
        lifts = [(v[0], v[3]["lift_m"]) for v in visits if v[3]["lift_m"] is not None]
        today = [max(lifts)[1]] if lifts else []
        if any(
            lift is not None and lift > rules["lift"] for lift in (asset["lift_drought_m"], *today)
        ):
            return "defective"
        if asset["access_lane"] == 0 or asset["turning_area"] == 0:
            return "defective"
    demanded = [age for name, age in ages.items() if rules["demanded"][name]]
    if last is None or "absent" in demanded:
        return "untested"
    if last[2] is None or last[0] < fresh["function"] or "old" in demanded:
        return "stale"
    return "intact"


Visit = tuple[dt.datetime, bool, dt.datetime | None, dict[str, Any]]


def decisive_visits(
    inspections: list[dict[str, Any]], end: dt.datetime, since: dt.datetime, early: dt.datetime
) -> tuple[list[Visit], Visit | None]:
    """Visits before the end and since the last move, and the last one that decides."""
    visits: list[Visit] = []
    for visit in inspections:
        at = moment(visit["at"])
        bad = visit["outcome"] in ("fails", "not_found")
        effective = at or (moment(visit["recorded_at"]) if bad else early)
        assert effective is not None
        if effective < end and (effective >= since or since == early):
            visits.append((effective, not bad, at, visit))
    decisive = [v for v in visits if v[3]["outcome"] in ("works", "fails", "not_found")]
    decisive.sort(key=lambda v: (v[0], ["works", "not_found", "fails"].index(v[3]["outcome"])))
    return visits, decisive[-1] if decisive else None


def at_limit(visit: dict[str, Any], rules: dict[str, Any]) -> float | None:
    """The flow that is held against the limit, or None when nothing follows."""
    flow, residual, static = visit["flow_l_s"], visit["residual_kpa"], visit["static_kpa"]
    limit, at = rules["flow_l_s"], rules["flow_at"]
    if residual is None or (residual >= at if flow >= limit else residual <= at):
        return float(flow)
    if static is None or static <= at or static <= 0 or (static - residual) / static < 0.1:
        return None
    return float(flow * ((static - at) / (static - residual)) ** 0.54)
