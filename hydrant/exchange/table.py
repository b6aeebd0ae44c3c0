"""A file as columns of text, the same shape whatever it was: CSV, XLSX, GeoJSON, GeoPackage."""

from __future__ import annotations

import difflib
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hydrant.errors import InputRefused


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's cycle collector from walking hundreds of thousands of live rows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file, held by column.

    Attributes
    ----------
    file
        Name of the file, for messages.
    columns
        Heading to cells; a cell is text, empty where the file says nothing.
    lines
        Number of each row as people count it in that file.
    points
        x and y from the file's own geometry, where it has one.
    crs
        Coordinate system that the file itself states for them.
    """

    file: str
    columns: dict[str, list[str]]
    lines: Sequence[int]
    points: tuple[list[float | None], list[float | None]] | None = None
    crs: str | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, heading: str) -> list[str]:
        """Cells under a heading; raises `InputRefused` naming the headings there are."""
        if heading in self.columns:
            return self.columns[heading]
        near = difflib.get_close_matches(heading, self.columns, n=1)
        raise InputRefused(
            "exchange.no_column",
            file=self.file,
            column=heading,
            near=f" ({near[0]}?)" if near else "",
            known=", ".join(self.columns),
        )


def headings(names: Sequence[str]) -> list[str]:
    """Headings made unique and none empty: blank ones are numbered, repeats get a suffix."""
    made: list[str] = []
    for index, name in enumerate(names, start=1):
        heading = name.strip() or f"column{index}"
        while heading in made:
            heading += "_"
        made.append(heading)
    return made
