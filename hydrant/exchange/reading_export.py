"""Readings out, as Parquet for DuckDB and its like or as points in a GeoPackage, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hydrant.errors import HydrantError, InputRefused, StoreError
from hydrant.exchange.gdal import vector_library
from hydrant.store.readings.reading_pages import ReadingRow
from hydrant.units import QUANTITY_UNIT
from hydrant.vocabulary import Quality

LAYER = "readings"
#: GDAL's number for UTC in `gdal_tz_offsets`.
_UTC = 100


class Known(NamedTuple):
    """What the registry says of a sensor."""

    code: str | None
    kind: str | None
    region_code: str | None
    quantity: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Written:
    """What went out; times are stored text, None where there was nothing."""

    readings: int
    good: int
    sensors: int
    first: str | None
    last: str | None


_NOTHING = Known(None, None, None, None, None, None)


def forms() -> tuple[str, ...]:
    """Endings of files that readings can be written to."""
    return tuple(_WRITERS)


def check_form(path: Path) -> None:
    """Refuse an ending that is not known, or whose library is not installed.

    Raises
    ------
    InputRefused
        The ending is not known.
    HydrantError
        pyarrow is missing.
    """
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        raise InputRefused("document.form", file=path, known=", ".join(_WRITERS))
    if ending == ".parquet":
        _arrow()


def write_readings(
    path: Path,
    pages: Iterable[Sequence[ReadingRow]],
    known: Mapping[str, Known],
    *,
    zone: ZoneInfo,
) -> Written:
    """Write readings; what went out.

    Parameters
    ----------
    zone
        Local zone of the registry, in which Parquet shows its moments; a GeoPackage's are UTC
        by its standard, and marked so.

    Raises
    ------
    InputRefused
        There is none.
    OSError
        It cannot be written.
    """
    writer = _WRITERS[path.suffix.lower()](path, zone)
    readings, good, first, last = 0, 0, None, None
    sensors: set[str] = set()
    try:
        for page in pages:
            writer.add(_columns(page, known))
            readings += len(page)
            good += sum(row.quality == Quality.GOOD for row in page)
            sensors.update(row.sensor_uid for row in page)
            times = [row.at for row in page]
            first, last = min([*times, first or times[0]]), max([*times, last or times[0]])
    finally:
        writer.close()
    if not readings:
        raise InputRefused("exchange.no_readings", file=path)
    return Written(readings, good, len(sensors), first, last)


def _columns(page: Sequence[ReadingRow], known: Mapping[str, Known]) -> dict[str, list[Any]]:
    """A page by columns; the unit is the one in which the value stands.

    The time is ``read_at`` because ``at`` is a word of DuckDB's own.
    """
    of = [known.get(row.sensor_uid, _NOTHING) for row in page]
    return {
        "sensor": [row.sensor_uid for row in page],
        "asset": [row.asset_uid for row in page],
        "code": [k.code for k in of],
        "kind": [k.kind for k in of],
        "region_code": [k.region_code for k in of],
        "quantity": [k.quantity for k in of],
        "unit": [None if k.quantity is None else QUANTITY_UNIT[k.quantity] for k in of],
        "read_at": [row.at.removesuffix("Z") for row in page],
        "value": [row.value for row in page],
        "quality": [row.quality for row in page],
        "good": [row.quality == Quality.GOOD for row in page],
        "reason": [row.reason for row in page],
        "lon": [k.lon for k in of],
        "lat": [k.lat for k in of],
    }


def _arrow() -> tuple[Any, Any]:
    """The modules of pyarrow, which only Parquet needs."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ModuleNotFoundError:
        raise HydrantError("exchange.no_pyarrow") from None


class _Parquet:
    """A file of one row group for each page."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self._arrow, parquet = _arrow()
        pa = self._arrow
        special = {
            "read_at": pa.timestamp("ms", tz=zone.key),
            "value": pa.float64(),
            "quality": pa.int64(),
            "good": pa.bool_(),
            "lon": pa.float64(),
            "lat": pa.float64(),
        }
        names = _columns((), {})
        self._schema = pa.schema([(name, special.get(name, pa.string())) for name in names])
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def add(self, columns: dict[str, list[Any]]) -> None:
        import numpy as np  # noqa: PLC0415  heavy

        columns["read_at"] = np.array(columns["read_at"], "datetime64[ms]")  # type: ignore[assignment]
        arrays = [self._arrow.array(columns[field.name], field.type) for field in self._schema]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


class _GeoPackage:
    """A layer of points, each a reading at its asset's position, EPSG:4490."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        del zone  # its moments are UTC
        self._path, self._library = path, vector_library()

    def add(self, columns: dict[str, list[Any]]) -> None:
        import numpy as np  # noqa: PLC0415  heavy
        import pyogrio.errors  # noqa: PLC0415  brings GDAL
        import shapely  # noqa: PLC0415  brings GEOS

        lon, lat = (np.array(columns.pop(name), float) for name in ("lon", "lat"))
        points: Any = shapely.points(lon, lat)
        points[np.isnan(lon)] = None
        typed: dict[str, Any] = {
            "read_at": "datetime64[ms]",
            "value": float,
            "quality": np.int64,
            "good": bool,
        }
        try:
            self._library.write(
                self._path,
                shapely.to_wkb(points),
                [np.array(values, typed.get(name, object)) for name, values in columns.items()],
                list(columns),
                layer=LAYER,
                driver="GPKG",
                geometry_type="Point",
                crs="EPSG:4490",
                append=self._path.exists(),
                gdal_tz_offsets={"read_at": np.full(len(points), _UTC, np.int32)},
            )
        except pyogrio.errors.DataSourceError as error:
            raise StoreError("exchange.cannot_write", file=self._path, why=error) from None

    def close(self) -> None:
        """Nothing is left open between pages."""


_WRITERS: dict[str, type[_Parquet | _GeoPackage]] = {".parquet": _Parquet, ".gpkg": _GeoPackage}
