"""Degrees, minutes and seconds that stand in a column each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain

from hydrant.exchange.place_headings import joined
from hydrant.exchange.suggestion import share, words
from hydrant.exchange.table import Table
from hydrant.geo.angles import of_parts
from hydrant.geo.text_forms import parse_number

#: What a heading ends with, by the part that it is of.
_PARTS = {
    "": r"度|degrees?|degs?|d|°",
    "minutes": r"分|minutes?|mins?|m|′|'",
    "seconds": r"秒|seconds?|secs?|s|″|\"",
}
_PATTERNS = {part: re.compile(rf"(.+?)(?:{ends})") for part, ends in _PARTS.items()}
#: Words of an axis that stand before a part only.
_BEFORE = {"x": ("经", "經", "东经", "東經"), "y": ("纬", "緯", "北纬", "北緯")}
_ENOUGH, _SIGNS = 0.9, "°度′'分″\"秒"


@dataclass(frozen=True, slots=True)
class Parts:
    """Headings by axis and part: ``x``, ``x_minutes``, ``y_seconds``, …."""

    found: dict[str, str]

    def by_key(self) -> Iterator[tuple[str, str]]:
        """Keys of a mapping and their headings, each axis from degrees to seconds."""
        for key in ("x", "x_minutes", "x_seconds", "y", "y_minutes", "y_seconds"):
            if key in self.found:
                yield key, self.found[key]

    @property
    def headings(self) -> list[str]:
        """All headings."""
        return [name for _, name in self.by_key()]


def parts_of(table: Table, used: Collection[str]) -> Parts | None:
    """Columns of degrees and minutes, perhaps seconds, of both axes; None where there are none."""
    found: dict[str, str] = {}
    known = words()["position"]
    for axis in ("x", "y"):
        names = {joined(word) for word in chain(known[axis], _BEFORE[axis])}
        for name in table.columns:
            heading = joined(name)
            for part, pattern in _PATTERNS.items():
                match = pattern.fullmatch(heading)
                key = f"{axis}_{part}".rstrip("_")
                if match and match[1] in names and name not in used and _numbers(table, name):
                    found.setdefault(key, name)
    if not {"x", "x_minutes", "y", "y_minutes"} <= found.keys():
        return None
    if ("x_seconds" in found) is not ("y_seconds" in found):
        return None
    return Parts(found)


def degrees_of(table: Table, parts: Parts) -> tuple[list[float], list[float]]:
    """Decimal degrees of rows that have them, for a look at where they lie."""
    axes: list[list[float]] = []
    for axis in ("x", "y"):
        keys = [key for key, _ in parts.by_key() if key.partition("_")[0] == axis]
        columns = [table.columns[parts.found[key]] for key in keys]
        made = []
        for cells in zip(*columns, strict=True):
            read = [parse_number(cell.rstrip(_SIGNS)) for cell in cells]
            number = of_parts(*(abs(read[0] or 0), *(part or 0.0 for part in read[1:]), 0.0)[:3])
            made.append(0.0 if number is None else number)
        axes.append(made)
    return axes[0], axes[1]


def _numbers(table: Table, name: str) -> bool:
    return (
        share(table.columns[name], lambda c: parse_number(c.rstrip("°度′'分″\"秒")) is not None)
        >= _ENOUGH
    )
