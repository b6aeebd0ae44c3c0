"""Rows that put a known asset somewhere else, and what they say of it there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hydrant import times
from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.visits import Visited
from hydrant.geo.distance import moved_m
from hydrant.store.facts.former import former_places
from hydrant.store.facts.visits import BAD, bad_since
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry

_WRITTEN = (Visited.NEW, Visited.CORRECTED)


def moved_rows(
    registry: Registry,
    rows: ReadRows,
    matches: Matches,
    known: bulk.Known,
    placed: Sequence[int],
) -> set[int]:
    """Of rows with another position those that put their asset somewhere else."""
    wanted = {matches.assets[row] for row in placed}
    here = {
        uid: [(float(known.lons[n]), float(known.lats[n]))]
        for n, uid in enumerate(known.uids)
        if uid in wanted
    }
    for uid, places in former_places(registry, wanted).items():
        here.setdefault(uid, []).extend(places)
    return {
        row
        for row in placed
        if moved_m(
            here.get(matches.assets[row], ()), (float(rows.lons[row]), float(rows.lats[row]))
        )
    }


def bad_where_moved(
    registry: Registry, rows: ReadRows, outcome: Outcome
) -> dict[int, dt.datetime | None]:
    """Of rows that put an asset elsewhere those that say that it fails or was not found there.

    A row is about the place that it states. A good finding needs a visit after the move all the
    same, since nobody knows when that was; a bad one is not lost by it.

    Returns
    -------
    dict
        By row, since when it is so: the moment of the visit, at the latest of which the asset had
        moved; None is the moment of the import. A row of whose asset something later is on record
        is left out.
    """
    told = rows.inspection.get("outcome", ())
    bad = [row for row in sorted(outcome.moved) if told and told[row] in BAD]
    found: dict[int, dt.datetime | None] = {}
    for row in bad:
        days = rows.inspection.get("at")
        at = None if days is None else days[row]
        decided = outcome.visits.get(row)
        new = decided is not None and decided.state in _WRITTEN
        if new and at is None:
            found[row] = None
            continue
        stated = None if at is None else times.to_text(at)
        since = bad_since(registry, outcome.assets[row], stated)
        if since is not None:
            found[row] = times.from_text(since)
    return found
