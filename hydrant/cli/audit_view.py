"""How changes and seals are listed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.cli.audit_verify import local
from hydrant.cli.screen import Screen

#: Columns that every entry has; what an entry is about stands elsewhere.
_PLAIN = {"uid", "asset_uid", "recorded_at", "recorded_by"}


def show_changes(screen: Screen, entries: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> None:
    """Entries of the log, a line each."""
    screen.table(
        [screen.t(f"cli_audit.{name}") for name in ("at", "who", "from", "what", "rows")],
        [
            (
                times.from_text(entry["at"]).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
                _who(entry),
                entry["origin"],
                f"{entry['action']} {entry['entity']} {_short(_entry_text(entry))}",
                entry["rows"],
            )
            for entry in entries
        ],
        numeric=(4,),
    )


def _who(entry: Mapping[str, Any]) -> str:
    """The name that was given, and the login behind it where that is another."""
    actor, login = entry["actor"], entry["login"]
    return str(actor) if login in (None, actor) else f"{actor} ({login})"


def show_seals(screen: Screen, found: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> None:
    """Seals, a line each."""
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


def _entry_text(entry: Mapping[str, Any]) -> str:
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
