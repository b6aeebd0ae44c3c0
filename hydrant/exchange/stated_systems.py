"""The coordinate system that a GeoJSON file or a GeoPackage states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydrant.errors import InputRefused
from hydrant.geo import datum


def of_geojson(path: Path, content: Mapping[str, Any]) -> str | None:
    """The system of a file's member ``crs`` (GeoJSON of 2008); None where it has none.

    Raises
    ------
    InputRefused
        It states one in a way that is not understood.
    """
    stated = content.get("crs")
    if stated is None:
        return None
    inner = stated.get("properties") if isinstance(stated, dict) else None
    found = inner if isinstance(inner, dict) else {}
    if isinstance(found.get("name"), str):
        return str(found["name"])
    if isinstance(found.get("code"), int | str):
        return f"EPSG:{found['code']}"
    raise InputRefused("exchange.crs_member", file=path, stated=str(stated)[:80])


def of_geopackage(organization: str, number: object, definition: str) -> str | None:
    """The system of a layer: what its definition says, and where that is empty its code."""
    if "[" not in definition:
        return f"EPSG:{number}" if organization.strip().upper() == "EPSG" else None
    found = datum.code_of(definition)
    return definition if found is None else f"EPSG:{found}"
