"""Asks whether the day or the month stands first, where dates can mean two days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.moments import moment_reader
from hydrant.exchange.patterns import ORDERS
from hydrant.exchange.suggestion import Choice, Suggestion, line
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted

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


def _choice(order: str, columns: Sequence[Dated]) -> Choice:
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
    return Choice(order, Phrase(f"exchange.days_{order}"), tuple(lines), drops)


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
