"""Rows that say of a known asset's commissioning what is not on record: told, never taken.

When an asset began decides which figures it is in, and an event may have been corrected by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from hydrant import times
from hydrant.exchange.matching import Matches
from hydrant.exchange.rows import ReadRows
from hydrant.store.facts.beginnings import STATED, commissionings
from hydrant.store.opened.registry import Registry


def begun_otherwise(
    registry: Registry, rows: ReadRows, matches: Matches, known: Sequence[int]
) -> list[int]:
    """Of rows of known assets those whose commissioning is not the one on record."""
    names = [name for name in STATED if name in rows.fields]
    said = {
        row: {name: rows.fields[name][row] for name in names if rows.fields[name][row] is not None}
        for row in known
    }
    said = {row: values for row, values in said.items() if values}
    for values in said.values():
        if "built" in values:
            values["built"] = times.to_text(values["built"])
    recorded = commissionings(registry, {matches.assets[row] for row in said})
    return [
        row
        for row, values in said.items()
        if not any(
            values.items() <= event.items() for event in recorded.get(matches.assets[row], ())
        )
    ]
