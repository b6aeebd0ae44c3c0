"""Where the headings of a file of visits stand: below titles, in one row or two, on a sheet."""

from __future__ import annotations

from pathlib import Path

from hydrant.errors import InputRefused
from hydrant.exchange.readers import headed_at_each, read_headed, read_table
from hydrant.exchange.sheets_of_faults import with_bad_sheets
from hydrant.exchange.table import Table
from hydrant.exchange.ticked_states import with_ticked_outcome
from hydrant.exchange.two_rows import names_follow, second_row_follows
from hydrant.exchange.visit_headings import REQUIRED, visit_headings, with_parts


def read_visits(path: Path, *, encoding: str | None = None, layer: str | None = None) -> Table:
    """The rows of a file of visits, whose headings may stand below titles and in two storeys.

    They stand where code, day and outcome are named together, as groups above them have it; where
    they nowhere do, they are looked for as a register's are.

    Parameters
    ----------
    layer
        Sheet of a workbook; None for the first, where no other holds visits.

    Raises
    ------
    InputRefused
        See `read_headed`; several sheets hold visits, and none is named.
    """
    table = _with_visits(path, encoding, layer)
    if table is None:
        return read_headed(path, encoding=encoding, layer=layer)[0]
    more = [name for name in table.beside if layer is None and _holds_visits(path, encoding, name)]
    if more:
        raise InputRefused("exchange.visit_sheets", file=path.name, sheets=tuple(more))
    return with_bad_sheets(path, table, layer)


def _with_visits(path: Path, encoding: str | None, layer: str | None) -> Table | None:
    """A file's rows below headings of visits; None where no row of it is such."""
    for row, one in headed_at_each(path, encoding=encoding, layer=layer):
        table = _with_outcome(one)
        if {*REQUIRED} <= visit_headings(table).keys():
            if table.lines[0] == row + 1 and second_row_follows(table):
                lower = read_table(path, encoding=encoding, header_row=row + 1, layer=layer)
                lower = _with_outcome(lower)
                if names_follow(table) or {*REQUIRED} <= visit_headings(lower).keys():
                    return lower
            return table
    return None


def _with_outcome(table: Table) -> Table:
    """The table with a heading over its outcome, where ticks or parts of one stand for it."""
    return table if "outcome" in visit_headings(table) else with_parts(with_ticked_outcome(table))


def _holds_visits(path: Path, encoding: str | None, layer: str) -> bool:
    try:
        found = _with_visits(path, encoding, layer)
    except InputRefused:  # a sheet of another form, or none that can be read
        return False
    return found is not None and len(found) > 0
