"""The page of results: a section for each part, so that one can be measured anew alone."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).with_name("RESULTS.md")
#: Work, ours, peer or limit, ratio with what is promised.
Line = tuple[str, str, str, str]

_HEAD = """# Results

Written by `nox -s bench`, a part of it by `nox -s bench -- PART`. Two cores of a shared machine with
a warm file cache; both sides of a line run in turn, and the ratio is the median of the ratios of
neighbouring runs. Seconds are for orientation, ratios are what is promised. Each part says how many
processes of others wanted the two cores as it began: from two on, seconds are too long, and ratios
against a fixed time or between sizes are spoilt.
"""
_SHORT = "What falls short"
#: Why a promise is not kept, by the beginning of the line.
_REASONS = {
    "import 300,000": "What is left is SQLite writing, the hash of every row for the audit chain and "
    "one pass of Python over each column.",
    "poll 400": "Half of the time is asyncio and system calls, which bare pymodbus has too; the rest "
    "is spread over decoding, checking and SQLite. It varies with what else the machine does.",
}


def section(lines: list[Line], *, load: float, gdal: str) -> str:
    """What a part measured, as text below its heading."""
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"""Measured on {datetime.now(UTC).date()}: Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {gdal};
load of the machine {load:.1f}.

| work | ours | peer or limit | ratio (promised) |
|---|---|---|---|
{table}"""


def load_now() -> float:
    """How many processes wanted the processors in the last minute."""
    return os.getloadavg()[0]


def sections(page: Path = PAGE) -> dict[str, str]:
    """Sections of the page by heading, as they stand."""
    parts = re.split(r"^## (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)[1:]
    found = zip(parts[::2], parts[1::2], strict=True)
    return {name: text.strip() for name, text in found if name != _SHORT}


def write(found: Mapping[str, str], page: Path = PAGE) -> None:
    """Write the page of sections, and what of the promises they do not keep."""
    told = "\n\n".join(f"## {name}\n\n{text}" for name, text in found.items())
    missed = "\n".join(short("\n".join(found.values()))) or "Nothing."
    page.write_text(f"{_HEAD}\n{told}\n\n## {_SHORT}\n\n{missed}\n", encoding="utf-8")


def short(text: str) -> Iterator[str]:
    """One point for each promise in tables that is not kept."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        found = re.match(r"([\d.]+) \(([≤≥]) ([\d.]+)\)", cells[-1])
        if found is None:
            continue
        value, bound = float(found[1]), float(found[3])
        if value > bound if found[2] == "≤" else value < bound:
            why = next((why for start, why in _REASONS.items() if cells[0].startswith(start)), "")
            yield f"- {cells[0]}: {found[1]}, promised {found[2]} {found[3]}. {why}".rstrip()
