"""How it is shown what closes the gap to 100 %."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hydrant.cli.rate_view import show_fallen
from hydrant.cli.screen import Screen
from hydrant.geo.datum import Crs
from hydrant.report.integrity import IntegrityReport
from hydrant.report.question import Basis
from hydrant.report.remarks import fallen_json, lacking_text, numbers_lacking
from hydrant.report.todo import Facts, Step, record_shares
from hydrant.report.todo_tables import distance_table, todo_table


def todo_json(
    basis: Basis,
    facts: Facts,
    report: IntegrityReport,
    lists: Mapping[str, Sequence[Mapping[str, Any]]],
    steps: Sequence[Step],
) -> dict[str, Any]:
    """How long each list is, and the way to 100 %, as scripts see it."""
    return {
        "as_of": basis.cut.as_of.isoformat(),
        "policy": basis.rules,
        "counts": {name: len(rows) for name, rows in lists.items()},
        "records": record_shares(facts, report.tree),
        "distance": [step.json() for step in steps],
        "numbers_lacking": numbers_lacking(report),
        **fallen_json(report.fallen),
    }


def show_todo(
    screen: Screen,
    report: IntegrityReport,
    lists: Mapping[str, Sequence[Mapping[str, Any]]],
    steps: Sequence[Step],
    data: Mapping[str, Any],
    which: str | None,
    crs: Crs,
) -> None:
    """Counts of all lists, and the one asked for, else the way to 100 %."""
    screen.styled(screen.t("cli_todo.title", as_of=data["as_of"]), "bold")
    for name, rows in lists.items():
        screen.line(f"cli_todo.count_{name}", count=len(rows))
    for share in data["records"][:1]:
        screen.line("cli_todo.records", complete=share["complete"], all=share["all"])
    if data["numbers_lacking"]:
        screen.text(lacking_text(data["numbers_lacking"], screen.lang))
    show_fallen(screen, report)
    screen.text()
    if which is None:
        table = distance_table(steps, screen.lang, data["numbers_lacking"])
        _table(screen, [column.heading for column in table.columns], table.rows, (3, 4, 5))
        priced = [step.cost for step in steps if step.cost is not None]
        if priced:
            screen.line("cli_todo.sum", amount=f"{sum(priced):,.0f}")
        return
    lacking = data["numbers_lacking"]
    table = todo_table(which, lists[which], report.tree, screen.lang, crs, lacking)
    numeric = tuple(n for n, column in enumerate(table.columns) if column.form != "text")
    _table(screen, [column.heading for column in table.columns], table.rows, numeric)


def _table(
    screen: Screen,
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    numeric: Sequence[int],
) -> None:
    if not rows:
        screen.line("cli_todo.nothing")
        return
    screen.table(headings, [[_number(cell) for cell in row] for row in rows], numeric=numeric)


def _number(cell: object) -> object:
    return f"{cell:,.0f}" if isinstance(cell, float) else cell
