"""``hydrant policy``: the rules behind the figures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.integrity.policy import Policy, load_policy, policy_names

h = helper("policy")
app = group("policy")


def _numbers(policy: Policy) -> list[dict[str, Any]]:
    rows = [
        {"name": f"checks.{name}.within_days", "value": check.within_days, **_provenance(check)}
        for name, check in policy.checks.items()
    ]
    rows += [
        {"name": f"limits.{name}", "value": limit.value, **_provenance(limit)}
        for name, limit in policy.limits.items()
    ]
    return rows


def _provenance(rule: Any) -> dict[str, str]:
    values = asdict(rule)
    return {"source": values["source"], "confidence": values["confidence"]}


@command(app, "list")
def list_(settings: Settings) -> Result:
    """List the shipped policies."""
    del settings
    policies = [load_policy(name) for name in policy_names()]
    rows = [{"name": p.name, "version": p.version, "title": dict(p.title)} for p in policies]

    def show(screen: Screen) -> None:
        for policy in policies:
            screen.text(f"{policy.name} {policy.version}  {policy.title[screen.lang]}")

    return Result({"policies": rows}, show)


@command(app, "show")
def show_(settings: Settings, name: Annotated[str, typer.Argument(help=h("name"))]) -> Result:
    """Show the numbers of a policy with their sources."""
    del settings
    policy = load_policy(name)
    rows = _numbers(policy)

    def show(screen: Screen) -> None:
        screen.text(f"{policy.name} {policy.version}  {policy.title[screen.lang]}")
        for row in rows:
            screen.text(f"{row['name']} = {row['value']:g}")
            screen.text(f"    {row['source']} [{screen.t('cli_explain.' + row['confidence'])}]")

    return Result(
        {"name": policy.name, "version": policy.version, "digest": policy.digest, "numbers": rows},
        show,
    )


@command(app, "check")
def check(settings: Settings, file: Annotated[str, typer.Argument(help=h("file"))]) -> Result:
    """Check a policy file of your own."""
    del settings
    policy = load_policy(file)
    doubtful = [row["name"] for row in _numbers(policy) if row["confidence"] == "unconfirmed"]

    def show(screen: Screen) -> None:
        screen.line("cli_policy.good", name=policy.name, count=len(doubtful))

    return Result({"name": policy.name, "unconfirmed": doubtful}, show)
