"""Reads policies from TOML files, naming file and place of what is wrong.

A policy may extend a shipped one and state only what differs. A rule is replaced whole, so that
whoever changes a number also says where it comes from.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from hydrant import guarded
from hydrant.errors import InputRefused
from hydrant.integrity.policy import (
    ALARMS,
    CHECKS,
    CONFIDENCES,
    COVERAGE,
    LIMITS,
    PACED,
    PROJECTION,
    SWITCHES,
    AlarmLimit,
    Amount,
    Check,
    Choice,
    Cost,
    Frozen,
    Goal,
    Grade,
    KindCheck,
    KindLimit,
    Limit,
    Policy,
    Rule,
    Severities,
)
from hydrant.resources import resource
from hydrant.vocabulary import FAMILIES, KINDS, Severity

#: Tables that hold rules by name; those that must be whole state the names.
_GROUPS: dict[str, tuple[type[Rule], tuple[str, ...] | None]] = {
    "switches": (Choice, tuple(SWITCHES)),
    "checks": (Check, CHECKS),
    "limits": (Limit, LIMITS),
    "alarms": (AlarmLimit, ALARMS),
    "steepest": (Amount, PACED),
    "projection": (Amount, PROJECTION),
    "coverage": (Amount, COVERAGE),
    "supply": (Amount, None),
    "costs": (Cost, None),
}
_SINGLE: dict[str, type[Rule]] = {"severity": Severities, "frozen": Frozen}
_LISTS: dict[str, type[Rule]] = {"targets": Goal, "grades": Grade}
#: What of a rule may be stated otherwise for a kind or family.
_OF_KINDS: dict[type[Rule], type[Rule]] = {Check: KindCheck, Limit: KindLimit}
_HEAD = ("name", "version", "title", "extends")
_TOP = (*_HEAD, *_GROUPS, *_SINGLE, *_LISTS)

_Rule = TypeVar("_Rule", bound=Rule)


def policy_names() -> list[str]:
    """Names of the shipped policies."""
    return sorted(path.stem for path in resource("data", "policies").glob("*.toml"))


def load_policy(name: str) -> Policy:
    """A shipped policy by name, or a user's own by the path of its TOML file.

    Raises
    ------
    InputRefused
        There is no such policy, or its file has a mistake (file, key and what is allowed).
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = _shipped(name)
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError as error:
        raise InputRefused("policy.unreadable", file=path, why=error.strerror) from None
    return _loaded(path, changed_ns)


def policy_of(values: dict[str, Any], path: Path) -> Policy:
    """The policy that parsed TOML states.

    Parameters
    ----------
    path
        The file that a refusal names; it is not read.

    Raises
    ------
    InputRefused
        A mistake: key and what is allowed.
    """
    return _Reader(path).policy(values)


@lru_cache(maxsize=16)
def _loaded(path: Path, changed_ns: int) -> Policy:
    """A policy, read again only when its file has changed."""
    del changed_ns
    return policy_of(_content(path), path)


def _shipped(name: str) -> Path:
    if name not in policy_names():
        raise InputRefused("policy.unknown", name=name, known=", ".join(policy_names()))
    return resource("data", "policies", f"{name}.toml")


def _content(path: Path) -> dict[str, Any]:
    try:
        return guarded.toml(path)
    except OSError as error:
        raise InputRefused("policy.unreadable", file=path, why=error.strerror) from None
    except ValueError as error:
        raise InputRefused("policy.unreadable", file=path, why=error) from None


class _Reader:
    """Turns parsed TOML into a policy."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def policy(self, values: dict[str, Any]) -> Policy:
        """The policy that a file states, what it extends included."""
        self._only(values, "", _TOP)
        values = self._extended(values)
        title = self._table(values, "title")
        rules = dict(self._rules(values))
        text = json.dumps(rules, ensure_ascii=False, sort_keys=True, default=str)
        groups: dict[str, Any] = {
            name: self._group(values, name, of, known) for name, (of, known) in _GROUPS.items()
        }
        single: dict[str, Any] = {
            name: self._rule(of, self._table(values, name), name) for name, of in _SINGLE.items()
        }
        lists: dict[str, Any] = {name: self._list(values, name, of) for name, of in _LISTS.items()}
        return Policy(
            name=self._text(values, "name"),
            version=self._text(values, "version"),
            title={lang: self._text(title, f"title.{lang}") for lang in ("zh", "en")},
            rules=rules,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            **groups,
            **single,
            **lists,
        )

    def _extended(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values with those of the extended policy where a file states none."""
        if "extends" not in values:
            return values
        base = self._extended(_content(_shipped(self._text(values, "extends"))))
        merged = {**base, **values}
        for name in _GROUPS:
            if name in base and name in values:
                merged[name] = {**base[name], **self._table(values, name)}
        return merged

    def _group(
        self, values: Mapping[str, Any], name: str, of: type[_Rule], known: tuple[str, ...] | None
    ) -> dict[str, _Rule]:
        if known is None and name not in values:
            return {}
        table = self._table(values, name)
        if known is None and name == "costs":
            self._only(table, f"{name}.", KINDS)
        if known is not None:
            self._only(table, f"{name}.", known)
        return {
            key: self._rule(of, self._table(table, f"{name}.{key}"), f"{name}.{key}")
            for key in known or table
        }

    def _list(self, values: Mapping[str, Any], name: str, of: type[_Rule]) -> tuple[_Rule, ...]:
        found = values.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self._wrong(name, found, f"[[{name}]]")
        return tuple(
            self._rule(of, one, f"{name}[{number}]") for number, one in enumerate(found, 1)
        )

    def _rule(self, of: type[_Rule], table: Mapping[str, Any], place: str) -> _Rule:
        """One rule; every key is known, every value of its type, nothing is missing."""
        known = {found.name: found for found in fields(of)}
        self._only(table, f"{place}.", tuple(known))
        values: dict[str, Any] = {}
        for name, found in known.items():
            if name == "kinds":
                values[name] = self._of_kinds(of, table, place)
            elif name in table:
                values[name] = self._value(name, table[name], place)
            elif found.default is MISSING:
                raise self._wrong(f"{place}.{name}", None, _PARSERS[name][1])
        if of is Choice:
            allowed = SWITCHES[place.rpartition(".")[2]]
            if values["value"] not in allowed:
                raise self._wrong(f"{place}.value", values["value"], ", ".join(allowed))
        elif "value" in values and not _is_number(values["value"]):
            raise self._wrong(f"{place}.value", values["value"], "0.0")
        return of(**values)

    def _of_kinds(self, of: type[Rule], table: Mapping[str, Any], place: str) -> Mapping[str, Rule]:
        """What a rule states otherwise for some kinds or families."""
        stated = table.get("kinds", {})
        if not isinstance(stated, dict):
            raise self._wrong(f"{place}.kinds", stated, "[…]")
        self._only(stated, f"{place}.kinds.", KINDS)
        for kind, rule in stated.items():
            if not isinstance(rule, dict):
                raise self._wrong(f"{place}.kinds.{kind}", rule, "[…]")
        return {
            kind: self._rule(_OF_KINDS[of], rule, f"{place}.kinds.{kind}")
            for kind, rule in stated.items()
        }

    def _value(self, name: str, found: object, place: str) -> object:
        fits, allowed, turn = _PARSERS[name]
        if not fits(found):
            raise self._wrong(f"{place}.{name}", found, allowed)
        return turn(found)

    def _rules(
        self, values: Mapping[str, Any], place: str = ""
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, value in values.items():
            if name in _HEAD and not place:
                continue
            if isinstance(value, list) and name in _LISTS:
                for number, one in enumerate(value, 1):
                    if not isinstance(one, dict):
                        raise self._wrong(f"{name}[{number}]", one, f"[[{name}]]")
                    yield f"{name}[{number}]", _as_text(one)
            elif isinstance(value, dict) and "source" in value:
                yield f"{place}{name}", {n: v for n, v in value.items() if n != "kinds"}
                yield from self._rules(value.get("kinds", {}), f"{place}{name}.kinds.")
            elif isinstance(value, dict):
                yield from self._rules(value, f"{place}{name}.")

    def _table(self, values: Mapping[str, Any], place: str) -> Mapping[str, Any]:
        found = values.get(place.rpartition(".")[2])
        if not isinstance(found, dict):
            raise self._wrong(place, found, "[…]")
        return found

    def _text(self, values: Mapping[str, Any], place: str) -> str:
        found = values.get(place.rpartition(".")[2])
        if not isinstance(found, str) or not found:
            raise self._wrong(place, found, '"…"')
        return found

    def _only(self, values: Mapping[str, Any], prefix: str, known: tuple[str, ...]) -> None:
        """Refuse a key that means nothing: a misspelt limit must not go unheeded."""
        for key in values:
            if key not in known:
                raise self._wrong(prefix + key, "?", ", ".join(known))

    def _wrong(self, place: str, value: object, allowed: str) -> InputRefused:
        return InputRefused(
            "policy.wrong", file=self.path.name, place=place, value=value, allowed=allowed
        )


def _as_text(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with its dates as text, so that it can be shown and stored."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in rule.items()
    }


def _is_number(found: object) -> bool:
    plain = isinstance(found, int | float) and not isinstance(found, bool)
    return plain and isfinite(float(found))  # type: ignore[arg-type]


def _is_whole(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and found >= 1


def _is_texts(found: object) -> bool:
    return isinstance(found, list) and all(one in tuple(FAMILIES) for one in found)


def _is_severities(found: object) -> bool:
    return isinstance(found, dict) and all(one in tuple(Severity) for one in found.values())


def _at_least(low: float) -> Callable[[object], bool]:
    return lambda found: _is_number(found) and float(found) >= low  # type: ignore[arg-type]


def _above_zero(found: object) -> bool:
    return _is_number(found) and float(found) > 0  # type: ignore[arg-type]


def _percent(found: object) -> bool:
    return _is_number(found) and 0 <= float(found) <= 100  # type: ignore[arg-type]


def _text(found: object) -> bool:
    return isinstance(found, str) and bool(found)


def _same(found: Any) -> Any:
    return found


_Parser = tuple[Callable[[object], bool], str, Callable[[Any], Any]]
#: By name of a rule's field: what fits, how that is told, and what it becomes.
_PARSERS: dict[str, _Parser] = {
    "source": (_text, '"…"', _same),
    "confidence": (lambda found: found in CONFIDENCES, ", ".join(CONFIDENCES), _same),
    "demanded": (lambda found: isinstance(found, bool), "true, false", _same),
    "within_days": (_is_whole, "1, 2, 3, …", _same),
    "samples": (_is_whole, "1, 2, 3, …", _same),
    "value": (lambda found: _is_number(found) or _text(found), "0.0", _same),
    "families": (_is_texts, ", ".join(FAMILIES), tuple),
    "at_kpa": (_is_number, "0.0", float),
    "deadband": (_at_least(0), "≥ 0", float),
    "after_s": (_at_least(0), "≥ 0", float),
    "after_h": (_above_zero, "> 0", float),
    "codes": (_is_severities, ", ".join(Severity), dict),
    "date": (lambda found: type(found) is dt.date, "2025-12-31", _same),
    "completeness": (_percent, "0 … 100", float),
    "working_order": (_percent, "0 … 100", float),
    "name": (_text, '"…"', _same),
    "from_l_s": (_at_least(0), "≥ 0", float),
    **dict.fromkeys(("build", "repair", "verify"), (_at_least(0), "≥ 0", float)),
}
