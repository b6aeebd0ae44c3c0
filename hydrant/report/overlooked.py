"""Remarks beside the class of an asset, the same wherever it is told what it counts as."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.integrity.condition import Verdict
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry
from hydrant.store.views.standing import Overlooked, overlooked
from hydrant.vocabulary import Condition

#: A remark: its word as ``remark``, and its facts, all text.
Remark = dict[str, str]


def remarks_on(registry: Registry, cut: Cut, uid: str, verdict: Verdict) -> list[Remark]:
    """What must be said beside the class of an asset.

    Returns
    -------
    list
        ``moved``, ``anew`` (since when visits count), ``undated`` (a visit without a date repairs
        nothing),
        ``before_built`` (a visit older than the only commissioning); days are local.
    """
    found = overlooked(registry, cut, uid)
    return list(_remarks(found, verdict, registry.zone))


def _remarks(found: Overlooked, verdict: Verdict, zone: ZoneInfo) -> Iterator[Remark]:
    never = verdict.reason == "never_tested"
    if never and found.before_since:
        yield {"remark": "anew" if found.gone else "moved", "day": _day(found.since, zone)}
    repairs = verdict.condition is Condition.DEFECTIVE and verdict.reason != "suspended"
    if found.undated and (repairs or never):
        yield {"remark": "undated"}
    if found.visited_before is not None and found.built is not None:
        visited, built = _day(found.visited_before, zone), _day(found.built, zone)
        yield {"remark": "before_built", "day": visited, "built": built}


def _day(stored: str, zone: ZoneInfo) -> str:
    return times.local_day(times.from_text(stored), zone).isoformat()
