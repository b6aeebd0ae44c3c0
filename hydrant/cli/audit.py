"""``hydrant audit``: who changed what, and is the log whole."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant import times
from hydrant.cli import audit_outside
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.store import audit
from hydrant.store.assets import find_asset

h = helper("audit")
app = group("audit")
app.add_typer(audit_outside.app, name="outside")


@command(app, "log")
def log(
    settings: Settings,
    code: Annotated[str | None, typer.Argument(help=h("code"))] = None,
    *,
    limit: Annotated[int, typer.Option("-n", "--limit", help=h("limit"))] = 20,
) -> Result:
    """Show the latest changes, newest first."""
    with settings.registry() as registry:
        uid = None if code is None else find_asset(registry, code).uid
        entries = audit.log(registry, entity_uid=uid, limit=limit)
        zone = registry.zone

    def show(screen: Screen) -> None:
        screen.table(
            [screen.t(f"cli_audit.{name}") for name in ("at", "who", "from", "what", "rows")],
            [
                (
                    times.from_text(entry["at"]).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
                    entry["actor"],
                    entry["origin"],
                    f"{entry['action']} {entry['entity']} {_short(entry['after'] or '')}",
                    entry["rows"],
                )
                for entry in entries
            ],
            numeric=(4,),
        )

    return Result({"changes": entries}, show)


def _short(value: str) -> str:
    return value if len(value) <= 60 else value[:59] + "…"


@command(app, "verify")
def verify(settings: Settings) -> Result:
    """Check the hash chain of the log; ends with 1 when it is broken."""
    with settings.registry() as registry:
        broken = audit.verify(registry)

    def show(screen: Screen) -> None:
        for entry in broken:
            screen.line("check.audit", entry=entry)
        screen.line("cli_audit.broken" if broken else "cli_audit.whole", count=len(broken))

    return Result({"broken": broken}, show, exit_code=1 if broken else 0)
