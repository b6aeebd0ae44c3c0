"""Rows of assets that are no more, or not yet: none of them counts as one that stands there.

A register keeps rows of hydrants that were demolished and of such as are planned. Their states
are no visits: they say what happened to the asset as a whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem, make_column
from hydrant.exchange.gone_words import Gone, unheeded
from hydrant.exchange.mapping import Mapping, is_shipped
from hydrant.exchange.state_words import BAD
from hydrant.exchange.table import Table
from hydrant.vocabulary import LifecycleEvent, Outcome

#: What a row may say of an asset as a whole; suspensions are told by a visit that fails.
_KNOWN = (
    LifecycleEvent.COMMISSIONED,
    LifecycleEvent.REMOVED,
    LifecycleEvent.PLANNED,
    LifecycleEvent.UNDER_CONSTRUCTION,
)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a row says of an asset that does not exist: how, and since when, if it tells.

    Attributes
    ----------
    ours
        Whether it is a row of our own export, whose asset was on record with that state.
    by_day
        Whether the row gives no word, only the day.
    """

    event: LifecycleEvent
    at: dt.datetime | None
    ours: bool = False
    by_day: bool = False

    @property
    def removed(self) -> bool:
        """Whether it was there once."""
        return self.event is LifecycleEvent.REMOVED


@dataclass(slots=True)
class EndedRows:
    """What rows say of ends.

    Attributes
    ----------
    found
        Assets that do not exist by what is read, by row.
    counted
        Rows whose asset is gone by a column, and that the mapping takes for defective.
    mentioned
        Rows that stand although a column speaks of an end, and that column.
    """

    found: dict[int, Ended] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)
    mentioned: dict[int, str] = field(default_factory=dict)


def ended_rows(
    table: Table,
    mapping: Mapping,
    inspection: dict[str, list[str | None]],
    built: list[dt.datetime | None] | None,
    problems: dict[int, Problem],
    zone: ZoneInfo,
) -> EndedRows:
    """Rows whose asset does not exist by what the mapping reads; contradictions are refused.

    Rows of which a column says so that the mapping does not read as such are refused, too, unless
    it takes them for defective: that a demolished hydrant is in service nobody has said. Under a
    shipped mapping, which nobody edits, a plain word is read instead.

    Parameters
    ----------
    inspection
        What the rows say of visits, by target.
    built
        When assets were commissioned, if the file tells.
    """
    stands: dict[int, dt.datetime | None] = {}
    ended = EndedRows(dict(_stated(table, mapping, problems, zone, stands)))
    outcomes = inspection.get("outcome") or [None] * len(table)
    for row, one in ended.found.items():
        why = _contradiction(one, outcomes[row], None if built is None else built[row])
        if why is not None:
            problems.setdefault(row, Problem("lifecycle", one.event, why))
    for row, at in stands.items():
        if at is not None and at != (None if built is None else built[row]):
            day = times.local_day(at, zone).isoformat()
            why = Phrase("exchange.why_begun_elsewhere", {"date": day})
            problems.setdefault(row, Problem("lifecycle_at", day, why))
    settled = stands.keys() | ended.found.keys()
    # who uses a shipped mapping decides no words: a plain one is read as what it says
    shipped = is_shipped(mapping)
    for gone in (one for one in unheeded(table, mapping) if one.row not in settled):
        outcome, event = outcomes[gone.row], gone.said.event
        if not gone.decisive:
            ended.mentioned.setdefault(gone.row, gone.column)
        elif outcome in BAD:
            ended.counted.add(gone.row)
        elif shipped and event is not None and outcome != Outcome.WORKS:
            ended.found[gone.row] = Ended(event, None)
        else:
            problems.setdefault(gone.row, _unread(table, gone))
    return ended


def _unread(table: Table, gone: Gone) -> Problem:
    cell = table.columns[gone.column][gone.row].strip()
    event = gone.said.event or LifecycleEvent.REMOVED
    facts = {"column": gone.column, "value": cell, "event": event.value}
    return Problem("lifecycle", cell, Phrase("exchange.why_ended_unread", facts))


def _stated(
    table: Table,
    mapping: Mapping,
    problems: dict[int, Problem],
    zone: ZoneInfo,
    stands: dict[int, dt.datetime | None],
) -> Iterator[tuple[int, Ended]]:
    """What is told of each row; rows said to be commissioned are added to those that stand."""
    specs, ours = mapping.lifecycle, mapping.bears_uids
    known = (*_KNOWN, LifecycleEvent.SUSPENDED) if ours else _KNOWN
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
        if event is not None and event not in known:
            facts = {"value": event, "known": ", ".join(known)}
            problems.setdefault(
                row, Problem("event", event, Phrase("exchange.unknown_value", facts))
            )
        elif at is not None and at > now:
            day = times.local_day(at, zone).isoformat()
            why = Phrase("exchange.why_future", {"date": day})
            problems.setdefault(row, Problem("lifecycle_at", day, why))
        elif event is None and at is not None:
            yield row, Ended(LifecycleEvent.REMOVED, at, by_day=True)
        elif event == LifecycleEvent.COMMISSIONED:
            stands[row] = at
        elif event is not None:
            told = LifecycleEvent(event)
            yield row, Ended(told, at, ours=ours and told is not LifecycleEvent.REMOVED)


def _contradiction(one: Ended, outcome: str | None, built: dt.datetime | None) -> Phrase | None:
    if outcome == Outcome.WORKS and not one.ours:
        return Phrase("exchange.why_ended_day_works" if one.by_day else "exchange.why_ended_works")
    if one.removed and one.at is not None and built is not None and built > one.at:
        return Phrase("exchange.why_ended_before")
    return None
