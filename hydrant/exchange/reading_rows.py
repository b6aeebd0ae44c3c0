"""Rows of a text of pushed readings: JSON lines, JSON arrays, or CSV with a heading.

A row that cannot be taken as it stands is told by its line, and the others are read.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hydrant.errors import Phrase

FIELDS = ("device", "sensor", "asset", "quantity", "at", "value", "unit")
NAMING = ("device", "sensor", "asset")
#: Characters of a line of CSV; a longer one is no reading, and millions of cells take memory.
_LONGEST_LINE = 100_000
_SHOWN = 60

Row = tuple[int, Mapping[str, Any] | Phrase]


def rows_of(text: str) -> Iterator[Row]:
    """Number of its line and fields of each row, or why it cannot be taken."""
    text = text.lstrip("\ufeff")
    begins = text.lstrip()[:1]
    if begins == "[":
        return _array(text)
    return _json_lines(text, 1) if begins == "{" else _csv(text)


class _Repeated:
    """Stands for an object that names a field twice."""

    def __init__(self, field: str) -> None:
        self.field = field


def _once(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    return _Repeated(next(name for name in names if names.count(name) > 1))


_JSON = json.JSONDecoder(object_pairs_hook=_once)


def _row(found: Any) -> Mapping[str, Any] | Phrase:
    if isinstance(found, _Repeated):
        return _twice(found.field)
    return found if isinstance(found, dict) else _no_reading()


def _no_reading() -> Phrase:
    return Phrase("exchange.reading_form", {"known": ", ".join(FIELDS)})


def _twice(field: str) -> Phrase:
    return Phrase("exchange.reading_twice", {"field": field[:_SHOWN]})


def _cut() -> Phrase:
    return Phrase("exchange.reading_cut", {})


def _json_lines(text: str, first: int) -> Iterator[Row]:
    for line, part in enumerate(text.split("\n"), first):
        if not part.strip():
            continue
        try:
            found = _JSON.decode(part)
        except (ValueError, RecursionError):
            yield line, _no_reading()
            continue
        for one in found if isinstance(found, list) else [found]:
            yield line, _row(one)


_GAP = re.compile(r"\s*")
_NEXT = re.compile(r"\n\s*(?=\{)")


def _array(text: str) -> Iterator[Row]:
    """Objects of an array; what follows it are lines."""
    reader = _Place(text)
    reader.skip(1)
    ended = reader.at("]")
    while not ended:
        line = reader.line
        try:
            found, end = _JSON.raw_decode(text, reader.place)
        except (ValueError, RecursionError):
            yield line, _no_reading() if (going := reader.go_on()) else _cut()
            if not going:
                return
            continue
        yield line, _row(found)
        reader.move(end)
        ended = reader.at("]")
        if not ended and reader.at(","):
            reader.skip(1)
        elif not ended:
            yield reader.line, _cut()
            if not reader.go_on():
                return
    reader.skip(1)
    yield from _json_lines(text[reader.place :], reader.line)


class _Place:
    """Where reading a text has come to, and in which line that is."""

    def __init__(self, text: str) -> None:
        self._text, self.place, self.line = text, 0, 1
        self.move(0)

    def move(self, place: int) -> None:
        """Go to a place and over the gap there."""
        gap = _GAP.match(self._text, place)
        end = place if gap is None else gap.end()
        self.line += self._text.count("\n", self.place, end)
        self.place = end

    def skip(self, count: int) -> None:
        """Go over some characters and the gap behind them."""
        self.move(self.place + count)

    def at(self, mark: str) -> bool:
        """Whether a mark stands here."""
        return self._text.startswith(mark, self.place)

    def go_on(self) -> bool:
        """Go to the next line that begins with an object, if there is one."""
        found = _NEXT.search(self._text, self.place)
        if found is not None:
            self.move(found.end())
        return found is not None


def _csv(text: str) -> Iterator[Row]:
    """Rows under a heading; each line is one, so that a stray quote costs no other."""
    names: Sequence[str] | None = None
    count = 0
    for line, part in enumerate(io.StringIO(text, newline=None), 1):
        if not part.strip():
            continue
        if names is None:
            heading = _heading(part)
            if isinstance(heading, Phrase):
                rest = sum(1 for other in text.splitlines()[line:] if other.strip())
                yield line, Phrase(heading.key, {**heading.facts, "count": rest})
                return
            names, count = heading, len(heading)
        elif not part.endswith("\n"):
            # nobody can tell 4 from the beginning of 425
            yield line, _cut()
        else:
            yield line, _cells_row(part, names, count)


def _cells_row(part: str, names: Sequence[str], count: int) -> Mapping[str, Any] | Phrase:
    cells = _cells(part)
    if cells is None:
        return _no_reading()
    stray = any(cell for name, cell in zip(names, cells, strict=False) if not name)
    if len(cells) != count or stray:
        return Phrase("exchange.reading_cells", {"cells": len(cells), "columns": count})
    return {name: cell or None for name, cell in zip(names, cells, strict=True) if name}


def _cells(part: str) -> list[str] | None:
    """Cells of a line; None where it is none of CSV, or longer than any reading."""
    if len(part) > _LONGEST_LINE:
        return None
    try:
        return next(csv.reader([part.rstrip("\n")], strict=True), None)
    except csv.Error:
        return None


def _heading(part: str) -> list[str] | Phrase:
    """Names of the columns; a column without a name must be empty."""
    names = _cells(part) or [part[:_SHOWN]]
    named = [name for name in names if name]
    facts = {"heading": part.strip()[:_SHOWN], "known": ", ".join(FIELDS), "count": 0}
    if (
        set(named) - set(FIELDS)
        or not {"at", "value"} <= set(named)
        or not set(NAMING) & set(named)
    ):
        return Phrase("exchange.reading_heading", facts)
    if len(set(named)) < len(named):
        return Phrase("exchange.reading_heading_twice", facts)
    return names
