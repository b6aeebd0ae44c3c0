"""Whether a stated coordinate system is the one that a heading names."""

from __future__ import annotations

from hydrant.geo.systems import Crs, contradict, parse_crs

#: Systems by the code of their degrees.
_BASES = {4490: "cgcs2000", 4326: "wgs84", 4979: "wgs84", 4480: "cgcs2000",
          4214: "beijing54", 4610: "xian80"}  # fmt: skip
#: Systems that are one for our accuracy (1 m).
_ALIKE = {"cgcs2000", "wgs84"}
#: Half the greater axis of the ellipsoid of a system, m.
_AXES = {"beijing54": 6378245.0, "xian80": 6378140.0, "cgcs2000": 6378137.0, "wgs84": 6378137.0}


def at_odds(system: str, crs: str) -> bool:
    """Whether a stated system is another one than a heading names."""
    one = parse_crs(crs)
    if system.startswith("EPSG:"):
        return contradict(crs, system)
    base = _base(one)
    if base is None or {base, system} <= _ALIKE:
        return base is None and not _same_ellipsoid(system, one)
    return base != system


def alike(system: str, crs: str) -> bool:
    """Whether a stated system is named otherwise than in a heading, and means the same places."""
    base = _base(parse_crs(crs))
    return base != system and {base, system} <= _ALIKE


def _base(crs: Crs) -> str | None:
    """The named system that a stated one is of; None where it is of none."""
    if crs.degrees:
        return crs.name
    from pyproj import CRS  # noqa: PLC0415  only where a heading names a system

    system = CRS.from_user_input(crs.name)
    system = system.source_crs if system.is_bound and system.source_crs else system
    geodetic = system.geodetic_crs
    return None if geodetic is None else _BASES.get(geodetic.to_epsg() or 0)


def _same_ellipsoid(system: str, crs: Crs) -> bool:
    from pyproj import CRS  # noqa: PLC0415  as above

    ellipsoid = CRS.from_user_input(crs.name).ellipsoid
    return ellipsoid is not None and _AXES.get(system) == ellipsoid.semi_major_metre
