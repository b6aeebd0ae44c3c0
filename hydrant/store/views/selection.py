"""Picks assets for a crew: by region, duty holder, kind, area or list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hydrant.model.geopoint import decode_point
from hydrant.store.opened.registry import Registry

_PICKED = """
SELECT uid, geom FROM asset
WHERE (:kind IS NULL OR kind = :kind OR kind LIKE :kind || '.%')
  AND (:maintainer IS NULL OR maintainer = :maintainer)
ORDER BY uid
"""


class Area(Protocol):
    """What is asked of an outline; one of shapely is."""

    def intersects_xy(self, x: float, y: float, /) -> bool:
        """Whether it holds a position, degrees."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for; None asks for everything.

    Attributes
    ----------
    area
        A prepared shapely geometry in EPSG:4490 degrees.
    uids
        Keys of a list.
    """

    regions: Sequence[str] | None = None
    kind: str | None = None
    maintainer: str | None = None
    area: Area | None = None
    uids: Sequence[str] | None = None


def pick(registry: Registry, choice: Choice) -> list[str]:
    """Keys of the assets that a choice asks for."""
    regions = None if choice.regions is None else set(choice.regions)
    listed = None if choice.uids is None else set(choice.uids)
    homes: dict[str, str | None] = dict(
        registry.connection.execute("SELECT uid, region_code FROM asset")
    )
    bound = {"kind": choice.kind, "maintainer": choice.maintainer}
    found = []
    for uid, geom in registry.connection.execute(_PICKED, bound):
        point = decode_point(geom)
        inside = choice.area is None or (point is not None and choice.area.intersects_xy(*point))
        if (
            (regions is None or homes[uid] in regions)
            and (listed is None or uid in listed)
            and inside
        ):
            found.append(uid)
    return found
