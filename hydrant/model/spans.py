"""Rows of an asset over time, as rules: at any moment exactly one holds.

They follow each other without gap or overlap, whatever the order in which they were entered. A
change holds from its date until the next change of the same value that is on record, and what was
stated for a day holds from that day, also where it was so already or has come to be so since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from hydrant import times
from hydrant.model.tables import AssetColumns

#: Until when the last announced row holds.
END_OF_TIME = times.from_text(times.ALWAYS)
#: Before any row.
EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)
#: Columns that say one thing together: where an asset is.
POSITION = ("lon", "lat", "orig_x", "orig_y", "orig_crs", "accuracy_m")
#: Columns that are changed from a date on; the position is ``lon`` and ``lat`` beside them.
COLUMNS = tuple(name for name in AssetColumns.model_fields if name != "valid_from")
#: What of a row is changed as a whole.
_CELLS: tuple[tuple[str, ...], ...] = (
    POSITION,
    *((name,) for name in COLUMNS if name not in POSITION),
)

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Span:
    """One row and the time for which it holds.

    Attributes
    ----------
    values
        Columns of an asset with ``lon`` and ``lat``.
    start
        First moment; None where nobody knows since when.
    until
        First moment after it.
    uid
        Key of the version; None for the row of the feature table, or one not stored yet.
    """

    values: Values
    start: dt.datetime | None
    until: dt.datetime
    uid: str | None = None

    def holds_at(self, moment: dt.datetime) -> bool:
        """Whether it holds at a moment."""
        return (self.start is None or self.start <= moment) and moment < self.until


class Statement(NamedTuple):
    """Values that somebody stated for a moment on; the columns of a position stand together."""

    since: dt.datetime
    values: Values


def edited(
    spans: Sequence[Span],
    since: dt.datetime,
    changes: Values,
    stated: Collection[Statement] = (),
) -> list[Span]:
    """Spans after some values change from a moment on.

    Each value holds until the next change of it that is on record, or until the next day for which
    it was stated, whatever a correction made of what was stated; the others stay.
    """
    spans = _reaching(spans, since)
    spans, kept = _at_statements(spans, since, changes, stated)
    place = next(n for n, span in enumerate(spans) if span.holds_at(since))
    target = spans[place]
    found = list(spans[:place])
    if target.start is None or target.start < since:
        found.append(replace(target, until=since))
        target = replace(target, start=since, uid=None)
    found.append(_changed(target, changes))
    found.extend(_carried(spans[place + 1 :], spans[place].values, changes, kept))
    return found


#: Moments from which a cell stays as it was stated.
Kept = Collection[tuple[dt.datetime | None, tuple[str, ...]]]


def _at_statements(
    spans: Sequence[Span], since: dt.datetime, changes: Values, stated: Collection[Statement]
) -> tuple[Sequence[Span], Kept]:
    """Spans of which one begins wherever a later statement stands against a change, and where."""
    kept = set()
    for statement in stated:
        if statement.since <= since:
            continue
        then = next(span.values for span in spans if span.holds_at(statement.since))
        for cell in _CELLS:
            stands = any(name in statement.values for name in cell)
            if stands and any(changes.get(name, then[name]) != then[name] for name in cell):
                kept.add((statement.since, cell))
    for moment, _ in kept:
        spans = [part for span in spans for part in _split(span, moment)]
    return spans, kept


def _split(span: Span, moment: dt.datetime) -> Iterator[Span]:
    if span.start == moment or not span.holds_at(moment):
        yield span
        return
    yield replace(span, until=moment)
    yield replace(span, start=moment, uid=None)


def corrected(spans: Sequence[Span], at: dt.datetime, changes: Values) -> list[Span]:
    """Spans after some values turn out never to have held: wherever they follow each other."""
    place = next(n for n, span in enumerate(spans) if span.holds_at(at))
    wrong = spans[place].values
    earlier = list(_carried(spans[:place][::-1], wrong, changes))[::-1]
    later = _carried(spans[place + 1 :], wrong, changes)
    return [*earlier, _changed(spans[place], changes), *later]


def _reaching(spans: Sequence[Span], since: dt.datetime) -> Sequence[Span]:
    """Spans of which the first reaches back to a moment before all that is on record."""
    first = spans[0]
    if first.start is None or first.start <= since:
        return spans
    return [replace(first, start=since), *spans[1:]]


def _changed(span: Span, changes: Values) -> Span:
    return replace(span, values={**span.values, **changes})


def _carried(
    spans: Iterable[Span], former: Values, changes: Values, kept: Kept = ()
) -> Iterator[Span]:
    """Neighbours with the changed values, as far as they said the same as what was changed."""
    live = [cell for cell in _CELLS if any(name in changes for name in cell)]
    for span in spans:
        live = [cell for cell in live if (span.start, cell) not in kept]
        live = [cell for cell in live if all(span.values[n] == former[n] for n in cell)]
        wanted = {n: changes[n] for cell in live for n in cell if n in changes}
        yield _changed(span, wanted) if wanted else span


def in_order(spans: Iterable[Span], now: dt.datetime) -> list[Span]:
    """Spans that follow each other, from rows that may overlap, end too early or leave gaps.

    Of former rows it is known until when they held, of announced ones from when; the row of the
    feature table lies between. A row without a position gets that of the row after it. The same
    rows give the same spans in whatever order they come.
    """
    line = sorted(spans, key=lambda span: span.start or EARLIEST)
    if _follow(line):  # also where a day has come that the feature table does not show yet
        return _placed(line)
    rows = sorted(line, key=lambda span: span.uid or "")
    (present,) = (span for span in rows if span.uid is None)
    others = [span for span in rows if span is not present]
    ahead = [span for span in others if _is_ahead(span, present.start, now)]
    while True:
        past = _once([s for s in others if s not in ahead], lambda span: span.until)
        today = past[-1].until if past else present.start
        kept = [span for span in ahead if _is_ahead(span, today, now)]
        if kept == ahead:
            break
        ahead = kept
    future = _once(ahead, lambda span: span.start or END_OF_TIME)
    return _placed([*_chained(past, present), *future])


def _follow(line: Sequence[Span]) -> bool:
    """Whether each row begins where the one before it ends, and the last one ends never."""
    lasting = all(span.start is None or span.start < span.until for span in line)
    linked = all(before.until == after.start for before, after in pairwise(line))
    return lasting and linked and line[-1].until == END_OF_TIME


def _is_ahead(span: Span, today: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a row holds after the one of the feature table, which holds from `today`."""
    start = span.start
    return start is not None and (today is None or start > today) and max(start, now) < span.until


def _once(rows: Iterable[Span], when: Callable[[Span], dt.datetime]) -> list[Span]:
    """Rows by a moment, one for each."""
    found: dict[dt.datetime, Span] = {}
    for span in rows:
        found.setdefault(when(span), span)
    return [found[moment] for moment in sorted(found)]


def _chained(past: list[Span], present: Span) -> list[Span]:
    """Former rows and the present one, each from where the one before it ends."""
    if not past:
        return [present]
    first = past[0]
    begins = first.start if first.start is not None and first.start < first.until else None
    starts = [begins, *(span.until for span in past)]
    return [replace(s, start=start) for s, start in zip([*past, present], starts, strict=True)]


def _placed(spans: list[Span]) -> list[Span]:
    """Spans each of which ends where the next begins and has a position, if any has."""
    found: list[Span] = []
    until = END_OF_TIME
    for span in reversed(spans):
        found.append(replace(span, until=until))
        until = span.start or END_OF_TIME
    return _filled(_filled(found)[::-1])


def _filled(spans: list[Span]) -> list[Span]:
    """Spans of which one without a position has that of the one before it in the list."""
    found = spans[:1]
    for span in spans[1:]:
        beside = found[-1].values
        lacks = span.values["lon"] is None and beside["lon"] is not None
        where = {name: beside[name] for name in POSITION} if lacks else {}
        found.append(replace(span, values={**span.values, **where}))
    return found
