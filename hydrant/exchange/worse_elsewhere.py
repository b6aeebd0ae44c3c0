"""Rows of an export of ours whose asset counts as worse there than the file alone tells.

A file holds the last decisive visit and not the open defects, measurements and sensors that decide
where it comes from. What it cannot carry is not taken for good: the visit is recorded without a
verdict, and the row named.
"""

from __future__ import annotations

from hydrant.exchange.mapping import Mapping
from hydrant.exchange.outcome import Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.store.views.export_rows import COUNTS_AS
from hydrant.vocabulary import Outcome as Found


def doubt_good(outcome: Outcome, rows: ReadRows, mapping: Mapping) -> None:
    """Take the good outcome of new visits of such rows for one that decides nothing."""
    column = next((name for name in mapping.otherwise if name.casefold() == COUNTS_AS), None)
    outcomes = rows.inspection.get("outcome")
    if not mapping.own or column is None or outcomes is None:
        return
    cells = rows.table.columns[column]
    for row in sorted(outcome.brought):
        if cells[row].strip() and outcomes[row] == Found.WORKS:
            outcomes[row] = Found.NOT_TESTABLE.value
            outcome.worse_elsewhere.append(row)
