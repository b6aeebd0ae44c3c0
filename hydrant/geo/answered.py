"""Positions of the registry as they are answered: in the datum asked, by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hydrant.geo import datum

#: Systems by the names that people know.
_SHOWN = {"cgcs2000": "CGCS2000", "wgs84": "WGS 84", "gcj02": "GCJ-02", "bd09": "BD-09"}
#: Digits behind the point: a decimetre in degrees, and in metres.
_DEGREES, _METRES = 6, 1


def position_in(crs: datum.Crs, position: tuple[float, float] | None) -> dict[str, object]:
    """A position of the registry for scripts, with the datum of its degrees.

    Parameters
    ----------
    crs
        The datum asked; one that has no degrees is answered in that of the registry.
    position
        Longitude and latitude in EPSG:4490, degrees; None where there is none.
    """
    if not crs.degrees:
        crs = datum.parse_crs("cgcs2000")
    lon, lat = (None, None) if position is None else datum.from_registry(*position, crs)
    return {"lon": lon, "lat": lat, "crs": crs.name}


def place_in(crs: datum.Crs, position: tuple[float, float] | None) -> dict[str, object]:
    """A position for scripts, and in ``position`` as it is typed, in metres where asked so."""
    typed = None if position is None else bare_pair_in(crs, position)
    return {**position_in(crs, position), "position": typed}


def placed(rows: Iterable[Mapping[str, object]], crs: datum.Crs) -> list[dict[str, object]]:
    """Rows for scripts, each ``position`` (longitude, latitude or None) in the system asked."""
    found = []
    for row in rows:
        told = dict(row)
        if "position" in row:
            pair = row["position"]
            told |= place_in(crs, pair if isinstance(pair, tuple) else None)
        found.append(told)
    return found


def bare_pair_in(crs: datum.Crs, position: tuple[float, float]) -> str:
    """A position of the registry in another system, as it is typed into a map."""
    x, y = datum.from_registry(*position, crs)
    in_degrees = crs.degrees or (abs(float(x)) <= 180 and abs(float(y)) <= 90)
    digits = _DEGREES if in_degrees else _METRES
    return f"{float(x):.{digits}f} {float(y):.{digits}f}"


def crs_name(crs: str) -> str:
    """Name of a system as people know it."""
    return _SHOWN.get(crs, crs)
