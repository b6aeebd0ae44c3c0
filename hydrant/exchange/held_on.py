"""Refused rows whose asset goes on counting as good by what was told before."""

from __future__ import annotations

from collections.abc import Sequence

from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import REFUSED, Outcome
from hydrant.store.facts.visits import Visit, visits_of
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import Outcome as Found

#: Outcomes that say whether an asset works.
_DECISIVE = (Found.WORKS, Found.FAILS, Found.NOT_FOUND)


def held_on(registry: Registry, outcome: Outcome, matches: Matches) -> list[int]:
    """Refused rows of known assets whose last decisive visit on record found that they work."""
    refused = {row: matches.assets[row] for row in outcome.rows(REFUSED) if row in matches.assets}
    visits = visits_of(registry, set(refused.values()))
    return [row for row, uid in sorted(refused.items()) if _works(visits.get(uid, ()))]


def _works(visits: Sequence[Visit]) -> bool:
    told = [v for v in visits if not v.withdrawn and v.values["outcome"] in _DECISIVE]
    if not told:
        return False
    return bool(max(told, key=lambda v: v.values["at"] or "").values["outcome"] == Found.WORKS)
