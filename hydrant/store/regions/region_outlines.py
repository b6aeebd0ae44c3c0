"""Outlines of regions: put on record, and asked where positions lie."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import isinf
from typing import TYPE_CHECKING, NamedTuple

from hydrant import times
from hydrant.errors import Phrase
from hydrant.model.geopoint import decode_point
from hydrant.model.tables import Region
from hydrant.model.values import Positions
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions.region_tree import RegionTree, load_tree
from hydrant.vocabulary import RegionLevel

if TYPE_CHECKING:
    from hydrant.geo.outlines import Outlines

#: A position this near outside an outline may well be inside: public outlines are coarse (ours).
TOLERANCE_M = 200.0
#: The same in degrees of latitude, rounded up.
TOLERANCE_DEG = 0.002
#: A distance outside that is told; and how far off an outline is read at least, km.
_TOLD_M, _NEAR_KM = 1000.0, 40
_RANK = {level: rank for rank, level in enumerate(RegionLevel)}


def put_outline(
    writer: Writer, region: Region, boundary: bytes, box: tuple[float, float, float, float]
) -> bool:
    """Record the outline of a region and the box around it; whether that is new."""
    names = ("min_lon", "min_lat", "max_lon", "max_lat")
    values = dict(zip(names, box, strict=True))
    return bool(writer.update(region, boundary=boundary, **values))


@dataclass(frozen=True)
class KnownOutlines:
    """The regions in force whose outlines are on record, read from the store once.

    Attributes
    ----------
    codes, boundaries
        Those that come near the positions that are asked for.
    outlined
        All that have an outline.
    """

    tree: RegionTree
    codes: tuple[str, ...]
    boundaries: tuple[bytes, ...]
    outlined: frozenset[str]

    @cached_property
    def _outlines(self) -> Outlines:
        from hydrant.geo.outlines import Outlines  # noqa: PLC0415  brings GEOS

        return Outlines(self.boundaries)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {code: number for number, code in enumerate(self.codes)}

    def finest(self, lons: Positions, lats: Positions) -> list[str | None]:
        """Code of the finest region that holds each position; None where none is certain.

        Where two outlines of one level overlap neither decides, and a coarser one may.
        """
        if not self.codes:
            return [None] * len(lons)
        return [self._one(numbers) for numbers in self._outlines.holding(lons, lats)]

    def _one(self, numbers: list[int]) -> str | None:
        ranks = [_RANK[RegionLevel(self.tree.nodes[self.codes[n]].level)] for n in numbers]
        for rank in sorted(set(ranks), reverse=True):
            if ranks.count(rank) == 1:
                return self.codes[numbers[ranks.index(rank)]]
        return None

    def metres_outside(self, code: str, lons: Positions, lats: Positions) -> list[float]:
        """How far outside a stated region positions lie, beyond what an outline can tell.

        The nearest outline on record counts, the region's own or that of a region above it. 0 is
        within it or close to its edge, and where no outline is known; infinity is far away.
        """
        above = self.tree.path(self.tree.resolve(code))
        known = next((node.code for node in above if node.code in self.outlined), None)
        if known is None:
            return [0.0] * len(lons)
        if known not in self._numbers:
            return [float("inf")] * len(lons)
        found = self._outlines.metres_outside(self._numbers[known], lons, lats).tolist()
        return [metres if metres > TOLERANCE_M else 0.0 for metres in found]

    def metres_from_all(self, lons: Positions, lats: Positions) -> list[float]:
        """How far outside every outline positions lie; 0 is within one or close to its edge."""
        if not self.codes:
            return [float("inf")] * len(lons)
        each = [
            self._outlines.metres_outside(n, lons, lats).tolist() for n in range(len(self.codes))
        ]
        nearest = [min(metres) for metres in zip(*each, strict=True)]
        return [metres if metres > TOLERANCE_M else 0.0 for metres in nearest]

    def with_outline(self, codes: Iterable[str]) -> set[str]:
        """Those of some regions for which an outline tells: their own, or one above them."""
        return {
            code
            for code in codes
            if any(node.code in self.outlined for node in self.tree.path(self.tree.resolve(code)))
        }

    def doubt(self, code: str, lies_in: str | None, metres: float = 0.0) -> Phrase:
        """What does not fit the stated region of a position outside it, in words.

        Parameters
        ----------
        metres
            How far outside; told from a kilometre on.
        """
        facts: dict[str, object] = {"stated": self.named(code)}
        if metres >= _TOLD_M:
            facts["far"] = f"> {_NEAR_KM}" if isinf(metres) else f"{metres / 1000:.0f}"
        if lies_in is not None:
            facts["lies_in"] = self.named(lies_in)
        key = "lies_outside" if lies_in is None else "lies_elsewhere"
        return Phrase(f"store.{key}_far" if "far" in facts else f"store.{key}", facts)

    def named(self, code: str) -> str:
        """Code and name of a region, as messages show them."""
        node = self.tree.nodes.get(code)
        name = None if node is None else node.name_zh or node.name_en
        return code if name is None else f"{code} {name}"


def known_outlines(
    registry: Registry, box: tuple[float, float, float, float]
) -> KnownOutlines | None:
    """Outlines that come near a box (min lon … max lat); None where no region has any."""
    now = times.to_text(times.now())
    in_force = (
        "boundary IS NOT NULL AND (valid_from IS NULL OR valid_from <= :now) "
        "AND (valid_until IS NULL OR valid_until > :now)"
    )
    outlined = [
        code
        for (code,) in registry.connection.execute(
            f"SELECT code FROM region WHERE {in_force}", {"now": now}
        )
    ]
    if not outlined:
        return None
    west, south, east, north = box
    rows = registry.connection.execute(
        f"SELECT code, boundary FROM region WHERE {in_force} "
        "AND min_lon <= :east AND max_lon >= :west AND min_lat <= :north AND max_lat >= :south "
        "ORDER BY code",
        {
            "now": now,
            # nearer than half a degree a distance is worth telling exactly
            "west": west - 0.5,
            "south": south - 0.5,
            "east": east + 0.5,
            "north": north + 0.5,
        },
    ).fetchall()
    return KnownOutlines(
        load_tree(registry, now),
        tuple(row[0] for row in rows),
        tuple(bytes(row[1]) for row in rows),
        frozenset(outlined),
    )


def settle(
    registry: Registry, code: str | None, lon: float, lat: float
) -> tuple[str | None, Phrase | None]:
    """The region of one position, and what does not fit the one that was stated.

    Returns
    -------
    tuple
        The stated code, else that of the finest region whose outline holds the position; and
        the doubt in words, if any.
    """
    known = known_outlines(registry, (lon, lat, lon, lat))
    if known is None:
        return code, None
    lies_in = known.finest([lon], [lat])[0]
    if code is None:
        return lies_in, None
    outside = known.metres_outside(code, [lon], [lat])[0]
    return code, known.doubt(code, lies_in, outside) if outside else None


class Doubtful(NamedTuple):
    """An asset outside the region that it states, and the region in which it lies, if any."""

    uid: str
    code: str | None
    stated: str
    lies_in: str | None


def doubtful(registry: Registry) -> tuple[list[Doubtful], int]:
    """Assets outside the region they state; and how many state none and lie within an outline."""
    known = known_outlines(registry, (-180.0, -90.0, 180.0, 90.0))
    if known is None:
        return [], 0
    rows = [
        (uid, code, region, point)
        for uid, code, region, geom in registry.connection.execute(
            "SELECT uid, code, region_code, geom FROM asset ORDER BY region_code, code, uid"
        )
        if (point := decode_point(geom)) is not None
    ]
    lies_in = known.finest([row[3][0] for row in rows], [row[3][1] for row in rows])
    by_region: dict[str | None, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_region[row[2]].append(number)
    open_ones = sum(lies_in[number] is not None for number in by_region.pop(None, []))
    found = []
    for region, numbers in by_region.items():
        points = [rows[number][3] for number in numbers]
        metres = known.metres_outside(
            region or "", [lon for lon, _ in points], [lat for _, lat in points]
        )
        found += [
            Doubtful(rows[number][0], rows[number][1], region or "", lies_in[number])
            for number, far in zip(numbers, metres, strict=True)
            if far
        ]
    return found, open_ones


def outlines_at(
    registry: Registry, end: str, known: str, codes: Collection[str]
) -> dict[str, bytes]:
    """Outlines (WKB) of those of some regions that have one, as they were at a moment.

    Parameters
    ----------
    end, known
        Stored text of the first moment after the date, and of the last moment of recording that
        counts.
    """
    rows = registry.connection.execute(
        "SELECT code, boundary FROM region WHERE boundary IS NOT NULL AND recorded_at <= :known "
        "AND (valid_from IS NULL OR valid_from < :end) "
        "AND code IN (SELECT value FROM json_each(:codes)) ORDER BY code, valid_from",
        {"end": end, "known": known, "codes": json.dumps(sorted(codes))},
    )
    return {code: bytes(boundary) for code, boundary in rows}
