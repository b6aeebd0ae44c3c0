"""Writes layers of geometries as a GeoPackage that any GIS opens."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hydrant import durable, private
from hydrant.errors import InputRefused, StoreError
from hydrant.exchange.gdal import vector_library
from hydrant.ids import new_uid


@dataclass(frozen=True, slots=True)
class Layer:
    """Geometries in EPSG:4490 degrees with their columns.

    Attributes
    ----------
    kind
        ``Point``, ``LineString`` or ``Polygon``.
    columns
        Texts; or numbers as an array, which stay numbers.
    """

    kind: str
    geometries: Sequence[Any]
    columns: Mapping[str, Sequence[object] | np.ndarray[Any, Any]]


def _column(values: Sequence[object] | np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return values if isinstance(values, np.ndarray) else np.array(values, object)


def write_layers(path: Path, layers: Mapping[str, Layer]) -> None:
    """Write layers into a new GeoPackage; it is there whole or not at all.

    Raises
    ------
    InputRefused
        The name does not end in ``.gpkg``, or something is there already.
    StoreError
        It cannot be written.
    """
    library = vector_library()
    import pyogrio.errors  # noqa: PLC0415  brings GDAL

    if path.suffix.lower() != ".gpkg":
        raise InputRefused("exchange.out_form", file=path, known=".gpkg")
    if path.exists():
        raise InputRefused("exchange.out_exists", file=path)
    aside = path.with_name(f".{path.name}.{new_uid()}.gpkg")
    try:
        for name, layer in layers.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                library.write(
                    aside,
                    shapely.to_wkb(np.array(layer.geometries, object)),
                    [_column(values) for values in layer.columns.values()],
                    list(layer.columns),
                    layer=name,
                    driver="GPKG",
                    geometry_type=layer.kind,
                    crs="EPSG:4490",
                    append=aside.exists(),
                )
        durable.put(aside, path)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        raise StoreError("exchange.cannot_write", file=path, why=error) from None
    finally:
        private.discard(aside)
