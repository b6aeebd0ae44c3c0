"""How numbers, and units that lack one, are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hydrant.integrity.rates import Unit
from hydrant.messages import label, text
from hydrant.store.regions.region_tree import RegionTree
from hydrant.vocabulary import Language

#: Units named beside a rate; the rest stands in the list.
NAMED = 10


def required_name(row: Mapping[str, Any], lang: Language) -> str:
    """What a number is stated for: kind, service, and whether it is a region's remainder."""
    name = kind_name(row["kind"], row["service"], lang)
    return text("integrity.need_beyond", lang, kind=name) if row["beyond"] else name


def kind_name(kind: str, service: str | None, lang: Language) -> str:
    """A kind, and the service where one is named."""
    name = label("kind", kind, lang)
    if service is None:
        return name
    return text("integrity.of_service", lang, kind=name, service=label("service", service, lang))


def unit_names(units: Iterable[Unit], tree: RegionTree, lang: Language) -> list[str]:
    """Units that lack a number, and of what; the code stands beside the name."""
    return [_unit_name(unit, tree, lang) for unit in units]


def named(names: list[str], more: int, lang: Language) -> str:
    """A line with the names of units, and how many are not named in it."""
    joined = text("integrity.between_units", lang).join(names)
    key = "integrity.units_more" if more else "integrity.units"
    return text(key, lang, names=joined, more=more)


def _unit_name(unit: Unit, tree: RegionTree, lang: Language) -> str:
    name = tree.name(unit.region, lang)
    if name != unit.region:
        name = text("integrity.unit", lang, name=name, code=unit.region)
    if unit.kind is None:
        return name
    kind = kind_name(unit.kind, unit.service, lang)
    return text("integrity.unit_kind", lang, name=name, kind=kind)
