"""``hydrant money``: what was spent, by whom and for what, beside the cost of the gap."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from hydrant.cli.cuts import AsOfOption, KindOption, KnownAtOption, PolicyOption
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.money_view import money_json, show_money
from hydrant.cli.unit_costs import UnitCostOption, unit_costs
from hydrant.errors import CommandLineError
from hydrant.report.money import DIMENSIONS, gap, recorded
from hydrant.report.question import Question
from hydrant.report.todo import Facts, distance
from hydrant.written_dates import day_typed

h = helper("money")
app = single("money")


class By(StrEnum):
    """What ``--by`` sums by."""

    SOURCE = "source"
    PROJECT = "project"
    YEAR = "year"


@command(app, "money")
def money(
    settings: Settings,
    region: Annotated[str | None, typer.Argument(help=h("region"))] = None,
    *,
    by: Annotated[By | None, typer.Option("--by", help=h("by"))] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help=h("from"))] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help=h("until"))] = None,
    cost: UnitCostOption = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
) -> Result:
    """Sum recorded costs by source, project and year, beside the cost of the gap."""
    costs = unit_costs(cost)
    dimensions = DIMENSIONS if by is None else (by.value,)
    question = Question(region=region, kind=kind, as_of=as_of, known_at=known_at, policy=policy)
    with settings.asking(question) as basis:
        first, last = _days(since, until, basis.registry.zone)
        report = basis.report()
        assets = basis.counted(report)
        sums = recorded(basis, report, (first, last), dimensions)
    steps = gap(distance(Facts(assets, {}, (), ()), report, costs))
    data = money_json(basis, report, (first, last), dimensions, {**sums, "gap": steps})
    unpriced = any(step["unpriced"] for step in steps)
    notes = (Note.of("cli_money.unpriced"),) if unpriced else ()
    return Result(data, lambda screen: show_money(screen, report, data), notes)


def _days(
    since: str | None, until: str | None, zone: ZoneInfo
) -> tuple[dt.date | None, dt.date | None]:
    first = None if since is None else day_typed(since, zone)
    last = None if until is None else day_typed(until, zone)
    if first is not None and last is not None and last < first:
        raise CommandLineError("cli_money.span", since=since, until=until)
    return first, last
