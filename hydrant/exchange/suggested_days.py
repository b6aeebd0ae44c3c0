"""Asks whether the day or the month stands first, where dates can mean two days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.moments import by_form, moment_reader
from hydrant.exchange.patterns import ORDERS
from hydrant.exchange.suggestion import Choice, Suggestion, line
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted
from hydrant.written_dates import in_figures, yearless

#: Targets that are days.
DATED = ("built", "at")


@dataclass(frozen=True, slots=True)
class Dated:
    """A column of dates.

    Attributes
    ----------
    before
        Its line of the mapping; None where it has none yet.
    rest
        What else its line says.
    """

    part: str
    target: str
    column: str
    before: str | None
    rest: str = ""


def ask_order(made: Suggestion, table: Table, columns: Sequence[Dated]) -> None:
    """Ask it once for all columns in which nothing shows it."""
    found = [(one, rows) for one in columns if (rows := _two_days(table, one.column))]
    if not found:
        return
    first, rows = found[0]
    facts = {
        "columns": tuple(dict.fromkeys(one.column for one, _ in found)),
        "count": len({row for _, several in found for row in several}),
        "cell": table.columns[first.column][rows[0]].strip(),
        "line": table.lines[rows[0]],
    }
    left = Choice("-", Phrase("exchange.days_left"))
    choices = [_choice(order, [one for one, _ in found]) for order in ORDERS]
    made.ask("days", [*choices, left], **facts)


def ask_year(made: Suggestion, table: Table, dated: Dated) -> bool:
    """Ask which year the days of a column are of that state none; whether any do.

    The month first comes first; the day first only where it can.
    """
    rows = [row for row, cell in enumerate(table.columns[dated.column]) if _no_year(cell)]
    if not rows:
        return False
    cells = {table.columns[dated.column][row].strip() for row in rows}
    orders = [order for order in ("md", "dm") if _all_days(cells, order)]
    now = times.now().year
    choices = [
        _choice(f"{order} {year}", [dated], Phrase(f"exchange.year_{order}", {"year": year}))
        for order in orders
        for year in (now, now - 1)
    ]
    first = rows[0]
    facts = {"column": dated.column, "cell": table.columns[dated.column][first].strip(),
             "line": table.lines[first], "count": len(rows)}  # fmt: skip
    made.ask("year", [*choices, Choice("-", Phrase("exchange.days_left"))], **facts)
    return True


def _no_year(cell: str) -> bool:
    return yearless(cell) or in_figures(cell)


def _all_days(cells: Collection[str], order: str) -> bool:
    """Whether cells are days with the month, or the day, before the other; nothing else differs."""
    try:
        read = [by_form(cell, f"{order} 2024") for cell in cells]  # a year with 29 February
    except ValueError:
        return False
    if order == "md":
        return True
    return read != [by_form(cell, "md 2024") for cell in cells] if _all_days(cells, "md") else True


def _choice(order: str, columns: Sequence[Dated], said: Phrase | None = None) -> Choice:
    lines = [
        line(
            one.part,
            f'{one.target} = {{ column = {quoted(one.column)}, date = ["{order}"]{one.rest} }}',
            "answered",
            value=order,
        )
        for one in columns
    ]
    drops = tuple(one.before for one in columns if one.before is not None)
    return Choice(order, said or Phrase(f"exchange.days_{order}"), tuple(lines), drops)


def _two_days(table: Table, column: str) -> list[int]:
    """Rows whose cell can mean two days."""
    cells = table.columns[column]
    reader = moment_reader((), cells, times.zone())
    open_ = set()
    for cell in {cell.strip() for cell in cells} - {""}:
        try:
            reader(cell)
        except InputRefused as error:
            if error.key == "exchange.two_dates":
                open_.add(cell)
    return [row for row, cell in enumerate(cells) if cell.strip() in open_] if open_ else []
