"""Defects: open, correct, clear, list."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.model.inputs import DefectInput, validated
from hydrant.model.tables import Asset, Defect
from hydrant.model.values import Record, Row
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of a finding.

    Attributes
    ----------
    fault
        The row that says it.
    new
        False where a row said exactly the same already.
    before
        Findings of the same defect that were open already, the oldest first.
    """

    fault: Defect
    new: bool
    before: list[Defect]


def open_ones(registry: Registry, asset: Asset, code: str) -> list[Defect]:
    """Findings of a code that are open on an asset, the oldest first.

    A defect found again before it was repaired has several: each with its own severity and day.
    """
    query = select(Defect).where(
        Defect.asset_uid == asset.uid,
        Defect.code == code,
        col(Defect.cleared_at).is_(None),
        col(Defect.withdrawn_at).is_(None),
    )
    return sorted(
        registry.session.exec(query),
        key=lambda fault: (times.to_text(fault.found_at) if fault.found_at else "", fault.fid or 0),
    )


def open_defect(writer: Writer, asset: Asset, entered: DefectInput) -> Opened:
    """Record a finding; one that says exactly what an open one says of the day is that one."""
    standing = open_ones(writer.registry, asset, entered.code)
    wanted = _said(writer.registry, entered)
    same = [
        fault
        for fault in standing
        if fault.state == "confirmed" and _said(writer.registry, fault) == wanted
    ]
    if same:
        return Opened(same[0], new=False, before=[one for one in standing if one is not same[0]])
    fault = Defect(asset_uid=asset.uid, **entered.model_dump())
    writer.add(fault)
    return Opened(fault, new=True, before=standing)


def _said(registry: Registry, finding: DefectInput | Defect) -> Row:
    """What a finding says; two of one day that say no more than another are one."""
    found = finding.found_at
    day = None if found is None else times.local_day(found, registry.zone)
    return (day, str(finding.severity), finding.found_by, finding.cost, finding.due, finding.note)


def edit_defect(writer: Writer, fault: Defect, values: Mapping[str, object]) -> dict[str, object]:
    """Correct what an open finding says; the former values that differed.

    Raises
    ------
    InputRefused
        A value is wrong, or the finding would be later than its repair.
    """
    names = tuple(DefectInput.model_fields)
    said = {name: getattr(fault, name) for name in names}
    checked = validated(DefectInput, **(said | dict(values))).model_dump()
    found, cleared = checked["found_at"], fault.cleared_at
    if found is not None and cleared is not None and found > cleared:
        day = times.local_day(found, writer.registry.zone).isoformat()
        raise InputRefused("survey.cleared_early", code=fault.code, found=day)
    return writer.update(fault, **{name: checked[name] for name in values})


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
    """Clear what was found of a code by a moment; what was found again later stays open.

    Parameters
    ----------
    cost
        What the repair cost; it stands with the last finding, for one repair is paid once.

    Raises
    ------
    InputRefused
        None is open, all were found later than they are said to be cleared, or the cost is
        negative.
    """
    standing = open_ones(writer.registry, asset, code)
    if not standing:
        raise InputRefused("survey.not_open", code=code, asset=asset.code or asset.uid)
    found = [fault for fault in standing if fault.found_at is None or fault.found_at <= at]
    if not found:
        first = standing[0].found_at
        assert first is not None  # noqa: S101  one of unknown age counts as found by any moment
        _refuse_early(code, first, at, writer.registry.zone)
    last = found[-1]
    # a cost that cannot be is refused as by every other command
    cost = validated(DefectInput, code=last.code, severity=last.severity, cost=cost).cost
    for fault in found:
        paid = {"cost": cost} if cost is not None and fault is last else {}
        writer.update(fault, cleared_at=at, cleared_by=by, **paid)
    return found


def _refuse_early(code: str, found: dt.datetime, cleared: dt.datetime, zone: ZoneInfo) -> NoReturn:
    """Say that a repair lies before the finding; a date alone means the first moment of its day."""
    day = times.local_day(cleared, zone)
    date_alone = times.start_of_day(day, zone) == cleared
    if date_alone and times.local_day(found, zone) == day:
        after = f"{(found + dt.timedelta(minutes=1)).astimezone(zone):%Y-%m-%dT%H:%M}"
        facts = {"time": times.local_minute(found, zone), "day": day.isoformat(), "after": after}
        raise InputRefused("survey.cleared_same_day", code=code, **facts)
    raise InputRefused("survey.cleared_early", code=code, found=times.local_text(found, zone))


def list_defects(
    registry: Registry, *, regions: list[str] | None, asset: Asset | None, open_only: bool
) -> list[Record]:
    """Findings with their assets, oldest first; withdrawn ones only beside cleared ones."""
    query = select(Defect, Asset).where(Defect.asset_uid == Asset.uid)
    if open_only:
        query = query.where(col(Defect.cleared_at).is_(None), col(Defect.withdrawn_at).is_(None))
    if asset is not None:
        query = query.where(Defect.asset_uid == asset.uid)
    if regions is not None:
        query = query.where(col(Asset.region_code).in_(regions))
    rows = list(registry.session.exec(query.order_by(col(Defect.found_at), col(Defect.uid))))
    told = [_facts(registry, fault, of_asset) for fault, of_asset in rows]
    _number_findings(told)
    return told


def _number_findings(rows: list[Record]) -> None:
    """Say of a defect found again before it was repaired which finding a row is, of how many."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        row["finding"] = 1
        if row["cleared"] is None and row["withdrawn"] is None:
            counts[row["asset_uid"], row["code"]] += 1
            row["finding"] = counts[row["asset_uid"], row["code"]]
    for row in rows:
        counted = row["cleared"] is None and row["withdrawn"] is None
        row["findings"] = counts[row["asset_uid"], row["code"]] if counted else 1


def _facts(registry: Registry, fault: Defect, asset: Asset) -> dict[str, object]:
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
        "withdrawn": day(fault.withdrawn_at),
        "withdrawn_why": fault.withdrawn_why,
    }
