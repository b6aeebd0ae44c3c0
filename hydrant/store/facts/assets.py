"""Assets: finding one, listing many, adding, changing and ending them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import col, func, or_, select

from hydrant import times
from hydrant.errors import AmbiguousCode, InputRefused, Phrase
from hydrant.model.books import Change
from hydrant.model.inputs import AssetInput, LifecycleInput, validated
from hydrant.model.tables import (
    Asset,
    AssetAlias,
    AssetVersion,
    Defect,
    Inspection,
    Lifecycle,
    Sensor,
)
from hydrant.model.values import Record
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.versions import note_statement, revise
from hydrant.store.opened.writer import Writer
from hydrant.vocabulary import LifecycleEvent

#: Columns of which a position consists; they change together or not at all.
POSITION = ("geom", "orig_x", "orig_y", "orig_crs", "accuracy_m")
_SHOWN_CANDIDATES = 5
#: Most values in one query.
_PORTION = 500

_A = TypeVar("_A", AssetVersion, Lifecycle, Inspection, Defect, Sensor)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an asset is and how that was stated.

    Attributes
    ----------
    lon, lat
        Position in EPSG:4490, degrees.
    orig_x, orig_y, orig_crs
        The coordinates as stated and their datum.
    accuracy_m
        Known uncertainty added by the conversion, metres.
    """

    lon: float
    lat: float
    orig_x: float
    orig_y: float
    orig_crs: str
    accuracy_m: float | None

    def columns(self) -> Record:
        """Values of the asset's columns."""
        return {
            "geom": (self.lon, self.lat),
            "orig_x": self.orig_x,
            "orig_y": self.orig_y,
            "orig_crs": self.orig_crs,
            "accuracy_m": self.accuracy_m,
        }


def find_asset(registry: Registry, code: str) -> Asset:
    """The asset that bears a code or uid.

    Raises
    ------
    InputRefused
        There is none.
    AmbiguousCode
        Several bear the code; their uids are listed.
    """
    found = registry.session.exec(
        select(Asset).where(or_(Asset.uid == code, Asset.code == code)).order_by(col(Asset.uid))
    ).all()
    if not found:
        found = registry.session.exec(
            select(Asset)
            .join(AssetAlias, col(AssetAlias.asset_uid) == Asset.uid)
            .where(AssetAlias.former_uid == code)
        ).all()
    if not found:
        found = merged_under(registry, code)
    if not found:
        raise InputRefused("store.no_asset", code=code, file=registry.path)
    if len(found) > 1:
        candidates = tuple(map(_candidate, found[:_SHOWN_CANDIDATES]))
        raise AmbiguousCode("store.ambiguous", code=code, count=len(found), candidates=candidates)
    return found[0]


def _candidate(asset: Asset) -> Phrase:
    """An asset by its uid, and by what tells it from others of its code."""
    place = None if asset.geom is None else f"{asset.geom[0]:.6f} {asset.geom[1]:.6f}"
    told = (asset.address, place, asset.region_code)
    facts = {"uid": asset.uid, "kind": Phrase(f"vocabulary.kind.{asset.kind}")}
    return Phrase("store.namesake", {**facts, "place": ", ".join(p for p in told if p) or "–"})


def merged_under(registry: Registry, code: str) -> list[Asset]:
    """Assets into which one of this code was merged; its plate is still on the street."""
    heirs = merged_names(registry).get(code, set())
    query = select(Asset).where(col(Asset.uid).in_(heirs)).order_by(col(Asset.uid))
    return list(registry.session.exec(query))


def merged_names(registry: Registry) -> dict[str, set[str]]:
    """Uids and codes of assets that were merged, and the uids of those they are part of now."""
    into: dict[str, str] = dict(
        registry.connection.execute("SELECT former_uid, asset_uid FROM asset_alias")
    )
    names = {former: {uid} for former, uid in into.items()}
    if not into:
        return names
    for former, before in registry.connection.execute(
        "SELECT entity_uid, before FROM change WHERE entity = 'asset' AND action = 'delete' "
        "AND entity_uid IN (SELECT former_uid FROM asset_alias)"
    ):
        code = json.loads(before or "{}").get("code")
        if former in into and code is not None:
            names.setdefault(code, set()).add(into[former])
    return names


def add_asset(
    writer: Writer,
    entered: AssetInput,
    placement: Placement,
    *,
    begun: LifecycleInput | None,
    source: str | None = None,
    external_key: str | None = None,
) -> Asset:
    """Record a new asset and, where it is known, the event it began with."""
    asset = Asset(
        **entered.model_dump(), **placement.columns(), source=source, external_key=external_key
    )
    writer.add(asset)
    if begun is not None:
        record_event(writer, asset, begun)
    return asset


def record_event(
    writer: Writer,
    asset: Asset,
    event: LifecycleInput,
    *,
    source: str | None = None,
    external_key: str | None = None,
) -> Lifecycle:
    """Record something that happened to an asset as a whole, and what register says so."""
    fact = Lifecycle(
        asset_uid=asset.uid, source=source, external_key=external_key, **event.model_dump()
    )
    writer.add(fact)
    return fact


def same_code_in_region(registry: Registry, entered: AssetInput) -> Asset | None:
    """An asset that bears the same code in the same region, if any."""
    if entered.code is None:
        return None
    return registry.session.exec(
        select(Asset)
        .where(Asset.code == entered.code, Asset.region_code == entered.region_code)
        .limit(1)
    ).first()


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded of one asset, each list oldest first."""

    versions: list[AssetVersion]
    events: list[Lifecycle]
    inspections: list[Inspection]
    defects: list[Defect]
    sensors: list[Sensor]
    changes: list[Change]


def history(registry: Registry, asset: Asset) -> History:
    """Everything recorded of an asset."""
    session = registry.session

    def of_asset(table: type[_A], order: dt.datetime | None) -> list[_A]:
        query = select(table).where(table.asset_uid == asset.uid)
        return list(session.exec(query.order_by(col(order), col(table.fid))))

    changes = session.exec(
        select(Change).where(Change.entity_uid == asset.uid).order_by(col(Change.fid))
    )
    return History(
        versions=of_asset(AssetVersion, AssetVersion.valid_until),
        events=of_asset(Lifecycle, Lifecycle.at),
        inspections=of_asset(Inspection, Inspection.at),
        defects=of_asset(Defect, Defect.found_at),
        sensors=of_asset(Sensor, Sensor.recorded_at),
        changes=list(changes),
    )


def assets_by_uid(registry: Registry, uids: Collection[str]) -> dict[str, Asset]:
    """Assets of some uids, asked for in portions that every database takes."""
    wanted = sorted(uids)
    found: dict[str, Asset] = {}
    for start in range(0, len(wanted), _PORTION):
        query = select(Asset).where(col(Asset.uid).in_(wanted[start : start + _PORTION]))
        found |= {asset.uid: asset for asset in registry.session.exec(query)}
    return found


def events_of(registry: Registry, uids: Collection[str]) -> dict[str, list[Lifecycle]]:
    """What happened to some assets as a whole, withdrawn or not, each list oldest first."""
    wanted = sorted(uids)
    found: dict[str, list[Lifecycle]] = {uid: [] for uid in wanted}
    for start in range(0, len(wanted), _PORTION):
        portion = wanted[start : start + _PORTION]
        for event in registry.session.exec(
            select(Lifecycle).where(col(Lifecycle.asset_uid).in_(portion))
        ):
            found[event.asset_uid].append(event)
    return {uid: in_order(events) for uid, events in found.items()}


def count_assets(registry: Registry) -> int:
    """How many assets are on record, whatever became of them."""
    return registry.session.exec(select(func.count()).select_from(Asset)).one()


def in_order(events: Iterable[Lifecycle]) -> list[Lifecycle]:
    """Events as `History` has them: undated ones first, equal moments as they were written."""
    return sorted(events, key=lambda e: (times.to_text(e.at) if e.at else "", e.fid or 0))


def lifecycle_state(events: list[Lifecycle]) -> LifecycleEvent:
    """State that follows from the events so far, oldest first; a move does not change it."""
    now = times.now()
    past = [
        event
        for event in events
        if event.confirmed
        and event.withdrawn_at is None
        and event.event != LifecycleEvent.RELOCATED
        and (event.at is None or event.at <= now)
    ]
    return LifecycleEvent(past[-1].event) if past else LifecycleEvent.COMMISSIONED


def list_assets(
    registry: Registry, *, regions: list[str] | None, kind: str | None, limit: int | None
) -> list[Mapping[str, object]]:
    """Assets of some regions and of a family or kind, by region and code.

    Parameters
    ----------
    regions
        Region codes to keep; None keeps all.
    kind
        Family or ``family.kind``; None keeps all.
    limit
        Most rows to give; None gives all.
    """
    query = select(Asset)
    if regions is not None:
        query = query.where(col(Asset.region_code).in_(regions))
    if kind is not None:
        query = query.where(or_(Asset.kind == kind, col(Asset.kind).startswith(f"{kind}.")))
    query = query.order_by(col(Asset.region_code), col(Asset.code), col(Asset.uid)).limit(limit)
    return [asset_facts(asset) for asset in registry.session.exec(query)]


def asset_facts(asset: Asset) -> Record:
    """What an asset is now, JSON-able; empty columns are kept as null."""
    lon, lat = asset.geom or (None, None)
    facts: Record = {"uid": asset.uid, "code": asset.code, "lon": lon, "lat": lat}
    names = [*AssetInput.model_fields, "orig_x", "orig_y", "orig_crs", "accuracy_m"]
    facts |= {name: getattr(asset, name) for name in names if name != "code"}
    facts |= {"source": asset.source, "external_key": asset.external_key}
    return facts


def edit_asset(
    writer: Writer,
    asset: Asset,
    values: Mapping[str, object],
    position: Mapping[str, object],
    *,
    since: dt.datetime | None,
) -> dict[str, object]:
    """Change columns of an asset; the former values that differed.

    That they were stated for another day than now is kept, also where they held already.

    Parameters
    ----------
    values
        Fields as entered, checked here.
    position
        Columns of a `Placement`, or nothing when the asset stays where it is.
    since
        From when the new values hold; None corrects a mistake (see `versions.revise`).
    """
    checked = validated(AssetInput, **(_entered(asset) | dict(values))).model_dump()
    wanted = {name: checked[name] for name in values} | dict(position)
    former = revise(writer, asset, since=since, **wanted)
    if since is not None and (former or since != writer.moment):
        note_statement(writer, asset, since=since, **wanted)
    return former


def _entered(asset: Asset) -> dict[str, object]:
    return {name: getattr(asset, name) for name in AssetInput.model_fields}
