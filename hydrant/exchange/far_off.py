"""Names rows that lie far from everything that is known: a sign, an order or a system mixed up.

They are written, because the registry may grow; a person looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hydrant.errors import Phrase
from hydrant.exchange.changes import POSITION
from hydrant.exchange.outcome import NEW, UPDATED, Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.geo import datum
from hydrant.geo.distance import metres_apart
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import outer_extents

Box = tuple[float, float, float, float]

#: As far outside the regions on record as their boxes may be wrong, m.
_REGIONS_M = 20_000.0
#: Nearer than this to the assets on record nothing is far off, m; a zone mix-up is 290 km.
_ASSETS_M = 100_000.0
#: So many assets show where a registry lies.
_LEAST = 5
#: So many rows show where their file lies: of three the one whose mix-up would bring it to the
#: others is named, of two nobody knows which.
_LEAST_ROWS = 3
#: So many times as far from the middle as half of the rows most rows of a register lie.
_WIDTHS = 4
_M_PER_DEGREE = 111_320.0
#: Countries whose rules shipped policies are, as boxes: what lies outside lies in another one.
#: None where no box of it is known here.
COUNTRIES: dict[str, Box | None] = {
    **dict.fromkeys(("zhejiang", "gb", "example-county"), datum.CHINA),
    **dict.fromkeys(("nfpa", "dvgw")),
}
#: Mix-ups that put a row on another continent, and what undoes them.
_MIXED_UP: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "west": lambda lons, lats: (-lons, lats),
    "south": lambda lons, lats: (lons, -lats),
    "both": lambda lons, lats: (-lons, -lats),
    "order": lambda lons, lats: (lats, lons),
}


def doubt_far(outcome: Outcome, rows: ReadRows, registry: Registry, known: bulk.Known) -> None:
    """Name new and moved rows that lie far from the regions and assets on record.

    Where neither is on record the country of the registry's policy counts, and where most rows of
    a file lie a row that comes there by a mix-up is named.
    """
    updated = [row for row in outcome.rows(UPDATED) if POSITION in outcome.fields[row]]
    placing = np.array([*outcome.rows(NEW), *updated], int)
    placing = placing[np.isfinite(rows.lons[placing])] if len(placing) else placing
    if not len(placing):
        return
    lons, lats = rows.lons[placing], rows.lats[placing]
    boxes = _on_record(registry, known)
    if boxes:
        far = ~_within_any(lons, lats, boxes)
    elif (country := COUNTRIES.get(registry.policy)) is not None:
        boxes = [country]
        far = ~_within_any(lons, lats, boxes)
        if far.all():
            outcome.abroad = _abroad(registry.policy, _causes(lons, lats, boxes))
            far[:] = False
    else:
        far = np.zeros(len(placing), bool)
    causes = _causes(lons, lats, boxes)
    own = _own_box(rows)
    if own is not None:
        turned = _causes(lons, lats, [own])
        for place in np.flatnonzero(~far & ~_within_any(lons, lats, [own])).tolist():
            if turned[place] is not None:
                far[place], causes[place] = True, turned[place]
    for place in np.flatnonzero(far).tolist():
        why = _why(float(lons[place]), float(lats[place]), causes[place])
        outcome.misplaced.setdefault(int(placing[place]), why)


def _abroad(policy: str, causes: Sequence[str | None]) -> Phrase | None:
    """What is to be said where no row lies in the country of a policy, and a mix-up explains it.

    Without one it is a register of another country, whose policy somebody has yet to choose.
    """
    cause, count = Counter(causes).most_common(1)[0]
    if cause is None or 2 * count <= len(causes):
        return None
    likely = Phrase(f"exchange.far_{cause}")
    return Phrase("cli_import_.abroad", {"policy": policy, "likely": likely})


def _why(lon: float, lat: float, cause: str | None) -> Phrase:
    facts = {"lon": f"{lon:.4f}", "lat": f"{lat:.4f}"}
    likely = Phrase(f"exchange.far_{cause or 'unknown'}")
    return Phrase("exchange.doubt_far", {**facts, "likely": likely})


def _on_record(registry: Registry, known: bulk.Known) -> list[Box]:
    """Where the registry expects assets: within its regions, and about those it holds."""
    boxes = [_wider(box, _REGIONS_M) for box in outer_extents(registry)]
    if len(known.uids) >= _LEAST:
        box = _box(known.lons, known.lats, 1)
        boxes.append(_wider(box, max(_ASSETS_M, _width_m(box))))
    return boxes


def _own_box(rows: ReadRows) -> Box | None:
    """Where most of a file's rows lie, and as far around as a register reaches."""
    kept = np.array(rows.kept, int)
    kept = kept[np.isfinite(rows.lons[kept])]
    if len(kept) < _LEAST_ROWS:
        return None
    (west, east), (south, north) = _about(rows.lons[kept]), _about(rows.lats[kept])
    return _wider((west, south, east, north), _ASSETS_M)


def _about(degrees: Any) -> tuple[float, float]:
    """Around the middle of some degrees, several times as wide as half of them lie."""
    middle = float(np.median(degrees))
    width = _WIDTHS * float(np.median(np.abs(degrees - middle)))
    return middle - width, middle + width


def _box(lons: Any, lats: Any, cut: float) -> Box:
    west, east = np.percentile(lons, (cut, 100 - cut))
    south, north = np.percentile(lats, (cut, 100 - cut))
    return float(west), float(south), float(east), float(north)


def _width_m(box: Box) -> float:
    return float(metres_apart(box[0], box[1], box[2], box[3]))


def _wider(box: Sequence[float], metres: float) -> Box:
    west, south, east, north = box
    up = metres / _M_PER_DEGREE
    middle = min(max(abs(south), abs(north)), 85.0)
    along = up / float(np.cos(np.radians(middle)))
    return west - along, south - up, east + along, north + up


def _within_any(lons: Any, lats: Any, boxes: Sequence[Box]) -> Any:
    inside = np.zeros(len(lons), bool)
    for west, south, east, north in boxes:
        inside |= (lons >= west) & (lons <= east) & (lats >= south) & (lats <= north)
    return inside


def _causes(lons: Any, lats: Any, boxes: Sequence[Box]) -> list[str | None]:
    """For each place the mix-up without which it would lie where others do."""
    found: list[str | None] = [None] * len(lons)
    for name, undone in _MIXED_UP.items():
        for place in np.flatnonzero(_within_any(*undone(lons, lats), boxes)).tolist():
            found[place] = found[place] or name
    return found
