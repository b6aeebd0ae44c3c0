"""What regions must have at a date, and who says so."""

from __future__ import annotations

from hydrant.store.inherited import Stated, passed_on
from hydrant.store.region_tree import RegionTree
from hydrant.store.registry import Registry


def requirements_at(
    registry: Registry, end: str, known: str, tree: RegionTree
) -> list[tuple[str, str, int]]:
    """Region, kind and number of every requirement that holds at the moment before `end`.

    What was stated for units that ended by then stands with the units that answer for it.
    """
    rows = registry.connection.execute(
        "SELECT region_code, kind, count, valid_from FROM requirement "
        "WHERE (valid_from IS NULL OR valid_from < ?) "
        "AND (valid_until IS NULL OR valid_until >= ?) AND recorded_at <= ? "
        "ORDER BY region_code, kind",
        (end, end, known),
    )
    return passed_on((Stated(*row) for row in rows), tree)


def requirement_sources(
    registry: Registry, end: str, known: str
) -> dict[tuple[str, str], dict[str, str | None]]:
    """Where each requirement that holds comes from: origin, document and since when."""
    rows = registry.connection.execute(
        "SELECT region_code, kind, origin, document, valid_from FROM requirement "
        "WHERE (valid_from IS NULL OR valid_from < ?) "
        "AND (valid_until IS NULL OR valid_until >= ?) AND recorded_at <= ?",
        (end, end, known),
    )
    return {
        (region, kind): {"origin": origin, "document": document, "since": since}
        for region, kind, origin, document, since in rows
    }
