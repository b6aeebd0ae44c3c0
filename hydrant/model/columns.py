"""Column types that keep a registry a valid GeoPackage and hold the same in PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.types import UserDefinedType

from hydrant import times
from hydrant.model.geopoint import decode_point, encode_point, from_ewkb, to_ewkb


class UtcTime(UserDefinedType[dt.datetime]):
    """An aware UTC moment, stored as ``YYYY-MM-DDTHH:MM:SS.mmmZ``."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """Declared type: one of the GeoPackage's own."""
        return "DATETIME"

    def bind_processor(self, dialect: Dialect) -> Callable[[dt.datetime | None], str | None]:
        """Stored text of a moment."""
        return lambda moment: None if moment is None else times.to_text(moment)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[str | None], dt.datetime | None]:
        """Moment of stored text; what QGIS wrote without Z is UTC."""
        return lambda text: None if text is None else times.from_text(text)


class Point(UserDefinedType[tuple[float, float]]):
    """A position (lon, lat) in EPSG:4490 as a GeoPackage blob, or in PostGIS's form."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """Declared type of the geometry column."""
        return "POINT"

    def bind_processor(
        self, dialect: Dialect
    ) -> Callable[[tuple[float, float] | None], bytes | str | None]:
        """Stored form of a position."""
        if dialect.name == "postgresql":
            return lambda point: None if point is None else to_ewkb(*point)
        return lambda point: None if point is None else encode_point(*point)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], tuple[float, float] | None]:
        """Position of its stored form; a cursor of the store gives blobs on both stores."""
        return lambda stored: from_ewkb(stored) if isinstance(stored, str) else decode_point(stored)
