"""Whose the rows of a package are: a sender speaks for its own region and its own assets alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from hydrant.errors import Phrase
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_regions import OwnRegions
from hydrant.exchange.package_shapes import MEMBERS
from hydrant.model.values import Record
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.kept_evidence import alarms_held
from hydrant.store.readings.sensor_evidence import LOW
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE
from hydrant.store.regions.claims import (
    sender_name,
)
from hydrant.store.sides import package_state
from hydrant.survey.unit_days import days_of, free_days, shared

#: Rows whose places here are looked up at once.
_PORTION = 500
#: Which column of a row says where it counts.
_PLACED = {"asset": "region_code", "asset_version": "region_code", "requirement": "region_code"}
#: Tables whose rows stand for themselves; all others hang on an asset.
_ALONE = ("region", "region_successor", "requirement", "asset")


def foreign_rows(
    registry: Registry, package: PackageFile, source: str, regions: OwnRegions
) -> dict[str, dict[str, Phrase]]:
    """Rows that are not their sender's, by table and key, with the reason; nothing is written.

    Of the evidence of sensors the key is the sensor's, or that of an alarm.
    """
    return _Looking(registry, package, source, regions).run()


def names_in(package: PackageFile, foreign: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """What rows that are not the sender's are of: an asset's plate, a region's code."""
    if not any(foreign.values()):
        return {}
    plates = {row["uid"]: row["code"] for row in package.rows("asset") if row["code"]}
    found: dict[str, str] = {}
    for table, refused in foreign.items():
        for row in package.rows(table) if refused else ():
            if (key := str(row.get("uid"))) in refused:
                asset = row["uid"] if table == "asset" else row.get("asset_uid")
                name = plates.get(asset) or row.get("region_code") or row.get("code")
                found |= {key: str(name)} if name else {}
    return found


class LeftOut(NamedTuple):
    """Regions whose figures lack rows that are not their sender's, by the package.

    Attributes
    ----------
    within
        Those in which they lie.
    above
        Those in which a unit would lie whose row is refused.
    """

    within: list[str]
    above: list[str]


def regions_of(package: PackageFile, foreign: Mapping[str, Mapping[str, object]]) -> LeftOut:
    """Regions that rows are of that are not their sender's."""
    within, above = set[str | None](), set[str | None]()
    places: dict[str, str | None] = {}
    if any(foreign.values()):
        places = {row["uid"]: row["region_code"] for row in package.rows("asset")}
    for table, refused in foreign.items():
        for row in package.rows(table) if refused else ():
            if not {row.get("uid"), row.get("sensor_uid")} & refused.keys():
                continue
            if table.startswith("region"):
                within.add(row["code"])
                above.add(row.get("parent_code") or row.get("successor_code"))
            else:
                asset = row["uid"] if table == "asset" else row.get("asset_uid")
                within.add(row.get("region_code") or places.get(str(asset)))
    return LeftOut(*(sorted(code for code in found if code) for found in (within, above)))


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
            return self._claimed(row)
        shared = table == "region" and stands == row["code"]  # its region decides whose it is
        if row["uid"] in owners and not shared:
            owner = sender_name(owners[row["uid"]])
            return Phrase("exchange.package_foreign", {"owner": owner})
        before = None if said is None else package_state.row_of(said)
        if table == "region":
            return self._region_problem(row, before)
        if table == "region_successor":
            if package_state.successor_known(self._registry, row):
                return None  # this level says so itself
            if (went := self._went_elsewhere(row)) is not None:
                return went
            ends = (self._regions.problem(row[end]) for end in ("code", "successor_code"))
            return next((why for why in ends if why is not None), None)
        why = self._place_problem(table, row, before, stands)
        if why is None and table not in _ALONE:
            why = self._asset_problem(row["asset_uid"], stands)
        if why is None and table == "asset_alias":
            why = self._alias_problem(row, before)
        return why

    def _claimed(self, row: Record) -> Phrase | None:
        """Why a unit that another registry speaks for may not be put into the package's region.

        None where the sender only names it, or this level says the same of all its days.
        """
        line = package_state.rows_of_region(self._registry, row["code"])
        if not self._regions.puts_inside(row["code"], row["parent_code"]):
            return self._elsewhere(row, line)
        alike = [days_of(here) for here in line if here["parent_code"] == row["parent_code"]]
        return self._regions.problem(row["code"]) if free_days(days_of(row), alike) else None

    def _elsewhere(self, row: Record, line: list[Record]) -> Phrase | None:
        """Why a unit that left the package's region, or came from there, did not on its days."""
        others = [
            here
            for here in line
            if here["parent_code"] != row["parent_code"] and shared(days_of(row), days_of(here))
        ]
        parents = (row["parent_code"], *(here["parent_code"] for here in line))
        if not others or not self._regions.is_inside_one(row["code"], parents):
            return None
        facts = {"code": row["code"], "there": row["parent_code"] or "–"}
        here = ", ".join(dict.fromkeys(str(one["parent_code"] or "–") for one in others))
        return Phrase("exchange.package_lay_elsewhere", {**facts, "here": here})

    def _went_elsewhere(self, row: Record) -> Phrase | None:
        """Why a unit may not have gone into another: this level says into which ones it did."""
        said = package_state.said(self._registry, self._source, "region_successor")
        here = sorted(
            stands["successor_code"]
            for stands in package_state.successors_of(self._registry, row["code"])
            if stands["uid"] not in said
        )
        if not here:
            return None
        facts = {"code": row["code"], "here": ", ".join(here), "there": row["successor_code"]}
        return Phrase("exchange.package_went", facts)

    def _region_problem(self, row: Record, before: Record | None) -> Phrase | None:
        why = self._regions.problem(row["code"])
        if before is None:
            line = package_state.rows_of_region(self._registry, row["code"])
            stays = bool(line) and not free_days(days_of(row), map(days_of, line))
        else:
            stays = before["parent_code"] == row["parent_code"]
        return why if why is not None or stays else self._regions.parent_problem(row)

    def _place_problem(
        self, table: str, row: Record, before: Record | None, stands: str | None
    ) -> Phrase | None:
        column = _PLACED.get(table)
        if column is None or (before is not None and before[column] == row[column]):
            return None
        if table == "asset_version":
            code = row[column]
            return None if code is None else self._regions.place_problem(row["asset_uid"], code)
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
