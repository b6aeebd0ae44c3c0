"""Degrees, minutes and seconds as people write them into one cell: 120°15′30″, 120:15:30."""

from __future__ import annotations

import re

from hydrant.errors import InputRefused
from hydrant.geo.text_forms import parse_number
from hydrant.plain_text import plain

#: More of a cell is no angle.
_LONGEST = 60
#: The axis that a word or letter before or behind the digits is of, and its sign.
_HALVES = {"东经": ("x", 1), "東經": ("x", 1), "e": ("x", 1), "西经": ("x", -1), "w": ("x", -1),
           "北纬": ("y", 1), "北緯": ("y", 1), "n": ("y", 1), "南纬": ("y", -1), "s": ("y", -1),
           "经度": ("x", 1), "经": ("x", 1), "纬度": ("y", 1), "纬": ("y", 1)}  # fmt: skip
_HALF = "|".join(sorted(_HALVES, key=len, reverse=True))
_DIGITS = r"[0-9]{1,3}(?:\.[0-9]{1,12})?"
_PART = r"[0-9]{1,3}(?:\.[0-9]{1,12})?"
_SIGNED = (
    rf"(?P<d>{_DIGITS})\s*[°º˚度d]\s*(?:(?P<m>{_PART})\s*(?:['′‘’´`分m]\s*"
    rf"(?:(?P<s>{_PART})\s*(?:[\"″“”秒]|['′’]{{2}}|s(?![a-z]))?\s*)?)?)?"
)
_BARE = (
    r"(?P<d>[0-9]{1,3})(?P<by>[:\-]|\s)\s*(?P<m>[0-9]{1,2})"
    r"(?P=by)\s*(?P<s>[0-9]{1,2}(?:\.[0-9]{1,12})?)"
)
_DOTTED = r"(?P<d>[0-9]{1,3})\.(?P<m>[0-9]{1,2})\.(?P<s>[0-9]{1,2}(?:\.[0-9]{1,12})?)"
_FORMS = tuple(
    re.compile(rf"(?P<sign>[+-]?)\s*(?P<front>{_HALF})?\s*[:=]?\s*{form}\s*(?P<back>{_HALF})?")
    for form in (_SIGNED, _BARE, _DOTTED)
)
_LETTERED = re.compile(
    rf"(?P<front>{_HALF})\s*[:=]?\s*(?P<d>{_DIGITS})|(?P<e>{_DIGITS})\s*(?P<back>{_HALF})"
)


def parse_angle(text: str, axis: str) -> float | None:
    """Decimal degrees of a cell with signs of an angle; None where it is none.

    Parameters
    ----------
    axis
        ``x`` or ``y``: a cell that says to be of the other one is refused.

    Raises
    ------
    InputRefused
        It has sixty minutes or seconds, says two signs, or is of the other axis.
    """
    if len(text) > _LONGEST:
        return None
    cell = plain(text).lower().replace("：", ":").replace("′′", "″")
    found = next((m for form in _FORMS if (m := form.fullmatch(cell))), None)
    if found is None:
        return _lettered(text, cell, axis)
    parts = [float(found[name]) if found[name] else 0.0 for name in ("d", "m", "s")]
    halves = {_HALVES[half] for name in ("front", "back") if (half := found[name])}
    number = of_parts(*parts)
    fraction = (found["m"] and "." in found["d"]) or (found["s"] and "." in found["m"])
    if number is None or fraction or not _fits(halves, axis, found["sign"]):
        raise InputRefused("geo.no_angle", value=text.strip())
    return -number if found["sign"] == "-" or (axis, -1) in halves else number


def _lettered(text: str, cell: str, axis: str) -> float | None:
    """Decimal degrees with a word for the half of the world: E120.155."""
    found = _LETTERED.fullmatch(cell)
    if found is None:
        return None
    halves = {_HALVES[half] for name in ("front", "back") if (half := found[name])}
    if not _fits(halves, axis, ""):
        raise InputRefused("geo.no_angle", value=text.strip())
    number = float(found["d"] or found["e"])
    return -number if (axis, -1) in halves else number


def _fits(halves: set[tuple[str, int]], axis: str, sign: str) -> bool:
    return len(halves) <= 1 and all(one == axis for one, _ in halves) and not (halves and sign)


def of_parts(degrees: float, minutes: float, seconds: float) -> float | None:
    """Decimal degrees of three parts, none of them negative; None where there is no such angle."""
    if not (0 <= minutes < 60 and 0 <= seconds < 60 and 0 <= degrees <= 180):
        return None
    return degrees + minutes / 60 + seconds / 3600


def coordinate(text: str) -> float | None:
    """A number, or decimal degrees of an angle of any axis; None where a cell is neither."""
    number = parse_number(text)
    if number is not None or not text.strip():
        return number
    for axis in ("x", "y"):
        try:
            return parse_angle(text, axis)
        except InputRefused:
            continue
    return None
