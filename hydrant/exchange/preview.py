"""A few rows of a file as they would be stored, for somebody to look at before they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hydrant.exchange.outcome import IGNORED, REFUSED, Outcome
from hydrant.exchange.rows import ReadRows

#: Rows that are shown.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as it would be stored; the place is in CGCS2000."""

    line: int
    code: str | None
    kind: str
    lon: float
    lat: float
    region: str | None
    outcome: str | None
    at: dt.datetime | None


def sample(outcome: Outcome) -> list[Shown]:
    """Rows that would be taken in: one of each kind and state, the others evenly from the file."""
    read = outcome.read
    if read is None:
        return []
    taken = [row for row, action in enumerate(outcome.actions) if action not in (REFUSED, IGNORED)]
    states = read.inspection.get("outcome") or [None] * len(read.table)
    first: dict[tuple[object, object], int] = {}
    for row in taken:
        first.setdefault((read.fields["kind"][row], states[row]), row)
    chosen = list(first.values())[:SHOWN]
    rest = [row for row in taken if row not in set(chosen)]
    wanted = min(SHOWN - len(chosen), len(rest))
    chosen += [rest[len(rest) * n // wanted] for n in range(wanted)]
    return [_shown(read, row) for row in sorted(chosen)]


def _shown(read: ReadRows, row: int) -> Shown:
    def value(name: str, *, visit: bool = False) -> object:
        column = (read.inspection if visit else read.fields).get(name)
        return None if column is None else column[row]

    outcome, at = value("outcome", visit=True), value("at", visit=True)
    return Shown(
        line=read.table.lines[row],
        code=_text(value("code")),
        kind=str(value("kind")),
        lon=round(float(read.lons[row]), 7),
        lat=round(float(read.lats[row]), 7),
        region=_text(value("region_code")),
        outcome=_text(outcome),
        at=at if isinstance(at, dt.datetime) and outcome is not None else None,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
