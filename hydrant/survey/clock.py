"""Wrong clocks of laptops: found by what they give away, set right only when told by how much."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hydrant import times
from hydrant.errors import Phrase, StoreError
from hydrant.store.opened.raw_rows import Row, time_columns
from hydrant.store.sides.bundle_file import Packed, RowChange

#: A laptop's clock may be off by this much before its times are doubted.
SLACK = dt.timedelta(minutes=10)
#: A time this near to the moment at which it was recorded is taken to be the clock's own; one
#: further off was typed by somebody who looked at another clock.
_SAME_MOMENT = dt.timedelta(hours=1)

Moments = Mapping[str, Sequence[dt.datetime]]


def doubts(packed: Packed, entries: Sequence[tuple[Any, ...]]) -> list[Phrase]:
    """What the crew's own audit entries give away: a clock behind, ahead, or set back."""
    moments = [times.from_text(entry[1]) for entry in entries]
    if not moments:
        return []
    left, now = times.from_text(packed.packed_at), times.now()
    found = []
    if min(moments) < left - SLACK:
        found.append(_doubt("behind", left - min(moments)))
    if max(moments) > now + SLACK:
        found.append(_doubt("ahead", max(moments) - now))
    back = max((a - b for a, b in pairwise(moments)), default=dt.timedelta())
    if back > SLACK:
        found.append(_doubt("back", back))
    return found


def _doubt(word: str, by: dt.timedelta) -> Phrase:
    return Phrase(f"survey.clock_{word}", {"minutes": round(by.total_seconds() / 60)})


def set_right(
    changes: Sequence[RowChange], entries: Sequence[tuple[Any, ...]], ahead: dt.timedelta
) -> list[RowChange]:
    """The changes with the times that the clock gave corrected.

    Parameters
    ----------
    ahead
        By how much the clock was ahead of the true time; negative where it was behind.
    """
    if not ahead:
        return list(changes)
    written: dict[str, list[dt.datetime]] = defaultdict(list)
    for entry in entries:
        written[entry[6]].append(times.from_text(entry[1]))
    return [
        change
        if change.row is None
        else replace(change, row=_corrected(change, change.row, written[change.uid], ahead))
        for change in changes
    ]


def _corrected(
    change: RowChange, row: Row, written: Sequence[dt.datetime], ahead: dt.timedelta
) -> Row:
    values = dict(row)
    for name in time_columns(change.entity):
        value = row[name]
        if value is None or (change.base is not None and change.base[name] == value):
            continue
        moment = _moment(value)
        if moment is not None and any(abs(moment - entry) <= _SAME_MOMENT for entry in written):
            values[name] = times.to_text(moment - ahead)
    return values


def _moment(value: Any) -> dt.datetime | None:
    """The moment of a stored text; None where it is none, which the rules of rows refuse."""
    try:
        return times.from_text(value)
    except StoreError:
        return None
