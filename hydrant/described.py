"""Files that people write, each described once: read here, published as JSON Schema.

A description is a frozen dataclass; its types, rules and docstrings say what a table may hold,
but for fields that are `MADE` of others. Its module evaluates annotations at once, which is faster
than to look them up. `hydrant.file_shapes` lets pydantic make the schema from it. Reading does
without pydantic: loading that takes half as long as a whole ``hydrant near``. No value is turned
into another type, but a whole number into a decimal one where one is wanted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from math import isfinite
from types import NoneType
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin

#: Keys and, for lists, numbers from 1 that lead to a value.
Place = tuple[str | int, ...]
Schema = dict[str, Any]
_T = TypeVar("_T")


#: Metadata of a field that no file states.
MADE = {"made": True}


class Described:
    """What descriptions have in common: a key that they do not name is refused."""

    __slots__ = ()
    __pydantic_config__: ClassVar[Schema] = {"extra": "forbid"}


class Mistake(Exception):
    """What does not fit: where it stands, what stands there and what may stand there.

    Attributes
    ----------
    value
        A table is told by its keys.
    known
        The keys that there are, where one is not known.
    """

    def __init__(
        self, place: Place, value: object, allowed: str, *, known: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{dotted(place)}: {value!r}; {allowed}")
        self.place, self.allowed, self.known = place, allowed, known
        self.value = sorted(value) if isinstance(value, dict) else value

    @property
    def facts(self) -> dict[str, Any]:
        """The same for a message: ``place``, ``value`` and ``allowed``."""
        return {"place": dotted(self.place), "value": self.value, "allowed": self.allowed}


def dotted(place: Place) -> str:
    """A place as one line names it: ``targets[1].date``."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).removeprefix(".")


def read(kind: type[_T], values: object) -> _T:
    """What parsed TOML says in the terms of a description; raises `Mistake`."""
    made: _T = _reading(kind).read(values, ())  # type: ignore[arg-type]  # a class is hashable
    return made


class Rule:
    """What a value must be beyond its type.

    Attributes
    ----------
    check
        Raises `Mistake` where a value does not fit.
    publish
        The schema of the type with the same rule.
    hint
        What is allowed; empty where the type says it.
    """

    def __init__(
        self,
        check: Callable[[Any, Place], None],
        publish: Callable[[Schema], Schema],
        hint: str = "",
    ) -> None:
        self.check, self.publish, self.hint = check, publish, hint

    def __get_pydantic_json_schema__(self, core: Any, handler: Callable[[Any], Schema]) -> Schema:
        return self.publish(handler(core))


def _as_it_is(schema: Schema) -> Schema:
    return schema


def rule(
    fits: Callable[[Any], bool], hint: str, publish: Callable[[Schema], Schema] = _as_it_is
) -> Rule:
    """A value that fits; a schema can tell only what `publish` adds to it."""

    def check(value: Any, place: Place) -> None:
        if not fits(value):
            raise Mistake(place, value, hint)

    return Rule(check, publish, hint)


def bounds(least: float, most: float | None = None, *, beyond: bool = False) -> Rule:
    """A number of at least `least`, or `beyond` it, and at most `most` where that is given."""
    hint = f"{'>' if beyond else '≥'} {least}" if most is None else f"{least} … {most}"
    words = {"exclusiveMinimum" if beyond else "minimum": least}
    words |= {} if most is None else {"maximum": most}

    def fits(value: Any) -> bool:
        low = value > least if beyond else value >= least
        return low and (most is None or value <= most)

    return rule(fits, hint, lambda schema: schema | words)


def one_of(words: Collection[str]) -> Rule:
    """One of some words."""
    return rule(words.__contains__, ", ".join(words), lambda schema: schema | {"enum": [*words]})


def form(pattern: str, hint: str = '"…"') -> Rule:
    """A text in which a pattern is found that Python and ECMA 262 understand alike."""
    found = re.compile(pattern).search
    return rule(lambda text: bool(found(text)), hint, lambda schema: schema | {"pattern": pattern})


def filled(hint: str) -> Rule:
    """A text, list or table with something in it; of a choice of text or list, the list."""
    words = {"string": "minLength", "object": "minProperties"}
    return rule(
        bool, hint, lambda schema: schema | {words.get(schema.get("type", ""), "minItems"): 1}
    )


def every(keys: Collection[str], hint: str = "[…]") -> Rule:
    """A table with all of some keys."""

    def check(table: Any, place: Place) -> None:
        for key in keys:
            if key not in table:
                raise Mistake((*place, key), "–", hint)

    return Rule(check, lambda schema: schema | {"required": [*keys]})


#: A number kept as it is written, infinities and NaN included.
RAW = rule(lambda _: True, "")
#: A number, date or truth value is taken as its text.
AS_TEXT = rule(
    lambda _: True, "", lambda schema: schema | {"type": ["string", "number", "boolean"]}
)


class Short:
    """A text, or one of some words, that stands for a value written at length, or for none."""

    def __init__(self, at_length: Callable[[str], Any], words: tuple[str, ...] = ()) -> None:
        self.at_length, self.words = at_length, words

    def stands(self, value: object) -> bool:
        """Whether a value is such a text."""
        return isinstance(value, str) and (not self.words or value in self.words)

    def __get_pydantic_json_schema__(self, core: Any, handler: Callable[[Any], Schema]) -> Schema:
        word: Schema = {"enum": [*self.words]} if self.words else {}
        return {"anyOf": [{"type": "string"} | word, handler(core)]}


class Parsed:
    """A text that is turned into a value, by what raises `ValueError` for one that cannot be."""

    def __init__(self, parse: Callable[[str], Any], hint: str = "") -> None:
        self.parse, self.hint = parse, hint

    def read(self, text: Any, place: Place) -> Any:
        """The value; the hint, or else the error, says what is allowed."""
        if not isinstance(text, str):
            raise Mistake(place, text, self.hint or '"…"')
        try:
            return self.parse(text)
        except ValueError as error:
            raise Mistake(place, text, self.hint or str(error)) from None

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        return handler(str)


NonEmpty = Annotated[str, filled('"…"')]
NotBlank = Annotated[str, form(r"\S")]
#: A text that stands for a list of one.
ONE = Short(lambda text: [text])
#: One text or several.
Texts = Annotated[tuple[str, ...], ONE, '["…", …]']


class _Reading:
    """How values of a type are read, and what of them is allowed in a few characters."""

    def __init__(self, read: Callable[[Any, Place], Any], hint: str) -> None:
        self.read, self.hint = read, hint


@cache
def _reading(kind: Any) -> _Reading:
    """How values of a type are read.

    Of what is `Annotated`, a text says what is allowed, a `Rule` is checked, a `Short` may stand
    for the whole and what is `Parsed` is a text.
    """
    bare, *notes = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    rules = [note for note in notes if isinstance(note, Rule)]
    short = next((note for note in notes if isinstance(note, Short)), None)
    hints = [*(n for n in notes if isinstance(n, str)), *(one.hint for one in rules if one.hint)]
    parsed = next((note for note in notes if isinstance(note, Parsed)), None)
    if parsed is not None:
        return _Reading(parsed.read, parsed.hint or '"…"')
    inner = _of_type(bare, hints[0] if hints else "", rules)

    def read(value: Any, place: Place) -> Any:
        if short is not None and short.stands(value):
            value = short.at_length(value)
        if value is None:
            return None
        made = inner.read(value, place)
        for one in rules:
            one.check(made, place)
        return made

    return _Reading(read, inner.hint) if notes else inner


def _of_type(kind: Any, hint: str, rules: list[Rule]) -> _Reading:
    origin, inner = get_origin(kind), get_args(kind)
    if NoneType in inner:  # None is for what a file leaves out
        return _reading(next(one for one in inner if one is not NoneType))
    if origin is tuple:
        return _listed(inner, hint)
    if origin is Mapping:
        return _named(_reading(inner[0]), _reading(inner[1]), hint, deep=is_dataclass(inner[1]))
    if is_dataclass(kind):
        return _table(kind, hint)
    if kind is Any:
        return _Reading(lambda value, _: value, hint)
    if AS_TEXT in rules:
        return _plain((str, bool, int, float, dt.date, dt.datetime, dt.time), str, hint or '"…"')
    if kind not in _PLAIN:
        return _worded(kind)
    types, turn, usual = _PLAIN[kind]
    return _plain(types, _as_written if RAW in rules else turn, hint or usual)


def _as_written(value: Any) -> Any:
    return value


def _decimal(value: float) -> float:
    if not isfinite(value):
        raise ValueError
    return float(value)


#: Types of TOML that are taken for a type, what is made of them, and how such a value looks.
_PLAIN: dict[Any, tuple[tuple[type, ...], Callable[[Any], Any], str]] = {
    str: ((str,), _as_written, '"…"'),
    bool: ((bool,), _as_written, "true, false"),
    int: ((int,), _as_written, "0, 1, 2, …"),
    float: ((int, float), _decimal, "0.0"),
    dt.date: ((dt.date,), _as_written, "2025-12-31"),
}


def _plain(types: tuple[type, ...], turn: Callable[[Any], Any], hint: str) -> _Reading:
    def read(value: Any, place: Place) -> Any:
        try:
            if type(value) in types:  # a truth value is no number, a moment is no day
                return turn(value)
        except ValueError:
            pass
        raise Mistake(place, value, hint)

    return _Reading(read, hint)


def _worded(kind: type[StrEnum]) -> _Reading:
    hint, words = ", ".join(kind), frozenset(kind)

    def read(value: Any, place: Place) -> Any:
        if isinstance(value, str) and value in words:
            return kind(value)
        raise Mistake(place, value, hint)

    return _Reading(read, hint)


def _listed(inner: tuple[Any, ...], hint: str) -> _Reading:
    many, tables = inner[-1] is Ellipsis, is_dataclass(inner[0])
    readings = [_reading(one) for one in inner if one is not Ellipsis]
    usual = hint or "[" + ", ".join(reading.hint for reading in readings) + "]"

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, list) or not (many or len(value) == len(readings)):
            raise Mistake(place, value, hint or (f"[[{place[-1]}]]" if tables else usual))
        each = readings * len(value) if many else readings
        return tuple(
            reading.read(one, (*place, number))
            for number, (reading, one) in enumerate(zip(each, value, strict=True), 1)
        )

    return _Reading(read, usual)


def _named(keys: _Reading, values: _Reading, hint: str, *, deep: bool) -> _Reading:
    def read(table: Any, place: Place) -> Any:
        if not isinstance(table, dict):
            raise Mistake(place, table, hint or (f"[{dotted(place)}.…]" if deep else "{…}"))
        for key in table:
            try:
                keys.read(key, ())
            except Mistake:
                raise Mistake((*place, key), "?", keys.hint) from None
        return {key: values.read(value, (*place, key)) for key, value in table.items()}

    return _Reading(read, hint or "[…]")


def _table(kind: Any, hint: str) -> _Reading:
    stated = [found for found in fields(kind) if "made" not in found.metadata]
    types: dict[str, Any] = {found.name: found.type for found in stated}
    known = {name: _reading(type_) for name, type_ in types.items()}
    optional = [one for one in stated if (one.default, one.default_factory) != (MISSING, MISSING)]
    needed = [one.name for one in stated if one not in optional]

    hint = hint or f"[…] {', '.join(f'{key} = …' for key in needed)}".rstrip()

    def read(table: Any, place: Place) -> Any:
        if not isinstance(table, dict):
            raise Mistake(place, table, hint)
        for key in table:
            if key not in known:
                raise Mistake((*place, key), "?", ", ".join(known), known=tuple(known))
        for key in needed:
            if key not in table:
                raise Mistake((*place, key), "–", known[key].hint)
        return kind(**{key: known[key].read(value, (*place, key)) for key, value in table.items()})

    return _Reading(read, hint)
