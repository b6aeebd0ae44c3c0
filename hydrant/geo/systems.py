"""Coordinate systems as people and files state them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hydrant.errors import InputRefused

if TYPE_CHECKING:
    from hydrant.geo.operations import Way

_ACCURACY_M = {"cgcs2000": 0.0, "wgs84": 1.0, "gcj02": 1.0, "bd09": 1.0}
#: Characters of a description that are kept with each of 300,000 positions.
_MOST_STORED = 200
_EPSG = re.compile(
    r"(?:epsg:|urn:ogc:def:crs:epsg:[\d.]*:|https?//www.opengis.net/def/crs/epsg/[\d.]+/)(\d{4,6})"
)
#: How GeoJSON and others call longitude and latitude on WGS 84.
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?ogc:(?:[\d.]*:)?crs84|crs:?84")


@dataclass(frozen=True, slots=True)
class Crs:
    """A stated coordinate system.

    Attributes
    ----------
    name
        ``cgcs2000``, ``wgs84``, ``gcj02``, ``bd09``, ``EPSG:n``, or its WKT or PROJ text.
    epsg
        EPSG code where there is one.
    """

    name: str
    epsg: int | None

    @property
    def accuracy_m(self) -> float | None:
        """Uncertainty that every conversion adds, metres; None where it depends on the place."""
        return _ACCURACY_M.get(self.name)

    @property
    def stored(self) -> str:
        """What is kept beside each position: the name, or what a long WKT says in short."""
        return self.name if len(self.name) <= _MOST_STORED else way_of(self.name).brief

    @property
    def degrees(self) -> bool:
        """Whether it is one of the four that need no operation."""
        return self.name in _ACCURACY_M


_NAMED = {
    "cgcs2000": Crs("cgcs2000", 4490),
    "wgs84": Crs("wgs84", 4326),
    "gcj02": Crs("gcj02", None),
    "bd09": Crs("bd09", None),
}


def parse_crs(text: str) -> Crs:
    """The coordinate system of a name, ``EPSG:n``, WKT or PROJ text.

    Raises
    ------
    InputRefused
        It is not known, or no operation leads from it to the registry's.
    """
    word = text.strip().lower().replace("-", "").replace(" ", "")
    if word in _NAMED:
        return _NAMED[word]
    if _CRS84.fullmatch(word):
        return _NAMED["wgs84"]
    match = _EPSG.fullmatch(word.replace("://", "//"))
    if match is None:
        return _called(text) or _described(text)
    return of_code(int(match.group(1)))


def of_code(code: int) -> Crs:
    """The coordinate system of an EPSG code; raises as `parse_crs`."""
    if code in (4490, 4326):
        return _NAMED["cgcs2000" if code == 4490 else "wgs84"]
    way_of(f"EPSG:{code}")
    return Crs(f"EPSG:{code}", code)


def _called(text: str) -> Crs | None:
    """The system that people call so; raises as `parse_crs`."""
    from hydrant.geo.system_names import named  # noqa: PLC0415  few commands are typed so

    name = named(text)
    return None if name is None else _NAMED[name]


def _described(text: str) -> Crs:
    """The system of WKT or PROJ text."""
    told = " ".join(text.split())
    if not (told.startswith("+") or "[" in told):
        raise InputRefused("geo.crs", crs=told)
    way_of(told)
    return Crs(told, None)


def way_of(described: str) -> Way:
    """The way from a system to the registry's; raises as `parse_crs`."""
    from hydrant.geo.operations import way  # noqa: PLC0415  `near` with plain degrees needs no PROJ

    return way(described)


def stated_by(described: str) -> Crs:
    """The system that a file describes (code or WKT); raises as `parse_crs`.

    A description that is one of EPSG's under another spelling is that one.
    """
    code = code_of(described)
    return parse_crs(described) if code is None else of_code(code)


def angular(crs: Crs) -> bool:
    """Whether the coordinates of a system are degrees."""
    return crs.degrees or not way_of(crs.name).system.is_projected


#: Codes of systems that are one for our accuracy (1 m): WGS 84 and CGCS2000, in degrees.
_ALIKE = {4326: 4490}


def contradict(stated: str, described: str) -> bool:
    """Whether what somebody states of coordinates is not what their file says of them."""
    one, other = parse_crs(stated), stated_by(described)
    if one.epsg is None or other.epsg is None:
        return one.name != other.name
    return _ALIKE.get(one.epsg, one.epsg) != _ALIKE.get(other.epsg, other.epsg)


def code_of(described: str) -> int | None:
    """EPSG code of a system that a file describes (code or WKT); None where it has none."""
    from pyproj import CRS  # noqa: PLC0415  as above
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    try:
        system = CRS.from_user_input(described)
        # the shift that a file states is more than the code of what it shifts from
        return None if system.is_bound else system.to_epsg()
    except ProjError:
        return None


def wkt_of(epsg: int) -> str:
    """Description of a system (WKT 2:2019) for programs that keep their own list of codes."""
    from pyproj import CRS  # noqa: PLC0415  as above

    return CRS.from_epsg(epsg).to_wkt("WKT2_2019")
