"""The place that a command is about: stated coordinates, brought to the registry's datum."""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.cli.frame import Note
from hydrant.geo import datum


@dataclass(frozen=True, slots=True)
class Spot:
    """One place.

    Attributes
    ----------
    lon, lat
        Where it is in EPSG:4490, degrees.
    crs
        Datum in which it was stated.
    doubts
        What is to be said where no datum was stated.
    """

    lon: float
    lat: float
    crs: str
    doubts: tuple[Note, ...]

    @classmethod
    def of(cls, lon: float, lat: float, crs: str | None) -> Spot:
        """The place of two numbers; without a datum they are taken for WGS 84."""
        stated = datum.parse_crs(crs or "wgs84")
        place = datum.to_registry_point(lon, lat, stated)
        if crs is not None:
            return cls(place.lon, place.lat, stated.name, ())
        key = "cli_near.assumed_china" if datum.in_china(lon, lat) else "cli_near.assumed"
        return cls(place.lon, place.lat, stated.name, (Note.of(key),))
