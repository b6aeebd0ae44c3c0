"""Codes that a file changes as nobody means to: noughts that a spreadsheet dropped, disorder."""

from __future__ import annotations

import re

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.matching import Matches
from hydrant.exchange.outcome import NEW, UPDATED, Outcome
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.twins import SAME_THING_M
from hydrant.geo.distance import distance_bearing
from hydrant.store.opened import bulk
from hydrant.vocabulary import family_of

#: What a spreadsheet takes for a number, and how it writes one.
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?")
_AS_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?|[-0-9.]+E[-+][0-9]{2}")


def refuse_spoiled(rows: ReadRows, matches: Matches, known: bulk.Known, mapping: Mapping) -> None:
    """Refuse rows of our own export whose code is what a spreadsheet makes of the one on record.

    The uid says which asset is meant: nobody changed its code on purpose.
    """
    codes = rows.fields.get("code")
    if codes is None or not (mapping.own and mapping.bears_uids):
        return
    on_record = dict(zip(known.uids, known.codes, strict=True))
    for row, uid in matches.assets.items():
        before, now = on_record.get(uid), codes[row]
        if before is not None and now is not None and before != now and spoiled(before, now):
            facts = {"value": now, "code": before}
            rows.problems.setdefault(
                row, Problem("code", now, Phrase("exchange.why_code_spoiled", facts))
            )


def spoiled(code: str, now: str) -> bool:
    """Whether a spreadsheet makes one text of the other: 1 of 0001, 1.2 of 1.20, 1000 of 1E3."""
    numbers = _NUMBER.fullmatch(code) and _AS_WRITTEN.fullmatch(now)
    return bool(numbers) and float(code) == float(now)


def name_codes(outcome: Outcome, rows: ReadRows, matches: Matches, known: bulk.Known) -> None:
    """Note in `outcome` the rows whose codes changed hands, or lack noughts of one on record."""
    codes = rows.fields.get("code")
    if codes is None or not known.uids:
        return
    changed = [row for row in outcome.rows(UPDATED) if "code" in outcome.fields[row]]
    if len(changed) > 1:
        on_record = dict(zip(known.uids, known.codes, strict=True))
        given_up = {on_record.get(matches.assets[row]) for row in changed} - {None}
        outcome.swapped = [row for row in changed if codes[row] in given_up]
    fresh = [row for row in outcome.rows(NEW) if codes[row] is not None]
    outcome.noughts = sorted(_without_noughts(rows, fresh, codes, known))


def _without_noughts(
    rows: ReadRows, fresh: list[int], codes: list[str], known: bulk.Known
) -> set[int]:
    """New rows where an asset of their family bears their code with other noughts before it."""
    bare: dict[str, list[int]] = {}
    for row in fresh:
        bare.setdefault(codes[row].lstrip("0"), []).append(row)
    found = set()
    for place, code in enumerate(known.codes):
        for row in bare.get((code or "").lstrip("0"), ()) if code else ():
            alike = family_of(rows.fields["kind"][row]) == family_of(known.kinds[place])
            if codes[row] != code and alike and _near(rows, row, known, place):
                found.add(row)
    return found


def _near(rows: ReadRows, row: int, known: bulk.Known, place: int) -> bool:
    here = float(rows.lons[row]), float(rows.lats[row])
    there = float(known.lons[place]), float(known.lats[place])
    return distance_bearing(*here, *there)[0] <= SAME_THING_M
