"""Positions as people write them into one cell: WKT, "lat lon", decimal commas."""

from __future__ import annotations

import re

_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_WKT = re.compile(
    rf"\s*(?:SRID=\d+;)?\s*POINT\s*(?:Z|M|ZM)?\s*\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})*\s*\)\s*",
    re.IGNORECASE,
)
_PAIR = re.compile(rf"\s*({_NUMBER})\s*[,;，；\s]\s*({_NUMBER})\s*")
_COMMA_PAIR = re.compile(r"\s*([-+]?\d+,\d+)\s*[;；\s]\s*([-+]?\d+,\d+)\s*")


def parse_wkt(text: str) -> tuple[float, float] | None:
    """Give x and y of a WKT point (``POINT (-75.7 45.5)``); None when it is none."""
    match = _WKT.fullmatch(text)
    return None if match is None else (float(match.group(1)), float(match.group(2)))


def parse_pair(text: str) -> tuple[float, float] | None:
    """Two numbers of one cell in the order written; None when there are not just two."""
    match = _PAIR.fullmatch(text)
    if match is not None:
        return float(match.group(1)), float(match.group(2))
    match = _COMMA_PAIR.fullmatch(text)
    if match is None:
        return None
    first, second = (group.replace(",", ".") for group in match.groups())
    return float(first), float(second)


def parse_number(text: str) -> float | None:
    """Number of a cell, decimal comma allowed; None when it is none."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(text.strip().replace(",", ".")) if text.count(",") == 1 else None
    except ValueError:
        return None
