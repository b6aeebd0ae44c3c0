"""``hydrant explain``: why an asset counts as it does."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant.cli.cuts import KnownAtOption, PolicyOption
from hydrant.cli.explain_view import show_verdict
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.report.explain import explain as explained
from hydrant.report.question import Question
from hydrant.store.facts.assets import find_asset

h = helper("explain")
app = single("explain")


@command(app, "explain")
def explain(
    settings: Settings,
    code: Annotated[str, typer.Argument(help=h("code"))],
    *,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help=h("as_of"))] = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
) -> Result:
    """Say what an asset counts as at a date, and why."""
    with settings.asking(Question(as_of=as_of, known_at=known_at, policy=policy)) as basis:
        asset = find_asset(basis.registry, code)
        pressures = basis.sensors.pressures
        data = explained(basis.registry, asset, basis.cut, basis.policy, pressures=pressures)
    return Result(data, lambda screen: show_verdict(screen, data))
