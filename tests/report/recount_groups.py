"""Groups, units without a number and villages, again from ``docs/explanation/counting.md`` alone.

Like `recount`, which it goes on from: nothing here comes from the program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.report.recount import INTACT, Judged, Line, Places, Stated, family

#: From coarse to fine.
LEVELS = ("province", "city", "county", "township", "village")
PUBLIC = ("municipal", "rural")


class Key(NamedTuple):
    """What a group is told apart by."""

    name: str | None
    beyond: bool


class Lacking(NamedTuple):
    """A unit without a number: for everything (no family), for a family, for one service of it."""

    region: str
    family: str | None
    service: str | None


class Villages(NamedTuple):
    """Codes of villages by what they have, and those for which no number is stated."""

    working: set[str]
    unproven: set[str]
    without: set[str]
    not_stated: set[str]


def group_of_asset(asset: Judged, by: str, places: Places) -> str | None:
    """Name of the group in which an asset counts."""
    if by in LEVELS:
        return places.at_level(asset.region, by)
    return {"kind": asset.kind, "family": family(asset.kind), "service": asset.service}[by]


def lines_by_group(lines: Iterable[Line], by: str, places: Places) -> dict[Key, list[Line]]:
    """Lines of completeness by the group to which each belongs."""
    found: dict[Key, list[Line]] = {}
    lines = list(lines)
    if by == "service" and all(line.service is None for line in lines):
        return {}
    for line in lines:
        found.setdefault(_group_of_line(line, by, places), []).append(line)
    return found


def _group_of_line(line: Line, by: str, places: Places) -> Key:
    if by not in LEVELS:
        own = {"kind": line.kind, "family": family(line.kind), "service": line.service}[by]
        return Key(own, beyond=False)
    if (own := places.at_level(line.region, by)) is not None:
        return Key(own, beyond=False)
    code = _nearest(places, line.region, LEVELS[: LEVELS.index(by)])
    return Key(code, beyond=code is not None)


@dataclass(frozen=True)
class Map:
    """Numbers and assets in the tree of a day.

    Attributes
    ----------
    assets
        Existing assets that are in the figures.
    partial
        Units and families of which a part is not stated any more.
    """

    places: Places
    stated: list[Stated]
    assets: list[Judged]
    partial: set[tuple[str, str]] = field(default_factory=set)

    def within(self, code: str) -> set[str]:
        """A region and all that lies in it."""
        return {one for one in self.places.codes if one and code in self.places.upwards(one)}

    def inside(self, code: str) -> set[str]:
        """All that lies in a region, without itself."""
        return self.within(code) - {code}

    def parent(self, code: str) -> str | None:
        """The region in which another lies."""
        return next(iter(self.places.upwards(code)[1:]), None)

    def children(self, code: str) -> list[str]:
        """Living regions right below another."""
        return [one for one in self.living() if self.parent(one) == code]

    def living(self) -> list[str]:
        """Regions that have begun and not ended."""
        return [one for one in self.places.codes if one and self.places.lives(one)]

    def says(self, codes: Iterable[str], what: str | None = None, whom: str | None = None) -> bool:
        """Whether a number is stated for some region, for a family, and for a service or both."""
        places = set(codes)
        return any(
            one.region in places
            and what in {None, family(one.kind)}
            and (whom is None or one.service in {None, whom})
            for one in self.stated
        )

    def names(self, codes: Iterable[str], what: str, whom: str) -> bool:
        """Whether a number for a family in some region names a service."""
        places = set(codes)
        return any(
            one.region in places and family(one.kind) == what and one.service == whom
            for one in self.stated
        )


def lacking(found: Map, scope: str | None = None) -> set[Lacking]:
    """Units for which a number is lacking, all or those within a region."""
    living = set(found.living())
    asked = living if scope is None else living & found.within(scope)
    tops = [code for code in asked if found.parent(code) not in asked]
    return {one for top in tops for one in lacking_from(found, top)}


def lacking_in(found: Map, by: str, key: Key, scope: str | None) -> set[Lacking]:
    """Units named beside a group that is none of a level, or has the rest of a coarser region."""
    every = lacking(found, scope)
    if by not in LEVELS:
        whole = {"kind": "family", "family": "family", "service": "service"}[by]
        name = key.name if by == "service" or key.name is None else family(key.name)
        return {one for one in every if name is None or getattr(one, whole) in {None, name}}
    coarser = LEVELS[: LEVELS.index(by)]
    return {
        one
        for one in every
        if found.places.at_level(one.region, by) is None
        and _nearest(found.places, one.region, coarser) == key.name
    }


def _nearest(places: Places, code: str, levels: Iterable[str]) -> str | None:
    for above in places.upwards(code):
        row = places.row(above)
        if row is not None and row["level"] in levels:
            return above
    return None


def lacking_from(found: Map, top: str) -> Iterator[Lacking]:
    """Units at or below a region for which a number is lacking."""
    children = found.children(top)
    row = found.places.row(top)
    coarse = row is not None and row["level"] in {"province", "city"}
    if found.says(found.inside(top)) or (coarse and children and not found.says([top])):
        yield from _of_unit(found, top, looked_into=True)
        for child in children:
            yield from lacking_from(found, child)
    elif found.says([top]):
        yield from _of_unit(found, top, looked_into=False)
    else:
        yield Lacking(top, None, None)


def _of_unit(found: Map, code: str, *, looked_into: bool) -> Iterator[Lacking]:
    own = {code} if looked_into else found.within(code)
    sisters = {
        place
        for sister in found.living()
        if not looked_into and sister != code and found.parent(sister) == found.parent(code)
        for place in found.within(sister)
    }
    kinds = [one.kind for one in found.assets] + [one.kind for one in found.stated]
    families = {family(kind) for kind in kinds}
    for what in families:
        stand = [one for one in found.assets if one.region in own and family(one.kind) == what]
        left = [whom for whom in PUBLIC if not _covered(found, code, what, whom, looked_into)]
        if left == list(PUBLIC):
            if stand or found.says(sisters, what) or (code, what) in found.partial:
                yield Lacking(code, what, None)
        elif left:
            (whom,) = left
            if any(one.service == whom for one in stand) or found.names(sisters, what, whom):
                yield Lacking(code, what, whom)


def _covered(found: Map, code: str, what: str, whom: str, looked_into: bool) -> bool:
    above = [one for one in found.places.upwards(code)[1:] if (one, what) not in found.partial]
    if found.says([code], what, whom) and (code, what) not in found.partial:
        return True
    if looked_into:
        return found.says(above, what, whom)
    return any(
        found.says([one], what, whom) and not found.says(found.inside(one), what, whom)
        for one in above
    )


def villages(found: Map, scope: str | None = None) -> Villages:
    """Villages by what they have, all or those within a region."""
    asked = found.living() if scope is None else set(found.living()) & found.within(scope)
    codes = [code for code in asked if found.places.at_level(code, "village") == code]
    counts: Counter[str | None] = Counter()
    intact: Counter[str | None] = Counter()
    for asset in found.assets:
        village = found.places.at_level(asset.region, "village")
        counts[village] += 1
        intact[village] += asset.condition == INTACT
    stated = {found.places.at_level(one.region, "village") for one in found.stated}
    return Villages(
        working={code for code in codes if intact[code]},
        unproven={code for code in codes if counts[code] and not intact[code]},
        without={code for code in codes if not counts[code]},
        not_stated={code for code in codes if code not in stated},
    )
