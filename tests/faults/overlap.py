"""Two runs of cron at once: one reads, the other ends at once with its own code."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.county import Operation
from tests.faults.trial import PATIENCE, finished, started

_RUNNING = 7


@dataclass(slots=True)
class Overlaps:
    """What became of so many pairs of polls."""

    pairs: int = 0
    refused: int = 0
    both: int = 0
    longest_refusal_s: float = 0.0
    readings: int = 0
    failures: list[str] = field(default_factory=list)


def overlap(operation: Operation, count: int, folder: Path) -> Overlaps:
    """Start two polls together so many times; every attempt is stored once."""
    found, chance = Overlaps(), random.Random(1)
    mine = operation.copy(folder)
    path = mine / "county.readings.db"
    for _ in range(count):
        if not PATIENCE.left:
            break
        found.pairs += 1
        before = _count(path)
        one = started(operation.body(mine), mine)
        time.sleep(chance.choice((0.0, chance.uniform(0, 0.3))))
        other = started(operation.body(mine), mine)
        ends = sorted((finished(one), finished(other)), key=lambda ended: ended.code or 0)
        codes = [ended.code for ended in ends]
        if any(ended.bad for ended in ends) or codes not in ([0, 0], [0, _RUNNING]):
            found.failures.append(f"ended with {codes}: {ends[0].err}{ends[1].err}")
        runs = codes.count(0)
        if codes == [0, _RUNNING]:
            found.refused += 1
            found.longest_refusal_s = max(found.longest_refusal_s, ends[1].took_s)
        found.both += runs == 2
        stored = _count(path) - before
        with closing(sqlite3.connect(path)) as raw:
            told = raw.execute("SELECT stored FROM poll_run ORDER BY rowid DESC LIMIT ?",
                               (runs,)).fetchall()  # fmt: skip
        if stored != sum(row[0] or 0 for row in told):
            found.failures.append(f"{stored} readings stored, {told} told")
        found.readings += stored
    return found


def _count(path: Path) -> int:
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as raw:
        count: int = raw.execute("SELECT count(*) FROM reading").fetchone()[0]
    return count
