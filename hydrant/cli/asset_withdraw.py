"""``hydrant asset withdraw``: an event recorded by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.frame import Note, Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.standing_view import show_standing
from hydrant.errors import CommandLineError
from hydrant.report.present_verdict import counts_as
from hydrant.store.facts import withdrawing
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.event_withdrawal import withdraw_event
from hydrant.vocabulary import LifecycleEvent

h = helper("asset_withdraw")


def withdraw(
    settings: Settings,
    code: Annotated[str, typer.Argument(help=h("code"))],
    *,
    event: Annotated[LifecycleEvent, typer.Option("--event", help=h("event"))],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=h("reason"))],
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=h("at"))] = None,
    fact: Annotated[str | None, typer.Option("--fact", metavar="UID", help=h("fact"))] = None,
    since_ever: Annotated[bool, typer.Option("--since-ever", help=h("since_ever"))] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Withdraw an event; it counts no more and stays in the history with the reason."""
    if at is not None and fact is not None:
        raise CommandLineError("cli_asset_withdraw.at_and_fact")
    with settings.registry(write=True) as registry:
        asset = find_asset(registry, code)
        span = None if at is None else withdrawing.span_of(at, registry)
        with settings.transaction(registry, by) as writer:
            meant = withdrawing.event_meant(registry, asset, event, span=span, uid=fact)
            gone = meant.row
            ever = withdraw_event(writer, asset, gone, reason, since_ever=since_ever)
        now = counts_as(registry, asset)
        day = None if gone.at is None else times.local_text(gone.at, registry.zone)
    data: dict[str, Any] = {
        "asset": asset.uid,
        "code": asset.code,
        "action": "unchanged" if meant.already else "withdrawn",
        "event": {"uid": gone.uid, "event": gone.event, "at": day, "reason": gone.withdrawn_why},
        "since_ever": ever,
        "now": now,
    }

    return Result(data, lambda screen: _show(screen, code, data), _notes(code, data))


def _notes(code: str, data: Mapping[str, Any]) -> tuple[Note, ...]:
    """What does not follow the event: the place of a move, and a beginning that is unknown now."""
    notes: list[Note] = []
    if data["event"]["event"] == LifecycleEvent.RELOCATED:
        notes.append(Note.of("cli_asset_withdraw.stays_there", code=code))
    if data["since_ever"]:
        notes.append(Note.of("cli_asset_withdraw.ever", code=code).warning())
    return tuple(notes)


def _show(screen: Screen, code: str, data: Mapping[str, Any]) -> None:
    event = data["event"]
    screen.line(
        f"cli_asset_withdraw.{data['action']}",
        code=code,
        event=screen.label("event", event["event"]),
        day=event["at"] or screen.t("cli_asset.undated"),
        reason=event["reason"],
    )
    show_standing(screen, code, data["now"])


def add_to(app: typer.Typer) -> None:
    """Make this command part of ``hydrant asset``."""
    command(app, "withdraw")(withdraw)
