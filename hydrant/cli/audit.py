"""``hydrant audit``: who changed what, and is the log whole."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant.cli import audit_key, audit_outside
from hydrant.cli.audit_verify import Judged, Known, known_head, public_key
from hydrant.cli.audit_verify import show as show_judged
from hydrant.cli.audit_view import show_changes, show_seals
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.errors import CommandLineError, StoreError
from hydrant.store.facts.assets import find_asset
from hydrant.store.opened.registry import Registry
from hydrant.store.proofs import audit
from hydrant.store.proofs.accepting import accept
from hydrant.store.proofs.check_seals import total_rows
from hydrant.store.proofs.naming import named
from hydrant.store.proofs.sensed import accept_sensed, verify_sensed
from hydrant.store.proofs.verifying import verify as hold_against_chain

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

    return Result({"changes": entries}, lambda screen: show_changes(screen, entries, zone))


def _seals(settings: Settings, limit: int) -> Result:
    with settings.registry() as registry:
        found = audit.seals(registry, limit=limit)
        zone = registry.zone

    return Result({"seals": found}, lambda screen: show_seals(screen, found, zone))


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
        judged.data(), lambda screen: show_judged(screen, judged, zone), exit_code=exit_code
    )


def _judged(settings: Settings, registry: Registry, key: str | None, known: Known | None) -> Judged:
    with settings.progress("cli_audit.verifying", total_rows(registry)) as advance:
        wanted = None if known is None else known.hash
        found = hold_against_chain(registry, advance=advance, key=key, head=wanted)
        said = verify_sensed(registry, advance=advance, key=key)
    broken, altered = audit.verify(registry), registry.backend.altered()
    damaged = registry.backend.damaged()
    return Judged(found, named(registry, found), said, broken, altered, damaged, key, known)


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
        findings, said = judged.verified.findings, judged.said
        if findings or said:
            with settings.transaction(registry, by) as writer:
                if registry.backend.state() != seen:
                    raise StoreError("store.changed_meanwhile", file=registry.path)
                accept(writer, findings, reason=reason, said=said)
            if said:
                accept_sensed(registry, said)
        findings = [*findings, *said]
    data = {"accepted": len(findings), "findings": judged.data()["findings"]}
    key = "cli_audit.accepted" if findings else "cli_audit.nothing_to_accept"
    return Result(data, lambda screen: screen.line(key, count=len(findings)))
