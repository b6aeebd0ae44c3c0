"""``hydrant trend``: the two rates over time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.cuts import KindOption, KnownAtOption, PolicyOption
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.integrity_view import bar, percent_text
from hydrant.cli.region_on import code_on
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import remark_missing
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.change import Step, dates, trend
from hydrant.report.integrity import IntegrityReport
from hydrant.report.integrity_json import completeness_json, working_order_json
from hydrant.store.evidence import Cut

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
    with settings.registry() as registry:
        today = times.local_day(times.now(), registry.zone)
        last = today if until is None else times.parse_date(until)
        days = dates(times.parse_date(since), last, every)
        known = None if known_at is None else times.parse_moment(known_at, registry.zone)
        rules = load_policy(policy or registry.policy)
        code = code_on(registry, region, *(Cut(day, registry.zone) for day in days))
        reports = []
        with settings.progress("cli_trend.progress", len(days)) as advance:
            for report in trend(registry, days, rules, region=code, kind=kind, known_at=known):
                reports.append(report)
                advance(1)
    remark_missing(settings, *(report.at_hand for report in reports))
    data = {
        "region": code,
        "policy": f"{rules.name} {rules.version}",
        "dates": [_dated(report) for report in reports],
    }
    return Result(data, lambda screen: _show(screen, reports))


def _dated(report: IntegrityReport) -> dict[str, Any]:
    return {
        "as_of": report.as_of.isoformat(),
        "completeness": completeness_json(report.total.completeness),
        "working_order": working_order_json(report.total.working_order),
    }


def _show(screen: Screen, reports: list[IntegrityReport]) -> None:
    names = ("as_of", "required", "built", "completeness", "existing", "intact", "working_order")
    rows = []
    for report in reports:
        order, found = report.total.working_order, report.total.completeness
        rate = None if found is None else found.percent
        rows.append(
            (
                report.as_of.isoformat(),
                None if found is None else found.required,
                None if found is None else found.built,
                percent_text(screen, rate),
                order.existing,
                order.intact,
                percent_text(screen, order.percent),
                bar(order.intact, order.stale + order.untested, order.existing, _BAR_COLUMNS),
            )
        )
    headings = [screen.t(f"cli_trend.column_{name}") for name in (*names, "bar")]
    screen.table(headings, rows, numeric=(1, 2, 3, 4, 5, 6))
