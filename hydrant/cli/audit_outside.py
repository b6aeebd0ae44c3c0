"""``hydrant audit outside``: what other programs changed and what somebody must decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.errors import CommandLineError
from hydrant.messages import text
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import reviews
from hydrant.store.outside.proposals import WHOLE
from hydrant.store.outside.reviews import Review
from hydrant.survey.outside_review import Listed, accept, listed, reject

h = helper("audit_outside")
app = group("audit_outside", default="list")

NumbersArgument = Annotated[list[int] | None, typer.Argument(metavar="[N]...", help=h("numbers"))]
AllOption = Annotated[bool, typer.Option("--all", help=h("all"))]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]
_SHOWN = 6


@command(app, "list")
def list_(settings: Settings) -> Result:
    """List the changes that wait, with what they change and why they do not simply stand."""
    with settings.registry() as registry:
        found = listed(registry)
        zone = registry.zone

    data = {"changes": [_change_data(settings, change) for change in found]}
    return Result(data, lambda screen: _show_all(screen, found, zone))


def _show_all(screen: Screen, found: list[Listed], zone: ZoneInfo) -> None:
    for change in found:
        when = times.from_text(change.review.at).astimezone(zone).strftime("%Y-%m-%d %H:%M")
        _show(screen, change, when)
    key = "cli_audit_outside.listed" if found else "cli_audit_outside.none"
    screen.line(key, count=len(found))


def _change_data(settings: Settings, change: Listed) -> dict[str, Any]:
    review = change.review
    return {
        "number": review.number,
        "at": review.at,
        "entity": review.entity,
        "uid": review.uid,
        "asset": change.asset,
        "field": review.field,
        "action": _action(review),
        "now": change.now,
        "wanted": None if _action(review) == "delete" else change.wanted,
        "reason": text(change.reason.key, settings.lang, **change.reason.facts),
    }


def _action(review: Review) -> str:
    if review.field != WHOLE:
        return "update"
    return "delete" if review.value is None else "insert"


def _show(screen: Screen, change: Listed, when: str) -> None:
    review = change.review
    action = screen.t(f"cli_audit_outside.action_{_action(review)}")
    what = review.entity if review.field == WHOLE else f"{review.entity}.{review.field}"
    screen.styled(f"{review.number}  {change.asset or '–'}  {what}  {action}  {when}", "bold")
    if _action(review) == "update":
        screen.text(f"    {_short(change.now)} → {_short(change.wanted)}")
    elif _action(review) == "insert":
        screen.text(f"    {_short(change.wanted)}")
    screen.text(f"    {screen.t(change.reason.key, **change.reason.facts)}")


def _short(row: dict[str, Any] | None) -> str:
    """What a row says in a line: the value of one column, else the first few that are filled."""
    row = row or {}
    if "geom" in row and "uid" not in row:
        row = {"geom": row["geom"]}
    if len(row) == 1:
        return _value(next(iter(row.values())))
    hidden = ("uid", "recorded_at", "recorded_by")
    filled = [f"{k}={_value(v)}" for k, v in row.items() if v is not None and k not in hidden]
    return ", ".join(filled[:_SHOWN]) + (", …" if len(filled) > _SHOWN else "")


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(f"{part:.7g}" if abs(part) < 1 else f"{part:.6f}" for part in value)
    text_ = "–" if value is None else str(value)
    return text_ if len(text_) <= 60 else text_[:59] + "…"


@command(app, "accept")
def accept_(
    settings: Settings,
    numbers: NumbersArgument = None,
    *,
    everything: AllOption = False,
    by: ByOption = None,
) -> Result:
    """Let changes stand after all."""
    return _decide(settings, numbers, everything, by, "accept", accept)


@command(app, "reject")
def reject_(
    settings: Settings,
    numbers: NumbersArgument = None,
    *,
    everything: AllOption = False,
    by: ByOption = None,
) -> Result:
    """Let the registry stay as it is."""
    return _decide(settings, numbers, everything, by, "reject", reject)


def _decide(
    settings: Settings,
    numbers: list[int] | None,
    everything: bool,
    by: str | None,
    word: str,
    decide: Callable[[Writer, Review], None],
) -> Result:
    if everything == bool(numbers):
        raise CommandLineError("cli_audit_outside.some_or_all")
    with settings.registry(write=True) as registry:
        with settings.transaction(registry, by) as writer:
            chosen = _chosen(registry, numbers)
            for review in chosen:
                decide(writer, review)
                writer.flush()
        left = len(reviews.waiting(registry))

    def show(screen: Screen) -> None:
        screen.line(f"cli_audit_outside.{word}ed", count=len(chosen), left=left)

    return Result({f"{word}ed": [review.number for review in chosen], "left": left}, show)


def _chosen(registry: Registry, numbers: list[int] | None) -> list[Review]:
    """The changes that are named, else all that wait."""
    if not numbers:
        return reviews.waiting(registry)
    return [reviews.find(registry, number) for number in dict.fromkeys(numbers)]
