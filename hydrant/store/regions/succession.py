"""Units that ended: which took over, from which day, and which of them an asset fell to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.model.inputs import ReasonInput, validated
from hydrant.model.tables import Asset, AssetVersion, Region, RegionSuccessor
from hydrant.store.opened import versions
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Entry, Writer
from hydrant.store.regions.region_tree import load_tree


def heirs_of(registry: Registry, code: str) -> list[str]:
    """Codes of the units that took over from a unit, in their order."""
    return [row.successor_code for row in _rows(registry, code)]


def succeed(
    writer: Writer, regions: Mapping[str, Region], code: str, heirs: Sequence[str], at: dt.datetime
) -> bool:
    """Let a unit end at a moment and others take over; False when that is on record already.

    Raises
    ------
    InputRefused
        It ended at another moment or others took over; an heir is not in force then.
    """
    region, standing = regions[code], heirs_of(writer.registry, code)
    ended = region.valid_until
    if ended is not None and (ended != at or (standing and set(standing) != set(heirs))):
        raise InputRefused(
            "store.ended_otherwise",
            code=code,
            date=times.local_day(ended, writer.registry.zone).isoformat(),
            heirs=", ".join(standing) or "–",
        )
    if region.valid_from is not None and region.valid_from >= at:
        raise InputRefused(
            "store.ends_before_it_begins",
            code=code,
            date=times.local_day(region.valid_from, writer.registry.zone).isoformat(),
        )
    writer.update(region, valid_until=at)
    return put_heirs(writer, regions, code, heirs, None) or ended is None


def put_heirs(
    writer: Writer,
    regions: Mapping[str, Region],
    code: str,
    heirs: Sequence[str],
    source: str | None,
) -> bool:
    """Let the units that took over from a unit be these, since it ended; whether that is new.

    Raises
    ------
    InputRefused
        The unit has not ended, or an heir is not known or not in force when it takes over.
    """
    at = regions[code].valid_until
    if at is None:
        raise InputRefused("store.heirs_without_end", code=code)
    for heir in heirs:
        _require_heir(writer.registry, regions, code, heir, at)
    standing = {row.successor_code: row for row in _rows(writer.registry, code)}
    changed = False
    for heir in dict.fromkeys(heirs):
        row = standing.pop(heir, None)
        if row is None:
            writer.add(RegionSuccessor(code=code, successor_code=heir, at=at, source=source))
            changed = True
        else:
            changed |= bool(writer.update(row, at=at))
    for row in standing.values():
        writer.delete(row)
        changed = True
    writer.flush()
    return changed


def _rows(registry: Registry, code: str) -> list[RegionSuccessor]:
    query = select(RegionSuccessor).where(RegionSuccessor.code == code)
    return list(registry.session.exec(query.order_by(col(RegionSuccessor.successor_code))))


def _require_heir(
    registry: Registry, regions: Mapping[str, Region], code: str, heir: str, at: dt.datetime
) -> None:
    if heir == code:
        raise InputRefused("store.heir_of_itself", code=code)
    region = regions.get(heir)
    if heir in _above(regions, code):
        raise InputRefused("store.heir_above", code=code, heir=heir)
    if code in _above(regions, heir):
        raise InputRefused("store.heir_below", code=code, heir=heir)
    if region is None:
        raise InputRefused("store.no_region", code=heir, file=registry.path)
    begun = region.valid_from is None or region.valid_from <= at
    if not begun or (region.valid_until is not None and region.valid_until <= at):
        day = times.local_day(at, registry.zone).isoformat()
        raise InputRefused("store.heir_not_in_force", code=code, heir=heir, date=day)


def _above(regions: Mapping[str, Region], code: str) -> set[str]:
    """Codes of what a unit lies in."""
    found = set[str]()
    above = regions[code].parent_code if code in regions else None
    while above is not None and above in regions and above not in found:
        found.add(above)
        above = regions[above].parent_code
    return found


@dataclass(frozen=True, slots=True)
class Restored:
    """An end of a unit that was taken back.

    Attributes
    ----------
    at
        When it was said to end; None where it had not.
    heirs
        Codes of the units that were said to take over.
    assets
        Assets that stand with it again, of those that had fallen to an heir.
    """

    at: dt.datetime | None
    heirs: list[str]
    assets: list[Asset]


def restore(writer: Writer, region: Region, why: str) -> Restored:
    """Take back that a unit ended: it stands as if it had not, with the assets that had left it.

    An asset that was moved on since, or stated for an heir itself, stays where it is. The log
    keeps what was said and why it was taken back.

    Raises
    ------
    InputRefused
        The reason is empty.
    """
    reason = validated(ReasonInput, reason=why).reason
    at, rows = region.valid_until, _rows(writer.registry, region.code)
    heirs = [row.successor_code for row in rows]
    if at is None:
        return Restored(None, heirs, [])
    left = {region.code, *taken_over(writer.registry, region.code, at)}
    back = list(_fallen(writer.registry, left, heirs, at)) if len(heirs) > 1 else []
    for asset, code in back:
        versions.revise(writer, asset, since=at, region_code=code)
    for row in rows:
        writer.delete(row)
    writer.update(region, valid_until=None)
    said = {"code": region.code, "valid_until": times.to_text(at), "successors": heirs}
    writer.log(Entry("restore", "region", region.uid, after=said | {"withdrawn_why": reason}))
    writer.flush()
    return Restored(at, heirs, [asset for asset, _ in back])


def _fallen(
    registry: Registry, codes: Collection[str], heirs: Collection[str], at: dt.datetime
) -> Iterator[tuple[Asset, str]]:
    """Assets that stood with one of some units until a moment and with an heir from it on."""
    held = select(AssetVersion.asset_uid).where(col(AssetVersion.region_code).in_(codes))
    query = select(Asset).where(col(Asset.uid).in_(held) | col(Asset.region_code).in_(codes))
    for asset in registry.session.exec(query.order_by(col(Asset.code), col(Asset.uid))).all():
        spans = versions.spans_of(registry, asset)
        for before, after in pairwise(spans):
            if (
                after.start == at
                and before.values["region_code"] in codes
                and after.values["region_code"] in heirs
            ):
                yield asset, str(before.values["region_code"])


def refuse_ended(registry: Registry, region: Region, moment: dt.datetime) -> None:
    """Refuse what is stated for a region from a moment at which it has ended.

    Raises
    ------
    InputRefused
        It has.
    """
    if region.valid_until is not None and region.valid_until <= moment:
        raise InputRefused(
            "store.region_ended",
            code=region.code,
            date=times.local_day(region.valid_until, registry.zone).isoformat(),
            heirs=", ".join(heirs_of(registry, region.code)) or "–",
        )


@dataclass(slots=True)
class Parted:
    """Where the assets of a unit that was split went.

    Attributes
    ----------
    by_list, by_outline
        Assets that fell to each heir, by what decided.
    left
        Assets that neither decides; they stay with the former code.
    """

    by_list: dict[str, list[Asset]] = field(default_factory=dict)
    by_outline: dict[str, list[Asset]] = field(default_factory=dict)
    left: list[Asset] = field(default_factory=list)

    @property
    def moved(self) -> dict[str, int]:
        """How many assets fell to each heir."""
        found: dict[str, int] = {}
        for part in (self.by_list, self.by_outline):
            for heir, assets in part.items():
                found[heir] = found.get(heir, 0) + len(assets)
        return dict(sorted(found.items()))


def part(writer: Writer, code: str, listed: Mapping[str, str]) -> Parted:
    """Give the assets of a unit that was split to its heirs, from the day it ended.

    Those of units that it had taken over are among them.

    Parameters
    ----------
    listed
        Heir by uid of an asset; it outranks the outlines.
    """
    heirs = _rows(writer.registry, code)
    parted = Parted()
    if len(heirs) < 2:
        return parted
    assets = assets_of(writer.registry, taken_over(writer.registry, code, heirs[0].at))
    placed = _by_outline(writer.registry, [row.successor_code for row in heirs], assets)
    for asset in assets:
        found, where = listed.get(asset.uid), parted.by_list
        if found is None:
            found, where = placed.get(asset.uid), parted.by_outline
        if found is None:
            parted.left.append(asset)
            continue
        where.setdefault(found, []).append(asset)
        versions.revise(writer, asset, since=heirs[0].at, region_code=found)
    writer.flush()
    return parted


def taken_over(registry: Registry, code: str, at: dt.datetime | None) -> list[str]:
    """A unit's code, and those of units whose assets counted in it just before a moment."""
    tree = load_tree(registry, times.to_text(at or times.now()))
    return [code, *(c for c in tree.nodes if c != code and tree.resolve(c) == code)]


def assets_of(registry: Registry, codes: Sequence[str]) -> list[Asset]:
    """Assets that stand with these codes themselves now, by code and uid."""
    query = select(Asset).where(col(Asset.region_code).in_(list(codes)))
    return list(registry.session.exec(query.order_by(col(Asset.code), col(Asset.uid))))


def _by_outline(
    registry: Registry, heirs: Sequence[str], assets: Sequence[Asset]
) -> dict[str, str]:
    """Heir by uid of the assets that lie within exactly one heir's outline."""
    query = select(Region).where(
        col(Region.code).in_(list(heirs)), col(Region.boundary).is_not(None)
    )
    outlined = {region.code: region.boundary for region in registry.session.exec(query)}
    standing = [asset for asset in assets if asset.geom is not None]
    if not outlined or not standing:
        return {}
    from hydrant.geo.outlines import Outlines  # noqa: PLC0415  brings GEOS

    codes = list(outlined)
    held = Outlines([outlined[code] or b"" for code in codes]).holding(
        [asset.geom[0] for asset in standing if asset.geom],
        [asset.geom[1] for asset in standing if asset.geom],
    )
    return {
        asset.uid: codes[numbers[0]]
        for asset, numbers in zip(standing, held, strict=True)
        if len(numbers) == 1
    }
