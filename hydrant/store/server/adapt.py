"""How values pass between PostgreSQL and the store: as SQLite would give and take them.

Truth values are 0 and 1, moments are stored text, positions are GeoPackage blobs; so rows of
both stores are equal byte for byte, and so are digests over them.
"""

from __future__ import annotations

from psycopg.adapt import AdaptersMap, Buffer, Dumper, Loader

from hydrant.model.geopoint import decode_point, encode_point, from_ewkb, is_point, to_ewkb


def plain(value: object) -> object:
    """A value as COPY takes it: positions as PostGIS's text."""
    if isinstance(value, bytes) and is_point(value):
        point = decode_point(value)
        return None if point is None else to_ewkb(*point)
    if isinstance(value, bool):
        return int(value)
    return value


class _NumberText(Dumper):
    """Integers; 0 and 1 as untyped text, so that they fit truth columns, as in SQLite."""

    oid = 0

    def dump(self, obj: int) -> bytes:
        return str(int(obj)).encode()

    def quote(self, obj: int) -> bytes:
        text = self.dump(obj)
        if text in (b"0", b"1"):
            return b"'" + text + b"'"
        return b" " + text if text[:1] == b"-" else text


class _Blob(Dumper):
    """Bytes; a position becomes PostGIS's text."""

    oid = 0

    def dump(self, obj: bytes | bytearray | memoryview) -> bytes:
        value = plain(obj)
        return value.encode() if isinstance(value, str) else b"\\x" + bytes(obj).hex().encode()

    def quote(self, obj: bytes | bytearray | memoryview) -> bytes:
        return b"'" + self.dump(obj) + b"'"


class _Truth(Loader):
    def load(self, data: Buffer) -> int:
        return int(bytes(data) == b"t")


class _Number(Loader):
    def load(self, data: Buffer) -> float:
        text = bytes(data).decode()
        return float(text) if "." in text or "N" in text else int(text)


class _Moment(Loader):
    """A moment (session in UTC) as the store writes it."""

    def load(self, data: Buffer) -> str:
        text = bytes(data).decode().partition("+")[0].replace(" ", "T")
        whole, _, fraction = text.partition(".")
        return f"{whole}.{fraction[:3]:0<3}Z"


class _Point(Loader):
    def load(self, data: Buffer) -> bytes | None:
        point = from_ewkb(bytes(data).decode())
        return encode_point(*point) if point is not None else None


def like_sqlite(adapters: AdaptersMap, geometry_oid: int | None) -> None:
    """Let a connection give and take values as SQLite does."""
    adapters.register_dumper(int, _NumberText)
    adapters.register_dumper(bool, _NumberText)
    adapters.register_dumper(bytes, _Blob)
    adapters.register_loader("bool", _Truth)
    adapters.register_loader("numeric", _Number)
    adapters.register_loader("timestamptz", _Moment)
    if geometry_oid is not None:
        adapters.register_loader(geometry_oid, _Point)
