"""The place that a command is about: stated coordinates, brought to the registry's datum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hydrant.cli.frame import Note
from hydrant.geo import datum
from hydrant.geo.answered import position_in

#: Systems by the names that people know.
_SHOWN = {"cgcs2000": "CGCS2000", "wgs84": "WGS 84", "gcj02": "GCJ-02", "bd09": "BD-09"}
#: Digits behind the point: a decimetre in degrees, and in metres.
_DEGREES, _METRES = 6, 1


def pair_in(crs: datum.Crs, position: tuple[float, float]) -> str:
    """A position of the registry in another system, with the name of that system."""
    return f"{bare_pair_in(crs, position)} ({crs_name(crs.stored)})"


def bare_pair_in(crs: datum.Crs, position: tuple[float, float]) -> str:
    """A position of the registry in another system, as it is typed into a map."""
    x, y = datum.from_registry(*position, crs)
    in_degrees = crs.degrees or (abs(float(x)) <= 180 and abs(float(y)) <= 90)
    digits = _DEGREES if in_degrees else _METRES
    return f"{float(x):.{digits}f} {float(y):.{digits}f}"


def crs_name(crs: str) -> str:
    """Name of a system as people know it."""
    return _SHOWN.get(crs, crs)


@dataclass(frozen=True, slots=True)
class Spot:
    """One place.

    Attributes
    ----------
    lon, lat
        Where it is in EPSG:4490, degrees.
    stated
        System in which it was stated; answers come in it.
    doubts
        What is to be said where no datum was stated.
    """

    lon: float
    lat: float
    stated: datum.Crs
    doubts: tuple[Note, ...]

    @classmethod
    def of(cls, lon: float, lat: float, crs: str | None) -> Spot:
        """The place of two numbers; without a datum they are taken for WGS 84."""
        stated = datum.parse_crs(crs or "wgs84")
        place = datum.to_registry_point(lon, lat, stated)
        if crs is not None:
            return cls(place.lon, place.lat, stated, ())
        key = "cli_near.assumed_china" if datum.in_china(lon, lat) else "cli_near.assumed"
        return cls(place.lon, place.lat, stated, (Note.of(key),))

    @property
    def crs(self) -> str:
        """Name of the system in which it was stated."""
        return self.stated.name

    def json(self) -> dict[str, object]:
        """The place itself for scripts: degrees, in the datum asked where that has degrees."""
        told = self.position_data((self.lon, self.lat))
        return {"lon": told["lon"], "lat": told["lat"], "crs": self.crs}

    def position_data(self, position: tuple[float, float] | None) -> dict[str, object]:
        """A position of the registry for scripts, with the datum of its degrees.

        A system that has no degrees is answered in those of the registry.
        """
        return position_in(self.stated, position)

    def sources_data(self, sources: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Sources for scripts with their positions in the datum asked."""
        return [source | self.position_data((source["lon"], source["lat"])) for source in sources]
