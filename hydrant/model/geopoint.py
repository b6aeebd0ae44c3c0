"""A point as the GeoPackage stores it; the only copy of an asset's position.

Source: OGC 12-128r19 (GeoPackage 1.4) clause 2.1.3, StandardGeoPackageBinary; the point
itself is little-endian WKB (OGC 06-103r4 clause 8).
"""

from __future__ import annotations

import struct
from math import isnan

from hydrant.model.values import Positions

#: EPSG code of every stored position: CGCS2000 geographic.
REGISTRY_SRS = 4490

# magic "GP", version 0, flags 1 (little-endian, no envelope, not empty), srs id; then WKB
_LAYOUT = struct.Struct("<2sBBiBIdd")
_HEADER = _LAYOUT.pack(b"GP", 0, 1, REGISTRY_SRS, 1, 1, 0.0, 0.0)[:13]
_COORDINATES = struct.Struct("<dd")
_EWKB = struct.Struct("<BIIdd")
#: Point with a reference system, in PostGIS's extension of WKB (its manual, section 4.1).
_EWKB_POINT = 0x20000001
#: Byte order, type, two coordinates; and what a point with height, measure or both has besides.
_POINT_BYTES = 21
_MORE_BYTES = {1: 0, 1001: 8, 2001: 8, 3001: 16}
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)


def encode_point(lon: float, lat: float) -> bytes:
    """Blob of a position in EPSG:4490, degrees."""
    return _HEADER + _COORDINATES.pack(lon, lat)


def encode_points(lons: Positions, lats: Positions) -> list[bytes]:
    """Blobs of many positions, arrays or sequences; 300,000 take a tenth of a second or less."""
    import numpy as np  # noqa: PLC0415  short commands do without numpy

    points = np.empty(len(lons), [("head", f"V{len(_HEADER)}"), ("lon", "<f8"), ("lat", "<f8")])
    points["head"], points["lon"], points["lat"] = np.void(_HEADER), lons, lats
    whole, size = points.tobytes(), points.itemsize
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def decode_point(blob: bytes | None) -> tuple[float, float] | None:
    """Lon and lat of a blob in degrees; None when it is null, empty or not a point.

    Other programs may write an envelope or big-endian order, so both are followed.
    """
    start = _point_start(blob) if isinstance(blob, bytes) else None
    if blob is None or start is None:
        return None
    order = "<" if blob[start] == 1 else ">"
    (geometry_type,) = struct.unpack_from(order + "I", blob, start + 1)
    if geometry_type % 1000 != 1:
        return None
    lon, lat = struct.unpack_from(order + "dd", blob, start + 5)
    if isnan(lon) or isnan(lat):  # NaN is how WKB says "empty point"
        return None
    return lon, lat


def _point_start(blob: bytes) -> int | None:
    """Where the geometry begins in a blob that may hold a point; None in any other."""
    if len(blob) < 8 or blob[:2] != b"GP":
        return None
    envelope = (blob[3] >> 1) & 7
    if blob[3] & 0x10 or envelope >= len(_ENVELOPE_BYTES):
        return None
    start = 8 + _ENVELOPE_BYTES[envelope]
    return start if len(blob) >= start + _POINT_BYTES else None


def wkb_of(blob: object) -> bytes | None:
    """The WKB within a blob of any geometry; None when it is null or no GeoPackage geometry."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return None
    envelope = (blob[3] >> 1) & 7
    return None if envelope >= len(_ENVELOPE_BYTES) else blob[8 + _ENVELOPE_BYTES[envelope] :]


def is_point(blob: bytes) -> bool:
    """Whether bytes are a point's blob and nothing besides, be the point empty or not.

    Hashes and other bytes may begin as a blob does by chance; their length tells them apart.
    """
    start = _point_start(blob)
    if start is None or blob[2] != 0:
        return False
    order = "<" if blob[start] == 1 else ">"
    (geometry_type,) = struct.unpack_from(order + "I", blob, start + 1)
    more = _MORE_BYTES.get(geometry_type)
    return more is not None and len(blob) == start + _POINT_BYTES + more


def srs_of(blob: bytes) -> int | None:
    """EPSG code that a blob states; None when it is no GeoPackage geometry."""
    if len(blob) < 8 or blob[:2] != b"GP":
        return None
    (srs,) = struct.unpack_from("<i" if blob[3] & 1 else ">i", blob, 4)
    return int(srs)


def to_ewkb(lon: float, lat: float) -> str:
    """Hexadecimal text of a position in EPSG:4490 as PostGIS reads it, degrees."""
    return _EWKB.pack(1, _EWKB_POINT, REGISTRY_SRS, lon, lat).hex()


def from_ewkb(text: str) -> tuple[float, float] | None:
    """Lon and lat of PostGIS's text of a point in degrees; None when it is empty or no point."""
    try:
        blob = bytes.fromhex(text)
    except ValueError:  # text of another program where a geometry should be
        return None
    if len(blob) < _EWKB.size - 4:
        return None
    order = "<" if blob[0] == 1 else ">"
    (kind,) = struct.unpack_from(order + "I", blob, 1)
    start = 9 if kind & 0x20000000 else 5
    if kind & 0xFF != 1 or len(blob) < start + 16:
        return None
    lon, lat = struct.unpack_from(order + "dd", blob, start)
    return None if isnan(lon) else (lon, lat)
