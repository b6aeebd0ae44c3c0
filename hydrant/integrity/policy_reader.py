"""Reads policies from TOML files, naming file and place of what is wrong.

A policy may extend a shipped one and state only what differs. A rule is replaced whole, so that
whoever changes a number also says where it comes from.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from hydrant import described
from hydrant.described import Mistake
from hydrant.errors import InputRefused
from hydrant.integrity.policy import HEAD, SINGLE, WHOLE, Policy
from hydrant.shipped import Shipped

_POLICIES = Shipped(
    ("data", "policies"), "policy.unknown", "policy.unreadable", "policy.unreadable"
)

#: Key of an object that stands for a date.
_DATE = "$date"


def policy_names() -> list[str]:
    """Names of the shipped policies."""
    return _POLICIES.names()


def load_policy(name: str) -> Policy:
    """A shipped policy by name, or a user's own by the path of its TOML file.

    Raises
    ------
    InputRefused
        There is no such policy, or its file has a mistake (file, key and what is allowed).
    """
    path = _POLICIES.path(name)
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError as error:
        raise InputRefused("policy.unreadable", file=path, why=error.strerror) from None
    return _loaded(path, changed_ns)


@lru_cache(maxsize=16)
def _loaded(path: Path, changed_ns: int) -> Policy:
    """A policy, read again only when its file has changed."""
    del changed_ns
    return policy_of(_POLICIES.content(path), path.name)


def policy_of(values: Mapping[str, Any], file: str) -> Policy:
    """The policy that the content of a file states, what it extends included.

    Raises
    ------
    InputRefused
        There is a mistake in it: file, key and what is allowed.
    """
    try:
        whole = _extended(values)
        found = described.read(Policy, whole)
        _require_whole(whole)
    except Mistake as wrong:
        raise InputRefused("policy.wrong", file=file, **wrong.facts) from None
    rules = dict(_rules(_headless(whole)))
    digest = _digest(rules)
    own = _shipped_digests().get((found.name, found.version)) != digest
    return replace(found, rules=rules, digest=digest, content=_as_content(whole), own=own)


def policy_of_content(content: str) -> Policy:
    """The policy of `Policy.content`, whatever the file or a shipped one says by now.

    Raises
    ------
    InputRefused
        An earlier version wrote it, and this one reads it no longer.
    """
    return policy_of(json.loads(content, object_hook=_date_of), "policy")


def _as_content(whole: Mapping[str, object]) -> str:
    stated = {name: value for name, value in whole.items() if name != "extends"}
    return json.dumps(stated, ensure_ascii=False, default=_dated)


def _dated(value: object) -> object:
    """A date, which JSON has none of; `_date_of` reads it."""
    if not isinstance(value, dt.date):
        raise TypeError(type(value).__name__)
    return {_DATE: value.isoformat()}


def _date_of(values: dict[str, object]) -> object:
    return dt.date.fromisoformat(str(values[_DATE])) if values.keys() == {_DATE} else values


def _headless(whole: Mapping[str, object]) -> dict[str, object]:
    """The values without name, version and the like."""
    return {name: value for name, value in whole.items() if name not in HEAD}


def _digest(rules: Mapping[str, object]) -> str:
    text = json.dumps(rules, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _shipped_digests() -> dict[tuple[str, str], str]:
    """Digests of the shipped policies by name and version."""
    contents = [_extended(_POLICIES.content(_POLICIES.shipped(name))) for name in policy_names()]
    return {
        (str(c["name"]), str(c["version"])): _digest(dict(_rules(_headless(c)))) for c in contents
    }


def _extended(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with those of the extended policy where a file states none."""
    name = values.get("extends")
    if not isinstance(name, str) or not name:  # absent, or refused when it is read
        return dict(values)
    base = _extended(_POLICIES.content(_POLICIES.shipped(name)))
    merged = {**base, **values}
    for group in (*WHOLE, "supply", "costs"):
        if isinstance(base.get(group), dict) and isinstance(values.get(group), dict):
            merged[group] = {**base[group], **values[group]}
    return merged


def _require_whole(values: Mapping[str, Any]) -> None:
    """Refuse a policy that lacks a rule which figures need."""
    for name in SINGLE:
        if name not in values:
            raise Mistake((name,), "–", "[…]")
    for group, names in WHOLE.items():
        described.every(names).check(values.get(group, {}), (group,))


def _rules(values: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every rule by its place, with dates as text, so that it can be shown and stored."""
    for name, value in values.items():
        if isinstance(value, list):
            yield from ((f"{name}[{number}]", _as_text(one)) for number, one in enumerate(value, 1))
        elif isinstance(value, dict) and "source" in value:
            yield f"{place}{name}", {n: v for n, v in value.items() if n != "kinds"}
            yield from _rules(value.get("kinds", {}), f"{place}{name}.kinds.")
        elif isinstance(value, dict):
            yield from _rules(value, f"{place}{name}.")


def _as_text(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {n: v.isoformat() if isinstance(v, dt.date) else v for n, v in rule.items()}
