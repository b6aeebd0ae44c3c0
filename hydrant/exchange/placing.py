"""Places rows in regions by their outlines, and names rows that lie outside the one they state."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from hydrant.errors import Phrase
from hydrant.exchange.changes import POSITION
from hydrant.exchange.doubting import doubt_places
from hydrant.exchange.outcome import NEW, UPDATED, Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_outlines import KnownOutlines, known_outlines

_REGION = "region_code"


@dataclass(frozen=True, slots=True)
class Located:
    """Regions of rows that state none, by row; and the outlines that say so, if any."""

    known: KnownOutlines | None = None
    codes: dict[int, str] = field(default_factory=dict)


def locate(registry: Registry, rows: ReadRows) -> Located:
    """The finest region whose outline holds each row that states none."""
    kept = np.array(rows.kept, int)
    placed = kept[np.isfinite(rows.lons[kept])]
    if not len(placed):
        return Located()
    lons, lats = rows.lons[placed], rows.lats[placed]
    box = float(lons.min()), float(lats.min()), float(lons.max()), float(lats.max())
    known = known_outlines(registry, box)
    stated = rows.fields.get(_REGION) or [None] * len(rows.table)
    if known is None:
        return Located()
    asked = [row for row in placed.tolist() if stated[row] is None]
    if not asked:
        return Located(known)
    found = known.finest(rows.lons[asked], rows.lats[asked])
    return Located(known, {row: c for row, c in zip(asked, found, strict=True) if c is not None})


def place_rows(outcome: Outcome, rows: ReadRows, located: Located) -> None:
    """Give new rows without a region the one they lie in; note those outside the one they state.

    A stated region is never overridden: a row outside it is written and named, as is one whose
    place is doubtful for another reason.
    """
    doubt_places(outcome, rows)
    if located.known is None:
        return
    new = outcome.rows(NEW)
    moved = [row for row in outcome.rows(UPDATED) if {POSITION, _REGION} & set(outcome.fields[row])]
    codes = rows.fields.setdefault(_REGION, [None] * len(rows.table))
    stated: dict[str, list[int]] = defaultdict(list)
    for row in (*new, *moved):
        if codes[row] is not None:
            stated[codes[row]].append(row)
    for code, here in stated.items():
        _doubt(outcome, rows, located.known, code, here)
    _doubt_nowhere(outcome, rows, located, [row for row in (*new, *moved) if codes[row] is None])
    for row in new:
        if row in located.codes:
            codes[row] = outcome.placed[row] = located.codes[row]


def _doubt_nowhere(outcome: Outcome, rows: ReadRows, located: Located, here: list[int]) -> None:
    """Name rows outside all outlines where most of the file's rows lie within one: in the sea, too.

    Where most lie outside, the outlines are those of one town of many.
    """
    assert located.known is not None  # noqa: S101  asked for only where there are outlines
    nowhere = [row for row in here if row not in located.codes]
    metres = located.known.metres_from_all(rows.lons[nowhere], rows.lats[nowhere])
    beyond = [row for row, far in zip(nowhere, metres, strict=True) if far]
    if len(beyond) < len(located.codes):
        for row in beyond:
            outcome.misplaced.setdefault(row, Phrase("exchange.doubt_nowhere"))


def _doubt(
    outcome: Outcome, rows: ReadRows, known: KnownOutlines, code: str, here: list[int]
) -> None:
    metres = known.metres_outside(code, rows.lons[here], rows.lats[here])
    far = {row: beyond for row, beyond in zip(here, metres, strict=True) if beyond}
    outside = list(far)
    if not outside:
        return
    for row, lies_in in zip(
        outside, known.finest(rows.lons[outside], rows.lats[outside]), strict=True
    ):
        outcome.misplaced.setdefault(row, known.doubt(code, lies_in, far[row]))
