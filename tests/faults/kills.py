"""kill -9 in whatever writes, at random moments and at single writes to the disk.

Acknowledged is what a command ended well for. After each kill the next command must work, `db
check` must find nothing, and the file must say what it said after so many whole steps, no fewer
than were acknowledged.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import states
from tests.faults.county import Operation
from tests.faults.trial import NONE, PATIENCE, Ended, Fault, program, trial
from tests.faults.writes import Meet

#: The same command is given once more after one trial in so many.
_AGAIN = 4


@dataclass(slots=True)
class Kills:
    """What was found by killing one operation."""

    name: str
    trials: int = 0
    killed: int = 0
    before: int = 0
    after: int = 0
    unacknowledged: int = 0
    inside: int = 0
    lost: int = 0
    half: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """Trials that ended as none may."""
        return self.lost + self.half + len(self.failures)


@dataclass(frozen=True, slots=True)
class Known:
    """An operation measured: its states after each step, its writes, its time."""

    steps: list[states.State]
    told: frozenset[tuple[str, str]]
    writes: int
    took_s: float


def store_of(operation: Operation, folder: Path) -> Path:
    """The file an operation writes to."""
    path = folder / (operation.made or operation.registry)
    return path.with_suffix(".readings.db") if operation.readings else path


def measured(operation: Operation, folder: Path) -> Known:
    """Run an operation undisturbed, twice, and step by step."""
    runs: list[list[states.State]] = []
    for _ in range(2):
        mine = operation.copy(folder)
        found = [states.state(store_of(operation, mine))]
        for line in operation.lines:
            ended = trial(program(operation._words(mine, line)), mine)
            assert ended.code in {0, 5}, (operation.name, ended)
            found.append(states.state(store_of(operation, mine)))
        runs.append(found)
    mine = operation.copy(folder)
    whole = trial(operation.body(mine), mine)
    assert whole.writes is not None, whole
    alike = [states.told_alike(one, other) for one, other in zip(*runs, strict=True) if one]
    told = frozenset.intersection(*alike)
    return Known(runs[0], told, whole.writes, whole.took_s)


def kill(operation: Operation, count: int, folder: Path, *, seed: int = 1) -> Kills:
    """Kill an operation so many times: half at random moments, half at single writes."""
    known = measured(operation, folder)
    found, chance = Kills(operation.name), random.Random(f"{operation.name} {seed}")
    number = 0
    while found.killed < count and number < 3 * count and PATIENCE.left:
        number += 1
        mine = operation.copy(folder)
        if number % 2:
            fault = Fault(after_s=chance.uniform(0, known.took_s * 1.05))
        else:
            meet = Meet.TEAR if number % 4 else Meet.KILL
            fault = Fault(meet, chance.randint(1, known.writes))
        ended = trial(operation.body(mine), mine, fault)
        judge(operation, known, mine, ended, found)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def judge(
    operation: Operation,
    known: Known,
    mine: Path,
    ended: Ended,
    found: Kills,
    *,
    refused: bool = False,
) -> None:
    """Look at what a trial left behind."""
    counts = refused or ended.code is None
    found.trials += 1
    found.killed += ended.code is None
    found.inside += counts and states.hot(mine)
    if ended.code is not None and ended.code not in {0, 5} and not refused:
        found.failures.append(f"not killed, yet ended with {ended.code}: {ended.err}")
    now = _peeked(operation, mine)
    next_command(operation, mine, found)
    if now is None:
        now = states.state(store_of(operation, mine))
    step = step_of(operation, known, store_of(operation, mine), now)
    if step is None:
        found.half += 1
        found.failures.append(f"half: {_differing(known, now)}")
        return
    found.before += counts and step == 0
    found.after += counts and step == len(known.steps) - 1
    if operation.acknowledges:
        found.lost += step < ended.acknowledged
        found.unacknowledged += counts and step > ended.acknowledged
    if operation.again and found.trials % _AGAIN == 1:
        once_more(operation, known, mine, found)


def _peeked(operation: Operation, mine: Path) -> states.State | None:
    """The state before the next command, where that would go on with the work; of a copy."""
    if operation.name != "outside edits":
        return None
    aside = mine.with_name("peeked")
    shutil.copytree(mine, aside)
    found = states.state(aside / operation.registry)
    shutil.rmtree(aside)
    return found


def step_of(operation: Operation, known: Known, path: Path, now: states.State) -> int | None:
    """How many whole steps a state holds; None where it is none of them."""
    if operation.readings:
        return _polled(path, now)
    alike = [states.same(step, now, told=known.told) for step in known.steps]
    return alike.index(True) if True in alike else None


def _differing(known: Known, now: states.State) -> str:
    closest = min(known.steps, key=lambda step: sum(step.get(k) != now.get(k) for k in known.told))
    return ", ".join(
        f"{table}.{column}"
        for table, column in sorted(known.told)
        if closest.get((table, column)) != now.get((table, column))
    )


def next_command(operation: Operation, mine: Path, found: Kills) -> None:
    """What the user does next works, and the check finds nothing."""
    registry = mine / operation.registry
    lines: list[list[object]] = [["--db", registry, "db", "check"]]
    if operation.name == "migrate":
        lines.insert(0, ["--db", registry, "db", "migrate"])
    if operation.readings:
        lines.append(["--db", registry, "alarm", "list"])
    for line in lines:
        if operation.name == "migrate" and line[-1] == "migrate":
            continue
        ended = trial(program([*line, "--lang", "en"]), mine, NONE)
        waits = operation.name == "migrate" and ended.code == 4 and "db migrate" in ended.err
        if (ended.code != 0 and not waits) or ended.bad:
            found.failures.append(f"next command ended with {ended.code}: {ended.out}{ended.err}")


def once_more(operation: Operation, known: Known, mine: Path, found: Kills) -> None:
    """The same command again completes the work; what it made before is not made twice."""
    if operation.made is not None and (mine / operation.made).exists():
        return
    ended = trial(operation.body(mine), mine, NONE)
    now = states.state(store_of(operation, mine))
    facts = frozenset(key for key in known.told if key[0] in _FACTS)
    if ended.code != 0 or ended.bad or not states.same(known.steps[-1], now, told=facts):
        found.failures.append(f"once more ended with {ended.code}: {ended.out}{ended.err}")


#: A reading is stored together with what it did to the latest values and to alarms.
_HALF_POLLED = """
SELECT count(*) FROM latest l WHERE NOT EXISTS (SELECT 1 FROM reading r WHERE
  r.sensor_uid = l.sensor_uid AND r.at = l.at AND r.value IS l.value AND r.quality = l.quality)
UNION ALL SELECT count(*) FROM reading r WHERE NOT EXISTS (SELECT 1 FROM latest l WHERE
  r.sensor_uid = l.sensor_uid AND l.at >= r.at)
UNION ALL SELECT count(*) FROM alarm a WHERE cleared_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM alarm_state s WHERE s.sensor_uid = a.sensor_uid AND s.kind = a.kind AND s.active)
UNION ALL SELECT count(*) FROM alarm_state s WHERE active AND NOT EXISTS (SELECT 1 FROM alarm a
  WHERE s.sensor_uid = a.sensor_uid AND s.kind = a.kind AND a.cleared_at IS NULL)
UNION ALL SELECT count(*) FROM poll_run p WHERE ended_at IS NOT NULL AND stored <> (
  SELECT count(*) FROM reading r WHERE r.run_uid = p.uid)
"""


def _polled(path: Path, now: states.State) -> int | None:
    """1 when a poll ended, 0 when it did not; None where something of it is half."""
    if ("poll_run", "(rows)") not in now:
        return 0
    with closing(sqlite3.connect(path)) as raw:
        half = [count for (count,) in raw.execute(_HALF_POLLED) if count]
        ended = raw.execute("SELECT count(ended_at) FROM poll_run").fetchone()[0]
        whole = raw.execute("PRAGMA integrity_check").fetchone()[0]
    return None if half or whole != "ok" else int(ended)


_FACTS = {"asset", "lifecycle", "inspection", "defect", "migration", "region", "sensor"}
