"""Positions of the registry as they are answered: in the datum asked, by its name."""

from __future__ import annotations

from hydrant.geo import datum


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
