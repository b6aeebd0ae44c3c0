"""A register's visits held against those on record: new, corrected, known or withdrawn.

A visit is known by the register, its row there and the day. What the register says now replaces
what it said of that visit. The same visit in another file, or in one of our own, is not a second.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.exchange.matching import Matches
from hydrant.exchange.measured import MEASURED
from hydrant.exchange.rows import ReadRows
from hydrant.store.facts.former import former_values
from hydrant.store.facts.visits import BAD, STATED, Visit, visits_of
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import Outcome


class Visited(StrEnum):
    """What a row says of a visit; of one that was found wrong and is stated no longer: kept."""

    NEW = "new"
    CORRECTED = "corrected"
    KNOWN = "known"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a row's visit.

    Attributes
    ----------
    visit
        Of a corrected one, the visit on record; of a known one, that which bears another remark.
    earlier
        Whether the register told of a later visit in this row before.
    note_only
        Whether nothing but the remark of a visit that others recorded is corrected.
    note_left
        Whether the visit is on record with another remark, which stays.
    outweighed
        Whether a visit of the same day is on record by which the asset does not work: it counts.
    """

    state: Visited
    visit: Visit | None = None
    earlier: bool = False
    note_only: bool = False
    note_left: bool = False
    outweighed: bool = False


def tells_of_visit(rows: ReadRows, row: int) -> bool:
    """Whether a row says that somebody was there: it has an outcome, stated or not decisive."""
    outcomes = rows.inspection.get("outcome")
    return outcomes is not None and outcomes[row] is not None


def undated_works(rows: ReadRows) -> list[int]:
    """Rows by which an asset works, without a day: that is older than everything dated."""
    outcomes = rows.inspection.get("outcome")
    if outcomes is None:
        return []
    days = rows.inspection.get("at") or [None] * len(outcomes)
    return [r for r in rows.kept if outcomes[r] == Outcome.WORKS and days[r] is None]


def decide_visits(
    registry: Registry,
    rows: ReadRows,
    matches: Matches,
    source: str,
    wanted: Collection[int],
    *,
    ours: bool = False,
) -> dict[int, Decision]:
    """What becomes of the visits of rows that mean known assets; rows without one are left out.

    Parameters
    ----------
    ours
        Whether it is an export of ours: then it may correct the remark of any visit.
    """
    if "outcome" not in rows.inspection:
        return {}
    known = visits_of(registry, {matches.assets[row] for row in wanted})
    found = {}
    for row in wanted:
        visits, said = known.get(matches.assets[row], ()), stored_visit(rows, row)
        key = source, rows.keys[row]
        decision = None
        if silent(rows, row):
            decision = _of_silence(visits, said, key, registry.zone)
        if decision is None and tells_of_visit(rows, row):
            unjudged = row in rows.unjudged
            decision = _decide(visits, said, key, registry.zone, unjudged=unjudged)
            if decision.state is Visited.KNOWN:
                decision = _of_note(decision, ours=ours)
        if decision is not None:
            found[row] = decision
    _leave_former_notes(registry, rows, found)
    return found


def _leave_former_notes(registry: Registry, rows: ReadRows, found: dict[int, Decision]) -> None:
    """Let an export that goes on saying what a visit's remark once was undo no correction of it."""
    visits = {row: one.visit for row, one in found.items() if one.note_only and one.visit}
    uids = {visit.uid for visit in visits.values()}
    former = former_values(registry, uids, by_hand=False, entity="inspection")
    for row, visit in visits.items():
        if rows.inspection["note"][row] in former.get(visit.uid, {}).get("note", ()):
            found[row] = Decision(Visited.KNOWN, note_left=True)


def silent(rows: ReadRows, row: int) -> bool:
    """Whether a row does not state what came of a visit, whatever else it says of it."""
    return row in rows.unjudged or not tells_of_visit(rows, row)


def _of_silence(
    known: Sequence[Visit], said: dict[str, Any], key: tuple[str, str], zone: ZoneInfo
) -> Decision | None:
    """What becomes of the visits of a row whose register states no outcome any more.

    That an asset worked is taken back. What was found wrong stays until somebody says that it
    works, and a row that adds nothing to it changes nothing. None is a row that never stated one.
    """
    own = [v for v in known if (v.source, v.external_key) == key and not v.withdrawn]
    day = _day(said.get("at"), zone)
    if day is not None:
        own = [visit for visit in own if _day(visit.values["at"], zone) == day]
    works = [visit for visit in own if visit.values["outcome"] == Outcome.WORKS]
    if works:
        return Decision(Visited.CORRECTED, works[-1])
    if not any(map(_is_bad, own)):
        return None
    measured = [name for name in MEASURED if said.get(name) is not None]
    adds = measured and not any(_same(visit, said, measured) for visit in own)
    return None if adds else Decision(Visited.KEPT)


def stored_visit(rows: ReadRows, row: int) -> dict[str, Any]:
    """What a row says of a visit, by column of the store; without an outcome it decides nothing."""
    said = {name: column[row] for name, column in rows.inspection.items() if name in STATED}
    if said.get("at") is not None:
        said["at"] = times.to_text(said["at"])
    else:
        said.pop("at", None)
    return {**said, "outcome": said.get("outcome") or Outcome.NOT_TESTABLE.value}


def corrected_values(rows: ReadRows, row: int, decision: Decision) -> dict[str, Any]:
    """What a visit says once a row corrects it; a row without an outcome leaves a bad one."""
    said = stored_visit(rows, row)
    if decision.note_only:
        return {"note": said["note"]}
    visit = decision.visit
    assert visit is not None  # noqa: S101  what is corrected is on record
    kept = silent(rows, row) and _is_bad(visit)
    return said | ({"outcome": visit.values["outcome"]} if kept else {})


def _is_bad(visit: Visit) -> bool:
    return visit.values["outcome"] in BAD


def _decide(
    known: Sequence[Visit],
    said: dict[str, Any],
    key: tuple[str, str],
    zone: ZoneInfo,
    *,
    unjudged: bool = False,
) -> Decision:
    day = _day(said.get("at"), zone)
    of_day = [visit for visit in known if _day(visit.values["at"], zone) == day]
    own = [v for v in of_day if (v.source, v.external_key) in (key, (key[0], None))]
    own_live = [visit for visit in own if not visit.withdrawn]
    if own_live:
        same = any(_same(visit, said, said) for visit in own_live)
        good = said["outcome"] not in BAD
        if day is None and good and any(map(_is_bad, own_live)):
            return Decision(Visited.NEW)  # nothing shows an undated repair to be the same
        return Decision(Visited.KNOWN) if same else Decision(Visited.CORRECTED, own_live[-1])
    # elsewhere a row may say less of the visit than what is on record, but nothing else
    judged = () if unjudged else ("outcome",)  # nobody stated that it could not be tested
    stated = [n for n in (*judged, *MEASURED) if said.get(n) is not None]
    alike = [visit for visit in of_day if _same(visit, said, stated)]
    if not alike:
        later = [v for v in known if (v.source, v.external_key) == key and not v.withdrawn]
        days = [_day(v.values["at"], zone) for v in later]
        bad = [visit for visit in of_day if _is_bad(visit) and not visit.withdrawn]
        return Decision(
            Visited.NEW,
            earlier=day is not None and any(d and d > day for d in days),
            outweighed=day is not None and said["outcome"] == Outcome.WORKS and bool(bad),
        )
    live = [visit for visit in alike if not visit.withdrawn]
    if not live:
        return Decision(Visited.WITHDRAWN)
    noted = said.get("note")
    alike = [visit for visit in live if noted in (None, visit.values["note"])]
    return Decision(Visited.KNOWN, None if alike else live[-1])


def _of_note(decision: Decision, *, ours: bool) -> Decision:
    """What becomes of another remark on a visit that is on record already: never dropped unsaid."""
    if decision.visit is None:
        return decision
    if ours:
        return Decision(Visited.CORRECTED, decision.visit, note_only=True)
    return Decision(Visited.KNOWN, note_left=True)


def _same(visit: Visit, said: dict[str, Any], names: Iterable[str]) -> bool:
    return all(visit.values[name] == said[name] for name in names)


def _day(at: str | None, zone: ZoneInfo) -> str | None:
    return None if at is None else times.local_day(times.from_text(at), zone).isoformat()
