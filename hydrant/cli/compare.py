"""``hydrant compare``: what changed between two dates, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant.cli.compare_view import comparison_json, show_comparison
from hydrant.cli.cuts import KindOption, KnownAtOption, PolicyOption, RegionOption
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.places import ShownCrsOption, shown_in
from hydrant.report.change import compare
from hydrant.report.question import Question
from hydrant.written_dates import day_typed

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
    crs: ShownCrsOption = None,
) -> Result:
    """Name every asset that counts otherwise on the later date, why, and every other number."""
    shown = shown_in(crs)
    later = Question(region=region, kind=kind, as_of=second, known_at=known_at, policy=policy)
    with settings.asking(later) as basis:
        found = compare(
            basis.registry,
            (basis.on_days(day_typed(first, basis.registry.zone))[0], basis.cut),
            basis.policy,
            region=basis.region,
            kind=kind,
        )
        basis.remark_missing(found.before, found.after)
    data = {
        "policy": basis.rules,
        "region": basis.region,
        **comparison_json(found, shown),
    }
    return Result(data, lambda screen: show_comparison(screen, found))
