"""What a machine can bear, computed from what was measured: ``python -m bench.capacity``.

Reads bench/RESULTS.md, bench/SERVER.md and bench/SIZES.md and writes
docs/explanation/capacity.md (``--check``: only says whether it is up to date).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PAGE = ROOT.parent / "docs" / "explanation" / "capacity.md"

#: Assumed, not measured; each is named on the page.
DISK_BYTES = 2e12
KEEP_DAYS, LOG_DAYS = 30, 7
HEADROOM = 0.5
DAY_S = 86_400
SCALES = (
    ("a county", 2_000, 900),
    ("a city", 30_000, 900),
    ("a province", 300_000, 900),
    ("a province, each 5 minutes", 300_000, 300),
    ("a province, each minute", 300_000, 60),
    ("the country's larger part", 5_000_000, 900),
    ("the same, each minute", 5_000_000, 60),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, and where it stands."""

    poll_s: float
    file_s: float
    server_s: float
    copy_s: float
    staged_s: float
    server_bytes: float
    file_bytes: float
    wal_bytes: float
    latest_bytes: float
    parquet_bytes: float
    integrity_s: float
    integrity_server_s: float
    import_s: float

    @property
    def worker_s(self) -> float:
        """Readings a second of one worker, as if reading and storing never overlapped."""
        return 1 / (1 / self.poll_s + 1 / self.server_s)


def number(page: str, row: str, *, column: int = 1) -> float:
    """First number of a cell, of the only row that begins so."""
    lines = [line for line in (ROOT / page).read_text("utf-8").splitlines()
             if line.startswith(f"| {row}")]  # fmt: skip
    assert len(lines) == 1, (page, row, len(lines))
    cell = lines[0].strip("|").split("|")[column]
    found = re.search(r"[\d,]+(?:\.\d+)?", cell)
    assert found, lines[0]
    return float(found[0].replace(",", ""))


def figures() -> Figures:
    million = 1e6
    return Figures(
        poll_s=number("RESULTS.md", "poll 400 gateways"),
        file_s=number("SIZES.md", "readings stored on a file"),
        server_s=number("SIZES.md", "readings stored on a server"),
        copy_s=million / number("SERVER.md", "1 M readings by plain COPY"),
        staged_s=million / number("SERVER.md", "1 M readings by staged COPY alone"),
        server_bytes=number("SIZES.md", "a reading on a server"),
        file_bytes=number("SIZES.md", "a reading on a file"),
        wal_bytes=number("SIZES.md", "log of the server"),
        latest_bytes=number("SIZES.md", "latest values"),
        parquet_bytes=number("SIZES.md", "a reading as Parquet"),
        integrity_s=number("RESULTS.md", "integrity by county, 1 M"),
        integrity_server_s=number("SERVER.md", "integrity by county"),
        import_s=number("RESULTS.md", "import 1,000,000 points"),
    )


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of sensors at an interval asks of one database, and the share it takes."""

    sensors: int
    rate: float
    storing: float
    disk_gb_day: float
    log_gb_day: float
    disk: float
    log: float
    workers: int

    @property
    def first(self) -> str:
        """What breaks first; nothing where every share leaves the headroom."""
        shares = {"storing": self.storing, "disk": self.disk, "log": self.log}
        name = max(shares, key=lambda word: shares[word])
        if shares[name] <= HEADROOM:
            return "holds"
        return f"{name}, {shares[name]:.1f} ×" if shares[name] > 1 else f"{name} is tight"


def load(found: Figures, sensors: int, interval_s: int) -> Load:
    rate = sensors / interval_s
    day, log = (rate * DAY_S * b for b in (found.server_bytes, found.wal_bytes))
    return Load(
        sensors=sensors,
        rate=rate,
        storing=rate / found.server_s,
        disk_gb_day=day / 1e9,
        log_gb_day=log / 1e9,
        disk=(KEEP_DAYS * day + sensors * found.latest_bytes) / DISK_BYTES,
        log=LOG_DAYS * log / DISK_BYTES,
        workers=ceil(rate / (found.worker_s * HEADROOM)),
    )


def row(found: Figures, name: str, sensors: int, interval_s: int) -> str:
    one = load(found, sensors, interval_s)
    every = f"{interval_s // 60} min"
    return (
        f"| {name} | {sensors:,} | {every} | {one.rate:,.0f} | {one.workers} | "
        f"{100 * one.storing:,.1f} % | {one.disk_gb_day:,.1f} | {one.log_gb_day:,.1f} | "
        f"{one.first} |"
    )


def file_row(found: Figures, sensors: int, interval_s: int) -> str:
    rate = sensors / interval_s
    busy = rate * (1 / found.poll_s)
    year = rate * DAY_S * 365 * found.file_bytes / 1e9
    return f"| {sensors:,} | {interval_s // 60} min | {100 * busy:.2f} % | {year:,.0f} |"


def text() -> str:
    found = figures()
    most = load(found, 5_000_000, 60)
    fits = int(found.server_s * HEADROOM)
    parts = ceil(most.rate / fits)
    rows = "\n".join(row(found, *scale) for scale in SCALES)
    files = "\n".join(file_row(found, *s) for s in ((500, 900), (2_000, 900), (2_000, 300), (10_000, 900)))  # fmt: skip
    return f"""# What a machine can bear

Written by `nox -s capacity` from [RESULTS.md](../../bench/RESULTS.md),
[SERVER.md](../../bench/SERVER.md) and [SIZES.md](../../bench/SIZES.md): two cores of a shared machine that
ran the program and the server at once. Everything is linear in what was measured; nothing above
1 M assets and 1 M readings was run. Your machine is another one: run `python -m bench.sizes` there.

| measured | figure |
|---|---|
| one process reads and stores on a file | {found.poll_s:,.0f} readings/s |
| one process stores on a server, latest values kept | {found.server_s:,.0f} readings/s |
| so one worker, as if both never overlapped | {found.worker_s:,.0f} readings/s |
| a reading on a server, with its index | {found.server_bytes:,.0f} bytes |
| the server's log for a reading | {found.wal_bytes:,.0f} bytes |
| a reading on a file | {found.file_bytes:,.0f} bytes |
| integrity of 1 M assets, file and server | {found.integrity_s:.0f} s and {found.integrity_server_s:.0f} s |
| import of 1 M assets into a file | {found.import_s:.0f} s |

## One machine with a file

| sensors | every | poller busy | readings a year, GB, if none are dropped |
|---|---|---|---|
{files}

Time is never what ends a file; size is. `hydrant db retain --days 400` each night keeps it at
one year and a month, and hours of what went before.

## One database

Assumed: {DISK_BYTES / 1e12:.0f} TB of disk, readings kept for {KEEP_DAYS} days before they become hours, the log kept for {LOG_DAYS} days
between base backups, everything at most {100 * HEADROOM:.0f} % busy. One process at a time was measured storing; what
several at once gain was not, so no gain is counted.

| | sensors | every | readings/s | workers | storing | disk GB/day | log GB/day | first to break |
|---|---|---|---|---|---|---|---|---|
{rows}

A worker here is a process on one core; what it waits for (50-300 ms an answer) costs it nothing, because
gateways are asked at once. A gateway must answer all its units within the interval: at 300 ms and 5
units that is 1.5 s.

## Five million each minute, on paper

{most.rate:,.0f} readings a second is {most.storing:.1f} times what one database was seen to store, {most.disk_gb_day:,.0f} GB of
readings and {most.log_gb_day:,.0f} GB of log a day. In the order in which things break:

1. **At once: storing the latest values.** The readings alone go in at {found.staged_s:,.0f}/s (staged COPY) and
   {found.copy_s:,.0f}/s (plain COPY); with an update of each sensor's latest row it is {found.server_s:,.0f}/s. Updating it
   once for each cycle of a shard, or in memory, is the first thing to build. Until then:
   {parts} databases, one for every {fits * 60:,} hydrants.
2. **Within hours: the disk.** {most.disk_gb_day:,.0f} GB a day fill {DISK_BYTES / 1e12:.0f} TB in {DISK_BYTES / 1e9 / most.disk_gb_day:.1f} days. As Parquet a reading is
   {found.parquet_bytes:.0f} bytes, {most.rate * DAY_S * found.parquet_bytes / 1e9:,.0f} GB a day: keep a day in the database, the rest as files.
3. **The log**, with archive and standby: {most.log_gb_day * 1e9 / DAY_S / 1e6:,.0f} MB/s, day and night, to two places.
4. **Workers**: {most.workers} cores' worth; they are added without asking anybody, so they never break first.
5. **Integrity** of 5 M assets: about {5 * found.integrity_server_s:,.0f} s for the whole, by linear growth; a county's is as fast as ever.

A hydrant's pressure need not be stored each minute to be watched each minute. A device that sends by itself
when it changes (`hydrant ingest`), and otherwise each quarter of an hour, turns this into the line
above: {load(found, 5_000_000, 900).rate:,.0f} readings/s.
"""


def main() -> int:
    told = text()
    if "--check" in sys.argv:
        current = PAGE.read_text("utf-8") if PAGE.exists() else ""
        return 0 if current == told else 1
    PAGE.write_text(told, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
