"""What a machine can bear, computed from what was measured: ``python -m bench.capacity``.

Reads bench/RESULTS.md, bench/SERVER.md and bench/SIZES.md and writes
docs/explanation/capacity.md and its Chinese twin (``--check``: only says whether they are up to date).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from bench.capacity_words import CHINESE, CHINESE_NAMES, ENGLISH

ROOT = Path(__file__).resolve().parent
PAGE = ROOT.parent / "docs" / "explanation" / "capacity.md"
TWIN = PAGE.with_name("capacity.zh.md")

#: What a language calls a name of the tables.
Words = Callable[[str], str]

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
FILES = ((500, 900), (2_000, 900), (2_000, 300), (10_000, 900))


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

    def first(self, words: Words = str) -> str:
        """What breaks first; nothing where every share leaves the headroom."""
        shares = {"storing": self.storing, "disk": self.disk, "log": self.log}
        name = max(shares, key=lambda word: shares[word])
        if shares[name] <= HEADROOM:
            return words("holds")
        told = "{name}, {share:.1f} ×" if shares[name] > 1 else "{name} is tight"
        return words(told).format(name=words(name), share=shares[name])


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


def row(found: Figures, name: str, sensors: int, interval_s: int, words: Words) -> str:
    one = load(found, sensors, interval_s)
    return (
        f"| {words(name)} | {sensors:,} | {_every(interval_s, words)} | {one.rate:,.0f} | "
        f"{one.workers} | {100 * one.storing:,.1f}{words(' %')} | {one.disk_gb_day:,.1f} | "
        f"{one.log_gb_day:,.1f} | {one.first(words)} |"
    )


def file_row(found: Figures, sensors: int, interval_s: int, words: Words) -> str:
    rate = sensors / interval_s
    busy = rate * (1 / found.poll_s)
    year = rate * DAY_S * 365 * found.file_bytes / 1e9
    every = _every(interval_s, words)
    return f"| {sensors:,} | {every} | {100 * busy:.2f}{words(' %')} | {year:,.0f} |"


def _every(interval_s: int, words: Words) -> str:
    return words("{minutes} min").format(minutes=interval_s // 60)


def values(found: Figures) -> dict[str, str]:
    """Every figure of the page by the name under which its text asks for it."""
    most = load(found, 5_000_000, 60)
    fits = int(found.server_s * HEADROOM)
    told: dict[str, float] = {
        "poll": found.poll_s,
        "server": found.server_s,
        "worker": found.worker_s,
        "server_bytes": found.server_bytes,
        "wal_bytes": found.wal_bytes,
        "file_bytes": found.file_bytes,
        "parquet_bytes": found.parquet_bytes,
        "integrity": found.integrity_s,
        "integrity_server": found.integrity_server_s,
        "integrity_most": 5 * found.integrity_server_s,
        "import_": found.import_s,
        "staged": found.staged_s,
        "copy": found.copy_s,
        "disk_tb": DISK_BYTES / 1e12,
        "keep": KEEP_DAYS,
        "log": LOG_DAYS,
        "headroom": 100 * HEADROOM,
        "most_rate": most.rate,
        "most_disk": most.disk_gb_day,
        "most_log": most.log_gb_day,
        "most_workers": most.workers,
        "parts": ceil(most.rate / fits),
        "part_of": fits * 60,
        "parquet_day": most.rate * DAY_S * found.parquet_bytes / 1e9,
        "log_mb_s": most.log_gb_day * 1e9 / DAY_S / 1e6,
        "quarter_rate": load(found, 5_000_000, 900).rate,
    }
    fine = {"times": most.storing, "fills_days": DISK_BYTES / 1e9 / most.disk_gb_day}
    whole = {name: f"{value:,.0f}" for name, value in told.items()}
    return whole | {name: f"{value:.1f}" for name, value in fine.items()}


def text(page: str = ENGLISH, words: Words = str) -> str:
    """The page in the language of its text.

    Parameters
    ----------
    page
        Text with a place for every figure.
    words
        What the language calls the names of the tables.
    """
    found = figures()
    rows = "\n".join(row(found, *scale, words) for scale in SCALES)
    files = "\n".join(file_row(found, *scale, words) for scale in FILES)
    return page.format(rows=rows, files=files, **values(found))


def pages() -> dict[Path, str]:
    """The page and its Chinese twin."""
    return {PAGE: text(), TWIN: text(CHINESE, CHINESE_NAMES.__getitem__)}


def main() -> int:
    told = pages()
    if "--check" in sys.argv:
        stale = [
            page for page in told if not page.exists() or page.read_text("utf-8") != told[page]
        ]
        return 1 if stale else 0
    for page, words in told.items():
        page.write_text(words, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
