"""Counting rules as data: checks, limits and the headline, each number with its source."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydrant.errors import InputRefused
from hydrant.resources import resource

CHECKS = ("function", "static", "flow")
LIMITS = ("static_kpa", "flow_l_s", "lift_m", "access")
ALARMS = (
    *("low_pressure_in_use", "high_pressure", "sudden_drop", "opening", "undrained"),
    *("freezing", "knock_down", "battery"),
)
HEADLINES = ("low", "high")
CONFIDENCES = ("confirmed", "unconfirmed")
_TOP = ("name", "version", "title", "headline", "checks", "limits", "alarms", "quality")
#: Quantities whose change is held against a pace.
PACED = ("level", "temperature", "battery")
_PROVENANCE = ("source", "confidence")


@dataclass(frozen=True, slots=True)
class Check:
    """A check an asset needs.

    Attributes
    ----------
    demanded
        Whether an asset without it is untested; otherwise it only counts as unmeasured.
    within_days
        Whole local days for which it stays fresh.
    """

    demanded: bool
    within_days: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A number a measurement is held against, in the unit its name ends with.

    Attributes
    ----------
    families
        Families of assets to which it applies.
    at_kpa
        For a flow: the residual pressure at which it is meant; None for other limits.
    """

    value: float
    families: tuple[str, ...]
    source: str
    confidence: str
    at_kpa: float | None = None


@dataclass(frozen=True, slots=True)
class AlarmLimit:
    """When a sensor's values raise an alarm.

    Attributes
    ----------
    value
        Limit in the internal unit of what is watched: kPa, L/s, degrees C, degrees, V.
    deadband
        How far a value must come back to clear it, same unit.
    samples
        Consecutive samples that confirm either way.
    after_s
        Least time from the first of them to the opening, seconds.
    """

    value: float
    deadband: float
    samples: int
    after_s: float
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """For how long (hours) and how often the same registers are believed."""

    after_h: float
    samples: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Pace:
    """The fastest change that is believed at once, internal unit per second."""

    value: float
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One set of counting rules.

    Attributes
    ----------
    digest
        SHA-256 of the file, so that a saved figure names exactly the rules it came from.
    """

    name: str
    version: str
    title: Mapping[str, str]
    headline: str
    checks: Mapping[str, Check]
    limits: Mapping[str, Limit]
    alarms: Mapping[str, AlarmLimit]
    frozen: Frozen
    steepest: Mapping[str, Pace]
    digest: str

    def limit_for(self, name: str, family: str) -> Limit | None:
        """The limit of that name where it applies to a family."""
        limit = self.limits[name]
        return limit if family in limit.families else None


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
        if name not in policy_names():
            raise InputRefused("policy.unknown", name=name, known=", ".join(policy_names()))
        path = resource("data", "policies", f"{name}.toml")
    try:
        content = path.read_bytes()
        values = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise InputRefused("policy.unreadable", file=path, why=error.strerror) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputRefused("policy.unreadable", file=path, why=error) from None
    return _Reader(path).policy(values, hashlib.sha256(content).hexdigest())


class _Reader:
    """Turns parsed TOML into a policy, naming file and key of what is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def policy(self, values: Mapping[str, Any], digest: str) -> Policy:
        self._only(values, "", _TOP)
        self._only(self._table(values, "checks"), "checks.", CHECKS)
        self._only(self._table(values, "limits"), "limits.", LIMITS)
        self._only(self._table(values, "alarms"), "alarms.", ALARMS)
        quality = self._table(values, "quality")
        self._only(quality, "quality.", ("frozen", "steepest"))
        self._only(self._table(quality, "quality.steepest"), "quality.steepest.", PACED)
        title = self._table(values, "title")
        headline = self._text(self._table(values, "headline"), "headline.value")
        if headline not in HEADLINES:
            raise self._wrong("headline.value", headline, ", ".join(HEADLINES))
        return Policy(
            name=self._text(values, "name"),
            version=self._text(values, "version"),
            title={lang: self._text(title, f"title.{lang}") for lang in ("zh", "en")},
            headline=headline,
            checks={name: self._check(values, name) for name in CHECKS},
            limits={name: self._limit(values, name) for name in LIMITS},
            alarms={name: self._alarm(values, name) for name in ALARMS},
            frozen=self._frozen(quality),
            steepest={name: self._pace(quality, name) for name in PACED},
            digest=digest,
        )

    def _check(self, values: Mapping[str, Any], name: str) -> Check:
        place = f"checks.{name}"
        table = self._table(self._table(values, "checks"), place)
        self._only(table, f"{place}.", ("demanded", "within_days", *_PROVENANCE))
        days = self._whole(table, f"{place}.within_days")
        demanded = table.get("demanded")
        if not isinstance(demanded, bool):
            raise self._wrong(f"{place}.demanded", demanded, "true, false")
        return Check(demanded, days, *self._provenance(table, place))

    def _limit(self, values: Mapping[str, Any], name: str) -> Limit:
        place = f"limits.{name}"
        table = self._table(self._table(values, "limits"), place)
        self._only(table, f"{place}.", ("value", "families", "at_kpa", *_PROVENANCE))
        families = table.get("families")
        if not isinstance(families, list) or not all(isinstance(f, str) for f in families):
            raise self._wrong(f"{place}.families", families, '["hydrant", …]')
        at_kpa = self._number(table, f"{place}.at_kpa") if "at_kpa" in table else None
        source, confidence = self._provenance(table, place)
        value = self._number(table, f"{place}.value")
        return Limit(value, tuple(families), source, confidence, at_kpa)

    def _alarm(self, values: Mapping[str, Any], name: str) -> AlarmLimit:
        place = f"alarms.{name}"
        table = self._table(self._table(values, "alarms"), place)
        known = ("value", "deadband", "samples", "after_s", *_PROVENANCE)
        self._only(table, f"{place}.", known)
        samples = self._whole(table, f"{place}.samples")
        value, deadband, after_s = (
            self._number(table, f"{place}.{part}") for part in ("value", "deadband", "after_s")
        )
        if deadband < 0 or after_s < 0:
            raise self._wrong(place, min(deadband, after_s), "≥ 0")
        return AlarmLimit(value, deadband, samples, after_s, *self._provenance(table, place))

    def _frozen(self, quality: Mapping[str, Any]) -> Frozen:
        place = "quality.frozen"
        table = self._table(quality, place)
        self._only(table, f"{place}.", ("after_h", "samples", *_PROVENANCE))
        after_h = self._above_zero(table, f"{place}.after_h")
        samples = self._whole(table, f"{place}.samples")
        return Frozen(after_h, samples, *self._provenance(table, place))

    def _pace(self, quality: Mapping[str, Any], name: str) -> Pace:
        place = f"quality.steepest.{name}"
        table = self._table(self._table(quality, "quality.steepest"), place)
        self._only(table, f"{place}.", ("value", *_PROVENANCE))
        value = self._above_zero(table, f"{place}.value")
        return Pace(value, *self._provenance(table, place))

    def _provenance(self, table: Mapping[str, Any], place: str) -> tuple[str, str]:
        confidence = self._text(table, f"{place}.confidence")
        if confidence not in CONFIDENCES:
            raise self._wrong(f"{place}.confidence", confidence, ", ".join(CONFIDENCES))
        return self._text(table, f"{place}.source"), confidence

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

    def _number(self, values: Mapping[str, Any], place: str) -> float:
        found = values.get(place.rpartition(".")[2])
        if not isinstance(found, int | float) or isinstance(found, bool):
            raise self._wrong(place, found, "0.0")
        return float(found)

    def _above_zero(self, values: Mapping[str, Any], place: str) -> float:
        found = self._number(values, place)
        if found <= 0:
            raise self._wrong(place, found, "> 0")
        return found

    def _whole(self, values: Mapping[str, Any], place: str) -> int:
        found = values.get(place.rpartition(".")[2])
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            raise self._wrong(place, found, "1, 2, 3, …")
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
