"""Flags rows near another asset of their kind, or of another's number: nothing is withheld."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.geo.distance import distance_bearing, neighbours_within
from hydrant.store.opened import bulk

#: Of a number that more assets bear than this, each is held against its neighbour only.
_FEW_BEARERS = 40


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


def flag_same_code(
    outcome: Outcome, rows: ReadRows, matches: Matches, known: bulk.Known, *, seen: Sequence[int]
) -> None:
    """Note in `outcome` the rows whose number another asset bears, with the nearest of them.

    Parameters
    ----------
    seen
        Rows that are new, or that state another number or place than before.
    """
    codes = rows.fields.get("code")
    if codes is None or not seen:
        return
    numbered = [row for row in seen if codes[row] is not None]
    own = {matches.assets[row] for row in seen if row in matches.assets}
    borne: dict[str, list[int | str]] = {}
    places: dict[int | str, tuple[float, float]] = {}
    for row in numbered:
        borne.setdefault(codes[row], []).append(row)
    for place, (code, uid) in enumerate(zip(known.codes, known.uids, strict=True)):
        if code in borne and uid not in own:
            borne[code].append(uid)
            places[uid] = float(known.lons[place]), float(known.lats[place])
    for row in numbered:
        if len(borne[codes[row]]) > 1:
            places[row] = float(rows.lons[row]), float(rows.lats[row])
    for bearers in borne.values():
        if len(bearers) > 1:
            for row, other, metres in _nearest(bearers, places):
                _flag(outcome, rows, row, other, metres)


def _nearest(
    bearers: list[int | str], places: dict[int | str, tuple[float, float]]
) -> Iterator[tuple[int, int | str, float]]:
    """Rows among the bearers of a number, each with the nearest other one and the metres."""
    ordered = sorted(bearers, key=lambda one: (places[one], str(one)))
    for index, one in enumerate(ordered):
        if not isinstance(one, int):
            continue
        others = ordered[:index] + ordered[index + 1 :]
        if len(ordered) > _FEW_BEARERS:
            others = ordered[max(index - 1, 0) : index] + ordered[index + 1 : index + 2]
        metres, _, other = min(
            (distance_bearing(*places[one], *places[other])[0], str(other), other)
            for other in others
        )
        yield one, other, metres


def _flag(outcome: Outcome, rows: ReadRows, row: int, other: int | str, metres: float) -> None:
    if row in outcome.duplicates:
        return  # near another one: that weighs more
    outcome.duplicates[row] = other if isinstance(other, str) else rows.keys[other]
    outcome.apart[row] = metres
    outcome.same_code.append((row, other, metres))
