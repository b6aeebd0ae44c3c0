"""``hydrant explain``: why an asset counts as it does."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant.cli.cuts import KnownAtOption, PolicyOption, cut_of, known_of
from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.history_view import show_history
from hydrant.cli.rule_view import stated
from hydrant.cli.screen import Screen, wrap
from hydrant.cli.sensed import sensed
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.explain import explain as explained
from hydrant.store.assets import find_asset

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
    with settings.registry() as registry:
        cut = cut_of(registry, as_of, known_of(registry, known_at, settings.notes))
        rules = load_policy(policy or registry.policy)
        asset = find_asset(registry, code)
        facts = sensed(settings, registry, cut, rules)
        data = explained(registry, asset, cut, rules, pressures=facts.pressures)

    def show(screen: Screen) -> None:
        screen.styled(
            screen.t(
                "cli_explain.verdict",
                code=data["code"] or data["uid"],
                kind=screen.label("kind", data["kind"]),
                as_of=data["as_of"],
                condition=screen.label("condition", data["condition"] or "not_existing"),
            ),
            "bold",
        )
        screen.line("cli_explain.because", reason=screen.t(f"integrity.reason_{data['reason']}"))
        rule = data["rule"]
        screen.line("cli_explain.policy", policy=data["policy"])
        if rule is not None:
            line = screen.t(
                "cli_explain.rule",
                name=rule["name"],
                number=stated({n: v for n, v in rule.items() if n != "name"}),
                source=rule["source"],
                confidence=screen.t(f"cli_explain.{rule['confidence']}"),
            )
            for part in wrap(line, screen.width - 1):
                screen.text(part)
        if data["condition"] is not None and not data["built"]:
            screen.line("cli_explain.not_built")
        if data["unmeasured"]:
            screen.line("cli_explain.unmeasured")
        show_history(screen, data["code"] or data["uid"], data["facts"])

    return Result(data, show)
