"""Rules of a policy on one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PROVENANCE = ("source", "confidence")


def plain(rule: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a rule says, without where that comes from."""
    return {name: value for name, value in (rule or {}).items() if name not in _PROVENANCE}


def stated(rule: Mapping[str, Any]) -> str:
    """What a rule says, on one line."""
    said = plain(rule)
    if "codes" in said:
        said = said["codes"]
    if list(said) == ["value"]:
        return _word(said["value"])
    return ", ".join(f"{name} {_word(value)}" for name, value in said.items())


def _word(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)
