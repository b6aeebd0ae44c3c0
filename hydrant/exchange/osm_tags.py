"""Assets in the tagging scheme of OpenStreetMap.

Source: OpenStreetMap wiki, Key:fire_hydrant:type, Tag:emergency=suction_point,
Tag:emergency=fire_water_pond, Tag:emergency=water_tank (read in the editor presets of
openstreetmap/id-tagging-schema).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from hydrant.store.views.export_rows import COUNTS_AS
from hydrant.vocabulary import FAMILIES, Condition, Outcome, Water, family_of

_HYDRANTS = {"hydrant.pillar": "pillar", "hydrant.underground": "underground",
             "hydrant.wall": "wall"}  # fmt: skip
_EMERGENCY = {
    Water.MAINS: "fire_hydrant",
    Water.NATURE: "suction_point",
    Water.STORED: "water_tank",
}
_BODIES = {"intake.river": "river", "intake.canal": "canal", "intake.lake": "lake",
           "intake.reservoir": "reservoir", "intake.sea": "sea"}  # fmt: skip


#: Prefixes of what is no source to be used, by its state.
_STAGED = {
    "planned": "planned:",
    "under_construction": "construction:",
    "suspended": "disused:",
}


def tags_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Tags of one asset; what the scheme has no tag for is left out."""
    kind = str(row["kind"])
    water = _EMERGENCY[FAMILIES[family_of(kind)].water]
    key = _STAGED.get(str(row["lifecycle"]), "") + "emergency"
    tags = {key: "fire_water_pond" if kind == "intake.pond" else water}
    if kind in _HYDRANTS:
        tags["fire_hydrant:type"] = _HYDRANTS[kind]
    if kind in _BODIES:
        tags["water_source"] = _BODIES[kind]
    for column, key in (("code", "ref"), ("name", "name"), ("owner", "owner"),
                        ("maintainer", "operator"), ("note", "note")):  # fmt: skip
        if row[column] is not None:
            tags[key] = str(row[column])[:255]
    if row["mains_dn_mm"] is not None:
        tags["fire_hydrant:diameter"] = f"{row['mains_dn_mm']:g}"
    if row["inspection_flow_l_s"] is not None:
        tags["flow_rate"] = f"{row['inspection_flow_l_s'] * 60:g} l/min"
    if row["inspection_at"] is not None and row["inspection_outcome"] is not None:
        # what goes out begins with the local day (`times.local_text`)
        tags["survey:date"] = str(row["inspection_at"])[:10]
    if row["inspection_outcome"] == Outcome.NOT_FOUND:
        tags["operational_status"] = "missing"
    elif row["inspection_outcome"] == Outcome.FAILS or row.get(COUNTS_AS) == Condition.DEFECTIVE:
        tags["operational_status"] = "out_of_order"
    return tags


#: Values of ``emergency`` that mark what an engine draws water from.
_SOURCES = {"fire_hydrant", "suction_point", "fire_water_pond", "water_tank"}


#: Prefixes of a key that say what a thing was or will be. Source: wiki, Lifecycle prefix.
_LIFECYCLE = (
    *("disused", "abandoned", "demolished", "removed", "razed", "destroyed", "was"),
    *("proposed", "planned", "construction", "historic"),
)


#: Keys that make a feature a water source.
_KEYS = ("emergency", "amenity")


def is_water_source(tags: Mapping[str, str]) -> bool:
    """Whether a feature's tags say that an engine can draw water there.

    The older ``amenity=fire_hydrant`` counts too; a feature that was or will be one
    (``disused:emergency`` and the like) does not, whatever else it still says of a hydrant.
    """
    if _is_source(*map(tags.get, _KEYS)):
        return True
    gone = any(tags.get(f"{prefix}:{key}") for prefix in _LIFECYCLE for key in _KEYS)
    return "fire_hydrant:type" in tags and not gone


#: Column in which a row says what a water source is no more, or not yet; as ``@id``, no tag.
STAGE = "@lifecycle"


def as_source(tags: dict[str, str]) -> dict[str, str] | None:
    """Tags of a feature that is a water source, or was or will be one, which they then tell.

    None for anything else. One that is no more is a row of the file, which names it.
    """
    if is_water_source(tags):
        return tags
    stage = _stage(tags)
    return tags | {STAGE: stage} if stage else None


#: What that column may say.
STAGES = _LIFECYCLE


def staged_headings(columns: Collection[str]) -> list[str]:
    """Headings from which that column is told."""
    told = (f"{prefix}:{key}" for prefix in _LIFECYCLE for key in _KEYS)
    return [name for name in told if name in columns]


def with_stages(columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """A table of features with that column, where any of its headings has such a prefix."""
    names = staged_headings(columns)
    if not names or STAGE in columns:
        return columns
    asked = [name for name in (*names, *_KEYS, "fire_hydrant:type") if name in columns]
    rows = [
        dict(zip(asked, row, strict=True))
        for row in zip(*(columns[name] for name in asked), strict=True)
    ]
    return columns | {STAGE: ["" if is_water_source(row) else _stage(row) for row in rows]}


def _stage(tags: Mapping[str, str]) -> str:
    """Prefix by which a feature was or will be a water source; empty where none says so."""
    told = (
        prefix
        for prefix in _LIFECYCLE
        if _is_source(*(tags.get(f"{prefix}:{key}") for key in _KEYS))
    )
    return next(told, "")


def _is_source(emergency: str | None, amenity: str | None) -> bool:
    return emergency in _SOURCES or amenity == "fire_hydrant"
