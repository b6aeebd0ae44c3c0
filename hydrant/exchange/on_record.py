"""Our own export held against what is on record: what was written into it, and what was emptied.

Such a file says what was on record on some day. A text in it that speaks of a bad state beside an
asset that counts as good was written there by somebody, whichever cell it stands in; what stands on
record so, word for word, is no news. A cell that is empty where something is on record takes
nothing away, so its row is refused with what would stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Mapping as Relations
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.contradicting import Objected, objections, refuse
from hydrant.exchange.mapping import Mapping, Otherwise, Spec
from hydrant.exchange.matching import Matches
from hydrant.exchange.named_states import bad_texts, unclear_in
from hydrant.exchange.own_mapping import lost_uids
from hydrant.exchange.rows import ReadRows
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import assets_by_uid
from hydrant.store.facts.beginnings import commissionings
from hydrant.store.facts.former import former_values
from hydrant.store.facts.visits import (
    BAD,
    Visit,
    last_decisive,
    last_found_working,
    visits_of,
)
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import Outcome

#: Targets that hold whatever somebody wrote: of an asset, of its commissioning, of a visit.
TEXTS = ("code", "name", "address", "owner", "builder", "maintainer", "supervisor", "outlets",
         "season", "note")  # fmt: skip
_OF_BEGINNING = ("project", "consent", "funding")
_OF_VISIT = ("inspector", "note", "form_version")


@dataclass(slots=True)
class Against:
    """What rows say against a good state, where it does not refuse them.

    Attributes
    ----------
    elsewhere
        Rows of our own export of assets that are new here, whose state was recorded elsewhere
        beside such a text: its column.
    standing
        Rows that state nothing of the visit and speak of a bad state of an asset that goes on
        counting as good: the column.
    older
        Rows of our own export in which nothing stands yet where something was entered since:
        those targets.
    emptied
        Rows of our own export that are taken for the bad state they tell of, and in which nothing
        stands where something is on record and stays: those targets.
    """

    elsewhere: dict[int, str] = field(default_factory=dict)
    standing: dict[int, str] = field(default_factory=dict)
    older: dict[int, list[str]] = field(default_factory=dict)
    emptied: dict[int, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Recorded:
    """What is on record of the assets that some rows mean."""

    zone: ZoneInfo
    assets: dict[str, Asset]
    visits: dict[str, list[Visit]]
    beginnings: dict[str, list[dict[str, object]]]
    former: dict[str, dict[str, list[object]]]

    def texts(self, uid: str) -> set[object]:
        """Every text on record of an asset that goes with a good state."""
        asset = self.assets[uid]
        found: set[object] = {getattr(asset, name) for name in TEXTS}
        for event in self.beginnings.get(uid, ()):
            found |= {event[name] for name in _OF_BEGINNING}
        for visit in self.visits.get(uid, ()):
            if not visit.withdrawn and visit.values["outcome"] == Outcome.WORKS:
                found |= {visit.values[name] for name in _OF_VISIT}
        return found

    def works(self, uid: str) -> bool:
        """Whether the last decisive visit found that an asset works."""
        return last_found_working(self.visits.get(uid, ()))


def hold_against_record(
    registry: Registry, rows: ReadRows, matches: Matches, mapping: Mapping, source: str
) -> Against:
    """Refuse rows of our own export that speak against a good state, or empty what is on record.

    Rows of other registers that speak against it and state nothing of the visit are told.
    """
    every = [
        row
        for row in rows.kept
        if row in matches.assets
        and row not in matches.merged
        and row not in rows.problems
        and row not in rows.ended
        and not matches.unchanged(rows, row)
    ]
    changed = [row for row in every if _outcome(rows, row) not in BAD]
    uids = {matches.assets[row] for row in (every if mapping.own else changed)}
    recorded = _recorded(registry, uids, ours=mapping.own)
    found = Against()
    working = [r for r in changed if _working(rows, r) or recorded.works(matches.assets[r])]
    if mapping.own:
        known = {row: recorded.texts(matches.assets[row]) for row in working}
        known |= {row: set() for row in _added(rows, matches, mapping)}
        _refuse_written(rows, mapping, known)
    _weigh_silent(rows, matches, mapping, recorded, working, found)
    if mapping.own and mapping.bears_uids:
        found.elsewhere = _of_elsewhere(rows, matches, mapping)
    if mapping.own and (mapping.bears_uids or lost_uids(rows.table.columns)):
        for row in changed:
            if row not in rows.problems:
                _hold_emptied(rows, matches, mapping, recorded, row, source, found.older)
        for row in every:
            if _outcome(rows, row) in BAD and matches.state(rows, row) is None:
                uid, former = matches.assets[row], recorded.former
                names = [name for name, *_ in _emptied_fields(rows, mapping, recorded, uid, row)]
                names = [n for n in names if None not in former.get(uid, {}).get(n, ())]
                found.emptied |= {row: names} if names else {}
    return found


def _recorded(registry: Registry, uids: Collection[str], *, ours: bool) -> _Recorded:
    assets = assets_by_uid(registry, uids) if ours else {}
    begun = commissionings(registry, uids) if ours else {}
    visits = visits_of(registry, uids)
    if not ours:
        return _Recorded(registry.zone, assets, visits, begun, {})
    last = {one.uid for told in visits.values() if (one := last_decisive(told)) is not None}
    former = former_values(registry, uids, by_hand=False)
    former |= former_values(registry, last, by_hand=False, entity="inspection")
    return _Recorded(registry.zone, assets, visits, begun, former)


def _outcome(rows: ReadRows, row: int) -> object:
    outcomes = rows.inspection.get("outcome")
    return None if outcomes is None else outcomes[row]


def _working(rows: ReadRows, row: int) -> bool:
    return bool(_outcome(rows, row) == Outcome.WORKS)


def _text_columns(rows: ReadRows, mapping: Mapping) -> Iterator[str]:
    """Columns of free text, but for those of which somebody said that they tell of no state."""
    specs = [mapping.fields.get(name, Spec()) for name in (*TEXTS, *_OF_BEGINNING)]
    specs += [mapping.inspection.get(name, Spec()) for name in _OF_VISIT]
    for name in dict.fromkeys(column for spec in specs for column in spec.columns):
        stated = mapping.otherwise.get(name) == Otherwise.NOTHING
        if name in rows.table.columns and not stated:
            yield name


def _added(rows: ReadRows, matches: Matches, mapping: Mapping) -> list[int]:
    """Rows that somebody added to our own export: they work and bear no key of ours."""
    return [
        row
        for row in sorted(rows.keyless if mapping.bears_uids else ())
        if row not in matches.assets and row not in rows.problems and _working(rows, row)
    ]


def _refuse_written(
    rows: ReadRows, mapping: Mapping, known: Relations[int, Collection[object]]
) -> None:
    """Refuse rows with a text of a bad state that does not stand on record.

    Parameters
    ----------
    known
        The texts on record of what each row is of.
    """
    of_code = mapping.fields.get("code", Spec()).columns
    for name in _text_columns(rows, mapping):
        cells = rows.table.columns[name]
        fresh = {row: cell for row in known if (cell := cells[row].strip()) not in known[row]}
        bad = bad_texts({*fresh.values()} - {""})
        unclear = unclear_in({*fresh.values()}) if name in of_code else set()
        for row, cell in fresh.items():
            if cell in bad:
                _object(rows, row, name, cell)
            elif cell in unclear:
                refuse(rows.problems, row, "outcome", name, cell, "why_unclear")


def _object(rows: ReadRows, row: int, column: str, cell: str) -> None:
    why = "why_contradicted" if _working(rows, row) else "why_good_on_record"
    refuse(rows.problems, row, "outcome", column, cell, why)


def _weigh_silent(
    rows: ReadRows,
    matches: Matches,
    mapping: Mapping,
    recorded: _Recorded,
    working: Sequence[int],
    found: Against,
) -> None:
    """Hold rows that state no outcome, of assets that count as good, against what they say."""
    silent = [row for row in working if row not in rows.problems and not _working(rows, row)]
    if not silent:
        return
    supposed: list[str | None] = [None] * len(rows.table)
    for row in silent:
        supposed[row] = Outcome.WORKS.value
    asked = {*rows.used, *mapping.key, *mapping.ignore} - {*rows.weighed.questions}
    for one in objections(rows.table, mapping, supposed, asked):
        if mapping.otherwise.get(one.column) == Otherwise.NOTHING:
            continue
        if mapping.own:
            _refuse_said(rows, matches, recorded, one)
        else:
            found.standing |= dict.fromkeys(one.rows, one.column)


def _refuse_said(rows: ReadRows, matches: Matches, recorded: _Recorded, one: Objected) -> None:
    for row in one.rows:
        cell = one.cells[row].strip()
        if cell not in recorded.texts(matches.assets[row]):
            _object(rows, row, one.column, cell)


def _of_elsewhere(rows: ReadRows, matches: Matches, mapping: Mapping) -> dict[int, str]:
    """Rows of assets that are new here and that work beside a text that says otherwise."""
    fresh = [r for r in rows.kept if r not in matches.assets and r not in rows.problems]
    fresh = [row for row in fresh if _working(rows, row)]
    found: dict[int, str] = {}
    for name in _text_columns(rows, mapping) if fresh else ():
        cells = rows.table.columns[name]
        bad = bad_texts({cells[row].strip() for row in fresh} - {""})
        found |= {row: name for row in fresh if bad and cells[row].strip() in bad}
    return found


def _hold_emptied(
    rows: ReadRows,
    matches: Matches,
    mapping: Mapping,
    recorded: _Recorded,
    row: int,
    source: str,
    older: dict[int, list[str]],
) -> None:
    """Refuse a row that has nothing where something is on record, which would stay."""
    uid = matches.assets[row]
    emptied: list[tuple[str, object]] = []
    if matches.state(rows, row) is None:  # else the file takes back what it said itself
        for name, column, value in _emptied_fields(rows, mapping, recorded, uid, row):
            if None in recorded.former.get(uid, {}).get(name, ()):
                older.setdefault(row, []).append(name)
            else:
                emptied.append((column, value))
    visits = recorded.visits.get(uid, ())
    if not any(_is_own(visit, rows, row, source) for visit in visits):
        emptied += _emptied_visit(rows, mapping, visits, recorded, row)
    if emptied:
        cells = tuple(f"{name} = {value}" for name, value in emptied)
        why = Phrase("exchange.why_emptied", {"cells": cells})
        rows.problems[row] = Problem(emptied[0][0], "", why)


def _emptied_fields(
    rows: ReadRows, mapping: Mapping, recorded: _Recorded, uid: str, row: int
) -> Iterator[tuple[str, str, object]]:
    """Targets of an asset of which a row has nothing, their columns and what is on record."""
    begun = recorded.beginnings.get(uid, ())
    for name, spec in mapping.fields.items():
        if _is_empty(rows, spec, row):
            for value in _stated(recorded.assets[uid], begun, name):
                yield name, spec.columns[0], value


def _is_empty(rows: ReadRows, spec: Spec, row: int) -> bool:
    cells = [rows.table.columns[name] for name in spec.columns if name in rows.table.columns]
    return bool(cells) and not any(column[row].strip() for column in cells)


def _stated(asset: Asset, begun: Sequence[dict[str, object]], name: str) -> list[object]:
    """What is on record under a target of an asset, or of how it began."""
    if name in type(asset).model_fields:
        values = [getattr(asset, name)]
    else:
        values = [event.get(name) for event in begun[:1]]
    return [value for value in values if value is not None]


def _is_own(visit: Visit, rows: ReadRows, row: int, source: str) -> bool:
    """Whether a visit is one that this row told of before, which it may take back."""
    told = (visit.source, visit.external_key) == (source, rows.keys[row])
    return told and not visit.withdrawn


def _emptied_visit(
    rows: ReadRows, mapping: Mapping, visits: Sequence[Visit], recorded: _Recorded, row: int
) -> list[tuple[str, object]]:
    """What a row leaves empty of the visit that it tells of, and what is on record there."""
    last = last_decisive(visits)
    if last is None or "outcome" not in mapping.inspection:
        return []
    zone, former = recorded.zone, recorded.former.get(last.uid, {})
    days = rows.inspection.get("at")
    day = None if days is None or days[row] is None else times.to_text(days[row])
    shown: Callable[[str, object], object] = lambda name, value: (  # noqa: E731
        _day(str(value), zone) if name == "at" else value
    )
    empty = {n: spec for n, spec in mapping.inspection.items() if _is_empty(rows, spec, row)}
    if "outcome" in empty and last.values["outcome"] != Outcome.WORKS:
        return []  # what was found bad stays, and is told
    other = day is not None and _day(day, zone) != _day(last.values["at"], zone)
    names = {"outcome"} if other or len(empty) == len(mapping.inspection) else {*last.values}
    return [
        (spec.columns[0], shown(name, value))
        for name, spec in empty.items()
        if name in names
        and (value := last.values.get(name)) is not None
        # what was empty on record once was so when the export was made
        and None not in former.get(name, ())
    ]


def _day(at: object, zone: ZoneInfo) -> str | None:
    return None if at is None else times.local_day(times.from_text(str(at)), zone).isoformat()
