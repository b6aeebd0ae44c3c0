"""How the facts of an asset are shown to people: all that they say, in words and local days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hydrant.cli.screen import Screen
from hydrant.safe_text import without_secrets
from hydrant.survey.form import load_form

#: Fields whose values are words of a vocabulary.
_LABELS = {
    **{name: name for name in ("kind", "structure", "service", "mains_type", "event", "outcome")},
    **{name: name for name in ("severity", "quantity")},
}
#: Fields whose values are moments; their labels in QGIS name UTC, here they are local.
TIMES = (
    *("valid_from", "valid_until", "replaced_at", "due", "calibrated_at", "withdrawn_at"),
    *("found_at", "cleared_at"),
)
#: What a fact is chiefly about; it stands first and needs no name.
_CHIEF = {
    "event": "event",
    "inspection": "outcome",
    "defect": "code",
    "cleared": "code",
    "reopened": "code",
}
#: What nearly every fact says, so that only the exception is worth a word.
_USUAL: Mapping[str, object] = {"confirmed": True, "state": "confirmed", "enabled": True}
_UNITS = {"_mm": "mm", "_m": "m", "_l_s": "L/s", "_m3": "m³", "_kpa": "kPa"}
#: So much of a photo's digest tells it from any other.
_DIGEST = 12


def show_history(screen: Screen, code: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Everything recorded of an asset, a line each, days in the registry's zone."""
    screen.line("cli_asset.history_of", code=code)
    names = ("at", "what", "details", "who")
    screen.table(
        [screen.t(f"cli_asset.{name}_title") for name in names],
        [
            (
                _day(row["at"]) if row["at"] else screen.t("cli_asset.undated"),
                screen.t(f"cli_asset.fact_{row['fact']}"),
                details(screen, row),
                row["by"],
            )
            for row in rows
        ],
    )


def amount(value: float) -> str:
    """A sum of money: thousands apart, cents only where there are any."""
    return f"{value:,.2f}".removesuffix(".00")


def details(screen: Screen, row: Mapping[str, Any]) -> str:
    """What a fact says, in the screen's language."""
    fact, values = row["fact"], row["values"]
    if fact in ("alarm", "alarm_cleared"):
        return _alarm(screen, values)
    chief = _CHIEF.get(fact)
    parts = [] if chief is None else [_chief(screen, chief, values)]
    if "record" in row:
        parts.append(screen.t(f"cli_asset.fact_{row['record']}"))
    parts += _changes(screen, row)
    parts += [
        f"{_name(screen, name)} {_worded(screen, name, value)}"
        for name, value in values.items()
        if name != chief and _USUAL.get(name) != value and name not in row.get("changed", ())
    ]
    return " · ".join(parts)


def _alarm(screen: Screen, values: Mapping[str, Any]) -> str:
    """An alarm, the value that confirmed it and its limit as far as they are known here."""
    name = screen.t(f"cli_alarm.kind_{values['alarm']}")
    numbers = [values.get("value"), values.get("limit")]
    told = " / ".join(f"{number:.4g}" for number in numbers if number is not None)
    parts = [f"{name}: {told}" if told else name]
    if values.get("withdrawn_at") is not None:
        parts.append(f"{_name(screen, 'withdrawn_at')} {minute(values['withdrawn_at'])}")
    if values.get("proves_nothing") is not None:
        parts.append(screen.t(f"cli_alarm.proofless_{values['proves_nothing']}"))
    return " · ".join(parts)


def _chief(screen: Screen, name: str, values: Mapping[str, Any]) -> str:
    if name != "code":
        return screen.label(_LABELS[name], values[name])
    known = load_form().defects.get(values["code"])
    return values["code"] if known is None else known.names[screen.lang]


def _changes(screen: Screen, row: Mapping[str, Any]) -> Iterator[str]:
    """What a former row said otherwise: each value and the one that took its place."""
    for name, later in row.get("changed", {}).items():
        former = row["values"].get(name)
        told = [
            screen.t("cli_asset.not_known") if value is None else _worded(screen, name, value)
            for value in (former, later)
        ]
        yield f"{_name(screen, name)} {' → '.join(told)}"


def _name(screen: Screen, name: str) -> str:
    return screen.t(f"cli_asset.when_{name}" if name in TIMES else f"fields.{name}")


def _worded(screen: Screen, name: str, value: Any) -> str:
    if name in _LABELS:
        return screen.label(_LABELS[name], value)
    if name in TIMES:
        return minute(value)
    special = _WORDED.get(name)
    if special is not None:
        return special(screen, value)
    if isinstance(value, bool):
        return screen.t("cli_asset.yes" if value else "cli_asset.no")
    if isinstance(value, float):
        unit = next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")
        return f"{value:.12g} {unit}".strip()
    return str(value)


def _degrees(_screen: Screen, value: float) -> str:
    return f"{value:.6f}"


def _state(screen: Screen, value: str) -> str:
    return screen.t(f"cli_defect.state_{value}")


def _checks(screen: Screen, value: Any) -> str:
    """Things looked at, each with yes or no; what another program wrote as it stands."""
    if not isinstance(value, dict):
        return str(value)
    known = {item.name: item.names[screen.lang] for item in load_form().checks}
    words = {True: screen.t("cli_asset.yes"), False: screen.t("cli_asset.no")}
    return ", ".join(
        f"{known.get(name, name)}: {words[fine] if isinstance(fine, bool) else fine}"
        for name, fine in value.items()
    )


def _photos(_screen: Screen, value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return f"{len(value)} ({', '.join(str(digest)[:_DIGEST] for digest in value)})"


def _pairs(_screen: Screen, value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{name}={inner}" for name, inner in value.items())


_WORDED: dict[str, Callable[[Screen, Any], str]] = {
    **dict.fromkeys(("lon", "lat", "observer_lon", "observer_lat"), _degrees),
    "cost": lambda _screen, value: amount(value),
    "state": _state,
    "checks": _checks,
    "photos": _photos,
    "parameters": _pairs,
    "url": lambda _screen, value: without_secrets(value),
}


def _day(local: str) -> str:
    return dt.datetime.fromisoformat(local).date().isoformat()


def minute(local: str) -> str:
    """A local day, or local day and minute where the time is known (`times.local_text`)."""
    moment = dt.datetime.fromisoformat(local)
    return moment.date().isoformat() if moment.tzinfo is None else f"{moment:%Y-%m-%d %H:%M}"
