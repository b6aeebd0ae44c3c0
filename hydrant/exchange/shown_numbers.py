"""What a spreadsheet shows of a number: its cells hold 12 where people see 00012 or H-0012.

Only what the format adds is taken from it, never its rounding: digits that somebody measured stay.
Source: ECMA-376 part 1, 18.8.31 (numFmts).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

#: Parts of a format: quoted text, an escaped sign, a blank or fill of a sign's width, brackets.
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<skipped>_.|\*.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)"
    r"|(?P<text>@)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?[0-9]+(?:\.[0-9]+)?)")
#: Signs of money, and of degrees: what they stand beside is what the cell holds.
_MONEY = re.compile(r"[€$£¥￥₽₩°º]|元|руб\.?|zł|EUR|CNY|RMB|USD")
#: Signs that ask for an exponent, a fraction or a day: such numbers stay as they are.
_NO_PLAIN = re.compile(r"[eE/ymdhsYMDHS]")
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
    "=": lambda one, two: one == two,
    "<>": lambda one, two: one != two,
}
#: Longest format that is looked at.
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class _Section:
    """One section of a format.

    Attributes
    ----------
    marks
        Its signs before the point in their order: a digit's place as ``0``, ``#`` or ``?``, any
        other text as it is shown.
    after
        Text behind the digits.
    decimals
        Whether digits stand behind a point.
    thousands
        How often the number is divided by a thousand.
    condition
        For which numbers it holds, where it says so.
    """

    marks: tuple[tuple[bool, str], ...]
    after: str
    decimals: bool
    thousands: int
    percent: bool
    condition: tuple[str, float] | None
    general: bool
    text: tuple[str, str] | None

    @property
    def least(self) -> int:
        """Digits that are shown at least."""
        return sum(1 for digit, sign in self.marks if digit and sign == "0")

    @property
    def numbers(self) -> bool:
        """Whether it shows digits at all; places for blanks alone show none."""
        return self.general or self.decimals or any(d and s in "0#" for d, s in self.marks)

    @property
    def literal(self) -> str:
        """Text between and around the digits."""
        return "".join(sign for digit, sign in self.marks if not digit) + self.after

    @property
    def carries(self) -> bool:
        """Whether it shows more than the number."""
        told = self.literal.strip() or self.percent or self.thousands
        return bool(told) or (self.least > 1 and not self.decimals)


def carries(form: str) -> bool:
    """Whether a format shows more than the plain value of a cell."""
    sections = _sections(form)
    return any(one.carries or (one.text and any(one.text)) for one in sections)


def shown(value: object, form: str) -> object:
    """A cell's value, or the text that is shown for it where the format adds to it.

    Parameters
    ----------
    form
        Format of the cell, as ``00000``, ``"H-"0000``, ``0.00" MPa"``, ``0,`` or ``0%``.
    """
    if isinstance(value, bool):
        return value
    sections = _sections(form)
    if isinstance(value, str):
        around = next((one.text for one in sections if one.text and any(one.text)), None)
        return value if around is None or not value else f"{around[0]}{value}{around[1]}"
    if not isinstance(value, int | float):
        return value
    chosen = _chosen(sections, value)
    if chosen is None or not chosen.carries:
        return value
    return ("-" if value < 0 else "") + _written(abs(value), chosen)


def _chosen(sections: Sequence[_Section], value: float) -> _Section | None:
    """The section for a number; for a negative one that of others, whose sign is a minus."""
    numeric = [one for one in sections if one.text is None]
    for one in numeric:
        if one.condition and _HOLDS[one.condition[0]](value, one.condition[1]):
            return one
    plain = [one for one in numeric if one.condition is None]
    if not plain:
        return None
    one = plain[2] if value == 0 and len(plain) == len(numeric) > 2 else plain[0]
    # a dash for nought, or nothing at all: the number is what counts
    return one if one.numbers else None


def _written(value: float, one: _Section) -> str:
    number = value / 1000**one.thousands * (100 if one.percent else 1)
    digits = f"{number:.15g}"
    before = "".join(sign for digit, sign in one.marks if not digit)
    plain = digits.isdigit() and not one.decimals and not one.general
    text = _placed(digits, one.marks) if plain else before + digits
    return text + one.after + ("%" if one.percent else "")


def _placed(digits: str, marks: Sequence[tuple[bool, str]]) -> str:
    """Whole digits in the places of a format, from the right; the first place takes the rest."""
    places = [number for number, (digit, _) in enumerate(marks) if digit]
    left, made = digits, dict.fromkeys(places, "")
    for place in reversed(places):
        sign = marks[place][1]
        if place == places[0]:
            made[place] = left or ("0" if sign == "0" else "")
        elif left:
            left, made[place] = left[:-1], left[-1]
        else:
            made[place] = "0" if sign == "0" else ""
    return "".join(made[n] if digit else sign for n, (digit, sign) in enumerate(marks))


@cache
def _sections(form: str) -> tuple[_Section, ...]:
    if len(form) > _LONGEST:
        return ()
    parts: list[list[re.Match[str]]] = [[]]
    for part in _PART.finditer(form):
        if part["other"] == ";":
            parts.append([])
        else:
            parts[-1].append(part)
    made = [_section(one) for one in parts]
    return tuple(one for one in made if one is not None)


def _section(parts: Sequence[re.Match[str]]) -> _Section | None:
    """A section; None where its numbers stay as they are: days, fractions, exponents."""
    bare = "".join(part["other"] or "" for part in parts)
    brackets = [part["bracket"] for part in parts if part["bracket"] is not None]
    if _NO_PLAIN.search(bare) or any(word.strip("hms") == "" for word in brackets):
        return None
    condition = next((m for word in brackets if (m := _CONDITION.fullmatch(word))), None)
    text = "".join(part["text"] or "" for part in parts)
    literals = [_literal(part) for part in parts]
    if text:
        place = next(n for n, part in enumerate(parts) if part["text"])
        around = (
            _without_money("".join(literals[:place])),
            _without_money("".join(literals[place:])),
        )
        return _Section((), "", False, 0, False, None, False, around)
    return _numeric(parts, literals, condition)


def _numeric(
    parts: Sequence[re.Match[str]], literals: Sequence[str], condition: re.Match[str] | None
) -> _Section:
    digits = [n for n, part in enumerate(parts) if part["digit"] or part["general"]]
    point = next((n for n, part in enumerate(parts) if part["point"]), None)
    last = digits[-1] if digits else -1
    behind = [n for n in digits if point is not None and n > point]
    marks: list[tuple[bool, str]] = []
    for n, part in enumerate(parts[: last + 1]):
        if point is not None and n >= point:
            break
        if part["digit"]:
            marks.append((True, part["digit"]))
        elif literals[n]:
            marks.append((False, literals[n]))
    text = _without_money("".join(sign for digit, sign in marks if not digit))
    if not text:
        marks = [one for one in marks if one[0]]
    scaled = sum(1 for part in parts[last + 1 :] if part["comma"]) if digits else 0
    return _Section(
        tuple(marks),
        _without_money("".join(literals[last + 1 :])),
        bool(behind),
        scaled,
        any(part["percent"] for part in parts),
        None if condition is None else (condition[1], float(condition[2])),
        any(part["general"] for part in parts),
        None,
    )


def _literal(part: re.Match[str]) -> str:
    """Text that a part of a format shows by itself."""
    return part["quoted"] or part["escaped"] or part["other"] or ""


def _without_money(text: str) -> str:
    return "" if not _MONEY.sub("", text).strip() else text
