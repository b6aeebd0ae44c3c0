"""Holds rows of assets that are no more, or not yet, against the registry.

A day that is told ends a known asset. Without one nothing is ended and nothing taken in: when it
was removed decides the figures of every date between.
"""

from __future__ import annotations

from collections.abc import Sequence

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.ended import Ended
from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import IGNORED, NEW, REFUSED, UNCHANGED, UPDATED, Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.model.tables import Lifecycle
from hydrant.store.facts.assets import events_of, lifecycle_state
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import LifecycleEvent

_NOT_THERE = (
    LifecycleEvent.REMOVED,
    LifecycleEvent.PLANNED,
    LifecycleEvent.UNDER_CONSTRUCTION,
)


def decide_ends(registry: Registry, rows: ReadRows, matches: Matches, outcome: Outcome) -> None:
    """Decide what becomes of rows whose asset does not exist; the actions are changed in place."""
    outcome.ended_counted = [r for r in rows.ended_counted if outcome.actions[r] != REFUSED]
    not_taken = (REFUSED, IGNORED)
    outcome.ended_mentioned = {
        r: c for r, c in rows.ended_mentioned.items() if outcome.actions[r] not in not_taken
    }
    for row, one in rows.ended.items():
        kept = one.ours if not one.removed else one.at is not None
        if outcome.actions[row] == NEW and not kept:
            outcome.actions[row] = IGNORED
            outcome.ended_left_out.append(row)
    known = sorted([*outcome.rows(UPDATED), *outcome.rows(UNCHANGED)])
    # an asset that stands by every row is looked at only where its row changed
    wanted = [r for r in known if r in rows.ended or outcome.actions[r] == UPDATED]
    events = events_of(registry, {matches.assets[row] for row in wanted})
    for row in wanted:
        _decide(outcome, row, rows.ended.get(row), events[matches.assets[row]])


def _decide(outcome: Outcome, row: int, one: Ended | None, events: Sequence[Lifecycle]) -> None:
    state = lifecycle_state(list(events))
    there = state not in _NOT_THERE
    if one is None or one.ours:  # what became of it here since is not taken back by an older file
        if state is LifecycleEvent.REMOVED or (one is not None and state is not one.event):
            outcome.ended_otherwise.append(row)
    elif one.removed and state is LifecycleEvent.REMOVED:
        if outcome.actions[row] == UPDATED and not _same_end(one, events):
            outcome.ended_otherwise.append(row)
    elif outcome.actions[row] == UNCHANGED and _settled(events):
        pass  # somebody put it back since; a file that goes on saying the old thing changes nothing
    elif one.removed and one.at is not None:
        outcome.actions[row] = UPDATED
        outcome.gone.add(row)
    elif there:
        key = "why_removed_when" if one.removed else "why_not_yet"
        outcome.problems[row] = Problem("lifecycle", one.event, Phrase(f"exchange.{key}"))
        outcome.actions[row] = REFUSED
    elif one.removed:
        outcome.ended_otherwise.append(row)


def _settled(events: Sequence[Lifecycle]) -> bool:
    """Whether a removal was on record once."""
    return any(event.event == LifecycleEvent.REMOVED and event.confirmed for event in events)


def _same_end(one: Ended, events: Sequence[Lifecycle]) -> bool:
    ends = [e.at for e in events if e.event == LifecycleEvent.REMOVED and e.withdrawn_at is None]
    return one.at is None or one.at in ends
