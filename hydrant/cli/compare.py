"""``hydrant compare``: what changed between two dates, and why."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.cuts import KindOption, KnownAtOption, PolicyOption, RegionOption
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.rate_view import completeness_text, day_text, percent_text, show_mark
from hydrant.cli.screen import Screen
from hydrant.report.change import ChangedAsset, Comparison, compare
from hydrant.report.integrity import IntegrityReport
from hydrant.report.integrity_json import completeness_json, working_order_json
from hydrant.report.listing import JudgedAsset
from hydrant.report.question import Question

h = helper("compare")
app = single("compare")


@command(app, "compare")
def compare_(
    settings: Settings,
    first: Annotated[str, typer.Argument(metavar="DATE", help=h("first"))],
    second: Annotated[str | None, typer.Argument(metavar="DATE", help=h("second"))] = None,
    *,
    region: RegionOption = None,
    kind: KindOption = None,
    policy: PolicyOption = None,
    known_at: KnownAtOption = None,
) -> Result:
    """Name every asset that counts otherwise on the later date, and why."""
    later = Question(region=region, kind=kind, as_of=second, known_at=known_at, policy=policy)
    with settings.asking(later) as basis:
        found = compare(
            basis.registry,
            (basis.on_days(times.parse_date(first))[0], basis.cut),
            basis.policy,
            region=basis.region,
            kind=kind,
        )
        basis.remark_missing(found.before, found.after)
    data = {
        "policy": basis.rules,
        "region": basis.region,
        "before": _side(found.before),
        "after": _side(found.after),
        "assets": [_changed(changed) for changed in found.changed],
    }
    return Result(data, lambda screen: _show(screen, found))


def _side(report: IntegrityReport) -> dict[str, Any]:
    return {
        "as_of": report.as_of.isoformat(),
        "ahead": report.ahead,
        "completeness": completeness_json(report.total.completeness),
        "working_order": working_order_json(report.total.working_order),
    }


def _changed(changed: ChangedAsset) -> dict[str, Any]:
    return {
        "uid": changed.known.uid,
        "code": changed.known.code,
        "changes": list(changed.kinds_of_change),
        "before": None if changed.before is None else changed.before.json(),
        "after": None if changed.after is None else changed.after.json(),
    }


def _show(screen: Screen, found: Comparison) -> None:
    for report in (found.before, found.after):
        order = report.total.working_order
        screen.line(
            "cli_compare.side",
            as_of=day_text(screen, report),
            completeness=completeness_text(screen, report.total.completeness),
            order=percent_text(screen, order.percent),
            intact=order.intact,
            existing=order.existing,
        )
    show_mark(screen, found.before.total.completeness, found.after.total.completeness)
    screen.text()
    screen.line("cli_compare.changed", count=len(found.changed))
    if not found.changed:
        return
    names = ("code", "kind", "change", "before", "after", "reason")
    screen.table(
        [screen.t(f"cli_compare.column_{name}") for name in names],
        [
            (
                changed.known.code or changed.known.uid,
                screen.label("kind", changed.known.kind),
                ", ".join(
                    screen.t(f"cli_compare.change_{kind}") for kind in changed.kinds_of_change
                ),
                _condition(screen, changed.before),
                _condition(screen, changed.after),
                screen.t(f"integrity.reason_{changed.known.verdict.reason}")
                if changed.after is not None
                else None,
            )
            for changed in found.changed
        ],
    )


def _condition(screen: Screen, asset: JudgedAsset | None) -> str | None:
    return None if asset is None else screen.label("condition", str(asset.verdict.condition))
