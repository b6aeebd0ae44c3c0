"""A clock that jumps: an hour or a day ahead or back, and summer time.

The program asks one function for the present (`hydrant.times.now`), which is shifted here; moving
the system's clock by a library (libfaketime) would move what `asyncio` waits by, too.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from hydrant import times
from hydrant.cli.main import run
from tests.faults.county import Operation
from tests.faults.trial import PATIENCE, trial

_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SHIFTS = (_HOUR, -_HOUR, _DAY, -_DAY)
#: Days on which clocks are changed, by zone; the hours of them are 23, 25 or 24.
CHANGES = {
    "Europe/Berlin": ("2025-03-30", "2024-10-27"),
    "America/New_York": ("2025-03-09", "2024-11-03"),
    "Asia/Shanghai": ("1991-04-14", "1991-09-15"),
}


@dataclass(slots=True)
class Clocks:
    """What was found while the clock jumped."""

    polls: int = 0
    readings: int = 0
    doubted: int = 0
    visits: int = 0
    failures: list[str] = field(default_factory=list)


def polls(operation: Operation, count: int, folder: Path) -> Clocks:
    """Poll again and again while the clock jumps by an hour or a day, there and back."""
    found, chance = Clocks(), random.Random(1)
    for _ in range(count):
        if not PATIENCE.left:
            break
        mine = operation.copy(folder)
        shifts = [dt.timedelta(0)]
        shifts += chance.choices((dt.timedelta(0), *SHIFTS), k=chance.randint(2, 4))
        _one(operation, mine, shifts, found)
    return found


def _one(operation: Operation, mine: Path, shifts: list[dt.timedelta], found: Clocks) -> None:
    path, before = mine / "county.readings.db", 0
    for shift in shifts:
        words = ["--db", str(mine / operation.registry), "poll", "--all", "--json"]
        ended = trial(_at(shift, words), mine)
        if ended.code != 0 or ended.bad:
            found.failures.append(f"poll ended with {ended.code}: {ended.err}")
            return
        told = json.loads(ended.out)["data"]
        with closing(sqlite3.connect(path)) as raw:
            _look(raw, shift, told["stored"], before, found)
            (before,) = raw.execute("SELECT count(*) FROM reading").fetchone()
        found.polls += 1
    found.readings += before
    with closing(sqlite3.connect(path)) as raw:
        found.doubted += raw.execute(
            "SELECT count(*) FROM reading WHERE reason = 'clock'"
        ).fetchone()[0]


def _look(
    raw: sqlite3.Connection, shift: dt.timedelta, stored: int, before: int, found: Clocks
) -> None:
    now = dt.datetime.now(dt.UTC) + shift
    (rows,) = raw.execute("SELECT count(*) FROM reading").fetchone()
    if rows != before + stored or not stored:
        found.failures.append(f"{rows} rows after {before} and {stored}")
    limit = times.to_text(now + dt.timedelta(minutes=11))
    since = times.to_text(now - dt.timedelta(minutes=1))
    (wrong,) = raw.execute(
        "SELECT count(*) FROM latest WHERE at > ? OR good_at > ? OR at < ?", (limit, limit, since)
    ).fetchone()
    (good,) = raw.execute(
        "SELECT count(*) FROM reading WHERE at > ? AND quality = 0", (limit,)
    ).fetchone()
    (odd,) = raw.execute(
        "SELECT count(*) FROM reading WHERE at NOT GLOB '????-??-??T??:??:??.???Z'"
    ).fetchone()
    if wrong or good or odd:
        found.failures.append(f"after {shift}: {wrong} latest, {good} good ones to come, {odd} odd")


def _at(shift: dt.timedelta, words: list[str]) -> Callable[[Callable[[], None]], int]:
    """The program with a clock that is shifted."""

    def body(acknowledge: Callable[[], None]) -> int:
        times.now = lambda: dt.datetime.now(dt.UTC) + shift
        code = run(words)
        acknowledge()
        return code

    return body


def summer_time(registry: Path, folder: Path, *, every_min: int = 30) -> Clocks:
    """Visits around the hours that are skipped or come twice count on their own local day."""
    found = Clocks()
    for zone, days in CHANGES.items():
        for day in days:
            path = folder / "dst.gpkg"
            path.parent.mkdir(exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(registry.read_bytes())
            with closing(sqlite3.connect(path)) as raw, raw:
                raw.execute("UPDATE setting SET value = ? WHERE key = 'zone'", (zone,))
            ended = trial(_visits(path, day, every_min), folder)
            if ended.code != 0:
                found.failures.append(f"{zone} {day}: {ended.out}{ended.err}")
            found.visits += ended.acknowledged
    return found


def _visits(path: Path, day: str, every_min: int) -> Callable[[Callable[[], None]], int]:
    from hydrant.store.opened.registry import open_registry

    def body(acknowledge: Callable[[], None]) -> int:
        with open_registry(path) as registry:
            zone = registry.zone
        date = dt.date.fromisoformat(day)
        start, end = times.start_of_day(date, zone), times.end_of_day(date, zone)
        if end != times.start_of_day(date + _DAY, zone) or not 23 <= (end - start) / _HOUR <= 25:
            return 1
        moment = start
        while moment < end:
            text = times.to_text(moment)
            if times.local_day(times.parse_moment(text, zone), zone) != date:
                print(moment)
                return 1
            moment += dt.timedelta(minutes=every_min)
            acknowledge()
        return 0

    return body
