"""Assets that count as better for who reads an exported file alone than they count here.

A file holds each asset, its commissioning and its last decisive visit. What else decides here
(suspensions, open defects, other measurements, sensors, plans) is not in it, and which of it
matters is not listed by hand: both verdicts are given by the one rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from hydrant.errors import Phrase
from hydrant.integrity.condition import condition
from hydrant.integrity.policy import Policy
from hydrant.messages import Note
from hydrant.store.evidence.evidence import Cut, SensorPressure, list_evidence
from hydrant.store.opened.registry import Registry
from hydrant.store.views.carried import as_carried
from hydrant.vocabulary import Condition

#: Which class is better than which; what does not exist is worst: read as there, it is built.
_ORDER = (None, Condition.DEFECTIVE, Condition.UNTESTED, Condition.STALE, Condition.INTACT)
#: Most assets named in the remark; JSON names all.
_NAMED = 10


class Better(NamedTuple):
    """An asset with what it counts as here, why, and what the file alone makes of it."""

    uid: str
    code: str | None
    here: Condition | None
    reason: str
    there: Condition

    def json(self) -> dict[str, Any]:
        """The asset as scripts see it; `here` is null for one that does not exist."""
        return self._asdict()


def better_elsewhere(
    registry: Registry,
    cut: Cut,
    policy: Policy,
    uids: Iterable[str],
    *,
    pressures: Iterable[SensorPressure] = (),
    visits: bool = True,
) -> list[Better]:
    """Which of some assets count as better for who has the file alone.

    Parameters
    ----------
    uids
        Assets that the file holds.
    visits
        Whether its form holds the last visit and the commissioning.
    """
    wanted = set(uids)
    here = {
        row.uid: (row.code, condition(row.evidence, policy))
        for row in list_evidence(registry, cut, policy, sensors=pressures)
        if row.uid in wanted
    }
    left = [uid for uid, (_, verdict) in here.items() if verdict.condition != Condition.INTACT]
    if not left:
        return []
    found = []
    with as_carried(registry, cut, left, visits=visits):
        for row in list_evidence(registry, cut, policy, uids=left):
            code, verdict = here[row.uid]
            there = condition(row.evidence, policy).condition
            if there is not None and _ORDER.index(there) > _ORDER.index(verdict.condition):
                found.append(Better(row.uid, code, verdict.condition, verdict.reason, there))
    return sorted(found, key=lambda one: (one.code or "", one.uid))


def better_note(found: list[Better]) -> Note:
    """The remark that names them, the first of many."""
    named = tuple(
        Phrase(
            "cli_export.better_one",
            {
                "code": one.code or one.uid,
                "there": Phrase(f"vocabulary.condition.{one.there}"),
                "why": Phrase(f"integrity.reason_{one.reason}"),
            },
        )
        for one in found[:_NAMED]
    )
    more = len(found) - len(named)
    key = "cli_export.overstated_more" if more else "cli_export.overstated"
    return Note.of(key, count=len(found), assets=named, more=more).warning()
