"""Measurements without a word on whether the asset works: a visit all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hydrant.exchange.mapping import Spec
from hydrant.vocabulary import Outcome

#: What a visit may have measured.
MEASURED = ("static_kpa", "residual_kpa", "flow_l_s", "level_m", "lift_m")


def without_outcome(inspection: dict[str, list[Any]], count: int) -> set[int]:
    """Rows that measured something and state no outcome: visits, none of which is decisive."""
    measured = [inspection[name] for name in MEASURED if name in inspection]
    if not measured:
        return set()
    outcomes = inspection.get("outcome") or [None] * count
    found = {
        row
        for row, outcome in enumerate(outcomes)
        if outcome is None and any(column[row] is not None for column in measured)
    }
    told = Outcome.NOT_TESTABLE.value
    inspection["outcome"] = [told if row in found else o for row, o in enumerate(outcomes)]
    return found


def untold(
    inspection: Mapping[str, list[Any]], specs: Mapping[str, Spec], rows: Iterable[int]
) -> list[int]:
    """Rows that say who came or when, and neither what was found nor measured: no visit.

    Parameters
    ----------
    inspection
        Values as they are recorded; see `without_outcome`.
    specs
        What they are filled from; what a mapping states for every row is no word of a row.
    """
    outcomes = inspection.get("outcome")
    said = [column for name, column in inspection.items() if name != "outcome"
            and specs[name].constant is None]  # fmt: skip
    if not said:
        return []
    return [
        row
        for row in rows
        if (outcomes is None or outcomes[row] is None)
        and any(column[row] is not None for column in said)
    ]
