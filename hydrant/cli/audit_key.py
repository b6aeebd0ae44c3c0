"""``hydrant audit key``: the key that signs, and the head that it signs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hydrant import signing
from hydrant.cli.audit_verify import local
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.cli.whole_file import not_the_registry, written_whole
from hydrant.errors import InputRefused, StoreError
from hydrant.store.proofs.verifying import head_of

h = helper("audit_key")
app = group("audit_key")


@command(app, "new")
def new(settings: Settings) -> Result:  # noqa: ARG001  every command gets them
    """Make a key that signs what is written from now on, and print its public half."""
    path = signing.key_path()
    public = signing.make_key(path)

    def show(screen: Screen) -> None:
        screen.line("cli_audit_key.made", file=path)
        screen.line("cli_audit_key.public", key=public)

    return Result({"file": str(path), "public_key": public}, show)


@command(app, "show")
def show_(settings: Settings) -> Result:  # noqa: ARG001  as above
    """Print the public half of the key in use."""
    public = signing.public_key()

    def show(screen: Screen) -> None:
        key = "cli_audit_key.none" if public is None else "cli_audit_key.public"
        screen.line(key, key=public, file=signing.key_path())

    return Result({"public_key": public}, show)


@command(app, "sign")
def sign(
    settings: Settings,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help=h("file"))] = None,
    *,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Sign the registry as it stands, and write the signed head to a file to be kept elsewhere."""
    if signing.public_key() is None:
        raise InputRefused("cli_audit_key.no_key", file=signing.key_path())
    if file is not None:
        not_the_registry(settings.path, file)
    head, zone = _signed(settings, by)
    if file is not None:
        written_whole(file, lambda path: _write(path, json.dumps(head, indent=1) + "\n"))
    return Result(head, lambda screen: _show_signed(screen, head, zone, file))


def _signed(settings: Settings, by: str | None) -> tuple[dict[str, Any], ZoneInfo]:
    """The head as it was signed, and the zone in which its moment is shown."""
    with settings.registry(write=True) as registry:
        with settings.transaction(registry, by) as writer:
            writer.sign()
        return _head_data(settings, registry), registry.zone


def _show_signed(screen: Screen, head: dict[str, Any], zone: ZoneInfo, file: Path | None) -> None:
    at = local(head["at"], zone)
    screen.line("cli_audit.head", number=head["number"], at=at, hash=head["hash"])
    screen.line("cli_audit_key.signed", signature=head["signature"])
    if file is not None:
        screen.line("cli_audit_key.written", file=file)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _head_data(settings: Settings, registry: Any) -> dict[str, Any]:
    found = head_of(registry)
    if found is None:
        raise StoreError("cli_audit.no_seal", file=settings.path)
    return {
        "registry": registry.settings["writer"],
        "number": found.number,
        "at": found.at,
        "hash": found.hash,
        "signature": found.signature,
        "signer": found.signer,
    }
