"""What makes an SQLite file a GeoPackage 1.4, and the R-tree that finds assets by place.

Source: OGC 12-128r19: application id and user version (clause 1.1.1), required tables
(1.1.2, 1.1.3, 2.1), R-tree extension with its triggers (annex F.3, the set of version 1.4:
with the older one an upsert fails).
"""

from __future__ import annotations

import sqlite3

from hydrant.model.geopoint import REGISTRY_SRS, decode_point

APPLICATION_ID = 0x47504B47
USER_VERSION = 10400

FEATURE_TABLE = "asset"
RTREE = "rtree_asset_geom"

_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
_CGCS2000 = (
    'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",'
    'SPHEROID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4490"]]'
)

CORE_DDL = (
    """CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)""",
    """CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
    """CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
)

_NOT_EMPTY = "{row}.geom NOT NULL AND NOT ST_IsEmpty({row}.geom)"
_BOX = "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)"
_NEW = _NOT_EMPTY.format(row="NEW")
_OLD = _NOT_EMPTY.format(row="OLD")
_PUT = f"INSERT OR REPLACE INTO {RTREE} VALUES (NEW.fid, {_BOX});"

RTREE_TRIGGERS: dict[str, str] = {
    "insert": f"AFTER INSERT ON asset WHEN ({_NEW}) BEGIN {_PUT} END",
    "update2": (
        "AFTER UPDATE OF geom ON asset WHEN OLD.fid = NEW.fid AND "
        "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)) "
        f"BEGIN DELETE FROM {RTREE} WHERE id = OLD.fid; END"
    ),
    "update4": (
        "AFTER UPDATE ON asset WHEN OLD.fid != NEW.fid AND "
        "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)) "
        f"BEGIN DELETE FROM {RTREE} WHERE id IN (OLD.fid, NEW.fid); END"
    ),
    "update5": (
        f"AFTER UPDATE ON asset WHEN OLD.fid != NEW.fid AND ({_NEW}) "
        f"BEGIN DELETE FROM {RTREE} WHERE id = OLD.fid; {_PUT} END"
    ),
    "update6": (
        f"AFTER UPDATE OF geom ON asset WHEN OLD.fid = NEW.fid AND ({_NEW}) AND ({_OLD}) "
        f"BEGIN UPDATE {RTREE} SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom), "
        "miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.fid; END"
    ),
    "update7": (
        f"AFTER UPDATE OF geom ON asset WHEN OLD.fid = NEW.fid AND ({_NEW}) AND "
        "(OLD.geom ISNULL OR ST_IsEmpty(OLD.geom)) "
        f"BEGIN INSERT INTO {RTREE} VALUES (NEW.fid, {_BOX}); END"
    ),
    "delete": (
        "AFTER DELETE ON asset WHEN OLD.geom NOT NULL "
        f"BEGIN DELETE FROM {RTREE} WHERE id = OLD.fid; END"
    ),
}


def core_rows_ddl() -> tuple[str, ...]:
    """Statements that fill the reference systems a GeoPackage must name, and ours."""
    undefined = "'undefined', 'undefined coordinate reference system'"
    return (
        "INSERT INTO gpkg_spatial_ref_sys VALUES "
        f"('Undefined Cartesian SRS', -1, 'NONE', -1, {undefined}), "
        f"('Undefined geographic SRS', 0, 'NONE', 0, {undefined}), "
        f"('WGS 84', 4326, 'EPSG', 4326, '{_WGS84}', 'longitude/latitude'), "
        f"('CGCS2000', {REGISTRY_SRS}, 'EPSG', {REGISTRY_SRS}, '{_CGCS2000}', "
        "'longitude/latitude')",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        f"VALUES ('asset', 'features', 'asset', {REGISTRY_SRS})",
        "INSERT INTO gpkg_geometry_columns "
        f"VALUES ('asset', 'geom', 'POINT', {REGISTRY_SRS}, 0, 0)",
        "INSERT INTO gpkg_extensions VALUES ('asset', 'geom', 'gpkg_rtree_index', "
        "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        f"CREATE VIRTUAL TABLE {RTREE} USING rtree(id, minx, maxx, miny, maxy)",
    )


def trigger_ddl() -> tuple[str, ...]:
    """The seven statements that keep the R-tree in step with the feature table."""
    return tuple(f"CREATE TRIGGER {RTREE}_{name} {body}" for name, body in RTREE_TRIGGERS.items())


def style_ddl() -> tuple[str, ...]:
    """The table in which QGIS keeps layer styles, in the form that QGIS itself gives it."""
    return (
        """CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))""",
        attribute_ddl("layer_styles"),
    )


def attribute_ddl(table: str) -> str:
    """Statement that makes a plain table visible to GIS programs."""
    return (
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        f"VALUES ('{table}', 'attributes', '{table}')"
    )


def _ordinate(index: int) -> object:
    def ordinate(blob: bytes | None) -> float | None:
        point = decode_point(blob)
        return None if point is None else point[index]

    return ordinate


def _is_empty(blob: bytes | None) -> int | None:
    return None if blob is None else int(decode_point(blob) is None)


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the ST_* functions that the R-tree triggers call."""
    lon, lat = _ordinate(0), _ordinate(1)
    for name, function in (
        ("ST_MinX", lon),
        ("ST_MaxX", lon),
        ("ST_MinY", lat),
        ("ST_MaxY", lat),
        ("ST_IsEmpty", _is_empty),
    ):
        connection.create_function(name, 1, function, deterministic=True)  # type: ignore[arg-type]


def has_numbers(connection: sqlite3.Connection, table: str) -> bool:
    """Whether the store itself sees to it that each row of a table has one number of its own.

    That is where SQLite knows the rows by it: not even another key would do, since such a one may
    be a text, or nothing.
    """
    keys = connection.execute(
        "SELECT name, upper(type) FROM pragma_table_xinfo(?) WHERE pk > 0", (table,)
    ).fetchall()
    other = connection.execute("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'", (table,))
    return keys == [("fid", "INTEGER")] and other.fetchone() is None
