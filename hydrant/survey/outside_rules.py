"""What another program may change in the registry by itself, and what somebody must look at.

A value that cannot be true is put back. So is a change that could make figures better without
anybody having looked at a hydrant: a finding rewritten, an asset taken out. What other programs
are good at - placing, describing, adding - stands at once.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from hydrant import times
from hydrant.errors import Phrase
from hydrant.geo import datum
from hydrant.geo.distance import moved_m
from hydrant.model.geopoint import REGISTRY_SRS, decode_point, encode_point, srs_of
from hydrant.model.values import Cell
from hydrant.store.facts.former import former_places
from hydrant.store.opened import raw_rows, row_types
from hydrant.store.opened.registry import Registry
from hydrant.store.outside.outside_edits import has_regions
from hydrant.store.regions.in_force import out_of_force
from hydrant.store.regions.regions import known_extent
from hydrant.survey.row_rules import problem_of
from hydrant.vocabulary import Structure

#: The program's own books on a row; nobody else writes there.
OWN = (
    "uid",
    "recorded_at",
    "recorded_by",
    "valid_from",
    "withdrawn_at",
    "withdrawn_by",
    "withdrawn_why",
)
#: The office's tables: what figures are measured against.
OFFICE = ("requirement", "region", "region_successor")
#: Cells that decide what an asset counts as, or where rows come from. A test holds them against
#: the columns that figures are read from.
DECISIVE: dict[str, frozenset[str]] = {
    "asset": frozenset({"source", "external_key", "service", "kind", "structure",
                        "lift_drought_m", "access_lane", "turning_area"}),
    "inspection": frozenset({"asset_uid", "outcome", "at", "static_kpa", "residual_kpa",
                             "flow_l_s", "level_m", "lift_m", "checks"}),
    "defect": frozenset({"asset_uid", "code", "severity", "state", "found_at"}),
    "lifecycle": frozenset({"asset_uid", "event", "at", "confirmed"}),
    "sensor": frozenset({"asset_uid", "quantity", "reference", "side", "height_m", "profile",
                         "profile_version", "url", "unit_id", "parameters", "enabled",
                         "valid_until", "interval_s"}),
}  # fmt: skip
#: Of decisive cells with a direction: whether a change can only lower what the asset counts as.
_LOWERS: dict[tuple[str, str], Callable[[Cell, Cell], bool]] = {
    ("asset", "structure"): lambda _, now: now == Structure.NONE,
    ("asset", "lift_drought_m"): lambda was, now: _greater(now, was),
    **dict.fromkeys(
        (("asset", "access_lane"), ("asset", "turning_area")),
        lambda was, now: bool(was) or (now is not None and not now),
    ),
}


def _greater(one: Cell, other: Cell) -> bool:
    """Whether both are numbers and the first is the greater one."""
    return isinstance(one, int | float) and isinstance(other, int | float) and one > other


#: Events that take an asset out of the figures.
_TAKING_OUT = ("planned", "under_construction", "removed")
_SRS = (REGISTRY_SRS, 4326)  # the same place within a metre
_LISTS: dict[tuple[str, str], type] = {
    ("inspection", "checks"): dict,
    ("inspection", "photos"): list,
    ("sensor", "parameters"): dict,
}


def normal(entity: str, row: raw_rows.Row) -> raw_rows.Row:
    """A row as this program writes it: times with a Z, points without envelope, no empty text.

    What cannot be understood is left as it is, to be refused.
    """
    kept = dict(row)
    for name in row_types.may_be_empty(entity):
        if kept.get(name) == "":
            kept[name] = None
    for name in raw_rows.time_columns(entity):
        if isinstance(kept.get(name), str):
            kept[name] = row_types.moment_text(kept[name]) or kept[name]
    point = decode_point(kept.get("geom")) if isinstance(kept.get("geom"), bytes) else None
    if point is not None and srs_of(kept["geom"]) in _SRS:
        kept["geom"] = encode_point(*point)
    return kept


def unacceptable(registry: Registry, entity: str, row: raw_rows.Row) -> Phrase | None:
    """Why a row cannot stand, whoever wants it; None when it can."""
    found = _mistyped(entity, row) or _listing_problem(entity, row)
    found = found or problem_of(entity, row, now=times.now())
    if found is None and entity == "asset":
        found = _misplaced(registry, row)
    if found is None and "asset_uid" in row:
        found = _orphaned(registry, row)
    return found or _contradictory(registry, entity, row)


def _mistyped(entity: str, row: raw_rows.Row) -> Phrase | None:
    name = row_types.misfit(entity, row)
    if name is None:
        return None
    value = row[name]
    shown = value.hex() if isinstance(value, bytes) else value
    return Phrase("survey.outside_type", {"field": name, "value": "–" if shown is None else shown})


def _listing_problem(entity: str, row: raw_rows.Row) -> Phrase | None:
    """Columns that hold JSON hold the right kind of it."""
    for (table, column), kind in _LISTS.items():
        text = row.get(column) if table == entity else None
        if text is not None and not isinstance(_loaded(text), kind):
            return Phrase("survey.outside_type", {"field": column, "value": text})
    return None


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _misplaced(registry: Registry, row: raw_rows.Row) -> Phrase | None:
    srs = srs_of(row["geom"])
    if srs not in _SRS:
        return Phrase("survey.outside_srs", {"srs": srs})
    region = row.get("region_code")
    if region is None:
        return None
    if has_regions(registry) and not raw_rows.exists(registry, "region", "code", region):
        return Phrase("store.no_region", {"code": region, "file": registry.path.name})
    ended = out_of_force(registry, region, times.now())
    if ended is not None and not ended.begun:
        return ended.why
    known = known_extent(registry, region)
    lon, lat = decode_point(row["geom"]) or (0.0, 0.0)
    if known is None:
        return None
    reason = datum.outside_extent(
        (lon, lat), datum.Position(lon, lat, None), datum.parse_crs("cgcs2000"), known[1]
    )
    if reason is None:
        return None
    facts: dict[str, object] = {"x": lon, "y": lat, "lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}
    facts |= {"region": known[0], "reason": Phrase(f"geo.reason_{reason}")}
    return Phrase("geo.outside", facts)


def _orphaned(registry: Registry, row: raw_rows.Row) -> Phrase | None:
    if raw_rows.exists(registry, "asset", "uid", row["asset_uid"]):
        return None
    return Phrase("survey.outside_parent", {"asset": row["asset_uid"]})


def _contradictory(registry: Registry, entity: str, row: raw_rows.Row) -> Phrase | None:
    static, residual = row.get("static_kpa"), row.get("residual_kpa")
    if entity == "inspection" and static and residual and residual > static:
        return Phrase("survey.residual", {"static": static, "residual": residual})
    found, cleared = row.get("found_at"), row.get("cleared_at")
    if entity == "defect" and found and cleared and cleared < found:
        day = times.stored_local_text(found, registry.zone)
        return Phrase("survey.cleared_early", {"code": row["code"], "found": day})
    return None


def row_doubt(entity: str, row: raw_rows.Row) -> Phrase | None:
    """Why an added row waits for somebody, though it could be true."""
    if entity in OFFICE:
        return Phrase("survey.refused_guarded", {"entity": entity})
    if entity == "sensor":
        return Phrase("survey.outside_sensor")
    if entity == "lifecycle" and row["event"] in _TAKING_OUT and row["confirmed"]:
        return Phrase("survey.outside_ends")
    return None


def cell_doubt(
    registry: Registry, entity: str, name: str, before: raw_rows.Row, after: raw_rows.Row
) -> Phrase | None:
    """Why a changed cell waits for somebody, though it could be true."""
    if name in OWN:
        return Phrase("survey.outside_own", {"field": name})
    if entity in OFFICE:
        return Phrase("survey.refused_guarded", {"entity": entity})
    if _may_raise(entity, name, before, after):
        return Phrase("survey.outside_decisive", {"field": name})
    if entity == "defect" and name == "cleared_at" and _sooner(before[name], after[name]):
        return Phrase("survey.outside_decisive", {"field": name})
    if name == "region_code" and after[name] is None:
        return Phrase("survey.outside_emptied", {"field": name})
    return _move_doubt(registry, before, after) if name == "position" else None


def _may_raise(entity: str, name: str, before: raw_rows.Row, after: raw_rows.Row) -> bool:
    """Whether a changed cell may let an asset count as better, as far as the cell itself says."""
    if entity not in DECISIVE:
        return True
    lowers = _LOWERS.get((entity, name))
    if lowers is not None and lowers(before[name], after[name]):
        return False
    return name in DECISIVE[entity]


def _sooner(before: str | None, after: str | None) -> bool:
    """Whether a defect would count for less long; one that is open again may be so at once."""
    return after is not None and (before is None or after < before)


def _move_doubt(registry: Registry, before: raw_rows.Row, after: raw_rows.Row) -> Phrase | None:
    here, there = decode_point(before["geom"]), decode_point(after["geom"])
    if here == there:
        return Phrase("survey.outside_original")
    if here is None or there is None:
        return None
    stood = former_places(registry, [before["uid"]]).get(before["uid"], [])
    metres = moved_m([here, *stood], there)
    return None if metres is None else Phrase("survey.outside_far", {"metres": round(metres)})


def placed(row: raw_rows.Row) -> raw_rows.Row:
    """Columns of a position that was set on a map: the coordinates are the ones on record."""
    lon, lat = decode_point(row["geom"]) or (None, None)
    return {"geom": row["geom"], "orig_x": lon, "orig_y": lat, "orig_crs": "cgcs2000",
            "accuracy_m": None}  # fmt: skip


def since(change_at: str, before: raw_rows.Row, moment: dt.datetime) -> str:
    """From when an asset's new values hold: when they were written, unless that is too early."""
    begun = before.get("valid_from")
    return change_at if begun is None or change_at > begun else times.to_text(moment)
