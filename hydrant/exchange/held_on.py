"""Refused rows of a register whose asset goes on counting by a visit that found it working."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from collections.abc import Sequence

from hydrant import times
from hydrant.exchange.left_standing import Standing, left_standing, what_was_said
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import IGNORED, REFUSED, Outcome
from hydrant.exchange.repeated import EARLIER
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.state_words import BAD
from hydrant.store.facts.visits import last_decisive, visits_of
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import Outcome as Found

#: What decides whether an asset works.
_DECISIVE = {Found.WORKS.value, *BAD}


def held_on(
    registry: Registry,
    outcome: Outcome,
    rows: ReadRows,
    matches: Matches,
    mapping: Mapping,
    *,
    taking: bool,
) -> dict[int, Standing]:
    """Refused rows of assets that work by their last decisive visit, on record or in this file.

    A refused row is of the asset that bears its key, also where another row of the file, which is
    taken, means the same one or brings it.

    Parameters
    ----------
    taking
        Whether the rows that are not refused are taken.
    """
    state = mapping.inspection.get("outcome", Spec()).columns
    columns = [outcome.table.columns[name] for name in state if name in outcome.table.columns]
    taken = _taken(outcome, rows)
    said, uids, brought = dict[int, str](), dict[int, str](), dict[int, int]()
    for row in outcome.rows(REFUSED):
        problem = outcome.problems[row]
        if problem.why.key == EARLIER:
            continue  # a later row of the same asset counts
        beside = [] if row in rows.keyless else taken.get(rows.stated[row], [])
        uid = _meant(matches, rows, row, beside)
        last = _last(rows, beside)
        said[row] = what_was_said([*(cells[row] for cells in columns), problem.cell], problem.why)
        if uid is not None:
            uids[row] = uid
        if taking and last is not None:
            brought[row] = last
    found = left_standing(registry, {row: (uid, said[row]) for row, uid in uids.items()})
    for row, last in _after_all(registry, rows, brought, uids).items():
        found.pop(row, None)
        if rows.inspection["outcome"][last] == Found.WORKS:
            day = _day(rows, last)
            since = (
                times.local_day(times.from_text(day), registry.zone).isoformat() if day else None
            )
            found[row] = Standing(uids.get(row, ""), outcome.codes[row], said[row], since)
    return dict(sorted(found.items()))


def _taken(outcome: Outcome, rows: ReadRows) -> dict[str, list[int]]:
    """Rows that are taken, by their keys as the file states them."""
    found: dict[str, list[int]] = {}
    if outcome.problems:
        for row, action in enumerate(outcome.actions):
            if action not in (REFUSED, IGNORED) and row not in rows.keyless:
                found.setdefault(rows.stated[row], []).append(row)
    return found


def _meant(matches: Matches, rows: ReadRows, row: int, beside: Sequence[int]) -> str | None:
    """The known asset that a row means, by itself or by its key."""
    means = [matches.assets[one] for one in (row, *beside) if one in matches.assets]
    known = None if row in rows.keyless else matches.states.get(rows.stated[row])
    return means[0] if means else None if beside or known is None else known.asset_uid


def _last(rows: ReadRows, beside: Sequence[int]) -> int | None:
    """The row with the last decisive visit among some; None where none brings one."""
    outcomes = rows.inspection.get("outcome")
    if outcomes is None:
        return None
    told = [row for row in beside if outcomes[row] in _DECISIVE]
    return max(told, key=lambda row: _day(rows, row), default=None)


def _after_all(
    registry: Registry, rows: ReadRows, brought: Dict[int, int], uids: Dict[int, str]
) -> dict[int, int]:
    """Those rows of the file that bring a later visit than the last decisive one on record."""
    visits = visits_of(registry, {uids[row] for row in brought if row in uids})
    found = {}
    for row, last in brought.items():
        known = last_decisive(visits.get(uids.get(row, ""), ()))
        if known is None or str(known.values["at"] or "") < _day(rows, last):
            found[row] = last
    return found


def _day(rows: ReadRows, row: int) -> str:
    """Moment of a row's visit as stored; empty for one without."""
    at = (rows.inspection.get("at") or {row: None})[row]
    return "" if at is None else times.to_text(at)
