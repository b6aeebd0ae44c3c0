"""Positions as people write them into one cell: WKT, "lat lon", decimal commas."""

from __future__ import annotations

import re
from math import isfinite

_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_WKT = re.compile(
    rf"\s*(?:SRID=\d+;)?\s*POINT\s*(?:Z|M|ZM)?\s*\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})*\s*\)\s*",
    re.IGNORECASE,
)
_PAIR = re.compile(rf"\s*({_NUMBER})\s*[,;，；\s]\s*({_NUMBER})\s*")
_COMMA_PAIR = re.compile(r"\s*([-+]?\d+,\d+)\s*[;；\s]\s*([-+]?\d+,\d+)\s*")

_ONE_NUMBER = re.compile(r"\s*[-+]?\d+[,，]\d+\s*")


def parse_wkt(text: str) -> tuple[float, float] | None:
    """Give x and y of a WKT point (``POINT (-75.7 45.5)``); None when it is none."""
    match = _WKT.fullmatch(text)
    return None if match is None else _both(match)


def parse_pair(text: str) -> tuple[float, float] | None:
    """Two numbers of one cell in the order written; None when there are not just two.

    Digits, a comma and digits are one number with a decimal comma.
    """
    if _ONE_NUMBER.fullmatch(text):
        return None
    match = _PAIR.fullmatch(text) or _COMMA_PAIR.fullmatch(text)
    return None if match is None else _both(match)


def _both(match: re.Match[str]) -> tuple[float, float] | None:
    first, second = parse_number(match[1]), parse_number(match[2])
    return None if first is None or second is None else (first, second)


def parse_number(text: str) -> float | None:
    """Finite number of a cell, decimal comma allowed; None when it is none."""
    plain = text.strip()
    if plain.count(",") == 1:
        plain = plain.replace(",", ".")
    if "_" in plain:
        return None  # Python reads 1_000 as a number, nobody writes one so
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if isfinite(number) else None
