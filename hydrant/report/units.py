"""Units for which a number is lacking: for everything, for a family, or for one service of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from hydrant.integrity.rates import Unit
from hydrant.integrity.required import Stated
from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import PublicService, RegionLevel, family_of

#: Levels at which a missing number is looked for further down.
_COARSE = (RegionLevel.PROVINCE, RegionLevel.CITY)
#: Family and service; or unit and family.
Part = tuple[str, str]


class Units:
    """Finds units that lack a number.

    Parameters
    ----------
    stated
        Numbers that hold, with the regions that answer for them at the date.
    standing
        Existing assets by region, family and service.
    partial
        Units, each with a family, whose numbers of it do not say what the whole must have.
    family
        Keep units that lack a number for this family; None keeps all.
    """

    def __init__(
        self,
        tree: RegionTree,
        stated: Iterable[Stated],
        standing: Mapping[tuple[str, str, str], int],
        *,
        partial: Collection[Part] = (),
        family: str | None = None,
    ) -> None:
        self._tree, self._family, self._partial = tree, family, partial
        rows = list(stated)
        self._stated = {row.region for row in rows}
        self._above = self._ancestors(self._stated)
        self._index_numbers(rows)
        self._index_assets(standing)
        self._known: dict[tuple[str, bool], tuple[Unit, ...]] = {}

    def _index_numbers(self, rows: list[Stated]) -> None:
        """Where each family and service is stated, and in how many units beside each other."""
        self._parts: dict[Part, set[str]] = defaultdict(set)
        named: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        for region, kind, _, service in rows:
            family = family_of(kind)
            named[family, None].add(region)
            if service is not None:
                named[family, service].add(region)
            for one in PublicService if service is None else (service,):
                self._parts[family, one].add(region)
        self._parts_above = {part: self._ancestors(codes) for part, codes in self._parts.items()}
        # families and services stated by some child of a region (None: by some top)
        self._beside: dict[str | None, set[tuple[str, str | None]]] = defaultdict(set)
        for part, codes in named.items():
            for code in codes | self._ancestors(codes):
                node = self._tree.nodes.get(code)
                if node is not None and not node.retired:
                    self._beside[node.parent].add(part)

    def _index_assets(self, standing: Mapping[tuple[str, str, str], int]) -> None:
        """Families and services of the assets in each region, and of those in no finer one."""
        self._direct: dict[str, set[Part]] = defaultdict(set)
        self._within: dict[str, set[Part]] = defaultdict(set)
        for (code, family, service), count in standing.items():
            if count:
                self._direct[code].add((family, service))
        for code, parts in self._direct.items():
            for node in self._tree.path(code):
                self._within[node.code] |= parts

    def _ancestors(self, codes: Iterable[str]) -> set[str]:
        return {node.code for code in codes for node in list(self._tree.path(code))[1:]}

    def within(self, scope: set[str] | None) -> tuple[Unit, ...]:
        """Units among some regions (None: among all)."""
        nodes = self._tree.nodes
        living = {
            code
            for code, node in nodes.items()
            if not node.retired and (scope is None or code in scope)
        }
        # one whose parent nobody recorded, or whose parent ended, is looked at by itself
        return self.below(code for code in living if nodes[code].parent not in living)

    def below(self, codes: Iterable[str]) -> tuple[Unit, ...]:
        """Units at or below some regions, by code."""
        found = [unit for code in codes for unit in self._walk(code)]
        return tuple(sorted(found, key=lambda u: (u.region, u.kind or "", u.service or "")))

    def _walk(self, top: str) -> Iterator[Unit]:
        """What is lacking at or below a region; a number below is looked at where one is stated."""
        seen, waiting = {top}, [top]
        while waiting:
            code = waiting.pop()
            node = self._tree.nodes.get(code)
            if node is None:
                yield Unit(code)
                continue
            below = [c for c in self._tree.children.get(code, ()) if self._goes_on(c, seen)]
            if code in self._above or (
                code not in self._stated and node.level in _COARSE and below
            ):
                yield from self._lacking(code, inner=True)
                seen.update(below)
                waiting.extend(below)
            elif code in self._stated:
                yield from self._lacking(code, inner=False)
            else:
                yield Unit(code)

    def _goes_on(self, code: str, seen: set[str]) -> bool:
        return not self._tree.nodes[code].retired and code not in seen

    def _lacking(self, code: str, *, inner: bool) -> tuple[Unit, ...]:
        """Families and services for which a unit that states something lacks a number.

        Parameters
        ----------
        inner
            Whether numbers are stated below: then only the assets in no finer region are its.
        """
        if (code, inner) not in self._known:
            self._known[code, inner] = tuple(self._parts_lacking(code, inner=inner))
        return self._known[code, inner]

    def _parts_lacking(self, code: str, *, inner: bool) -> Iterator[Unit]:
        path = [node.code for node in self._tree.path(code)]
        if not self._stated.intersection(path) and code not in self._above:
            return
        stands = (self._direct if inner else self._within).get(code, set())
        beside = set() if inner else self._beside.get(self._tree.nodes[code].parent, set())
        families = {family for family, _ in (*stands, *beside)}
        families |= {family for unit, family in self._partial if unit == code}
        for family in sorted(families):
            if self._family is not None and family != self._family:
                continue
            lacking = [s for s in PublicService if not self._covered(path, (family, s), inner)]
            if len(lacking) == len(PublicService):
                yield Unit(code, family)
            else:
                yield from (
                    Unit(code, family, service.value)
                    for service in lacking
                    if (family, service) in stands or (family, service) in beside
                )

    def _covered(self, path: list[str], part: Part, inner: bool) -> bool:
        """Whether a number takes in the assets of a part that stand in a unit."""
        stated = self._parts.get(part, set())
        whole = [code for code in path if code in stated and (code, part[0]) not in self._partial]
        if inner:
            return bool(whole)
        if path[0] in stated:
            return path[0] in whole
        above = self._parts_above.get(part, set())
        return any(code not in above for code in whole)


def standing(
    places: Iterable[tuple[str | None, str, str, int]],
) -> Counter[tuple[str, str, str]]:
    """Existing assets by region, family and service, from region, kind, service and count."""
    found: Counter[tuple[str, str, str]] = Counter()
    for region, kind, service, count in places:
        if region is not None:
            found[region, family_of(kind), service] += count
    return found
