"""Names rows whose place is doubtful: far from all others, or given twice and differently.

They are written, because either may be right; a person looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.changes import POSITION
from hydrant.exchange.doubled_places import comparable, metres_between, rival_pairs, rows_apart
from hydrant.exchange.outcome import NEW, UPDATED, Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.table import Table
from hydrant.geo import datum
from hydrant.geo.distance import metres_apart
from hydrant.geo.outliers import lone
from hydrant.geo.text_forms import parse_number

#: Two pairs of coordinates of one row that lie further apart than this contradict each other, m;
#: a second pair is often rounded to four decimals.
_APART_M = 100.0
#: Headings of longitude and latitude, in small letters, that other people write beside a geometry.
_SECOND = (
    ("lon", "lat"),
    ("lng", "lat"),
    ("long", "lat"),
    ("longitude", "latitude"),
    ("经度", "纬度"),
    ("經度", "緯度"),
)


def doubt_places(outcome: Outcome, rows: ReadRows) -> None:
    """Name doubtful rows among those that give an asset its place, and tell of shifts."""
    updated = [row for row in outcome.rows(UPDATED) if POSITION in outcome.fields[row]]
    placing = np.array([*outcome.rows(NEW), *updated], int)
    _shifts(outcome, rows)
    if not len(placing):
        return
    for row, why in _contradicted(rows, placing):
        outcome.misplaced.setdefault(row, why)
    everywhere = np.array(rows.kept, int)
    everywhere = everywhere[np.isfinite(rows.lons[everywhere])]
    found = lone(rows.lons[everywhere], rows.lats[everywhere])
    wanted = set(placing.tolist())
    for place, metres in found.items():
        row = int(everywhere[place])
        if row in wanted:
            facts = {"kilometres": round(metres / 1000)}
            outcome.misplaced.setdefault(row, Phrase("exchange.doubt_lone", facts))


def _shifts(outcome: Outcome, rows: ReadRows) -> None:
    """The operations that were used, in the order of how many rows."""
    outcome.crs, outcome.overruled = rows.crs.stored, rows.overruled
    used = sorted(rows.operations.items(), key=lambda item: -item[1][0])
    outcome.shifted = [(name, count, accuracy_m) for name, (count, accuracy_m) in used]


def _contradicted(rows: ReadRows, placing: Any) -> Iterator[tuple[int, Phrase]]:
    """Rows whose second pair of coordinates lies elsewhere."""
    yield from _rivals(rows, placing.tolist())
    second = _second_pair(rows)
    if second is None:
        return
    names, lons, lats = second
    metres = metres_apart(rows.lons[placing], rows.lats[placing], lons[placing], lats[placing])
    for row, apart in zip(placing.tolist(), metres.tolist(), strict=True):
        reach_m = np.nan_to_num(rows.accuracy_m[row])
        if apart > _APART_M + reach_m:  # not-a-number is not
            facts = {"columns": ", ".join(names), "metres": round(apart)}
            yield row, Phrase("exchange.doubt_pairs", facts)


def _rivals(rows: ReadRows, placing: list[int]) -> Iterator[tuple[int, Phrase]]:
    """Rows for which another pair of columns, headed as the one that is read, gives elsewhere."""
    if rows.pair is None:
        return
    for other in filter(partial(comparable, rows.pair), rival_pairs(rows.table, rows.pair)):
        apart = {*rows_apart(rows.table, rows.pair, other)}
        metres = metres_between(rows.table, rows.pair, other) if apart else ()
        for row in placing:
            if row in apart:
                away = float(metres[row])  # numbers that are no degrees have no distance
                told = round(away) if np.isfinite(away) else "?"
                facts = {"columns": ", ".join(other), "metres": told}
                yield row, Phrase("exchange.doubt_pairs", facts)


def _second_pair(rows: ReadRows) -> tuple[tuple[str, str], Any, Any] | None:
    """Degrees in columns that the position was not read from; None where there are none."""
    table = rows.table
    written = {name.strip().lower(): name for name in table.columns}
    for words in _SECOND:
        if not set(words) <= written.keys():
            continue
        lon, lat = (written[word] for word in words)
        if {lon, lat} & set(rows.used) and table.points is None:
            continue
        if {lon, lat} <= set(rows.used) and table.points is not None:
            return _drawn_pair(table, table.points)
        return (lon, lat), _degrees(table.columns[lon]), _degrees(table.columns[lat])
    return None


def _drawn_pair(table: Table, points: Any) -> tuple[tuple[str, str], Any, Any] | None:
    """Degrees of the file's own geometry; None where its system leads nowhere."""
    x, y = (np.array(axis, float) for axis in points)
    try:
        found = datum.placed(x, y, datum.stated_by(table.crs or "wgs84"))
    except InputRefused:  # the geometry is not what the position is read from
        return None
    return ("geometry.x", "geometry.y"), found.lons, found.lats


def _degrees(cells: list[str]) -> Any:
    numbers = [parse_number(cell) for cell in cells]
    found = np.array([np.nan if number is None else number for number in numbers], float)
    # what is no degree is no second pair
    return np.where((np.abs(found) <= 180) & (found != 0), found, np.nan)
