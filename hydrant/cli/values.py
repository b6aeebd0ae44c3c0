"""Turns words of the command line into values, with errors in both languages.

Typer would build a pydantic adapter for every option; that alone costs more time than
`hydrant near` may take, and words its errors in English only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from math import isfinite
from pathlib import Path
from typing import Any, get_args

from typer._click.exceptions import BadParameter
from typer._coercion import RuntimeParam

from hydrant.cli import language
from hydrant.close_words import close_words, folded
from hydrant.messages import meanings, shown_word, text
from hydrant.plain_text import plain
from hydrant.vocabulary import KINDS, Language

#: The largest whole number that every reader of JSON keeps exactly. Source: RFC 8259, section 6.
_MOST = 2**53 - 1


class PlainParam(RuntimeParam):
    """Conversion of one parameter by a plain function, several values one by one."""

    def __init__(self, convert: Callable[[str], Any], *, many: bool) -> None:
        self._convert = convert
        self._many = many

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            if self._many:
                return [self._convert(item) for item in value]
            return self._convert(value) if isinstance(value, str) else value
        except _NotAllowedError as error:
            raise BadParameter(str(error), ctx=ctx, param=param) from None


class _NotAllowedError(Exception):
    """A word that is no value of the wanted type; the text is for people."""


def _refuse(name: str, **facts: object) -> _NotAllowedError:
    return _NotAllowedError(text(f"cli_common.{name}", language.current(), **facts))


def _integer(word: str) -> int:
    try:
        number = int(plain(word))
    except ValueError:
        raise _refuse("not_integer", value=word) from None
    if abs(number) > _MOST:
        raise _refuse("too_distant", value=word, most=_MOST)
    return number


def _number(word: str) -> float:
    try:
        number = float(plain(word))
    except ValueError:
        raise _refuse("not_number", value=word) from None
    if not isfinite(number):
        raise _refuse("not_number", value=word)
    return number


def _kind(word: str) -> str:
    return _one_of(word, KINDS, "kind")


def _choice(choices: type[Enum]) -> Callable[[str], Enum]:
    def convert(word: str) -> Enum:
        words = [str(choice.value) for choice in choices]
        return choices(_one_of(word, words, _GROUPS.get(choices.__name__, "")))

    return convert


#: Groups of the vocabulary in which the words of a set have names.
_GROUPS = {
    "Condition": "condition",
    "LifecycleEvent": "event",
    "Outcome": "outcome",
    "PublicService": "service",
    "Quantity": "quantity",
    "RegionLevel": "level",
    "RequirementOrigin": "origin",
    "Service": "service",
    "Severity": "severity",
    "Structure": "structure",
}


def _one_of(word: str, known: Sequence[str], named: str) -> str:
    """A known word, by itself or by its name in either language; else refused, with the likely."""
    meant = meanings(known, named)
    found = word if word in known else meant.get(folded(word))
    if found is not None:
        return found
    close = tuple(dict.fromkeys(meant[name] for name in close_words(word, meant)))
    if close:
        shown = tuple(shown_word(name, named, language.current()) for name in close)
        raise _refuse("not_choice_close", value=word, close=shown)
    # in Chinese the words alone would be a list of foreign ones
    listed = tuple(
        one if language.current() is Language.EN else shown_word(one, named, Language.ZH)
        for one in known
    )
    raise _refuse("not_choice", value=word, choices=listed)


_SIMPLE: dict[type, Callable[[str], Any]] = {
    str: str,
    int: _integer,
    float: _number,
    Path: Path,
    bool: bool,
}


def _between(
    convert: Callable[[str], Any], low: float | None, high: float | None
) -> Callable[[str], Any]:
    """A conversion that refuses numbers outside the bounds which the option states."""

    def bounded(word: str) -> Any:
        number = convert(word)
        if (low is not None and number < low) or (high is not None and number > high):
            ends = ["…" if end is None else f"{end:g}" for end in (low, high)]
            raise _refuse("not_between", value=word, low=ends[0], high=ends[1])
        return number

    return bounded


def make_plain(parameters: list[Any]) -> None:
    """Give parameters of simple types our conversion; others keep Typer's own."""
    for parameter in parameters:
        descriptor = getattr(parameter, "type_descriptor", None)
        if descriptor is None:
            continue
        annotation = descriptor.annotation
        many = descriptor.is_list
        element = get_args(annotation)[0] if many else annotation
        # every kind on a command line is a two-level word of the contract, or its name
        convert = _kind if parameter.name == "kind" else _converter(element)
        if convert is not None:
            low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
            if low is not None or high is not None:
                convert = _between(convert, low, high)
            parameter._runtime_param = PlainParam(convert, many=many)  # noqa: SLF001  see above


def _converter(kind: Any) -> Callable[[str], Any] | None:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(kind)
    return None


def choices_of(parameter: Any) -> list[str]:
    """Allowed words of a parameter, empty when any will do."""
    descriptor = getattr(parameter, "type_descriptor", None)
    if descriptor is None or not descriptor.is_choice:
        return []
    return [str(getattr(choice, "value", choice)) for choice in descriptor.choices or ()]
