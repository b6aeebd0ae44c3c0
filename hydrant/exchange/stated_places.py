"""Coordinates as a file states them: two columns, one cell, WKT, or geometry of its own."""

from __future__ import annotations

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.angle_columns import Axis, decimal_degrees, numbers, of_parts
from hydrant.exchange.cells import Problem
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.place_headings import stated_angles
from hydrant.exchange.table import Drawn, Table
from hydrant.exchange.wkt_cells import points_in_wkt
from hydrant.geo import datum
from hydrant.geo.numbers import Marks
from hydrant.geo.pasted import pair_in_cell
from hydrant.geo.systems import angular


def stated_places(
    table: Table,
    mapping: Mapping,
    stated: str | None,
    problems: dict[int, Problem],
    drawn: dict[int, Drawn],
) -> tuple[list[float], list[float]]:
    """Coordinates as written; NaN where a row has none.

    Parameters
    ----------
    stated
        Their system, which tells whether they are degrees.
    drawn
        What is drawn besides points is added.

    Raises
    ------
    InputRefused
        The file has no position, or the mapping names a column that is not there.
    """
    degrees = stated is None or angular(datum.stated_by(stated))
    if mapping.x is not None and mapping.y is not None:
        return _two_columns(table, mapping, problems, degrees=degrees)
    for heading, swap in ((mapping.latlon, True), (mapping.lonlat, False)):
        if heading is not None:
            return _one_column(table, heading, mapping.angles, problems, swap=swap)
    if mapping.wkt is not None:
        cells = table.column(mapping.wkt)
        return _pairs(points_in_wkt(cells, drawn), cells, problems)
    if table.points is None:
        raise InputRefused("exchange.no_position", file=table.file, known=", ".join(table.columns))
    drawn |= table.drawn
    points = [
        None if x is None or y is None else (x, y) for x, y in zip(*table.points, strict=True)
    ]
    for row in table.drawn:
        # why it has no place is told with what is drawn there
        points[row] = points[row] or (float("nan"), float("nan"))
    return _pairs(points, None, problems)


def _two_columns(
    table: Table, mapping: Mapping, problems: dict[int, Problem], *, degrees: bool
) -> tuple[list[float], list[float]]:
    # no degree has thousands, a metre may
    marks = Marks(mapping.decimal, stated=mapping.decimal is not None, groups=not degrees)
    axes = []
    for name, parts in (("x", mapping.x_parts), ("y", mapping.y_parts)):
        cells = [table.column(heading) for heading in parts]
        if len(parts) > 1:
            axes.append(of_parts(cells, name, problems, marks))
        else:
            axes.append(numbers(cells[0], name, problems, marks, degrees=degrees))
    if not degrees:
        return axes[0].numbers, axes[1].numbers
    bare = [parts[0] for parts in (mapping.x_parts, mapping.y_parts) if len(parts) == 1]
    return decimal_degrees(table.file, axes, bare, mapping.angles, problems)


def _one_column(
    table: Table, heading: str, angles: str | None, problems: dict[int, Problem], *, swap: bool
) -> tuple[list[float], list[float]]:
    """Pairs of one column; those with signs of degrees say themselves what they are."""
    cells = table.column(heading)
    found: list[tuple[float, float] | None] = []
    texts: set[int] = set()
    for row, cell in enumerate(cells):
        try:
            written = pair_in_cell(cell)
        except InputRefused as error:
            problems.setdefault(row, Problem("position", cell, Phrase(error.key, error.facts)))
            found.append((float("nan"), float("nan")))
            continue
        if written is not None and written.signed:
            texts.add(row)
        found.append(None if written is None else written.in_order(latitude_first=swap))
    xs, ys = _pairs(found, cells, problems)
    if stated_angles(table.file, [heading], angles) in (None, "decimal"):
        return xs, ys
    return decimal_degrees(
        table.file, [Axis("x", xs, texts), Axis("y", ys, texts)], [heading], angles, problems
    )


def _pairs(
    pairs: list[tuple[float, float] | None], cells: list[str] | None, problems: dict[int, Problem]
) -> tuple[list[float], list[float]]:
    """Both axes of pairs that cells state, or the file's own geometry where there are none."""
    for row, pair in enumerate(pairs):
        if pair is None:
            cell = "" if cells is None else cells[row].strip()
            key = "why_no_position" if cell else "why_empty_position"
            why = Phrase(f"exchange.{'why_no_geometry' if cells is None else key}")
            problems.setdefault(row, Problem("position", cell, why))
    nothing = (float("nan"), float("nan"))
    return [(pair or nothing)[0] for pair in pairs], [(pair or nothing)[1] for pair in pairs]
