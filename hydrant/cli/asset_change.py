"""What `asset add` and `asset edit` write, and what is to be said of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hydrant.cli.beside import beside, far_notes
from hydrant.cli.frame import Note
from hydrant.cli.places import in_force, place, settled
from hydrant.errors import Phrase
from hydrant.model.inputs import AssetInput, LifecycleInput, validated
from hydrant.model.tables import Asset
from hydrant.model.values import Record
from hydrant.store.facts import assets
from hydrant.store.facts.assets import Placement
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions.regions import find_region
from hydrant.vocabulary import LifecycleEvent


def described(
    registry: Registry,
    code: str,
    kind: str,
    words: dict[str, Any],
    pair: tuple[float, float],
    crs: str | None,
    region: str | None,
) -> tuple[AssetInput, Placement, tuple[Note, ...]]:
    """A new asset in its place and region, and what is to be said of those."""
    stated = None if region is None else find_region(registry, region).code
    # what is wrong with the words is told before what is wrong with the place
    validated(AssetInput, code=code, kind=kind, **words)
    placement, notes = place(registry, pair, crs=crs, region=stated)
    found, remarks = settled(registry, stated, placement)
    notes += (*in_force(registry, found), *remarks)
    notes += beside(registry, kind, placement, found)
    entered = validated(AssetInput, code=code, kind=kind, region_code=found, **words)
    return entered, placement, notes


def namesakes(registry: Registry, entered: AssetInput) -> tuple[Note, ...]:
    """Assets that bear the code, or bore it until they were merged into another."""
    code = entered.code
    merged = assets.merged_under(registry, code) if code is not None else []
    notes = [
        Note.of("cli_asset.merged_code", code=code, into=one.code or one.uid) for one in merged
    ]
    twin = assets.same_code_in_region(registry, entered)
    if twin is not None:
        notes.append(Note.of("cli_asset.twin", code=code, other=twin.uid))
    return tuple(notes)


def moved_to(
    registry: Registry,
    pair: tuple[float, float] | None,
    crs: str | None,
    asset: Asset,
    wanted: Record,
) -> tuple[Placement | None, tuple[Note, ...]]:
    """The place that is stated anew, if any, and what is to be said of it and of a new region."""
    home = wanted.get("region_code", asset.region_code)
    if pair is None:
        return None, _in_new_home(registry, asset, wanted)
    placement, notes = place(registry, pair, crs=crs, region=home)
    if home is not None:
        notes += settled(registry, home, placement)[1]
    kind = wanted.get("kind", asset.kind)
    return placement, notes + beside(registry, kind, placement, home, but=asset.uid)


def _in_new_home(registry: Registry, asset: Asset, wanted: Record) -> tuple[Note, ...]:
    """What is to be said of a place that stays where it is while its region changes."""
    point = asset.geom
    home = wanted.get("region_code")
    if home is None or point is None or home == asset.region_code:
        return ()
    spot = Placement(*point, *point, "cgcs2000", None)
    return settled(registry, home, spot)[1] + far_notes(registry, home, spot, but=asset.uid)


def edited(
    writer: Writer,
    asset: Asset,
    wanted: dict[str, Any],
    placement: Placement | None,
    *,
    since: dt.datetime | None,
) -> dict[str, Any]:
    """Change an asset; one that moves, rather than being put right, is relocated. Former values."""
    columns = {} if placement is None else placement.columns()
    former = assets.edit_asset(writer, asset, wanted, columns, since=since)
    if "geom" in former and since is not None:
        moved = LifecycleInput(event=LifecycleEvent.RELOCATED, at=since)
        assets.record_event(writer, asset, moved)
    return former


def renamed_notes(registry: Registry, asset: Asset, wanted: Record) -> tuple[Note, ...]:
    """What is to be said of a new code that other assets bear, or bore."""
    if wanted.get("code") in (None, asset.code):
        return ()
    return namesakes(registry, _with(asset, wanted))


def _with(asset: Asset, wanted: Record) -> AssetInput:
    """An asset as it would be entered with some values otherwise."""
    facts = {name: getattr(asset, name) for name in AssetInput.model_fields}
    return validated(AssetInput, **(facts | wanted))


def outranked_notes(
    asset: Asset, wanted: Record, placement: Placement | None, former: Record
) -> tuple[Note, ...]:
    """Which of the values entered for a date do not hold today: later ones do, or theirs is ahead.

    Parameters
    ----------
    asset
        As it is today.
    former
        What held on the date and was changed.
    """
    stated: Record = _with(asset, wanted).model_dump()
    if placement is not None:
        stated["geom"] = placement.columns()["geom"]
    differing = [name for name in former if name in stated and getattr(asset, name) != stated[name]]
    if not differing:
        return ()
    named = tuple(Phrase(f"fields.{name}") for name in sorted(differing))
    return (Note.of("cli_asset.not_today", code=asset.code or asset.uid, fields=named),)
