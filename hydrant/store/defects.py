"""Defects: open, clear, list."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.model.inputs import DefectInput
from hydrant.model.tables import Asset, Defect
from hydrant.store.registry import Registry
from hydrant.store.writer import Writer


def open_ones(registry: Registry, asset: Asset, code: str) -> list[Defect]:
    """Defects of a code that are open on an asset."""
    query = select(Defect).where(
        Defect.asset_uid == asset.uid, Defect.code == code, col(Defect.cleared_at).is_(None)
    )
    return list(registry.session.exec(query))


def open_defect(writer: Writer, asset: Asset, entered: DefectInput) -> tuple[Defect, bool]:
    """Record a defect; the one that is open already is given back instead (False)."""
    standing = open_ones(writer.registry, asset, entered.code)
    if standing:
        return standing[0], False
    fault = Defect(asset_uid=asset.uid, **entered.model_dump())
    writer.add(fault)
    return fault, True


def propose_defect(
    writer: Writer, asset_uid: str, entered: DefectInput, *, source: str, key: str
) -> Defect | None:
    """Record a defect that somebody has yet to confirm; None where this was done before.

    Parameters
    ----------
    source, key
        What proposes it and its key there, so that it is proposed once.
    """
    known = select(Defect).where(Defect.source == source, Defect.external_key == key)
    if writer.registry.session.exec(known).first() is not None:
        return None
    fault = Defect(
        asset_uid=asset_uid,
        state="proposed",
        source=source,
        external_key=key,
        **entered.model_dump(),
    )
    writer.add(fault)
    return fault


def settle_defects(
    writer: Writer, asset: Asset, code: str, *, confirmed: bool, by: str, at: dt.datetime
) -> list[Defect]:
    """Confirm or reject the proposed defects of a code.

    Raises
    ------
    InputRefused
        None is proposed.
    """
    waiting = [f for f in open_ones(writer.registry, asset, code) if f.state == "proposed"]
    if not waiting:
        raise InputRefused("survey.not_proposed", code=code, asset=asset.code or asset.uid)
    for fault in waiting:
        if confirmed:
            writer.update(fault, state="confirmed", found_by=by)
        else:
            writer.update(fault, state="rejected", cleared_at=at, cleared_by=by)
    return waiting


def clear_defects(
    writer: Writer, asset: Asset, code: str, *, at: dt.datetime, by: str, cost: float | None
) -> list[Defect]:
    """Clear the open defects of a code.

    Raises
    ------
    InputRefused
        None is open, or it was found later than it is said to be cleared.
    """
    standing = open_ones(writer.registry, asset, code)
    if not standing:
        raise InputRefused("survey.not_open", code=code, asset=asset.code or asset.uid)
    paid = standing[0].uid
    for fault in standing:
        if fault.found_at is not None and fault.found_at > at:
            found = times.local_text(fault.found_at, writer.registry.zone)
            raise InputRefused("survey.cleared_early", code=code, found=found)
        writer.update(fault, cleared_at=at, cleared_by=by)
        # one repair is paid once, also where the defect stands recorded twice; nothing is a price
        if cost is not None and fault.uid == paid:
            writer.update(fault, cost=cost)
    return standing


def list_defects(
    registry: Registry, *, regions: list[str] | None, asset: Asset | None, open_only: bool
) -> list[dict[str, Any]]:
    """Defects with their assets, oldest first."""
    query = select(Defect, Asset).where(Defect.asset_uid == Asset.uid)
    if open_only:
        query = query.where(col(Defect.cleared_at).is_(None))
    if asset is not None:
        query = query.where(Defect.asset_uid == asset.uid)
    if regions is not None:
        query = query.where(col(Asset.region_code).in_(regions))
    rows = registry.session.exec(query.order_by(col(Defect.found_at), col(Defect.uid)))
    return [_facts(registry, fault, of_asset) for fault, of_asset in rows]


def _facts(registry: Registry, fault: Defect, asset: Asset) -> dict[str, Any]:
    def day(moment: dt.datetime | None) -> str | None:
        return None if moment is None else times.local_day(moment, registry.zone).isoformat()

    return {
        "uid": fault.uid,
        "asset": asset.code or asset.uid,
        "asset_uid": asset.uid,
        "region": asset.region_code,
        "maintainer": asset.maintainer,
        "code": fault.code,
        "severity": fault.severity,
        "state": fault.state,
        "found": day(fault.found_at),
        "cleared": day(fault.cleared_at),
        "due": day(fault.due),
        "found_by": fault.found_by,
        "cleared_by": fault.cleared_by,
        "cost": fault.cost,
        "note": fault.note,
    }
