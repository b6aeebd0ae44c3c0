"""Measurements without a word on whether the asset works: a visit all the same."""

from __future__ import annotations

from typing import Any

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
