"""Outlines of regions from any vector file, or a table with WKT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.gis import shapefile_encoding
from hydrant.exchange.readers import read_table
from hydrant.exchange.region_file import level_stated
from hydrant.exchange.vector import (
    TABLES,
    WKT_COLUMNS,
    RawShapes,
    in_degrees,
    overruled,
    raw_shapes,
)
from hydrant.geo.outlines import mended, stored, united
from hydrant.model.tables import Region
from hydrant.store.opened.writer import Writer
from hydrant.store.regions.region_outlines import put_outline
from hydrant.store.regions.region_rows import RegionRow, parent_of, put_regions
from hydrant.store.regions.regions import find_region, present_regions

#: Headings by what they say; the first that a file has is read. adcode is DataV's word.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "region_code", "adcode"),
    "name_zh": ("name_zh", "name"),
    "name_en": ("name_en",),
    "level": ("level",),
    "parent_code": ("parent_code",),
}
#: Words of other people for our levels.
_LEVELS = {"district": "county"}
_AREAS = (3, 6)


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of one region.

    Attributes
    ----------
    code, name_zh, name_en
        As the file states them; at least a code or a name.
    boundary, box
        WKB in EPSG:4490 degrees, and min lon, min lat, max lon, max lat.
    level, parent_code
        As the file states them, needed where the region is new.
    """

    line: int
    code: str | None
    name_zh: str | None
    name_en: str | None
    boundary: bytes
    box: tuple[float, float, float, float]
    level: str | None
    parent_code: str | None

    @property
    def called(self) -> str:
        """How messages name it."""
        return " ".join(part for part in (self.code, self.name_zh or self.name_en) if part)


@dataclass(frozen=True, slots=True)
class OutlineFile:
    """Outlines of a file; whose rings were mended, by name; what of it means nothing here.

    Attributes
    ----------
    overruled
        System that the file states, where somebody stated another one, which counts.
    """

    outlines: list[Outline]
    mended: list[str]
    unread: list[str]
    overruled: str | None = None


def holds_outlines(path: Path, encoding: str | None) -> bool:
    """Whether a file holds outlines rather than a plain table of regions."""
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        return False
    if suffix not in TABLES:
        return True
    table = read_table(path, encoding=encoding)
    return any(name.lower() in WKT_COLUMNS for name in table.columns)


def read_outlines(
    path: Path,
    *,
    crs: str | None,
    layer: str | None,
    encoding: str | None,
    columns: Mapping[str, str],
) -> OutlineFile:
    """Outlines of a file.

    Parameters
    ----------
    columns
        Headings that somebody states, by what they say (see `HEADINGS`).

    Raises
    ------
    InputRefused
        The file cannot be read or does not say what its coordinates refer to; a row has neither
        code nor name, is no area, or encloses nothing.
    """
    if path.suffix.lower() == ".shp":
        encoding = shapefile_encoding(path, encoding)
    raw = raw_shapes(path, "polygons", layer=layer, encoding=encoding, mend=True)
    read = _headings(path, raw, columns)
    rows = [_cells(raw, read, index) for index in range(len(raw.geometries))]
    for cells, line, kind in zip(rows, raw.lines, shapely.get_type_id(raw.geometries), strict=True):
        if not (cells["code"] or cells["name_zh"] or cells["name_en"]):
            known = ", ".join(name for names in list(HEADINGS.values())[:3] for name in names)
            raise InputRefused("exchange.outline_unnamed", file=path, line=line, known=known)
        if kind not in _AREAS:
            raise InputRefused("exchange.outline_no_area", file=path, name=_called(cells))
    shapes = _placed(path, raw, crs)
    sound, repaired = [], []
    for cells, shape in zip(rows, shapes, strict=True):
        whole = mended(shape)
        if whole is None:
            raise InputRefused("exchange.outline_empty", file=path, name=_called(cells))
        if not shapely.is_valid(shape):
            repaired.append(_called(cells))
        sound.append(whole)
    used = set(read.values())
    return OutlineFile(
        _outlines(rows, raw.lines, sound),
        repaired,
        [*(name for name in raw.fields if name not in used), *raw.beside],
        overruled(crs, raw.crs),
    )


def _headings(path: Path, raw: RawShapes, stated: Mapping[str, str]) -> dict[str, str | None]:
    """The heading under which a file says each thing; raises `InputRefused`."""
    for column in stated.values():
        if column not in raw.fields:
            known = ", ".join(raw.fields)
            raise InputRefused("exchange.no_column", file=path, column=column, near="", known=known)
    # Shapefiles like their headings in capitals
    written = {name.lower(): name for name in raw.fields}
    found = {
        target: next((written[name] for name in names if name in written), None)
        for target, names in HEADINGS.items()
    }
    return found | dict(stated)


def _cells(raw: RawShapes, read: Mapping[str, str | None], index: int) -> dict[str, str | None]:
    return {
        target: None if name is None else _text(raw.fields[name][index])
        for target, name in read.items()
    }


def _text(value: Any) -> str | None:
    """Text of a cell; a whole number loses its ".0"."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


def _called(cells: Mapping[str, str | None]) -> str:
    return " ".join(c for c in (cells["code"], cells["name_zh"] or cells["name_en"]) if c)


def _placed(path: Path, raw: RawShapes, crs: str | None) -> Any:
    """The areas in EPSG:4490 degrees, refused where it is not certain what they refer to."""
    try:
        shapes = in_degrees(path, raw.geometries, crs, raw.crs, option="--crs")
    except InputRefused as error:
        key = "exchange.outline_no_crs" if error.key == "exchange.no_crs" else error.key
        raise InputRefused(key, **error.facts) from None
    places = shapely.get_coordinates(shapes)
    if not (np.abs(places) <= (180, 90)).all():  # not-a-number is none either
        raise InputRefused("exchange.outline_no_crs", file=path)
    return shapes


def _outlines(rows: list[dict[str, str | None]], lines: Any, shapes: list[Any]) -> list[Outline]:
    """One outline for each region; rows that name the same one are its parts."""
    parts: dict[tuple[str | None, ...], list[int]] = {}
    for index, cells in enumerate(rows):
        key = (cells["code"],) if cells["code"] else (None, cells["name_zh"], cells["name_en"])
        parts.setdefault(key, []).append(index)
    found = []
    for indices in parts.values():
        cells, line = rows[indices[0]], int(lines[indices[0]])
        boundary, box = stored(united([shapes[index] for index in indices]))
        found.append(
            Outline(
                line, cells["code"], cells["name_zh"], cells["name_en"], boundary, box,
                cells["level"], cells["parent_code"],
            )
        )  # fmt: skip
    return found


@dataclass(slots=True)
class TakenOutlines:
    """What became of outlines: counts of regions, and names that the file spells otherwise."""

    counts: dict[str, int]
    renamed: list[str]


def take_outlines(writer: Writer, file: str, outlines: list[Outline], source: str) -> TakenOutlines:
    """Record outlines with the regions they belong to, which are made where they are new.

    Raises
    ------
    InputRefused
        A name is on no record or borne by several regions, or a new region has no level.
    """
    taken = TakenOutlines({"new": 0, "updated": 0, "unchanged": 0}, [])
    known = present_regions(writer.registry)
    seen: set[str] = set()
    for outline in outlines:
        try:
            region, action = _region(writer, file, outline, known, source)
            _refuse_twice(region.code, seen)
        except InputRefused as error:
            why = Phrase(error.key, error.facts)
            raise InputRefused("exchange.row", file=file, line=outline.line, why=why) from None
        if put_outline(writer, region, outline.boundary, outline.box) and action == "unchanged":
            action = "updated"
        taken.counts[action] += 1
        names = {name for name in (outline.name_zh, outline.name_en) if name}
        if not names <= {region.name_zh, region.name_en}:
            stands = region.name_zh or region.name_en or "–"
            taken.renamed.append(f"{outline.called} ({region.code} {stands})")
    return taken


def _refuse_twice(code: str, seen: set[str]) -> None:
    if code in seen:
        raise InputRefused("exchange.outline_twice", code=code)
    seen.add(code)


def _region(
    writer: Writer, file: str, outline: Outline, known: dict[str, Region], source: str
) -> tuple[Region, str]:
    """The region of an outline, and whether it is new."""
    if outline.code is None:
        return find_region(writer.registry, outline.name_zh or outline.name_en or ""), "unchanged"
    if outline.code in known:
        return known[outline.code], "unchanged"
    word = _LEVELS.get(outline.level or "", outline.level)
    row = RegionRow(
        code=outline.code,
        name_zh=outline.name_zh,
        name_en=outline.name_en,
        level=level_stated(file, outline.line, outline.code, word),
        parent_code=outline.parent_code or parent_of(outline.code),
    )
    put_regions(writer, [row], source=source)
    writer.flush()
    known[outline.code] = find_region(writer.registry, outline.code)
    return known[outline.code], "new"
