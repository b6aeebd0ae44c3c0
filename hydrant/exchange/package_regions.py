"""The regions that a package is of, those that it only names, and those that others hand up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.package_file import PackageFile
from hydrant.model.values import Record
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.claims import (
    Claims,
    in_the_way,
    key_of,
    load_claims,
    region_of,
    sender_name,
)


class OwnRegions:
    """The regions that a sender speaks for, and those that it only names.

    Where this level knows a region, its own word says what it belongs to; only of one that is
    not known here the package says so itself. What another sender handed up a package for is
    that sender's, also within the region of this one. Named only are the regions above its own,
    and those to which assets moved that lay in its own.

    Parameters
    ----------
    claims
        Who speaks for which region, once this package is taken.

    Attributes
    ----------
    inside
        Keys of assets that lie in its region on some day.
    moved_out
        Regions that nobody handed up in which some of them lie on others, and how often.
    """

    def __init__(self, package: PackageFile, source: str, claims: Claims) -> None:
        heirs = {code: tuple(each) for code, each in claims.tree.heirs.items()}
        known = claims.tree.nodes
        self._rows = _by_code(package.rows("region"))
        self._now = {code: _row_now(rows) for code, rows in self._rows.items()}
        told = self._now.items()
        parents = {code: row["parent_code"] for code, row in told if code not in known}
        for row in package.rows("region_successor"):
            if row["code"] not in known:
                heirs[row["code"]] = (*heirs.get(row["code"], ()), row["successor_code"])
        self.root = package.manifest.region
        self._key = key_of(source)
        self._heirs = heirs
        below = {code: list(self._places(parent))[-1] for code, parent in parents.items()}
        self._claims = replace(claims, parents=below)
        own = {asset for asset, code in _stays(package) if code and self.speaks_for(code)}
        self.inside = own if self.root is not None else set()
        self.moved_out: dict[str, int] = {}
        self._named = self._only_named(package)

    def _only_named(self, package: PackageFile) -> set[str]:
        if self.root is None:
            return set()
        found = set(self._path(self.root)) - {self.root}
        for asset, code in _stays(package):
            outside = code is not None and self.problem(code) is not None
            if code is not None and outside and asset in self.inside and self.is_free(code):
                found.update(self._path(code))
                self.moved_out[code] = self.moved_out.get(code, 0) + 1
        for code, rows in self._rows.items():
            lay_in = {row["parent_code"] for row in rows} - {None}
            if self._is_own(code) or any(map(self._is_own, lay_in)):  # it lay elsewhere, too
                found.update(up for parent in lay_in for up in self._path(parent))
            if self._lay_within(code, lay_in):
                found.update(self._path(code))
        return {code for code in found if self.problem(code) is not None}

    def _lay_within(self, code: str, lay_in: set[str]) -> bool:
        """Whether a unit lay in the package's region and lies in nobody's now, as it says."""
        elsewhere = self.problem(self._now[code]["parent_code"]) is not None
        return elsewhere and self.is_free(code) and any(map(self._is_own, lay_in))

    def _is_own(self, code: str) -> bool:
        return self.problem(code) is None

    def is_named(self, code: str) -> bool:
        """Whether the sender only names a region; what stands here of it stands."""
        told = code in self._named
        return told or (self.stands_here(code) and self._others(code) is not None)

    def puts_inside(self, code: str, parent: str | None) -> bool:
        """Whether the package puts a unit that another speaks for into its own region."""
        inside = self.root is not None and self.root in self._path(parent)
        return code != self.root and inside and self._others(code) is not None

    def is_inside_one(self, code: str, parents: Iterable[str | None]) -> bool:
        """Whether a unit, by one of what it is said to lie in, lies in the package's region."""
        below = (up for parent in parents for up in self._path(parent))
        return self.root is not None and code != self.root and self.root in below

    def stands_here(self, code: str) -> bool:
        """Whether this level knows the region."""
        return code in self._claims.tree.nodes

    def speaks_for(self, code: str | None) -> bool:
        """Whether the package tells all of a region: it lies in the package's own."""
        return self.problem(code) is None and (
            self.root is None or any(self.root in self._path(one) for one in self._places(code))
        )

    def speaker(self, code: str | None) -> str | None:
        """The sender that speaks for a region; None where nobody handed it up."""
        return self._claims.speaker(code)

    def problem(self, code: str | None) -> Phrase | None:
        """Why a region is not the sender's; None where it is, by this or a former package."""
        other = self._others(code)
        if other is not None:
            within = region_of(other)
            key = f"exchange.package_region_{'of' if within == code else 'in'}"
            facts = {"region": code, "within": within, "owner": sender_name(other)}
            return Phrase(key, facts)
        if any(self._is_mine(one) for one in self._places(code)):
            return None
        return Phrase("exchange.package_not_its_region", {"region": code or "–"})

    def is_free(self, code: str | None) -> bool:
        """Whether nobody handed a region up."""
        return self.speaker(code) is None

    def place_problem(self, asset: str, code: str | None) -> Phrase | None:
        """Why an asset may not lie in a region; one of the package's own may in nobody's."""
        free = asset in self.inside and self.is_free(code)
        return None if free else self.problem(code)

    def parent_problem(self, row: Record) -> Phrase | None:
        """Why a region of the sender may not hang below its parent; None where it may."""
        code, parent = row["code"], row["parent_code"]
        known = self.stands_here(parent) or parent in self._rows
        if row["uid"] != self._now[code]["uid"] and known:  # on other days it lay elsewhere
            return None
        if self.root is None or (code == self.root and parent == self._claims.parent(code)):
            return None
        if parent is not None and code != self.root and self.problem(parent) is None:
            return None
        joined = self.root not in self._path(code) and self.problem(code) is None
        if (
            joined and parent is not None and parent in self._path(self.root)
        ):  # a neighbour that went into it
            return None
        return Phrase("exchange.package_parent", {"code": code, "parent": parent or "–"})

    def _is_mine(self, code: str | None) -> bool:
        speaks = self.speaker(code)
        return self.root is None if speaks is None else key_of(speaks) == self._key

    def _others(self, code: str | None) -> str | None:
        """Another sender that speaks for a region, and for what took it over."""
        speaks = self.speaker(code)
        if speaks is None or any(self._is_mine(one) for one in self._places(code)):
            return None
        return speaks

    def _path(self, code: str | None) -> Iterator[str]:
        seen: set[str] = set()
        while code is not None and code not in seen:
            seen.add(code)
            yield code
            code = self._claims.parent(code)

    def _places(self, code: str | None) -> Iterator[str | None]:
        """A region, and what took it over, as long as that is one each time."""
        seen: set[str | None] = set()
        while code not in seen:
            seen.add(code)
            yield code
            heirs = self._heirs.get(code or "", ())
            code = heirs[0] if len(heirs) == 1 else code


def rows_now(rows: Iterable[Record]) -> dict[str, Record]:
    """The row of each unit that holds now, else the one that begins next."""
    return {code: _row_now(line) for code, line in _by_code(rows).items()}


def _by_code(rows: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["code"]].append(row)
    return found


def _row_now(rows: list[Record]) -> Record:
    """The row of a unit that holds now, else the one that begins next."""
    moment = times.to_text(times.now())
    line = sorted(rows, key=lambda row: row["valid_from"] or "")
    begun = [row for row in line if (row["valid_from"] or "") <= moment]
    return begun[-1] if begun else line[0]


def _stays(package: PackageFile) -> Iterator[tuple[str, str | None]]:
    """Assets of a package and the regions in which they lie on one day or another."""
    for row in package.rows("asset"):
        yield row["uid"], row["region_code"]
    for row in package.rows("asset_version"):
        yield row["asset_uid"], row["region_code"]


def claims_with(
    registry: Registry, package: PackageFile, source: str, *, replacing: bool
) -> tuple[Claims, set[str]]:
    """Who speaks for which region once a package is taken, and who does no longer.

    Raises
    ------
    InputRefused
        Another registry handed up what it tells, and it may not replace that one.
    """
    claims, root = load_claims(registry), package.manifest.region
    if replacing and root is not None:
        claims = claims.with_sender(root, source, alone=True)
    way = in_the_way(registry, claims, source, root, _named_regions(package))
    if way and (root is None or not replacing):
        region, owner = min(way.items())
        key = "exchange.package_no_region" if root is None else "exchange.package_two_senders"
        facts = {"region": region, "owner": sender_name(owner), "count": len(way)}
        raise InputRefused(key, file=package.path, **facts)
    return claims.with_sender(root, source), set(way.values())


def _named_regions(package: PackageFile) -> set[str]:
    rows = (row for table in ("asset", "requirement") for row in package.rows(table))
    return {row["region_code"] for row in rows if row["region_code"] is not None}
