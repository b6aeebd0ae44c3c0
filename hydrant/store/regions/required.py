"""What regions must have at a date, and who says so."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from hydrant.integrity.required import Key, Stated
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.answering import Dated
from hydrant.store.regions.inherited import PassedOn, passed_on
from hydrant.store.regions.region_tree import Ever, RegionTree, load_ever, load_tree
from hydrant.store.sql.state_sql import counted

#: Requirements that hold at the moment before the end, by what is known.
_HOLDS = f"""
(r.valid_from IS NULL OR r.valid_from < :end) AND (r.valid_until IS NULL OR r.valid_until >= :end)
AND {counted("r")}
"""
#: Requirements that have begun by then, and whether they still hold.
_BEGUN = f"""
SELECT r.region_code, r.kind, r.count, r.service, r.valid_from,
(r.valid_until IS NULL OR r.valid_until >= :end)
FROM requirement r
WHERE (r.valid_from IS NULL OR r.valid_from < :end)
AND (r.valid_from IS NULL OR r.valid_until IS NULL OR r.valid_until > r.valid_from)
AND {counted("r")} ORDER BY r.region_code, r.kind, r.service
"""
_SOURCES = f"""
SELECT r.region_code, r.kind, r.service, r.origin, r.document, r.valid_from FROM requirement r
WHERE {_HOLDS}
"""


def requirements_at(registry: Registry, end: str, known: str, tree: RegionTree) -> list[Stated]:
    """Every requirement that holds at the moment before `end`; see `numbers_at`."""
    return numbers_at(registry, end, known, tree).stated


def numbers_at(
    registry: Registry,
    end: str,
    known: str,
    tree: RegionTree,
    recorded: Collection[tuple[str, str]] = (),
) -> PassedOn:
    """Every requirement that holds at the moment before `end`, and what fell away with a split.

    What was stated for units that ended by then stands with the units that answer for it.

    Parameters
    ----------
    recorded
        Units in which assets are recorded, and their families: what came to a unit without a
        number is looked for by them.
    """

    @cache
    def tree_at(moment: str) -> RegionTree:
        return tree if moment == end else load_tree(registry, moment, known)

    @cache
    def ever() -> Ever:
        return load_ever(registry)

    def above(code: str) -> set[str]:
        return ever().above(code)

    @cache
    def at(moment: str) -> PassedOn:
        rows = registry.connection.execute(_BEGUN, {"end": moment, "known": known})
        begun: dict[bool, list[Dated]] = {True: [], False: []}
        for *row, holds in rows:
            begun[bool(holds)].append(Dated(*row))
        there = tree_at(moment)
        where = recorded if moment == end else ()
        return passed_on(
            begun[True], begun[False], there, lambda past: at(past).stated, tree_at, above, where
        )

    return at(end)


def requirement_sources(
    registry: Registry, end: str, known: str
) -> dict[Key, dict[str, str | None]]:
    """Where each requirement that holds comes from: origin, document and since when."""
    rows = registry.connection.execute(_SOURCES, {"end": end, "known": known})
    return {
        (region, (kind, service)): {"origin": origin, "document": document, "since": since}
        for region, kind, service, origin, document, since in rows
    }
