"""How it is shown why an asset counts as it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hydrant.cli.history_view import minute, show_history
from hydrant.cli.screen import Screen, wrap
from hydrant.cli.standing_view import show_remarks
from hydrant.report.rule_words import rule_text, source_text


def show_verdict(screen: Screen, data: Mapping[str, Any]) -> None:
    """The verdict, its reason and rule, and the facts behind it, oldest first."""
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
    show_remarks(screen, data["remarks"])
    screen.line("cli_explain.policy", policy=data["policy"])
    if data["rule"] is not None:
        _show_rule(screen, data["rule"])
    for sensed in data["sensor_pressures"]:
        key = "cli_explain.sensed_low" if sensed["low"] else "cli_explain.sensed_good"
        screen.line(key, at=minute(sensed["at"]))
    if data["condition"] is not None and not data["built"]:
        screen.line("cli_explain.not_built")
    if data["apart"]:
        screen.line("cli_explain.apart")
    if data["unmeasured"]:
        screen.line("cli_explain.unmeasured")
    show_history(screen, data["code"] or data["uid"], data["facts"])


def _show_rule(screen: Screen, rule: Mapping[str, Any]) -> None:
    line = screen.t(
        "cli_explain.rule",
        name=rule["name"],
        number=rule_text(rule, screen.lang),
        source=source_text(rule["source"], screen.lang),
        confidence=screen.t(f"cli_explain.{rule['confidence']}"),
    )
    for part in wrap(line, screen.width - 1):
        screen.text(part)
