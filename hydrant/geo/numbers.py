"""Numbers as people write them: decimal mark decided by a column, groups, wide digits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from hydrant.errors import InputRefused
from hydrant.plain_text import plain as plain  # noqa: PLC0414  readers of numbers know it here

_BODY = re.compile(r"([+-]?)([0-9][0-9 .,']*|[.,][0-9]+)((?:[eE][+-]?[0-9]{1,3})?)")
_SPACED = re.compile(r"[0-9]{1,3}(?:([ '])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?")
_ONE = re.compile(r"([0-9]*)([.,])([0-9]*)")
_GROUP = re.compile(r"[1-9][0-9]{0,2}")
_MANY = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}")
_BOTH = re.compile(
    r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(\.)[0-9]*|[1-9][0-9]{0,2}(?:\.[0-9]{3})+(,)[0-9]*"
)
#: More of a cell is no number.
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Marks:
    """What is known of the decimal mark of a column.

    Attributes
    ----------
    decimal
        The mark; None where no cell shows it.
    stated
        Whether a person stated it; a cell that contradicts it is then no number.
    dot
        Whether a dot before three digits is a decimal mark where nothing shows another.
    groups
        Whether a single mark may part thousands at all.
    """

    decimal: str | None = None
    stated: bool = False
    dot: bool = True
    groups: bool = True


def marks_of(cells: Iterable[str], *, dot: bool = True) -> Marks:
    """What the cells of a column show of its decimal mark.

    Parameters
    ----------
    dot
        Whether the file's form writes decimals with a dot where it does not show another mark.
    """
    shown = {mark for cell in cells if (mark := _shown(plain(cell))) is not None}
    return Marks(shown.pop(), dot=dot) if len(shown) == 1 else Marks(dot=dot and not shown)


def _shown(text: str) -> str | None:
    """The decimal mark that one cell shows by itself."""
    match = re.match(r"[^0-9.,]*([0-9.,' ]+)", text[:_LONGEST])
    body = "" if match is None else match[1].strip().rstrip(".,")
    both = _BOTH.fullmatch(body)
    if both is not None:
        return both[1] or both[2]
    if _MANY.fullmatch(body):
        return "." if "," in body else ","
    spaced = _SPACED.fullmatch(body)
    body = body if spaced is None else body.replace(spaced[1], "")
    one = _ONE.fullmatch(body)
    if one is None or not one[3] or (spaced is None and _is_group(one)):
        return None
    return one[2]


def _is_group(one: re.Match[str]) -> bool:
    """Whether a mark may part thousands: 1,200 but neither 0,125 nor 12,5."""
    return len(one[3]) == 3 and _GROUP.fullmatch(one[1]) is not None


def number_of(text: str, marks: Marks) -> float | None:
    """Finite number of a cell; None when it is none.

    Raises
    ------
    InputRefused
        It can mean two numbers, and nothing in the column shows which.
    """
    found = _BODY.fullmatch(plain(text)) if len(text) <= _LONGEST else None
    if found is None:
        return None
    body = found[2].strip()
    spaced = _SPACED.fullmatch(body)
    if spaced is not None:
        body = body.replace(spaced[1], "")
    digits = _with_dot(text, body, marks, grouped=spaced is not None)
    try:
        number = float(f"{found[1]}{digits}{found[3]}")
    except ValueError:
        return None
    return number if isfinite(number) else None


def _with_dot(text: str, body: str, marks: Marks, *, grouped: bool) -> str:
    """Digits of a number with a dot as its decimal mark, if with any; else what is no number."""
    one = _ONE.fullmatch(body)
    if one is not None:
        return _with_one(text, one, marks, grouped=grouped)
    both = _BOTH.fullmatch(body)
    decimal = both and (both[1] or both[2])
    if decimal is None and _MANY.fullmatch(body):
        decimal = "." if "," in body else ","
    if decimal is None or (marks.stated and decimal != marks.decimal):
        return body
    return body.replace("." if decimal == "," else ",", "").replace(",", ".")


def _with_one(text: str, one: re.Match[str], marks: Marks, *, grouped: bool) -> str:
    head, sign, tail = one.groups()
    if grouped or not marks.groups or not _is_group(one):
        wrong = marks.stated and sign != marks.decimal
        return "" if wrong else f"{head or '0'}.{tail or '0'}"
    decimal = marks.decimal or ("." if sign == "." and marks.dot else None)
    if decimal is None:
        raise InputRefused(
            "exchange.two_numbers", value=text, grouped=head + tail, decimal=f"{head}.{tail}"
        )
    return f"{head}.{tail}" if sign == decimal else head + tail
