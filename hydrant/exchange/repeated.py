"""Rows of one key in one file that are one asset: copies, and several visits to it.

A row that is typed twice is one asset, and so are rows of one key, one kind and one place that say
the same of the asset and tell of different visits. What a registry already tells apart stays so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.twins import SAME_THING_M
from hydrant.geo.distance import neighbours_within
from hydrant.store.facts.visits import Visit, visits_of
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import family_of

#: Why a row is refused beside a later visit to the same asset.
EARLIER = "exchange.why_visited_later"
#: Of what a row says of its asset this may differ from visit to visit.
_OF_VISIT = {"note"}


def settle_repeated(
    registry: Registry, rows: ReadRows, states: Mapping[str, bulk.SourceState]
) -> None:
    """Leave out rows that say again what another one says; refuse visits beside a later one.

    Notes both in `rows.copies`, and takes them out of the rows that are kept, so that they are
    taken for no asset of their own.
    """
    repeated = _repeated(rows, states)
    for group, recorded in repeated:
        _leave_copies(rows, group, recorded)
    pairs = _pairs_of_one(rows, [group for group, _ in repeated])
    uids = {state.asset_uid for key in {rows.keys[row] for pair in pairs for row in pair}
            if (state := states.get(key)) is not None}  # fmt: skip
    visits = visits_of(registry, uids)
    for one, other in pairs:
        state = states.get(rows.keys[one])
        _settle(rows, one, other, () if state is None else visits.get(state.asset_uid, ()))
    if rows.copies:
        rows.kept[:] = [row for row in rows.kept if row not in rows.copies]


def _repeated(
    rows: ReadRows, states: Mapping[str, bulk.SourceState]
) -> list[tuple[list[int], int]]:
    """Rows of keys that several bear, and how many the registry tells apart by each."""
    open_ = [row for row in rows.kept if row not in rows.problems]
    if len({rows.keys[row] for row in open_}) == len(open_):
        return []
    groups: dict[str, list[int]] = {}
    for row in open_:
        groups.setdefault(rows.keys[row], []).append(row)
    told = []
    for key, group in groups.items():
        if len(group) > 1:
            twins = (f"{key}#{number}" for number in range(2, 2 * len(group)))
            recorded = sum(name in states for name in (key, *twins))
            if recorded < len(group):
                told.append((group, recorded))
    return told


def _leave_copies(rows: ReadRows, group: Sequence[int], recorded: int) -> None:
    """Leave out rows that are others word for word, but for those on record as things apart."""
    columns, points = [*rows.table.columns.values()], rows.table.points or ()
    first: dict[tuple[object, ...], int] = {}
    copies = []
    for row in group:
        words = (*(cells[row].strip() for cells in columns), *(axis[row] for axis in points))
        if words in first:
            copies.append((row, first[words]))
        else:
            first[words] = row
    spare = max(0, recorded - len(first))
    rows.copies |= dict(copies[spare:])


def _pairs_of_one(rows: ReadRows, groups: Sequence[Collection[int]]) -> list[tuple[int, int]]:
    """Pairs of rows of one key that tell of visits to one asset: same kind, place and content."""
    if "outcome" not in rows.inspection or not groups:
        return []
    told = [(row, number) for number, group in enumerate(groups) for row in group
            if row not in rows.copies and row not in rows.keyless
            and np.isfinite(rows.lons[row])]  # fmt: skip
    if not told:
        return []
    here, numbers = (list(part) for part in zip(*told, strict=True))
    found = neighbours_within(rows.lons[here], rows.lats[here], np.array(numbers), SAME_THING_M)
    pairs = ((here[one], here[other]) for one, other, _ in zip(*map(list, found), strict=True))
    return sorted((one, other) for one, other in pairs if _one_asset(rows, one, other))


def _one_asset(rows: ReadRows, one: int, other: int) -> bool:
    return all(
        column[one] == column[other]
        if name != "kind"
        else family_of(column[one]) == family_of(column[other])
        for name, column in rows.fields.items()
        if name not in _OF_VISIT
    )


def _settle(rows: ReadRows, one: int, other: int, known: Sequence[Visit]) -> None:
    """Let of two visits in a file the later one be its row; two states of one day are refused."""
    outcomes = rows.inspection["outcome"]
    if outcomes[one] is None or outcomes[other] is None:
        return
    earlier, later = sorted((one, other), key=lambda row: (_day(rows, row), row))
    if _day(rows, earlier) != _day(rows, later):
        if not _on_record(rows, earlier, known):
            _refuse(rows, earlier, later, EARLIER)
        rows.copies[earlier] = later
    elif any(column[one] != column[other] for column in rows.inspection.values()):
        _refuse(rows, one, other, "exchange.why_states_apart")
        _refuse(rows, other, one, "exchange.why_states_apart")


def _day(rows: ReadRows, row: int) -> str:
    """Day of a row's visit; one without a day comes before all others."""
    at = (rows.inspection.get("at") or {row: None})[row]
    return "" if at is None else times.to_text(at)


def _on_record(rows: ReadRows, row: int, known: Sequence[Visit]) -> bool:
    """Whether the visit of a row is on record, as the row tells of it."""
    at, outcome = _day(rows, row), rows.inspection["outcome"][row]
    return any(
        (visit.values["at"] or "") == at and visit.values["outcome"] == outcome for visit in known
    )


def _refuse(rows: ReadRows, row: int, other: int, key: str) -> None:
    facts = {"key": rows.stated[row], "line": rows.table.lines[other]}
    rows.problems.setdefault(row, Problem("outcome", "", Phrase(key, facts)))
