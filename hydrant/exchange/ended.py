"""Rows of assets that are no more, or not yet: none of them counts as one that stands there.

A register keeps rows of hydrants that were demolished and of such as are planned. Their states
are no visits: they say what happened to the asset as a whole.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem, make_column
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.state_words import BAD, state_columns, state_of_whole
from hydrant.exchange.suggestion import matching, words
from hydrant.exchange.table import Table
from hydrant.vocabulary import LifecycleEvent, Outcome

#: What a row may say of an asset as a whole; suspensions are told by a visit that fails.
_KNOWN = (
    LifecycleEvent.COMMISSIONED,
    LifecycleEvent.REMOVED,
    LifecycleEvent.PLANNED,
    LifecycleEvent.UNDER_CONSTRUCTION,
)
#: A year or a day, wherever it stands in a cell.
_DAY = re.compile(r"[0-9]{4}|[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2}")


@dataclass(frozen=True, slots=True)
class Ended:
    """What a row says of an asset that does not exist: how, and since when, if it tells."""

    event: LifecycleEvent
    at: dt.datetime | None

    @property
    def removed(self) -> bool:
        """Whether it was there once."""
        return self.event is LifecycleEvent.REMOVED


def ended_rows(
    table: Table,
    mapping: Mapping,
    inspection: dict[str, list[str | None]],
    built: list[dt.datetime | None] | None,
    problems: dict[int, Problem],
    zone: ZoneInfo,
) -> tuple[dict[int, Ended], set[int]]:
    """Rows whose asset does not exist by what the mapping reads; contradictions are refused.

    Rows of which a column says so that the mapping does not read as such are refused, too, unless
    it takes them for defective: that a demolished hydrant is in service nobody has said.

    Parameters
    ----------
    inspection
        What the rows say of visits, by target.
    built
        When assets were commissioned, if the file tells.

    Returns
    -------
    tuple
        What is told of each row, and the rows that are taken for defective all the same.
    """
    found = dict(_stated(table, mapping, problems, zone))
    outcomes = inspection.get("outcome") or [None] * len(table)
    for row, one in found.items():
        why = _contradiction(one, outcomes[row], None if built is None else built[row])
        if why is not None:
            problems.setdefault(row, Problem("lifecycle", one.event, why))
    counted = set()
    for row, column in _unheeded(table, mapping):
        if row in found:
            continue
        if outcomes[row] in BAD:
            counted.add(row)
        else:
            cell = table.columns[column][row].strip()
            event = state_of_whole(cell) or LifecycleEvent.REMOVED  # a day alone is that of an end
            facts = {"column": column, "value": cell, "event": event.value}
            why = Phrase("exchange.why_ended_unread", facts)
            problems.setdefault(row, Problem("lifecycle", cell, why))
    return found, counted


def _stated(
    table: Table, mapping: Mapping, problems: dict[int, Problem], zone: ZoneInfo
) -> Iterator[tuple[int, Ended]]:
    specs = mapping.lifecycle
    if not specs:
        return
    read = {}
    for name, spec in specs.items():
        column = make_column(table, name, spec, zone=zone, decimal=mapping.decimal)
        for row, problem in column.problems.items():
            problems.setdefault(row, problem)
        read[name] = column.values
    nothing = [None] * len(table)
    now = times.now()
    for row, (event, at) in enumerate(
        zip(read.get("event", nothing), read.get("at", nothing), strict=True)
    ):
        if event is not None and event not in _KNOWN:
            facts = {"value": event, "known": ", ".join(_KNOWN)}
            problems.setdefault(
                row, Problem("event", event, Phrase("exchange.unknown_value", facts))
            )
        elif at is not None and at > now:
            day = times.local_day(at, zone).isoformat()
            why = Phrase("exchange.why_future", {"date": day})
            problems.setdefault(row, Problem("lifecycle_at", day, why))
        elif event is None and at is not None:
            yield row, Ended(LifecycleEvent.REMOVED, at)
        elif event is not None and event != LifecycleEvent.COMMISSIONED:
            yield row, Ended(LifecycleEvent(event), at)


def _contradiction(one: Ended, outcome: str | None, built: dt.datetime | None) -> Phrase | None:
    if outcome == Outcome.WORKS:
        return Phrase("exchange.why_ended_works")
    if one.removed and one.at is not None and built is not None and built > one.at:
        return Phrase("exchange.why_ended_before")
    return None


def _unheeded(table: Table, mapping: Mapping) -> Iterator[tuple[int, str]]:
    """Rows that a column calls gone or not there yet in words that the mapping does not decide."""
    event = mapping.lifecycle.get("event")
    decided = set(event.values or ()) if event is not None else set()
    for one in state_columns(table, ()):
        called = {word for word in one.values if state_of_whole(word) is not None} - decided
        if called:
            yield from _rows(table, one.column, called)
    since = mapping.lifecycle.get("at")
    read = set() if since is None else set(since.columns)
    for name in matching(table, words()["removed_on"], read):
        days = {cell.strip() for cell in set(table.columns[name]) if _DAY.search(cell)}
        yield from _rows(table, name, days)


def _rows(table: Table, column: str, cells: Collection[str]) -> Iterator[tuple[int, str]]:
    return (
        (row, column) for row, cell in enumerate(table.columns[column]) if cell.strip() in cells
    )
