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


def classes(connection: sqlite3.Connection, day: dt.date) -> Counter[str]:
    """How many assets of each class exist at the end of a day, under policy zhejiang."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, ZONE)
    fresh = dt.datetime.combine(day - dt.timedelta(days=365), dt.time.min, ZONE)
    found: Counter[str] = Counter()
    for asset in as_of(connection, end):
        if asset["service"] == "private":
            continue
        verdict = judge(connection, asset, end, fresh)
        if verdict is not None:
            found[verdict] += 1
    return found


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
    connection: sqlite3.Connection, asset: dict[str, Any], end: dt.datetime, fresh: dt.datetime
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
    if state == "suspended":
        return "defective"
    for fault in mine("defect"):
        open_then = (moment(fault["found_at"]) or early) < end and (
            fault["cleared_at"] is None or moment(fault["cleared_at"]) >= end  # type: ignore[operator]
        )
        if fault["severity"] == "blocking" and fault["state"] == "confirmed" and open_then:
            return "defective"
    visits = []
    for visit in mine("inspection"):
        at = moment(visit["at"])
        bad = visit["outcome"] in ("fails", "not_found")
        effective = at or (moment(visit["recorded_at"]) if bad else early)
        assert effective is not None
        if effective < end and (effective >= since or since == early):
            visits.append((effective, not bad, at, visit))
    family = asset["kind"].split(".")[0]
    decisive = [v for v in visits if v[3]["outcome"] in ("works", "fails", "not_found")]
    decisive.sort(key=lambda v: (v[0], not v[1]))
    last = decisive[-1] if decisive else None
    if last is not None and last[3]["outcome"] != "works":
        return "defective"
    if family == "hydrant":
        for field, limit in (("static_kpa", 140), ("flow_l_s", 15)):
            measured = [
                (v[0], -held)
                for v in visits
                if v[3][field] is not None
                and (held := v[3][field] if field == "static_kpa" else at_100_kpa(v[3])) is not None
            ]
            if measured and -max(measured)[1] < limit:
                return "defective"
    if family == "intake":
        lifts = [(v[0], v[3]["lift_m"]) for v in visits if v[3]["lift_m"] is not None]
        today = [max(lifts)[1]] if lifts else []
        if any(lift is not None and lift > 6 for lift in (asset["lift_drought_m"], *today)):
            return "defective"
        if asset["access_lane"] == 0 or asset["turning_area"] == 0:
            return "defective"
    if last is None:
        return "untested"
    if last[2] is None or last[0] < fresh:
        return "stale"
    return "intact"


def at_100_kpa(visit: dict[str, Any]) -> float | None:
    """The flow that is held against 15 L/s at 100 kPa, or None when nothing follows."""
    flow, residual, static = visit["flow_l_s"], visit["residual_kpa"], visit["static_kpa"]
    if residual is None or (residual >= 100 if flow >= 15 else residual <= 100):
        return float(flow)
    if static is None or static <= 100 or static <= 0 or (static - residual) / static < 0.1:
        return None
    return float(flow * ((static - 100) / (static - residual)) ** 0.54)
