"""Whose the rows of a package are: a sender speaks for its own region and its own assets alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_shapes import MEMBERS
from hydrant.model.values import Record
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.kept_evidence import alarms_held
from hydrant.store.readings.sensor_evidence import LOW
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE
from hydrant.store.regions.region_tree import RegionTree, load_tree
from hydrant.store.sides import package_state

#: Rows whose places here are looked up at once.
_PORTION = 500
#: Which column of a row says where it counts.
_PLACED = {"asset": "region_code", "asset_version": "region_code", "requirement": "region_code"}
#: Tables whose rows stand for themselves; all others hang on an asset.
_ALONE = ("region", "region_successor", "requirement", "asset")


class OwnRegions:
    """The regions that a sender speaks for, and those above it, which it only names.

    Where this level knows a region, its own word says what it belongs to; only of one that is
    not known here the package says so itself. What another sender handed up a package for is
    that sender's, also within the region of this one.
    """

    def __init__(self, registry: Registry, package: PackageFile, source: str) -> None:
        here = load_tree(registry, times.to_text(times.now()))
        self.root = package.manifest.region
        self._here = here
        self._parents = {code: node.parent for code, node in here.nodes.items()}
        self._heirs = {code: tuple(heirs) for code, heirs in here.heirs.items()}
        for row in package.rows("region"):
            if row["code"] not in here.nodes:
                self._parents[row["code"]] = row["parent_code"]
        for row in package.rows("region_successor"):
            if row["code"] not in here.nodes:
                self._heirs[row["code"]] = (
                    *self._heirs.get(row["code"], ()),
                    row["successor_code"],
                )
        self._above = set() if self.root is None else set(self._path(self.root)) - {self.root}
        self._of_others = _of_others(registry, here, source, self.root)

    def is_above(self, code: str) -> bool:
        """Whether a region is above the sender's."""
        return code in self._above

    def stands_here(self, code: str) -> bool:
        """Whether this level knows the region."""
        return code in self._here.nodes

    def speaks_for(self, code: str | None) -> bool:
        """Whether the package tells all of a region."""
        return self.problem(code) is None

    def problem(self, code: str | None) -> Phrase | None:
        """Why a region is not the sender's; None where it is."""
        if code in self._of_others:
            return Phrase(
                "exchange.package_region_of", {"region": code, "owner": self._of_others[code]}
            )
        if self.root is None or (code is not None and self._within(code)):
            return None
        return Phrase("exchange.package_not_its_region", {"region": code or "–"})

    def parent_problem(self, code: str, parent: str | None) -> Phrase | None:
        """Why a region of the sender may not hang below a parent; None where it may."""
        if self.root is None or (code == self.root and parent == self._parents.get(code)):
            return None
        if parent is not None and code != self.root and self.problem(parent) is None:
            return None
        return Phrase("exchange.package_parent", {"code": code, "parent": parent or "–"})

    def _path(self, code: str | None) -> Iterator[str]:
        seen: set[str] = set()
        while code is not None and code not in seen:
            seen.add(code)
            yield code
            code = self._parents.get(code)

    def _within(self, code: str) -> bool:
        """Whether a region, or what took it over, lies within the sender's."""
        seen, waiting = set(), [code]
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if any(code == self.root for code in self._path(one)):
                return True
            heirs = self._heirs.get(one, ())
            waiting.extend(heirs if len(heirs) == 1 else ())
        return False


def _of_others(
    registry: Registry, here: RegionTree, source: str, root: str | None
) -> dict[str, str]:
    """Regions for which others handed up a package, all below them, and who did."""
    below = here.below(root) if root is not None else None
    found: dict[str, str] = {}
    for other, region in package_state.senders(registry, source):
        if region != root and (below is None or region in below):
            found |= dict.fromkeys(here.below(region), other)
    return found


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
            return {}
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
        if table == "region" and self._regions.is_above(row["code"]):
            return None  # it is only named as a parent
        if row["uid"] in owners:
            return Phrase("exchange.package_foreign", {"owner": owners[row["uid"]]})
        before = None if said is None else package_state.row_of(said)
        if table == "region":
            return self._region_problem(row, before)
        if table == "region_successor":
            return self._regions.problem(row["code"]) or self._regions.problem(
                row["successor_code"]
            )
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
