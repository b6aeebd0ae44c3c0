"""Keys that a program gave anew: rows that stand where other assets of the register stood."""

from __future__ import annotations

import numpy as np

from hydrant.errors import InputRefused
from hydrant.exchange.matching import Matches
from hydrant.exchange.rows import ReadRows
from hydrant.geo.distance import MOVED_M
from hydrant.model.values import Numbers
from hydrant.store.opened import bulk

#: Two assets that change places may be a correction; more of them are none.
_LEAST = 3
#: Places are the same to this many decimals of a degree, 0.1 m.
_DECIMALS = 6
#: No degree of latitude is shorter, m; what differs by less in both has not moved far.
_M_PER_DEGREE = 110_000.0


def refuse_counted_anew(rows: ReadRows, matches: Matches, known: bulk.Known) -> None:
    """Refuse a file whose rows put assets onto the very places of other assets.

    A number that a program counts (``fid``, a row's number) means another thing once a row was
    taken out or the file was sorted: every state and visit would go to another asset.

    Raises
    ------
    InputRefused
        Of the rows that would move their assets at least half, and three, stand exactly where
        another asset of the register stood.
    """
    index = {uid: place for place, uid in enumerate(known.uids)}
    matched = [
        (row, index[uid])
        for row, uid in matches.assets.items()
        if uid in index and row not in rows.problems
    ]
    if len(matched) < _LEAST:
        return
    ours, theirs = (np.array(part) for part in zip(*matched, strict=True))
    lons, lats = rows.lons[ours], rows.lats[ours]
    away = np.maximum(np.abs(lons - known.lons[theirs]), np.abs(lats - known.lats[theirs]))
    moved = np.flatnonzero(away * _M_PER_DEGREE > MOVED_M)
    if len(moved) < _LEAST:
        return
    stood = _places(known.lons[theirs], known.lats[theirs])
    taken = sum(place in stood for place in _list(lons[moved], lats[moved]))
    if taken >= _LEAST and 2 * taken >= len(moved):
        raise InputRefused(
            "exchange.counted_anew", file=rows.table.file, count=taken, all=len(matched)
        )


def _list(lons: Numbers, lats: Numbers) -> list[tuple[float, float]]:
    x, y = (np.round(axis, _DECIMALS).tolist() for axis in (lons, lats))
    return list(zip(x, y, strict=True))


def _places(lons: Numbers, lats: Numbers) -> set[tuple[float, float]]:
    return set(_list(lons, lats))
