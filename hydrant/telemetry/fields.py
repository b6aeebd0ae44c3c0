"""Reads fields of a TOML table so that a mistake names its file, table, field and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeGuard

from hydrant.errors import InputRefused


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a profile file and where it stands."""

    file: str
    place: str
    values: Mapping[str, Any]

    def refuse(self, field: str, allowed: str) -> InputRefused:
        """The refusal of a field's value."""
        return InputRefused(
            "telemetry.profile_field",
            file=self.file,
            table=self.place,
            field=field,
            value=self.values.get(field, "–"),
            allowed=allowed,
        )

    def only(self, known: tuple[str, ...]) -> None:
        """Refuse a field that is not known, naming the one that was probably meant."""
        for field in self.values:
            if field not in known:
                near = difflib.get_close_matches(field, known, n=1) or [", ".join(known)]
                raise InputRefused(
                    "telemetry.profile_unknown",
                    file=self.file,
                    table=self.place,
                    field=field,
                    known=near[0],
                )

    def text(self, field: str, default: str | None = None) -> str:
        """A text; without default it must be there."""
        value = self.values.get(field, default)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(field, '"…"')
        return value

    def optional_text(self, field: str) -> str | None:
        """A text or nothing."""
        return self.text(field) if field in self.values else None

    def choice(self, field: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of some words."""
        value = self.values.get(field, default)
        if value not in allowed:
            raise self.refuse(field, ", ".join(allowed))
        return str(value)

    def whole(self, field: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        value = self.values.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.refuse(field, f"{low} … {high}")
        return value

    def number(self, field: str, default: float) -> float:
        """A finite number."""
        value = self.values.get(field, default)
        if not is_number(value):
            raise self.refuse(field, "0.0")
        return float(value)

    def numbers(self, field: str) -> tuple[float, ...]:
        """A list of numbers, infinities and NaN included; absent is empty."""
        value = self.values.get(field, [])
        good = isinstance(value, list) and all(
            isinstance(n, int | float) and not isinstance(n, bool) for n in value
        )
        if not good:
            raise self.refuse(field, "[32768, 65535]")
        return tuple(value)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of at least one text."""
        value = self.values.get(field)
        if not isinstance(value, list) or not value or not all(isinstance(t, str) for t in value):
            raise self.refuse(field, '["…"]')
        return tuple(value)

    def both_languages(self, field: str, *, optional: bool = False) -> dict[str, str]:
        """A text in English and Chinese."""
        value = self.values.get(field)
        if value is None and optional:
            return {}
        if not isinstance(value, dict) or set(value) != {"en", "zh"}:
            raise self.refuse(field, '{ en = "…", zh = "…" }')
        return dict(value)

    def range(self, field: str) -> tuple[float, float] | tuple[None, None]:
        """Two numbers, the lower first; absent is no range."""
        value = self.values.get(field)
        if value is None:
            return None, None
        good = isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
        if not good or value[0] >= value[1]:
            raise self.refuse(field, "[0.0, 1600.0]")
        return float(value[0]), float(value[1])

    def tables(self, field: str) -> list[Table]:
        """The tables of an array ``[[field]]``; absent is none."""
        value = self.values.get(field, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(field, f"[[{field}]]")
        return [Table(self.file, f"[[{field}]] {n}", t) for n, t in enumerate(value, 1)]

    def named_tables(self, field: str) -> dict[str, Table]:
        """The tables ``[field.NAME]`` by name; absent is none."""
        value = self.values.get(field, {})
        if not isinstance(value, dict) or not all(isinstance(t, dict) for t in value.values()):
            raise self.refuse(field, f"[{field}.…]")
        return {name: Table(self.file, f"[{field}.{name}]", t) for name, t in value.items()}

    def parsed(self, field: str, parse: Callable[[str], bytes], allowed: str) -> bytes:
        """A text turned into bytes."""
        try:
            return parse(self.text(field))
        except ValueError:
            raise self.refuse(field, allowed) from None


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value of a TOML file is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
