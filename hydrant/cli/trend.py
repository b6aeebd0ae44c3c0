"""``hydrant trend``: the two rates over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from hydrant.cli.cuts import KindOption, KnownAtOption, PolicyOption
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.integrity_view import bar
from hydrant.cli.rate_view import (
    completeness_text,
    day_text,
    percent_text,
    show_fallen,
    show_mark,
)
from hydrant.cli.screen import Screen
from hydrant.report.change import Step, dates, trend
from hydrant.report.integrity import IntegrityReport
from hydrant.report.integrity_json import dated_json
from hydrant.report.question import Question
from hydrant.written_dates import day_typed

h = helper("trend")
app = single("trend")

_BAR_COLUMNS = 20


@command(app, "trend")
def trend_(
    settings: Settings,
    region: Annotated[str | None, typer.Argument(help=h("region"))] = None,
    *,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help=h("from"))],
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help=h("to"))] = None,
    every: Annotated[Step, typer.Option("--every", help=h("every"))] = Step.MONTH,
    kind: KindOption = None,
    policy: PolicyOption = None,
    known_at: KnownAtOption = None,
) -> Result:
    """Compute both rates for a row of dates."""
    question = Question(region=region, kind=kind, as_of=until, known_at=known_at, policy=policy)
    with settings.asking(question) as basis:
        days = dates(day_typed(since, basis.registry.zone), basis.cut.as_of, every)
        with settings.progress("cli_trend.progress", len(days)) as advance:
            reports = [_counted(report, advance) for report in trend(basis, days)]
        basis.remark_missing(*reports)
    dated = [dated_json(report) for report in reports]
    data = {"region": basis.region, "policy": basis.rules, "dates": dated}
    return Result(data, lambda screen: _show(screen, reports))


def _counted(report: IntegrityReport, advance: Callable[[int], None]) -> IntegrityReport:
    advance(1)
    return report


def _show(screen: Screen, reports: list[IntegrityReport]) -> None:
    names = ("as_of", "required", "built", "completeness", "existing", "intact", "working_order")
    rows = []
    for report in reports:
        order, found = report.total.working_order, report.total.completeness
        rows.append(
            (
                day_text(screen, report),
                None if found is None else found.required,
                None if found is None else found.built,
                completeness_text(screen, found),
                order.existing,
                order.intact,
                percent_text(screen, order.percent),
                bar(order.intact, order.stale + order.untested, order.existing, _BAR_COLUMNS),
            )
        )
    headings = [screen.t(f"cli_trend.column_{name}") for name in (*names, "bar")]
    screen.table(headings, rows, numeric=(1, 2, 3, 4, 5, 6))
    show_mark(screen, *(report.total.completeness for report in reports))
    show_fallen(screen, *reports)
