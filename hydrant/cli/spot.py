"""The place that a command is about: stated coordinates, brought to the registry's datum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hydrant.cli.frame import Note
from hydrant.errors import CommandLineError
from hydrant.geo import datum
from hydrant.geo.answered import bare_pair_in, crs_name, position_in
from hydrant.geo.pasted import Pasted, pasted


def pair_in(crs: datum.Crs, position: tuple[float, float]) -> str:
    """A position of the registry in another system, with the name of that system."""
    return f"{bare_pair_in(crs, position)} ({crs_name(crs.stored)})"


def typed_place(value: str, crs: str | None) -> tuple[Pasted, str | None]:
    """A place as typed or pasted, and its system: the stated one, else that of a ``geo:`` link.

    Raises
    ------
    CommandLineError
        It is no place, or the two systems differ.
    InputRefused
        Degrees are the wrong way round, or a system is not known.
    """
    found = pasted(value)
    if found is None:
        raise CommandLineError("cli_places.no_place", value=value)
    if crs is not None and found.crs not in (None, datum.parse_crs(crs).stored):
        raise CommandLineError("cli_places.two_datums", value=value, own=found.crs, crs=crs)
    return found, crs or found.crs


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
    def typed(cls, first: str, second: str | None, crs: str | None) -> Spot:
        """The place of one word or two; raises as `typed_place` does."""
        place, system = typed_place(first if second is None else f"{first} {second}", crs)
        return cls.of(place.x, place.y, system)

    @classmethod
    def of(cls, lon: float, lat: float, crs: str | None) -> Spot:
        """The place of two numbers; without a datum they are taken for WGS 84."""
        stated = datum.parse_crs(crs or "wgs84")
        place = datum.to_registry_point(lon, lat, stated)
        doubts = []
        if crs is None:
            china = datum.in_china(lon, lat)
            doubts.append(Note.of("cli_near.assumed_china" if china else "cli_near.assumed"))
        if stated.degrees and datum.in_china(lat, lon) and not datum.in_china(lon, lat):
            doubts.append(Note.of("cli_places.turned", lon=lat, lat=lon).warning())
        return cls(place.lon, place.lat, stated, tuple(doubts))

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
