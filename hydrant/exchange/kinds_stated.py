"""Rows whose kind nobody states, and what they say in its place."""

from __future__ import annotations

from collections.abc import Sequence

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.table import Table


def require_kind(
    table: Table, mapping: Mapping, kinds: Sequence[object], problems: dict[int, Problem]
) -> None:
    """Refuse rows without a kind: their cell is empty, or the mapping takes its word for none."""
    spec = mapping.fields.get("kind")  # none where one kind is stated for all rows
    named = () if spec is None else spec.columns
    columns = [table.column(one) for one in named if one in table.columns]
    for row, kind in enumerate(kinds):
        if kind is not None:
            continue
        cell = " ".join(filter(None, (cells[row].strip() for cells in columns)))
        why = Phrase("exchange.why_no_kind")
        if cell:
            why = Phrase("exchange.why_no_kind_of", {"value": cell})
        problems.setdefault(row, Problem("kind", cell, why))
