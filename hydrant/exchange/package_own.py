"""Whose the rows of a package are: a sender speaks for its own region and its own assets alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_shapes import MEMBERS
from hydrant.model.values import Record
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.kept_evidence import alarms_held
from hydrant.store.readings.sensor_evidence import LOW
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE
from hydrant.store.regions.claims import (
    Claims,
    in_the_way,
    key_of,
    load_claims,
    sender_name,
)
from hydrant.store.sides import package_state

#: Rows whose places here are looked up at once.
_PORTION = 500
#: Which column of a row says where it counts.
_PLACED = {"asset": "region_code", "asset_version": "region_code", "requirement": "region_code"}
#: Tables whose rows stand for themselves; all others hang on an asset.
_ALONE = ("region", "region_successor", "requirement", "asset")


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
    moved
        Keys of assets that lay in its region on a former day.
    moved_out
        Regions that nobody handed up in which some of them lie now, and how many.
    """

    def __init__(self, package: PackageFile, source: str, claims: Claims) -> None:
        parents: dict[str, str | None] = {}
        heirs = {code: tuple(each) for code, each in claims.tree.heirs.items()}
        known = claims.tree.nodes
        for row in package.rows("region"):
            if row["code"] not in known:
                parents[row["code"]] = row["parent_code"]
        for row in package.rows("region_successor"):
            if row["code"] not in known:
                heirs[row["code"]] = (*heirs.get(row["code"], ()), row["successor_code"])
        self.root = package.manifest.region
        self._key = key_of(source)
        self._heirs = heirs
        self._claims = replace(claims, parents=parents)
        self.moved = set() if self.root is None else self._moved(package)
        self.moved_out: dict[str, int] = {}
        self._named = self._only_named(package)

    def _moved(self, package: PackageFile) -> set[str]:
        """Assets that lay in the package's own region on a former day."""
        return {
            row["asset_uid"]
            for row in package.rows("asset_version")
            if row["region_code"] is not None and self.speaks_for(row["region_code"])
        }

    def _only_named(self, package: PackageFile) -> set[str]:
        if self.root is None:
            return set()
        found = set(self._path(self.root)) - {self.root}
        for row in package.rows("asset"):
            code = row["region_code"]
            free = code is not None and self.speaker(code) is None
            if free and row["uid"] in self.moved and self.problem(code) is not None:
                found.update(self._path(code))
                self.moved_out[code] = self.moved_out.get(code, 0) + 1
        return {code for code in found if self.problem(code) is not None}

    def is_named(self, code: str) -> bool:
        """Whether the sender only names a region; what stands here of it stands."""
        told = code in self._named
        return told or (self.stands_here(code) and self._others(code) is not None)

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
            return Phrase(
                "exchange.package_region_of", {"region": code, "owner": sender_name(other)}
            )
        if any(self._is_mine(one) for one in self._places(code)):
            return None
        return Phrase("exchange.package_not_its_region", {"region": code or "–"})

    def place_problem(self, asset: str, code: str | None) -> Phrase | None:
        """Why an asset of the sender may not lie in a region; one that moved may in nobody's."""
        why = self.problem(code)
        return None if asset in self.moved and self.speaker(code) is None else why

    def parent_problem(self, code: str, parent: str | None) -> Phrase | None:
        """Why a region of the sender may not hang below a parent; None where it may."""
        if self.root is None or (code == self.root and parent == self._claims.parent(code)):
            return None
        if parent is not None and code != self.root and self.problem(parent) is None:
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
    told: set[str] = set() if root is not None else _named_regions(package)
    way = in_the_way(registry, claims, source, root, told)
    if way and (root is None or not replacing):
        region, owner = min(way.items())
        key = "exchange.package_no_region" if root is None else "exchange.package_two_senders"
        facts = {"region": region, "owner": sender_name(owner), "count": len(way)}
        raise InputRefused(key, file=package.path, **facts)
    return claims.with_sender(root, source), set(way.values())


def _named_regions(package: PackageFile) -> set[str]:
    rows = (row for table in ("asset", "requirement") for row in package.rows(table))
    return {row["region_code"] for row in rows if row["region_code"] is not None}


def foreign_rows(
    registry: Registry, package: PackageFile, source: str, regions: OwnRegions
) -> dict[str, dict[str, Phrase]]:
    """Rows that are not their sender's, by table and key, with the reason; nothing is written.

    Of the evidence of sensors the key is the sensor's, or that of an alarm.
    """
    return _Looking(registry, package, source, regions).run()


class _Looking:
    """One look through a package, parents before what hangs on them."""

    def __init__(
        self, registry: Registry, package: PackageFile, source: str, regions: OwnRegions
    ) -> None:
        self._registry, self._package, self._source = registry, package, source
        self._regions = regions
        self._found: dict[str, dict[str, Phrase]] = defaultdict(dict)
        self._assets = set(package_state.said(registry, source, "asset"))
        self._sensors = set(package_state.said(registry, source, "sensor"))
        self._other_assets = package_state.owners(registry, source, "asset")

    def run(self) -> dict[str, dict[str, Phrase]]:
        for table in MEMBERS:
            if table == EVIDENCE:
                self._evidence()
            else:
                self._table(table)
        return dict(self._found)

    def _table(self, table: str) -> None:
        before = package_state.said(self._registry, self._source, table)
        owners = package_state.owners(self._registry, self._source, table)
        for rows in _portions(self._package.rows(table)):
            fresh = [row for row in rows if before.get(row["uid"]) != package_state.row_text(row)]
            unsaid = [row["uid"] for row in fresh if row["uid"] not in before]
            stood = self._stood(table, unsaid)
            for row in fresh:
                said = before.get(row["uid"])
                why = self._problem(table, row, said, owners, stood.get(row["uid"]))
                if why is not None:
                    self._found[table][row["uid"]] = why
            for row in rows:
                if row["uid"] not in self._found[table]:
                    self._own(table, row)
                elif table == "asset":  # it went where another speaks, with all that hangs on it
                    self._assets.discard(row["uid"])

    def _own(self, table: str, row: Record) -> None:
        """Remember what later rows may hang on."""
        if table == "asset":
            self._assets.add(row["uid"])
        elif table == "sensor":
            self._sensors.add(row["uid"])
        elif table == "asset_alias":  # evidence still names what became part of another
            self._assets.add(row["former_uid"])

    def _stood(self, table: str, uids: list[str]) -> dict[str, str | None]:
        """What rows that stand here belong to: a region, or an asset."""
        if table in ("region", "region_successor"):
            return package_state.standing(self._registry, table, "code", uids)
        column = "region_code" if table in _ALONE else "asset_uid"
        return package_state.standing(self._registry, table, column, uids)

    def _problem(
        self,
        table: str,
        row: Record,
        said: str | None,
        owners: dict[str, str],
        stands: str | None,
    ) -> Phrase | None:
        if table == "region" and self._regions.is_named(row["code"]):
            return None
        shared = table == "region" and stands == row["code"]  # its region decides whose it is
        if row["uid"] in owners and not shared:
            owner = sender_name(owners[row["uid"]])
            return Phrase("exchange.package_foreign", {"owner": owner})
        before = None if said is None else package_state.row_of(said)
        if table == "region":
            return self._region_problem(row, before)
        if table == "region_successor":
            ends = (self._regions.problem(row[end]) for end in ("code", "successor_code"))
            return next((why for why in ends if why is not None), None)
        why = self._place_problem(table, row, before, stands)
        if why is None and table not in _ALONE:
            why = self._asset_problem(row["asset_uid"], stands)
        if why is None and table == "asset_alias":
            why = self._alias_problem(row, before)
        return why

    def _region_problem(self, row: Record, before: Record | None) -> Phrase | None:
        code, parent = row["code"], row["parent_code"]
        why = self._regions.problem(code)
        stays = self._regions.stands_here(code) if before is None else False
        if why is not None or stays or (before is not None and before["parent_code"] == parent):
            return why
        return self._regions.parent_problem(code, parent)

    def _place_problem(
        self, table: str, row: Record, before: Record | None, stands: str | None
    ) -> Phrase | None:
        column = _PLACED.get(table)
        if column is None or (before is not None and before[column] == row[column]):
            return None
        if table == "asset_version":
            return None if row[column] is None else self._regions.problem(row[column])
        if table == "asset":
            why = self._regions.place_problem(row["uid"], row[column])
        else:
            why = self._regions.problem(row[column])
        return why or (None if stands is None else self._regions.problem(stands))

    def _asset_problem(self, asset: str, stands: str | None) -> Phrase | None:
        """Why a row may not hang on an asset, or not be taken from the one it hangs on here."""
        for one in (asset, stands):
            if one is not None and one not in self._assets:
                return Phrase("exchange.package_not_its_asset", {"asset": one})
        return None

    def _alias_problem(self, row: Record, before: Record | None) -> Phrase | None:
        """Why a sender may not say that an asset became part of another."""
        former = row["former_uid"]
        if before is not None and before["former_uid"] == former:
            return None
        stands = package_state.standing(self._registry, "asset", "uid", [former])
        known = package_state.alias_of(self._registry, former)
        mine = package_state.said(self._registry, self._source, "asset_alias")
        foreign = former in self._other_assets or (known is not None and known not in mine)
        if foreign or (former in stands and former not in self._assets):
            return Phrase("exchange.package_not_its_asset", {"asset": former})
        return None

    def _evidence(self) -> None:
        for rows in _portions(self._package.rows(EVIDENCE)):
            alarms = [row["uid"] for row in rows if row["word"] == LOW and row["uid"]]
            held = alarms_held(self._registry, alarms)
            for row in rows:
                sensor, asset = row["sensor_uid"], row["asset_uid"]
                if sensor not in self._sensors:
                    why = Phrase("exchange.package_not_its_sensor", {"sensor": sensor})
                    self._found[EVIDENCE][sensor] = why
                elif asset not in self._assets:
                    why = Phrase("exchange.package_not_its_asset", {"asset": asset})
                    self._found[EVIDENCE][sensor] = why
                elif held.get(row["uid"], sensor) != sensor:
                    why = Phrase("exchange.package_not_its_sensor", {"sensor": held[row["uid"]]})
                    self._found[EVIDENCE][row["uid"]] = why


def _portions(rows: Iterable[Record]) -> Iterator[list[Record]]:
    told = iter(rows)
    while portion := list(islice(told, _PORTION)):
        yield portion
