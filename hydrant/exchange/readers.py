"""Reads files into tables; one function per form, chosen by the file's ending."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

from hydrant.errors import InputRefused
from hydrant.exchange.csv_file import csv_table
from hydrant.exchange.ditto import without_dittos
from hydrant.exchange.encoding import read_bytes
from hydrant.exchange.json_file import read_json
from hydrant.exchange.osm_tags import with_stages
from hydrant.exchange.stated_systems import of_geopackage
from hydrant.exchange.table import (
    Table,
    TooManyCells,
    collector_paused,
    columns_of,
    headings,
    require_bounded,
    split_points,
)
from hydrant.exchange.table_marks import with_marks
from hydrant.exchange.two_rows import are_words, joined, second_row_follows, storeys
from hydrant.exchange.unpacked import unpacked
from hydrant.exchange.wkt_file import wkt_table

_GIS = (".shp", ".kml", ".gpx", ".gml", ".fgb", ".osm", ".pbf")
_JSON = (".geojson", ".json", ".jsonl", ".ndjson", ".geojsonl")
_BOOKS = (".xlsx", ".xlsm")
_PACKED = (".zip", ".kmz", ".bz2")


def read_table(
    path: Path,
    *,
    encoding: str | None = None,
    header_row: int = 1,
    layer: str | None = None,
) -> Table:
    """The rows of a file.

    Parameters
    ----------
    encoding
        Of a text file; None lets BOM or UTF-8 decide.
    header_row
        Line of the headings, counted from 1; lines above it are titles.
    layer
        Sheet or layer; None takes the first.

    Raises
    ------
    InputRefused
        The file is missing, empty, not what its name says, or cannot be decoded.
    """
    readers: dict[str, Callable[[], Table]] = {
        ".csv": lambda: _read_csv(path, encoding, header_row),
        ".txt": lambda: _read_csv(path, encoding, header_row),
        ".tsv": lambda: _read_csv(path, encoding, header_row),
        ".xlsx": lambda: _read_xlsx(path, header_row, layer),
        ".xlsm": lambda: _read_xlsx(path, header_row, layer),
        **{e: lambda: read_json(path, encoding, _cell) for e in _JSON},
        ".gpkg": lambda: _read_gpkg(path, layer),
        ".wkt": lambda: wkt_table(path, encoding),
        **{e: lambda: _read_gis(path, layer, encoding) for e in _GIS},
        **{e: lambda: _read_packed(path, encoding, header_row, layer) for e in _PACKED},
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputRefused("exchange.form", file=path, known=", ".join(readers))
    with collector_paused():
        table = reader()
    if len(table) == 0 and table.beside and layer is None and path.suffix.lower() in _BOOKS:
        raise InputRefused("exchange.no_rows_here", file=path, known=", ".join(table.beside))
    if len(table) == 0:
        is_osm = path.suffix.lower() in (".osm", ".pbf") or table.crs is not None
        raise InputRefused("exchange.no_sources" if is_osm else "exchange.no_rows", file=path)
    typed = path.suffix.lower() not in (".osm", ".pbf")  # objects there have no order
    columns, repeated = without_dittos(table.columns) if typed else (table.columns, {})
    return replace(table, columns=with_stages(columns), repeated=repeated)


#: Rows among which headings are looked for; titles above them are rarely more.
_MOST_TITLES = 12
#: Errors that only say that the headings do not stand there, or that no rows follow.
_NOT_HEADED = ("exchange.too_many_cells", "exchange.no_heading_above", "exchange.no_rows",
               "exchange.no_rows_here", "exchange.empty", "exchange.empty_sheet")  # fmt: skip


def read_headed(
    path: Path, *, encoding: str | None = None, layer: str | None = None
) -> tuple[Table, int]:
    """The rows of a file whose headings may stand below merged titles, and their row.

    Raises
    ------
    InputRefused
        See `read_table`; the first row is taken when none looks like headings.
    """
    if not _may_have_titles(path):
        return read_table(path, encoding=encoding, layer=layer), 1
    for row, table in headed_at_each(path, encoding=encoding, layer=layer):
        if _looks_headed(table):
            if table.lines[0] == row + 1 and second_row_follows(table):
                return read_table(path, encoding=encoding, header_row=row + 1, layer=layer), row + 1
            return table, row
    return read_table(path, encoding=encoding, layer=layer), 1


def headed_at_each(
    path: Path, *, encoding: str | None = None, layer: str | None = None
) -> Iterator[tuple[int, Table]]:
    """A file as it reads with its headings in each of the first rows, and that row.

    Raises
    ------
    InputRefused
        See `read_table`; where the headings only do not stand in a row, that one is left out. A row
        that looks like headings above one with too many cells is refused with that one in the end,
        unless other words stand as headings below it.
    """
    refused: TooManyCells | None = None
    for row in range(1, (_MOST_TITLES if _may_have_titles(path) else 1) + 1):
        try:
            table = read_table(path, encoding=encoding, header_row=row, layer=layer)
        except InputRefused as error:
            if error.key not in _NOT_HEADED:
                raise
            if isinstance(error, TooManyCells) and are_words(error.names):
                # a line of titles above the headings has fewer cells than they
                wider = refused is None or len(error.names) > len(refused.names)
                refused = error if wider else refused
            continue
        if refused is not None:
            if {*refused.names} <= {*table.columns}:
                raise refused  # the headings once more, on a later page
            if not are_words(table.columns):
                continue
        yield row, table
    if refused is not None:
        raise refused


def _may_have_titles(path: Path) -> bool:
    return path.suffix.lower() in (".csv", ".txt", ".tsv", *_BOOKS)


def _looks_headed(table: Table) -> bool:
    """Whether most columns with cells have a heading that is a word."""
    filled = [name for name, cells in table.columns.items() if any(cells[:200])]
    words = [name for name in filled if not name.startswith("column") and not _is_number(name)]
    return len(filled) >= 2 and len(words) >= 0.7 * len(filled)


def _is_number(name: str) -> bool:
    return name.replace(".", "", 1).replace("-", "", 1).isdigit()


def _read_csv(path: Path, encoding: str | None, header_row: int) -> Table:
    return csv_table(path, read_bytes(path), encoding, header_row)


def _cell(value: Any) -> str:
    """Text of a spreadsheet or JSON value; a whole float loses its ".0"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _of_float(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if not hasattr(value, "tolist"):
        return str(value)
    # GML repeats an element for each of several values; JSON has a list for them
    parts = [_cell(part) for part in value.tolist()]
    return parts[0] if len(parts) == 1 else json.dumps(parts, ensure_ascii=False)


#: Whole numbers below it have each digit in a float and in the fifteen that a spreadsheet keeps.
_EXACT = 1e15


def _of_float(value: float) -> str:
    """A whole number without ".0"; not-a-number is how some programs write an empty cell."""
    if isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else str(value)


def _read_xlsx(path: Path, header_row: int, layer: str | None) -> Table:
    from hydrant.exchange.workbook_file import read_cells  # noqa: PLC0415  only workbooks

    found = read_cells(path, header_row, layer)
    if not found.rows and found.others and layer is None:
        raise InputRefused("exchange.empty_sheet", file=path, known=", ".join(found.others))
    titles = [[_cell(value) for value in row] for row in found.above]
    names = [_cell(value) for value in found.rows[0]] if found.rows else []
    grouped = joined(titles[-1], _widened(names, titles[-1])) if titles else None
    table = _from_values(path, found.rows, header_row, grouped)
    written = storeys(titles[-1], _widened(names, titles[-1])) if titles else ()
    titles = titles if grouped is None else titles[:-1]
    above = tuple(text for row in titles if (text := " ".join(filter(None, row))))
    table = replace(table, beside=found.others, above=above, hidden=found.hidden, storeys=written)
    return with_marks(table, found.marks)


def _widened(names: list[str], above: list[str]) -> list[str]:
    """Headings as far as the row above them reaches: a sheet's rows end with their last cell."""
    return names + [""] * (len(above) - len(names))


def _from_values(
    path: Path, values: list[tuple[Any, ...]], header_row: int, named: list[str] | None
) -> Table:
    if not values:
        raise InputRefused("exchange.empty", file=path)
    require_bounded(path, columns=len(values[0]), rows=len(values))
    names = headings(named or [_cell(value) for value in values[0]])
    rows, lines = [], []
    for offset, row in enumerate(values[1:], start=1):
        if any(value is not None for value in row):
            rows.append([_of_sheet(value) for value in row])
            lines.append(header_row + offset)
            _refuse_beyond(path, names, rows[-1], lines[-1])
    return Table(path.name, columns_of(path, names, rows, lines), lines)


def _refuse_beyond(path: Path, names: Sequence[str], cells: Sequence[str], line: int) -> None:
    """Refuse a row of a sheet with a cell to the right of the last heading."""
    found = next((at for at in range(len(names), len(cells)) if cells[at]), None)
    if found is not None:
        from openpyxl.utils import get_column_letter  # noqa: PLC0415  only workbooks

        at = f"{get_column_letter(found + 1)}{line}"
        facts = {"file": path, "line": line, "cell": at, "value": cells[found]}
        raise TooManyCells("exchange.no_heading_above", names, **facts)


#: How a workbook writes signs that XML has not, and openpyxl leaves. Source: ECMA-376, 22.9.2.19.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def _of_sheet(value: Any) -> str:
    """Text of a workbook's cell; of a longer number than it keeps the last digits are noughts."""
    if type(value) is int and abs(value) >= _EXACT:
        return str(float(value))
    if type(value) is str and "_x" in value:
        value = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    return _cell(value)


def _read_gis(path: Path, layer: str | None, encoding: str | None) -> Table:
    from hydrant.exchange.gis import read_gis  # noqa: PLC0415  brings GDAL

    read_bytes_exists(path)
    return read_gis(path, layer, encoding, _cell)


def _read_packed(path: Path, encoding: str | None, header_row: int, layer: str | None) -> Table:
    """The one file of an archive that can be read; `layer` names it where there are several."""
    with unpacked(path) as folder:
        if path.suffix.lower() == ".kmz":
            return _read_gis(path, layer, encoding)  # its parts refer to each other
        names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in _MEMBERS)
        chosen = layer if layer in names else names[0] if len(names) == 1 else None
        if chosen is None:
            known = ", ".join(names) or "–"
            raise InputRefused("exchange.no_layer", file=path, layer=layer or "–", known=known)
        inner = None if layer == chosen else layer
        try:
            table = read_table(
                folder / chosen, encoding=encoding, header_row=header_row, layer=inner
            )
        except InputRefused as error:
            # the user knows the archive, not where its content lay for a moment
            raise InputRefused(error.key, **{**error.facts, "file": path}) from None
    return replace(table, file=path.name)


_MEMBERS = {".csv", ".tsv", ".xlsx", ".gpkg", ".wkt", *_JSON, *_GIS}


def _read_gpkg(path: Path, layer: str | None) -> Table:
    """Features of another GeoPackage; SQLite reads it, so no second library opens the file."""
    from hydrant.store.ground.foreign_gpkg import read_features  # noqa: PLC0415  only GeoPackages

    read_bytes_exists(path)
    found = read_features(path, layer)
    lines = list(range(1, len(found.rows) + 1))
    texts = [[_cell(value) for value in row] for row in found.rows]
    columns = columns_of(path, headings(found.names), texts, lines)
    xs, ys = split_points(found.points)
    drawn = {}
    if found.shapes:
        from hydrant.exchange.drawn import places_in_wkb  # noqa: PLC0415  brings GEOS

        drawn = places_in_wkb(found.shapes, xs, ys)
    system = found.system
    crs = None
    if system is not None:
        crs = of_geopackage(system.organization, system.code, system.definition)
    return Table(path.name, columns, lines, (xs, ys), crs, drawn=drawn, beside=found.others)


def read_bytes_exists(path: Path) -> None:
    """Refuse a missing file before SQLite would make an empty one."""
    if not path.is_file():
        raise InputRefused("exchange.missing", file=path)
