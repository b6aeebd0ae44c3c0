"""``hydrant audit``: who changed what, and is the log whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli import audit_key, audit_outside
from hydrant.cli.audit_verify import Judged, Known, known_head, local, public_key
from hydrant.cli.audit_verify import show as show_judged
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.errors import CommandLineError, StoreError
from hydrant.store import audit
from hydrant.store.assets import find_asset
from hydrant.store.chain.accepting import accept
from hydrant.store.chain.naming import named
from hydrant.store.chain.reading import total_rows
from hydrant.store.chain.verifying import verify as hold_against_chain
from hydrant.store.registry import Registry
from hydrant.store.transactions import transaction

h = helper("audit")
app = group("audit")
app.add_typer(audit_outside.app, name="outside")
app.add_typer(audit_key.app, name="key")


@command(app, "log")
def log(
    settings: Settings,
    code: Annotated[str | None, typer.Argument(help=h("code"))] = None,
    *,
    seals: Annotated[bool, typer.Option("--seals", help=h("seals"))] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", help=h("limit"))] = 20,
) -> Result:
    """Show the latest changes, newest first."""
    if seals:
        return _seals(settings, limit)
    with settings.registry() as registry:
        uid = None if code is None else find_asset(registry, code).uid
        entries = audit.log(registry, asset_uid=uid, limit=limit)
        zone = registry.zone

    def show(screen: Screen) -> None:
        screen.table(
            [screen.t(f"cli_audit.{name}") for name in ("at", "who", "from", "what", "rows")],
            [
                (
                    times.from_text(entry["at"]).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
                    entry["actor"],
                    entry["origin"],
                    f"{entry['action']} {entry['entity']} {_short(_told(entry))}",
                    entry["rows"],
                )
                for entry in entries
            ],
            numeric=(4,),
        )

    return Result({"changes": entries}, show)


def _seals(settings: Settings, limit: int) -> Result:
    with settings.registry() as registry:
        found = audit.seals(registry, limit=limit)
        zone = registry.zone

    def show(screen: Screen) -> None:
        screen.table(
            [screen.t(f"cli_audit.{n}") for n in ("number", "at", "who", "from", "kind", "rows")],
            [
                (
                    seal["number"],
                    local(seal["at"], zone),
                    seal["actor"],
                    seal["origin"],
                    screen.t(f"cli_audit.kind_{seal['kind']}")
                    + (screen.t("cli_audit.with_signature") if seal["signer"] else ""),
                    seal["rows"] + seal["removed"],
                )
                for seal in found
            ],
            numeric=(0, 5),
        )

    return Result({"seals": found}, show)


#: Columns that every entry has; what an entry is about stands elsewhere.
_PLAIN = {"uid", "asset_uid", "recorded_at", "recorded_by"}


def _told(entry: Mapping[str, Any]) -> str:
    """What an entry says of each column: what it was and what it became."""
    before, after = (_values(entry[name]) for name in ("before", "after"))
    return ", ".join(
        f"{name}: {before[name]} → {after[name]}"
        if name in before and name in after
        else f"{name}: {before.get(name, after.get(name))}"
        for name in sorted(before | after)
        if name not in _PLAIN
    )


def _values(text: str | None) -> dict[str, Any]:
    """Columns of one side of an entry; none where another program wrote something else there."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: "–" if value is None else value for name, value in found.items()}


def _short(value: str) -> str:
    return value if len(value) <= 60 else value[:59] + "…"


KeyOption = Annotated[str | None, typer.Option("--key", metavar="PUBLIC_KEY", help=h("key"))]
HeadOption = Annotated[str | None, typer.Option("--head", metavar="HASH|FILE", help=h("head_"))]


@command(app, "verify")
def verify(settings: Settings, *, key: KeyOption = None, head: HeadOption = None) -> Result:
    """Hold every row and entry against the chain of seals; ends with 1 where one disagrees."""
    known = None if head is None else known_head(head)
    public = None if key is None else public_key(key)
    with settings.registry() as registry:
        judged = _judged(settings, registry, public, known)
        zone = registry.zone
    exit_code = 1 if judged.failed else 0
    return Result(
        judged.told(), lambda screen: show_judged(screen, judged, zone), exit_code=exit_code
    )


def _judged(settings: Settings, registry: Registry, key: str | None, known: Known | None) -> Judged:
    with settings.progress("cli_audit.verifying", total_rows(registry.connection)) as advance:
        wanted = None if known is None else known.hash
        found = hold_against_chain(registry, advance=advance, key=key, head=wanted)
    return Judged(found, named(registry, found), audit.verify(registry), key, known)


@command(app, "accept")
def accept_(
    settings: Settings,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=h("reason"))],
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Take what verify names over into the chain, after somebody looked at it."""
    if not reason.strip():
        raise CommandLineError("cli_audit.reason_missing")
    with settings.registry(write=True) as registry:
        seen = registry.backend.state()
        judged = _judged(settings, registry, None, None)
        findings = judged.verified.findings
        if findings:
            actor = settings.actor(by)
            with transaction(registry, actor=actor, origin="audit accept") as writer:
                if registry.backend.state() != seen:
                    raise StoreError("store.changed_meanwhile", file=registry.path)
                accept(writer, findings, reason=reason)
    data = {"accepted": len(findings), "findings": judged.told()["findings"]}
    key = "cli_audit.accepted" if findings else "cli_audit.nothing_to_accept"
    return Result(data, lambda screen: screen.line(key, count=len(findings)))
