"""Refused rows of a register whose asset goes on counting by a visit that found it working."""

from __future__ import annotations

from hydrant.exchange.left_standing import Standing, left_standing, what_was_said
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import REFUSED, Outcome
from hydrant.store.opened.registry import Registry


def held_on(
    registry: Registry, outcome: Outcome, matches: Matches, mapping: Mapping
) -> dict[int, Standing]:
    """Refused rows of known assets whose last decisive visit on record found that they work."""
    state = mapping.inspection.get("outcome", Spec()).columns
    columns = [outcome.table.columns[name] for name in state if name in outcome.table.columns]
    refused = {}
    for row in outcome.rows(REFUSED):
        if row in matches.assets:
            problem = outcome.problems[row]
            said = what_was_said([*(cells[row] for cells in columns), problem.cell], problem.why)
            refused[row] = matches.assets[row], said
    return left_standing(registry, refused)
