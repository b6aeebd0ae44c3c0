"""How many pairs of assets may be one thing in a figure: those that entries flagged."""

from __future__ import annotations

from collections.abc import Callable

from hydrant.geo.distance import distance_bearing
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.open_pairs import Flagged, open_pairs
from hydrant.store.opened.registry import Registry

#: The same number within this distance is looked at, however far the places are apart: a
#: plate is read off the post, a place off a map (200 m is what ffn-hydrantenmap uses).
SAME_CODE_M = 200.0
#: What a stored distance may have lost.
_ROUNDED_M = 0.01


def open_in(registry: Registry, cut: Cut, chosen: Callable[[Flagged], bool]) -> int:
    """How many pairs that entries flagged are undecided and still near each other.

    Parameters
    ----------
    chosen
        Whether an asset is among those asked for; one of a pair is enough.
    """
    found = set()
    for one, other, metres in open_pairs(registry, cut):
        reach = SAME_CODE_M if one.code is not None and one.code == other.code else metres
        if (chosen(one) or chosen(other)) and (
            distance_bearing(*one.place, *other.place)[0] <= max(reach, metres) + _ROUNDED_M
        ):
            found.add(frozenset((one.uid, other.uid)))
    return len(found)
