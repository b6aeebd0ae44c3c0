"""What is said of visits beside whose good outcome something stands that says otherwise."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hydrant.cli import import_notes
from hydrant.cli.asking import at_terminal
from hydrant.cli.frame import Note, Settings
from hydrant.cli.round_desk import Back, Desk, Skip, Stop
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.exchange.left_standing import Standing
from hydrant.exchange.suggested_otherwise import counted
from hydrant.exchange.table import Table
from hydrant.exchange.visit_notes import Beside, beside_visit
from hydrant.survey.record import Observation, check_observation
from hydrant.vocabulary import Language, Outcome

_Rows = dict[int, tuple[str, str]]


def named(table: Table, beside: Beside) -> dict[str, list[dict[str, object]]]:
    """Rows that remarks are about, as scripts see them."""
    about = {"remarks_against": beside.against, "remarks_unclear": beside.unclear}
    return {
        name: [
            {"line": table.lines[row], "column": column, "value": cell}
            for row, (column, cell) in sorted(rows.items())
        ]
        for name, rows in about.items()
        if rows
    }


def named_standing(
    table: Table, standing: dict[int, Standing]
) -> dict[str, list[dict[str, object]]]:
    """Assets that stay good although their row was refused, as scripts see them."""
    rows: list[dict[str, object]] = [
        {"line": table.lines[row], "code": one.code, "asset": one.uid, "said": one.said,
         "last_good": one.since}
        for row, one in standing.items()
    ]  # fmt: skip
    return {"held_on": rows} if rows else {}


def standing_notes(standing: dict[int, Standing], lang: Language) -> list[Note]:
    """The same, as people see it."""
    if not standing:
        return []
    names = import_notes.left_standing_names(standing.values(), lang)
    return [Note.of("cli_import_.held_on", count=len(standing), names=names).warning()]


def left_out(lines: tuple[str, ...]) -> list[Note]:
    """What is said of rows that sum others up, by their lines."""
    return [Note.of("cli_survey.sums", count=len(lines), lines=lines).warning()] if lines else []


def notes_on(table: Table, beside: Beside, unread: list[str], lang: Language) -> list[Note]:
    """What is said of a file's visits beside their counts."""
    found = [import_notes.unread(unread, lang, "cli_survey.unread")] if unread else []
    found += import_notes.dittos(table, lang)
    if beside.answers:
        key = "cli_survey.answers_unread"
        found.append(import_notes.unread(list(beside.answers), lang, key))
    for name, rows in (("against", beside.against), ("unclear", beside.unclear)):
        if rows:
            found.append(_note(f"cli_survey.remarks_{name}", table, rows))
    return found


def _note(key: str, table: Table, rows: _Rows) -> Note:
    columns = tuple(dict.fromkeys(column for column, _ in rows.values()))
    shown = [str(table.lines[row]) for row in sorted(rows)[:5]]
    lines = (*shown, "…") if len(rows) > len(shown) else tuple(shown)
    cells = counted([cell for _, cell in rows.values()])
    return Note.of(key, count=len(rows), columns=columns, lines=lines, cells=cells).warning()


def weigh_note(settings: Settings, seen: Observation, zone: ZoneInfo) -> tuple[Note, ...]:
    """What is to be said of the note of one visit, which is checked before.

    Raises
    ------
    InputRefused
        The visit cannot be; or the note says otherwise than that the asset works, and nobody at a
        terminal says that it does.
    """
    check_observation(seen, zone)
    if seen.outcome is not Outcome.WORKS or not seen.note:
        return ()
    beside = beside_visit(seen.note, described=bool(seen.defects))
    if beside.against:
        return (Note.of("cli_survey.note_against", note=seen.note).warning(),)
    if beside.unclear:
        return (Note.of("cli_survey.note_unclear", note=seen.note).warning(),)
    if beside.problems and not _insists(settings, seen.note):
        raise InputRefused("cli_survey.note_refused", note=seen.note)
    return ()


def _insists(settings: Settings, note: str) -> bool:
    """Whether somebody at a terminal says that the asset works all the same."""
    if settings.json or not at_terminal():
        return False
    desk = Desk(Screen(settings.lang))
    try:
        return desk.yes(desk.screen.t("cli_survey.ask_note", note=note))
    except (Stop, Skip, Back, EOFError):
        return False
