"""Visits on record, as a register's rows are held against them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hydrant.model.values import Record
from hydrant.store.ground.backend import one_row
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.vocabulary import Outcome

#: Columns of a visit that a register may fill.
STATED = (
    *("at", "outcome", "inspector", "form_version", "static_kpa", "residual_kpa", "flow_l_s"),
    *("level_m", "lift_m", "note"),
)
#: What says that an asset is not in working order.
BAD = (Outcome.FAILS, Outcome.NOT_FOUND)
#: Outcomes that say whether an asset works.
_DECISIVE = (Outcome.WORKS, *BAD)
_COLUMNS = ("uid", "asset_uid", "source", "external_key", "withdrawn_at", *STATED)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as it is stored; `values` are what `STATED` names, times as stored text."""

    uid: str
    asset_uid: str
    source: str | None
    external_key: str | None
    withdrawn: bool
    values: Record


def visits_of(registry: Registry, assets: Collection[str]) -> dict[str, list[Visit]]:
    """Visits of some assets by the asset's uid, in the order they were recorded."""
    found: dict[str, list[Visit]] = {}
    if not assets:
        return found
    for uid, asset, source, key, withdrawn, *values in registry.connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM inspection "
        "WHERE asset_uid IN (SELECT value FROM json_each(?)) ORDER BY fid",
        (json.dumps(sorted(assets)),),
    ):
        told = dict(zip(STATED, values, strict=True))
        visit = Visit(uid, asset, source, key, withdrawn is not None, told)
        found.setdefault(asset, []).append(visit)
    return found


_LATER = """
SELECT EXISTS (SELECT 1 FROM inspection i WHERE i.asset_uid = :asset AND i.withdrawn_at IS NULL
    AND i.effective_at > hydrant_latest(:at))
  OR EXISTS (SELECT 1 FROM lifecycle l WHERE l.asset_uid = :asset AND l.withdrawn_at IS NULL
    AND l.at > :at)
  OR EXISTS (SELECT 1 FROM sensor s WHERE s.asset_uid = :asset)
"""


def bad_since(registry: Registry, asset: str, at: str | None) -> str | None:
    """Since when a bad finding holds, stored text; None where something later is on record.

    Parameters
    ----------
    asset
        Uid of the asset.
    at
        Moment of the finding, stored text; None is the last visit on record, which is bad.
    """
    if at is None:
        last = registry.connection.execute(
            "SELECT coalesce(at, effective_at), outcome FROM inspection "
            "WHERE asset_uid = ? AND withdrawn_at IS NULL ORDER BY effective_at DESC LIMIT 1",
            (asset,),
        ).fetchone()
        if last is None or last[1] not in BAD:
            return None
        at = str(last[0])
    asked = {"asset": asset, "at": at}
    (later,) = one_row(registry.connection.execute(_LATER, asked))
    return None if later else at


def last_decisive(visits: Sequence[Visit]) -> Visit | None:
    """The last of an asset's visits that says whether it works; None where none does."""
    told = [v for v in visits if not v.withdrawn and v.values["outcome"] in _DECISIVE]
    return max(told, key=lambda visit: str(visit.values["at"] or ""), default=None)


def last_found_working(visits: Sequence[Visit]) -> bool:
    """Whether the last decisive one of an asset's visits found that it works."""
    last = last_decisive(visits)
    return last is not None and last.values["outcome"] == Outcome.WORKS


def withdrawn_of(registry: Registry, source: str) -> set[str]:
    """Uids of assets of which a visit was withdrawn that a source told of."""
    return {
        uid
        for (uid,) in registry.connection.execute(
            "SELECT asset_uid FROM inspection WHERE withdrawn_at IS NOT NULL AND source = ?",
            (source,),
        )
    }


def correct_visit(writer: Writer, visit: Visit, values: Mapping[str, object]) -> bool:
    """Let a visit say what its register says now; the log keeps what it said before.

    Parameters
    ----------
    values
        Columns of `STATED`, times as stored text.
    """
    return raw_rows.update(writer, "inspection", {"uid": visit.uid, **visit.values}, values)
