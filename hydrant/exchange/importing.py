"""Takes a file into a registry: read, match, refuse, compare with last time, flag, write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hydrant.errors import InputRefused
from hydrant.exchange import matching
from hydrant.exchange.at_odds import name_both
from hydrant.exchange.beginnings import begun_otherwise
from hydrant.exchange.cells import raw_cells
from hydrant.exchange.changed_codes import name_codes, refuse_spoiled
from hydrant.exchange.changes import INSPECTION, LIFECYCLE, POSITION, changed_fields
from hydrant.exchange.continued import continued, followed, missing
from hydrant.exchange.counted_anew import refuse_counted_anew
from hydrant.exchange.ending import decide_ends
from hydrant.exchange.far_from_county import doubt_far_from_county
from hydrant.exchange.far_off import doubt_far
from hydrant.exchange.fit_known import with_fit
from hydrant.exchange.fitting import fitted
from hydrant.exchange.flagging import flag_neighbours, flag_same_code
from hydrant.exchange.held_on import held_on
from hydrant.exchange.look_alike import look_alike_rows
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.matching import Matches
from hydrant.exchange.moving import bad_where_moved, moved_rows
from hydrant.exchange.noted import refuse_noted
from hydrant.exchange.on_record import Against, hold_against_record
from hydrant.exchange.outcome import IGNORED, NEW, REFUSED, UNCHANGED, UPDATED, Options, Outcome
from hydrant.exchange.outdated import leave_outdated
from hydrant.exchange.partly import partly_read
from hydrant.exchange.placing import locate, place_rows
from hydrant.exchange.placing_rules import Placing
from hydrant.exchange.refused import is_side_file, reasons_in, register_name, restored
from hydrant.exchange.rows import ReadRows, read_rows
from hydrant.exchange.sheets_of_faults import refuse_listed_as_bad
from hydrant.exchange.spelled_alike import spelled_alike
from hydrant.exchange.table import COMMENTS, STRUCK, Table, collector_paused
from hydrant.exchange.visits import Decision, Visited, decide_visits, undated_works
from hydrant.exchange.worse_elsewhere import doubt_good
from hydrant.exchange.writing import write
from hydrant.store.facts.source_datums import datums_of_source
from hydrant.store.facts.visits import withdrawn_of
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction


def import_table(
    registry: Registry,
    path: Path,
    table: Table,
    mapping: Mapping,
    options: Options,
    *,
    actor: str,
    advance: Callable[[int], None] = lambda _steps: None,
) -> Outcome:
    """Take a table into a registry, or only say what would become of it.

    Nothing is written when a row is refused, unless ``skip_bad``; everything is written in
    one transaction.

    Raises
    ------
    InputRefused
        The file as a whole cannot be taken: unknown columns, no datum, a constant offset.
    """
    keys = None
    if is_side_file(path):
        table, keys = restored(table)
    mapping = fitted(mapping, table.columns)
    named = options.source or (None if options.source_proposed else mapping.source)
    source = alone = named or mapping.source or register_name(path)
    before = datums_of_source(registry, source) if table.prescribed is not None else set()
    with collector_paused():
        try:
            rows = read_rows(
                table,
                mapping,
                crs=options.crs,
                kind=options.kind,
                region=options.region,
                zone=registry.zone,
                keys=keys,
                placing=Placing(axes=options.axes, areas=options.areas, lines=options.lines),
                before=before,
            )
        except InputRefused as error:
            raise with_fit(error, registry, table, mapping) from None
        refuse_listed_as_bad(rows)

        def decided() -> tuple[Outcome, Matches]:
            known, source = bulk.known_assets(registry), alone
            if named is None and not is_side_file(path):
                source = continued(registry, rows, source, known, proposed=options.source_proposed)
            ended = matching.refuse_regions(registry, rows, mapping)
            located = locate(registry, rows)
            matches = matching.match(registry, rows, source, mapping, known)
            refuse_spoiled(rows, matches, known, mapping)
            against = refuse_noted(registry, rows, matches)
            beside = hold_against_record(registry, rows, matches, mapping, source)
            against = beside.elsewhere | against
            state = mapping.inspection.get("outcome", Spec()).columns
            name_both(rows.table, state, rows.problems)
            decisions = _decide(registry, rows, matches, known, mapping, options, source=source)
            place_rows(decisions, rows, located)
            doubt_far(decisions, rows, registry, known)
            doubt_far_from_county(decisions, rows, registry, located)
            if source != alone:
                decisions.continues = alone
            if not is_side_file(path):
                decisions.follows = followed(registry, rows, matches, known, source, path.name)
                decisions.missing = missing(registry, rows, matches, source, decisions.follows)
            decisions.noted = {row: against[row] for row in decisions.brought & against.keys()}
            _name_beside(decisions, beside)
            _name_of_others(decisions, rows, matches, mapping)
            decisions.headings = mapping.headings
            decisions.held_on = held_on(
                registry, decisions, rows, matches, mapping, taking=options.skip_bad
            )
            decisions.ended = {row: ended[row] for row in _homed(decisions) if row in ended}
            return decisions, matches

        if options.dry_run:
            outcome = decided()[0]
            outcome.read = rows
            return outcome
        # decided within the transaction: whatever others wrote before it counts
        with transaction(registry, actor=actor, origin=f"import {path.name}") as writer:
            outcome, matches = decided()
            if not outcome.problems or options.skip_bad:
                write(writer, outcome, rows, matches, mapping, path, advance)
                outcome.written = True
        return outcome


def _decide(
    registry: Registry,
    rows: ReadRows,
    matches: Matches,
    known: bulk.Known,
    mapping: Mapping,
    options: Options,
    *,
    source: str,
) -> Outcome:
    """What becomes of each row; reads the registry and writes nothing."""
    if not options.accept_offset:
        refuse_counted_anew(rows, matches, known)
        matching.refuse_offset(rows, matches, known)
    actions = [IGNORED] * len(rows.table)
    for row in rows.kept:
        actions[row] = _action(rows, matches, row)
    for row in rows.copies.keys() & rows.problems.keys():
        actions[row] = REFUSED
    codes = rows.fields.get("code") or [None] * len(rows.table)
    outcome = Outcome(rows.table, source, actions, rows.problems, codes, rows.assumed)
    decide_ends(registry, rows, matches, outcome)
    outcome.numbered, outcome.assets = rows.numbered, matches.assets
    outcome.unread, outcome.summaries = _unread(rows), rows.summaries
    candidates = outcome.rows(UPDATED)
    not_taken = (REFUSED, IGNORED)
    _name_untold(outcome, rows, mapping)
    outcome.undated = [row for row in undated_works(rows) if actions[row] in (NEW, UPDATED)]
    unseen = rows.table.hidden
    counted = {*rows.kept}
    outcome.commented = [row for row in rows.table.filled(COMMENTS) if row in counted]
    outcome.struck = [row for row in rows.table.filled(STRUCK) if row in counted]
    coloured = rows.table.coloured
    outcome.coloured = (
        {r: c for r in rows.kept if (c := coloured.get(rows.table.lines[r]))} if coloured else {}
    )
    outcome.hidden = [row for row in rows.kept if unseen and rows.table.lines[row] in unseen]
    outcome.fields, outcome.visits = changed_fields(
        registry, rows, mapping, matches, candidates, source=source
    )
    outcome.outdated = leave_outdated(registry, rows, mapping, matches, outcome.fields)
    outcome.merged = sorted(row for row in matches.merged if actions[row] not in not_taken)
    outcome.namesakes = sorted(row for row in matches.namesakes if actions[row] == NEW)
    outcome.begun = begun_otherwise(registry, rows, matches, candidates)
    for row in candidates:
        if row in outcome.gone:
            outcome.fields.setdefault(row, []).append(LIFECYCLE)
        if row not in outcome.fields:
            actions[row] = UNCHANGED
    outcome.visits |= _withdrawn(registry, rows, matches, outcome, source)
    outcome.unjudged = _unjudged(rows, outcome)
    doubt_good(outcome, rows, mapping)
    _name_weighed(outcome, rows)
    _name_partly(outcome, rows, mapping)
    unclear = rows.weighed.unclear
    brought = {*outcome.brought, *_noted_anew(outcome)} if unclear else ()
    outcome.remarks_unclear = {row: unclear[row] for row in brought if row in unclear}
    outcome.answers = rows.weighed.answers
    _name_alike(outcome, rows, matches, known)
    placed = [row for row in outcome.rows(UPDATED) if POSITION in outcome.fields[row]]
    outcome.moved = moved_rows(registry, rows, matches, known, placed)
    outcome.moved_bad = bad_where_moved(registry, rows, outcome)
    placed = [*outcome.rows(NEW), *placed]
    flag_neighbours(outcome, rows, matches, known, moved=placed, within_m=options.duplicate_m)
    named = [row for row in outcome.rows(UPDATED) if "code" in outcome.fields[row]]
    flag_same_code(outcome, rows, matches, known, seen=sorted({*placed, *named}))
    name_codes(outcome, rows, matches, known)
    return outcome


def _unread(rows: ReadRows) -> list[str]:
    """Headings of what was not read; reasons of ours are none of it, and say nothing of a row."""
    reasons = reasons_in(rows.table)
    return [name for name in rows.unread if name != reasons]


def _unjudged(rows: ReadRows, outcome: Outcome) -> list[int]:
    """Rows that are taken for visits without an outcome; of known visits they say nothing new."""
    known = {*outcome.visited(Visited.KNOWN)}
    not_taken = (REFUSED, IGNORED)
    return [r for r in rows.unjudged if outcome.actions[r] not in not_taken and r not in known]


def _name_beside(outcome: Outcome, beside: Against) -> None:
    """Note in `outcome` what rows that are taken say against what stays on record."""
    taken = {row for row, action in enumerate(outcome.actions) if action not in (REFUSED, IGNORED)}
    outcome.standing = {row: name for row, name in beside.standing.items() if row in taken}
    outcome.emptied = {row: names for row, names in beside.emptied.items() if row in taken}
    for row in beside.older.keys() & taken:
        outcome.outdated[row] = [*outcome.outdated.get(row, ()), *beside.older[row]]


def _name_of_others(outcome: Outcome, rows: ReadRows, matches: Matches, mapping: Mapping) -> None:
    """Note in `outcome` what changes of assets that were matched by their number and place."""
    if mapping.bears_uids:
        return
    for row in outcome.rows(UPDATED):
        changed = [one for one in outcome.fields.get(row, ()) if one not in (INSPECTION, LIFECYCLE)]
        if changed and matches.state(rows, row) is None:
            outcome.of_others[row] = changed


def _name_weighed(outcome: Outcome, rows: ReadRows) -> None:
    """Note in `outcome` what other columns say of rows that are taken."""
    taken = {row for row, action in enumerate(outcome.actions) if action not in (REFUSED, IGNORED)}
    weighed = rows.weighed
    outcome.contradicted = {row: name for row, name in weighed.failing.items() if row in taken}
    outcome.not_known = {row: name for row, name in weighed.not_known.items() if row in taken}
    brought = outcome.brought & weighed.at_odds.keys()
    outcome.at_odds = {row: weighed.at_odds[row] for row in sorted(brought)}


def _name_untold(outcome: Outcome, rows: ReadRows, mapping: Mapping) -> None:
    """Note in `outcome` the rows of which no visit is recorded, and what their state says."""
    not_taken = (REFUSED, IGNORED)
    outcome.untold = [row for row in rows.untold if outcome.actions[row] not in not_taken]
    spec = mapping.inspection.get("outcome", Spec())
    if spec.columns:
        state = raw_cells(rows.table, spec)
        outcome.unmeant = {row: state[row].strip() for row in outcome.untold if state[row].strip()}


def _name_partly(outcome: Outcome, rows: ReadRows, mapping: Mapping) -> None:
    """Note in `outcome` the cells of rows that are taken which say more than is read of them."""
    actions = outcome.actions
    taken = [action not in (REFUSED, IGNORED) for action in actions]
    visits = rows.inspection.get("outcome") or [None] * len(actions)
    for column, found in partly_read(
        rows.table, mapping, lambda row: visits[row] is not None
    ).items():
        for row in (row for row in found if taken[row]):
            outcome.partly[row] = (*outcome.partly.get(row, ()), column)


def _noted_anew(outcome: Outcome) -> list[int]:
    """Rows by which the remark of a known asset becomes another."""
    return [row for row, names in outcome.fields.items() if "note" in names]


def _coded(outcome: Outcome) -> list[int]:
    """Rows by which an asset gets its code."""
    changed = [row for row in outcome.rows(UPDATED) if "code" in outcome.fields[row]]
    return [*outcome.rows(NEW), *changed]


def _name_alike(outcome: Outcome, rows: ReadRows, matches: Matches, known: bulk.Known) -> None:
    """Note the rows that say again what others say, and codes that look or read like others."""
    outcome.copies = sorted(rows.copies.keys() - rows.problems.keys())
    outcome.look_alike = _look_alike(outcome)
    taken = {*matches.assets.values()}
    outcome.spelled_alike = spelled_alike(rows, _coded(outcome), known, taken)


def _look_alike(outcome: Outcome) -> list[int]:
    """Rows that bring in a code to be looked at; told once, not at every delivery."""
    brought = set(_coded(outcome))
    every = [row for row, action in enumerate(outcome.actions) if action not in (REFUSED, IGNORED)]
    return [row for row in look_alike_rows(outcome.codes, every) if row in brought]


def _homed(outcome: Outcome) -> list[int]:
    """Rows by which an asset gets a region."""
    changed = [row for row in outcome.rows(UPDATED) if "region_code" in outcome.fields[row]]
    return [*outcome.rows(NEW), *changed]


def _withdrawn(
    registry: Registry, rows: ReadRows, matches: Matches, outcome: Outcome, source: str
) -> dict[int, Decision]:
    """Visits that the file goes on telling of although somebody withdrew them."""
    if not matches.states or "outcome" not in rows.inspection:
        return {}
    gone = withdrawn_of(registry, source)
    rest = [
        row
        for row in outcome.rows(UNCHANGED)
        if row not in outcome.visits and matches.assets[row] in gone
    ]
    found = decide_visits(registry, rows, matches, source, rest)
    return {row: one for row, one in found.items() if one.state is Visited.WITHDRAWN}


def _action(rows: ReadRows, matches: Matches, row: int) -> str:
    """What seems to become of a row before its fields are compared."""
    if row in rows.problems:
        return REFUSED
    if row not in matches.assets:
        return NEW
    return UNCHANGED if matches.unchanged(rows, row) else UPDATED
