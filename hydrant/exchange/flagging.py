"""Flags rows near another asset of their kind; nothing is withheld or merged by guess."""

from __future__ import annotations

import numpy as np

from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.geo.distance import neighbours_within
from hydrant.store.opened import bulk


def flag_neighbours(
    outcome: Outcome,
    rows: ReadRows,
    matches: Matches,
    known: bulk.Known,
    *,
    moved: list[int],
    within_m: float,
) -> None:
    """Note in `outcome` the new and moved rows with a same-kind neighbour, old or new."""
    if not moved:
        return
    own = {matches.assets[row] for row in moved if row in matches.assets}
    others = [place for place, uid in enumerate(known.uids) if uid not in own]
    kinds = [rows.fields["kind"][row] for row in moved]
    kinds += [known.kinds[place] for place in others]
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    groups = np.array([numbers[kind] for kind in kinds])
    lons = np.concatenate([rows.lons[moved], known.lons[others]])
    lats = np.concatenate([rows.lats[moved], known.lats[others]])
    found = neighbours_within(lons, lats, groups, within_m)
    for one, other, metres in zip(*(part.tolist() for part in found), strict=True):
        if one >= len(moved):
            continue  # two old assets: flagged when they came
        row = moved[one]
        if other < len(moved):
            outcome.pairs.append((row, moved[other], metres))
            outcome.duplicates.setdefault(row, rows.keys[moved[other]])
            outcome.duplicates.setdefault(moved[other], rows.keys[row])
        else:
            uid = known.uids[others[other - len(moved)]]
            outcome.pairs.append((row, uid, metres))
            outcome.duplicates.setdefault(row, uid)
