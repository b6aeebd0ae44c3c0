"""``hydrant todo``: what closes the gap to 100 %, and whose work it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.cuts import AsOfOption, KindOption, KnownAtOption, PolicyOption, cut_of, known_of
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.region_on import code_on
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import sensed
from hydrant.cli.unit_costs import UnitCostOption, unit_costs
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.listing import counted
from hydrant.report.todo import LISTS, Facts, Step, distance, holders, record_shares, todo
from hydrant.report.todo_tables import distance_table, todo_table
from hydrant.store.known import as_known
from hydrant.store.todo_facts import last_checks, open_defects, planned_assets

h = helper("todo")
app = single("todo")

_SHOWN = 20


class Which(StrEnum):
    """Lists that ``--list`` gives."""

    SHORTFALL = "shortfall"
    DEFECTS = "defects"
    OVERDUE = "overdue"
    UNVERIFIED = "unverified"
    PLANNED = "planned"
    VILLAGES = "villages"
    DUTIES = "duties"
    RECORDS = "records"


@command(app, "todo")
def todo_(
    settings: Settings,
    region: Annotated[str | None, typer.Argument(help=h("region"))] = None,
    *,
    which: Annotated[Which | None, typer.Option("--list", help=h("list"))] = None,
    holder: Annotated[str | None, typer.Option("--for", metavar="NAME", help=h("for"))] = None,
    cost: UnitCostOption = None,
    finished: Annotated[
        list[str] | None, typer.Option("--finished", metavar="PROJECT", help=h("finished"))
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=h("out"))] = None,
    csv: Annotated[bool, typer.Option("--csv", help=h("csv"))] = False,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
) -> Result:
    """List what has to be built, repaired, checked or recorded, and by whom."""
    costs = unit_costs(cost)
    with settings.registry() as registry:
        cut = cut_of(registry, as_of, known_of(registry, known_at, settings.notes))
        rules = load_policy(policy or registry.policy)
        code = code_on(registry, region, cut)
        sensors = sensed(settings, registry, cut, rules)
        report = assess(registry, cut, rules, region=code, kind=kind, facts=sensors)
        assets = counted(registry, cut, report, pressures=sensors.pressures)
        with as_known(registry, cut):
            facts = Facts(
                assets,
                last_checks(registry, cut),
                open_defects(registry, cut),
                planned_assets(registry, cut),
                frozenset(finished or ()),
            )
    lists = {name: _for(todo(name, facts, report, cut), holder) for name in LISTS}
    steps = distance(facts, report, costs)
    data: dict[str, Any] = {
        "as_of": cut.as_of.isoformat(),
        "policy": f"{rules.name} {rules.version}",
        "counts": {name: len(rows) for name, rows in lists.items()},
        "records": record_shares(facts, report.tree),
        "distance": [_step(step) for step in steps],
    }
    if which is not None:
        data["list"] = lists[which]
    if out is not None:
        data["files"] = _write(out, lists, report, settings, csv=csv)

    def show(screen: Screen) -> None:
        _show(screen, report, lists, steps, data, which)

    unpriced = any(step.unit_cost is None for step in steps)
    notes = (Note.of("cli_todo.unpriced"),) if unpriced and costs else ()
    return Result(data, show, notes)


def _for(rows: list[dict[str, Any]], holder: str | None) -> list[dict[str, Any]]:
    return rows if holder is None else [row for row in rows if row["holder"] == holder]


def _step(step: Step) -> dict[str, Any]:
    return {
        "work": step.work,
        "kind": step.kind,
        "funding": step.funding,
        "count": step.count,
        "unit_cost": step.unit_cost,
        "cost": step.cost,
    }


def _show(
    screen: Screen,
    report: IntegrityReport,
    lists: Mapping[str, Sequence[Mapping[str, Any]]],
    steps: Sequence[Step],
    data: Mapping[str, Any],
    which: Which | None,
) -> None:
    screen.styled(screen.t("cli_todo.title", as_of=data["as_of"]), "bold")
    for name, rows in lists.items():
        screen.line(f"cli_todo.count_{name}", count=len(rows))
    for share in data["records"][:1]:
        screen.line("cli_todo.records", complete=share["complete"], all=share["all"])
    screen.text()
    if which is None:
        table = distance_table(steps, screen.lang)
        _table(screen, [column.heading for column in table.columns], table.rows, (3, 4, 5))
        priced = [step.cost for step in steps if step.cost is not None]
        if priced:
            screen.line("cli_todo.sum", amount=f"{sum(priced):,.0f}")
        return
    table = todo_table(which, lists[which], report.tree, screen.lang)
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


def _write(
    folder: Path,
    lists: Mapping[str, Sequence[Mapping[str, Any]]],
    report: IntegrityReport,
    settings: Settings,
    *,
    csv: bool,
) -> list[str]:
    """One file, or one folder of CSV, for every duty holder; names of what was written."""
    from hydrant.report.todo_files import write_for_holders  # noqa: PLC0415  loads XlsxWriter

    by_holder: dict[str | None, dict[str, Any]] = {}
    for name, rows in lists.items():
        for holder, mine in holders(rows).items():
            table = todo_table(name, mine, report.tree, settings.lang)
            by_holder.setdefault(holder, {})[name] = table
    return write_for_holders(folder, by_holder, settings.lang, csv=csv)
