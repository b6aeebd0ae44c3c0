"""``hydrant todo``: what closes the gap to 100 %, and whose work it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.cuts import AsOfOption, KindOption, KnownAtOption, PolicyOption
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.places import ShownCrsOption, shown_in
from hydrant.cli.todo_view import show_todo, todo_json
from hydrant.cli.unit_costs import UnitCostOption, unit_costs
from hydrant.geo.answered import placed
from hydrant.geo.datum import Crs
from hydrant.report.duty_holders import known_holder
from hydrant.report.integrity import IntegrityReport
from hydrant.report.question import Question
from hydrant.report.remarks import cautions, lacking_text, numbers_lacking
from hydrant.report.todo import LISTS, distance, facts_of, holders, todo
from hydrant.report.todo_tables import todo_table

h = helper("todo")
app = single("todo")


class Which(StrEnum):
    """Lists that ``--list`` gives."""

    SHORTFALL = "shortfall"
    REPAIRS = "repairs"
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
    crs: ShownCrsOption = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
) -> Result:
    """List what has to be built, repaired, checked or recorded, and by whom."""
    costs, shown = unit_costs(cost), shown_in(crs)
    question = Question(region=region, kind=kind, as_of=as_of, known_at=known_at, policy=policy)
    with settings.asking(question) as basis:
        if holder is not None:
            known_holder(basis.registry, holder)
        report = basis.report()
        facts = facts_of(basis, report, finished or ())
    lists = {name: _for(todo(name, facts, report, basis.cut), holder) for name in LISTS}
    steps = distance(facts, report, costs)
    data = todo_json(basis, facts, report, lists, steps)
    if which is not None:
        data["list"] = placed(lists[which], shown)
    if out is not None:
        data["files"] = _write(out, lists, report, settings, shown, csv=csv)
    unpriced = any(step.unit_cost is None for step in steps)
    notes = (Note.of("cli_todo.unpriced"),) if unpriced and costs else ()
    return Result(
        data, lambda screen: show_todo(screen, report, lists, steps, data, which, shown), notes
    )


def _for(rows: list[dict[str, Any]], holder: str | None) -> list[dict[str, Any]]:
    return rows if holder is None else [row for row in rows if row["holder"] == holder]


def _write(
    folder: Path,
    lists: Mapping[str, Sequence[Mapping[str, Any]]],
    report: IntegrityReport,
    settings: Settings,
    crs: Crs,
    *,
    csv: bool,
) -> list[str]:
    """One file, or one folder of CSV, for every duty holder; names of what was written."""
    from hydrant.report.todo_files import write_for_holders  # noqa: PLC0415  loads XlsxWriter

    lacking = numbers_lacking(report)
    by_holder: dict[str | None, dict[str, Any]] = {}
    for name, rows in lists.items():
        for holder, mine in holders(rows).items():
            table = todo_table(name, mine, report.tree, settings.lang, crs, lacking)
            by_holder.setdefault(holder, {})[name] = table
    remarks = [*([lacking_text(lacking, settings.lang)] if lacking else []),
               *cautions(report, settings.lang)]  # fmt: skip
    return write_for_holders(folder, by_holder, settings.lang, csv=csv, remarks=remarks)
