"""Numbers with what stands around them in a cell: a unit, DN before it, "about"."""

from __future__ import annotations

import re

from hydrant import units
from hydrant.errors import InputRefused
from hydrant.geo.numbers import Marks, number_of, plain

#: A nominal diameter, which is in millimetres unless a unit follows.
_NOMINAL = re.compile(r"(?:DN|Ду|[ØøφΦ⌀])\s*(?=[0-9])", re.IGNORECASE)
_PARTS = re.compile(r"([+-]?[0-9.,][0-9 .,']*(?:[eE][+-]?[0-9]{1,3})?)\s*([^\s0-9.,'+-].*)?")
#: About, at least, at most; from … to; more or less.
_INEXACT = re.compile(
    r"(?:约|大约|大概|近|超过|不足|不低于|不少于|至少|[≈~～<>≤≥±]|ca\b|circa|about|approx|ок\.|около)"
    r"|[0-9]\s*(?:[-~～—/至到÷]|\.\.+|…|to)\s*[0-9]|(?:左右|以上|以下|上下|余)|[0-9]\s*[±+]$",
    re.IGNORECASE,
)
_LONGEST = 200


def quantity_of(text: str, marks: Marks, internal: str | None, stated: str | None) -> float:
    """A number in the internal unit of its target; a unit in the cell outranks the column's.

    Parameters
    ----------
    internal
        Unit of the target; None where it has none.
    stated
        Unit of the column; None where it is the internal one.

    Raises
    ------
    InputRefused
        It is no number, not an exact one, in a unit that does not fit, or can mean two numbers.
    """
    factor = 1.0
    if internal is not None and stated is not None:
        factor = units.factor_to(internal, stated)
    number = number_of(text, marks)
    if number is not None:
        return number * factor
    return _around(text, marks, internal)


def _around(text: str, marks: Marks, internal: str | None) -> float:
    cell = plain(text)
    if len(cell) > _LONGEST:
        raise InputRefused("exchange.not_number", value=f"{text[:_LONGEST]}…")
    nominal = _NOMINAL.match(cell)
    parts = _PARTS.fullmatch(cell if nominal is None else cell[nominal.end() :])
    number = None if parts is None else number_of(parts[1], marks)
    written = None if parts is None else parts[2] or ("mm" if nominal is not None else None)
    if number is None or written is None or _INEXACT.search(cell):
        inexact = _INEXACT.search(cell) is not None and any(map(str.isdigit, cell))
        key = "exchange.not_exact" if inexact else "exchange.not_number"
        raise InputRefused(key, value=text)
    if internal is None:
        raise InputRefused("exchange.not_number", value=text)
    return number * units.factor_to(internal, units.unit_named(written, internal))
