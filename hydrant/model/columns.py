"""Column types that keep a registry a valid GeoPackage (and move to PostgreSQL later)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.types import UserDefinedType

from hydrant import times
from hydrant.model.geopoint import decode_point, encode_point


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
    """A position (lon, lat) in EPSG:4490 as a GeoPackage blob."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """Declared type of the geometry column."""
        return "POINT"

    def bind_processor(
        self, dialect: Dialect
    ) -> Callable[[tuple[float, float] | None], bytes | None]:
        """Blob of a position."""
        return lambda point: None if point is None else encode_point(*point)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[bytes | None], tuple[float, float] | None]:
        """Position of a blob."""
        return decode_point
