"""``hydrant policy``: the rules behind the figures."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant.cli.decided import Figures, changed_json, everything_today, show_changed
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.rule_view import plain, stated
from hydrant.cli.screen import Screen
from hydrant.errors import CommandLineError, InputRefused
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy, policy_names
from hydrant.report.followed import to_follow
from hydrant.report.rule_words import source_text
from hydrant.store.opened.following import follow
from hydrant.store.opened.kept_policy import KeptPolicy, kept_policy

h = helper("policy")
app = group("policy")


@command(app, "list")
def list_(settings: Settings) -> Result:
    """List the shipped policies."""
    del settings
    policies = [load_policy(name) for name in policy_names()]
    rows = [{"name": p.name, "version": p.version, "title": dict(p.title)} for p in policies]

    def show(screen: Screen) -> None:
        for policy in policies:
            screen.text(_head(screen, policy))

    return Result({"policies": rows}, show)


@command(app, "show")
def show_(settings: Settings, name: Annotated[str, typer.Argument(help=h("name"))]) -> Result:
    """Show the rules of a policy with their sources."""
    del settings
    policy = load_policy(name)
    rows = [{"name": place, **rule} for place, rule in policy.rules.items()]
    data = {"name": policy.name, "version": policy.version, "digest": policy.digest, "rules": rows}
    return Result(data, lambda screen: _show_rules(screen, policy))


def _show_rules(screen: Screen, policy: Policy) -> None:
    screen.text(_head(screen, policy))
    for place, rule in policy.rules.items():
        screen.text(f"{place}: {stated(rule)}")
        confidence = screen.t(f"cli_explain.{rule['confidence']}")
        screen.text(f"    {source_text(rule['source'], screen.lang)} [{confidence}]")


@command(app, "diff")
def diff(
    settings: Settings,
    one: Annotated[str, typer.Argument(help=h("name"))],
    other: Annotated[str, typer.Argument(help=h("name"))],
) -> Result:
    """Show where two policies differ."""
    del settings
    first, second = load_policy(one), load_policy(other)
    rows = _differing(first, second)
    data = {"one": first.name, "other": second.name, "differing": rows}
    return Result(data, lambda screen: _show_differing(screen, first, second, rows))


def _differing(first: Policy, second: Policy) -> list[dict[str, Any]]:
    places = list(dict.fromkeys((*first.rules, *second.rules)))
    return [
        {"name": place, "one": first.rules.get(place), "other": second.rules.get(place)}
        for place in places
        if plain(first.rules.get(place)) != plain(second.rules.get(place))
    ]


def _show_differing(
    screen: Screen, first: Policy, second: Policy, rows: list[dict[str, Any]]
) -> None:
    if not rows:
        screen.line("cli_policy.same", one=first.name, other=second.name)
        return
    screen.table(
        [screen.t("cli_policy.rule_title"), first.name, second.name],
        [(row["name"], stated(row["one"] or {}), stated(row["other"] or {})) for row in rows],
    )


@command(app, "check")
def check(settings: Settings, file: Annotated[str, typer.Argument(help=h("file"))]) -> Result:
    """Check a policy file of your own."""
    del settings
    policy = load_policy(file)
    doubtful = [
        place for place, rule in policy.rules.items() if rule["confidence"] == "unconfirmed"
    ]

    def show(screen: Screen) -> None:
        screen.line("cli_policy.good", name=policy.name, count=len(doubtful))

    return Result({"name": policy.name, "unconfirmed": doubtful}, show)


@command(app, "adopt")
def adopt(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help=h("name"))],
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=h("reason"))],
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Make the registry follow a policy, or the changed file of the one it follows."""
    if not reason.strip():
        raise CommandLineError("cli_policy.reason_missing")
    place, policy, content = to_follow(name)
    with settings.writing(by, about=name) as writer:
        figures = Figures(writer.registry, everything_today(writer.registry))
        former = kept_policy(writer.registry)
        follow(writer, place, policy, content, reason=reason)
        changed = figures.changed()
    data = {"policy": place, **_data(policy), "former": former and _data(former),
            "figures_changed": changed_json(changed)}  # fmt: skip

    def show(screen: Screen) -> None:
        screen.line("cli_policy.adopted", policy=place, version=policy.version)
        show_changed(screen, changed, figures.left_out)

    return Result(data, show)


@command(app, "kept")
def kept(settings: Settings) -> Result:
    """Show what the registry's policy said when the registry took it up."""
    with settings.registry() as registry:
        found, place = kept_policy(registry), registry.policy
    if found is None:
        raise InputRefused("cli_policy.none_kept", file=settings.path)
    data = {"policy": place, **_data(found), "text": found.text}

    def show(screen: Screen) -> None:
        screen.line("cli_policy.kept", policy=place, **_data(found))
        for line in (found.text or "").splitlines():
            screen.text(line)

    return Result(data, show)


def _data(policy: KeptPolicy) -> dict[str, Any]:
    return {"name": policy.name, "version": policy.version, "digest": policy.digest}


def _head(screen: Screen, policy: Policy) -> str:
    return f"{policy.name} {policy.version}  {policy.title[screen.lang]}"
