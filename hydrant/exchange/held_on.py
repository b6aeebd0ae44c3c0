"""Refused rows whose asset goes on counting by a visit that found it working."""

from __future__ import annotations

from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import REFUSED, Outcome
from hydrant.store.facts.visits import last_found_working, visits_of
from hydrant.store.opened.registry import Registry


def held_on(registry: Registry, outcome: Outcome, matches: Matches) -> list[int]:
    """Refused rows of known assets whose last decisive visit on record found that they work."""
    refused = {row: matches.assets[row] for row in outcome.rows(REFUSED) if row in matches.assets}
    visits = visits_of(registry, set(refused.values()))
    return [row for row, uid in sorted(refused.items()) if last_found_working(visits.get(uid, ()))]
