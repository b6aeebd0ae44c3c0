"""A file of WKT: one geometry after another, each over as many lines as it likes."""

from __future__ import annotations

import re
from pathlib import Path

from hydrant.errors import InputRefused
from hydrant.exchange.encoding import decode, read_bytes
from hydrant.exchange.table import Table, require_bounded

_BEGIN = re.compile(r"\s*(?:SRID=\d{1,9};)?\s*[A-Za-z]{5,20}\b")
_SPACE = re.compile(r"\s*")
_MARKS = re.compile(r"[()]")


def wkt_table(path: Path, encoding: str | None) -> Table:
    """The geometries of a file under the heading ``wkt``; a row's line is where it begins.

    Raises
    ------
    InputRefused
        Something in it is no geometry.
    """
    text = decode(path, read_bytes(path), encoding).rstrip()
    cells, lines = [], []
    place, line = 0, 1
    while place < len(text):
        gap = _SPACE.match(text, place)
        line += gap[0].count("\n") if gap is not None else 0
        begin = _BEGIN.match(text, place)
        end = None if begin is None else _end(text, begin.end())
        if end is None:
            raise InputRefused("exchange.no_wkt_here", file=path, line=line)
        cells.append(text[place:end].strip())
        lines.append(line)
        line += cells[-1].count("\n")
        place = end
    require_bounded(path, columns=1, rows=len(cells))
    return Table(path.name, {"wkt": cells}, lines)


def _end(text: str, place: int) -> int | None:
    """Where the geometry ends whose brackets open next; None where they never close."""
    depth = 0
    for mark in _MARKS.finditer(text, place):
        depth += 1 if mark[0] == "(" else -1
        if depth == 0:
            return mark.end()
        if depth < 0:
            return None
    return None
