"""The view that anybody may read through other programs, and its index."""

from __future__ import annotations

from hydrant.store.ground.backend import one_row
from hydrant.store.server.connection import ServerConnection
from hydrant.store.server.sql import translate
from hydrant.store.sql.public_columns import COLUMNS, MOMENTS, PUBLIC
from hydrant.store.sql.state_sql import ALWAYS

SCHEMA, VIEW = "hydrant_public", "water_source"
_PRESSURE = """(SELECT {column} FROM latest t WHERE t.asset_uid = p.uid AND t.quantity = 'pressure'
  AND t.good_at IS NOT NULL ORDER BY t.good_at DESC, t.sensor_uid DESC LIMIT 1)"""
_SENSED = {
    "open_alarms": "(SELECT count(*) FROM alarm g JOIN sensor s ON s.uid = g.sensor_uid "
    "WHERE s.asset_uid = p.uid AND g.cleared_at IS NULL "
    "AND g.withdrawn_at IS NULL)",
    "pressure_kpa": _PRESSURE.format(column="t.good_value"),
    "pressure_at": _PRESSURE.format(column="t.good_at"),
}

#: What a map window asks by, on the position as the view shows it: of points these look at numbers
#: alone and never tell them in an error. Only said to be so may they use the index ahead of the
#: view's own condition; PostgreSQL believes that of a superuser only.
_TIGHT = """
DO $$ DECLARE tight regprocedure; BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
  FOR tight IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = 'public' AND NOT p.proleakproof AND p.oid::regprocedure::text IN (
        'geometry_overlaps(geometry,geometry)', 'st_setsrid(geometry,integer)',
        'geometry(geometry,integer,boolean)', 'st_intersects(geometry,geometry)') LOOP
    EXECUTE format('ALTER FUNCTION %s LEAKPROOF', tight);
  END LOOP;
END $$
"""


def put_view(connection: ServerConnection) -> None:
    """Make the view anew in the caller's transaction.

    It reads with its owner's rights, so that who may read it needs no other, and what somebody
    asks of it sees no row that it leaves out. Positions are
    declared as WGS 84, which readers expect and which is the same to a metre (`hydrant.geo`).
    """
    connection.server(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    connection.server(f"DROP VIEW IF EXISTS {SCHEMA}.{VIEW}")
    connection.server(f"CREATE VIEW {SCHEMA}.{VIEW} WITH (security_barrier = true) AS {_select()}")
    connection.server(_TIGHT)
    connection.server(
        "CREATE INDEX IF NOT EXISTS ix_asset_geom_public ON asset USING gist "
        "((ST_SetSRID(geom, 4326)::geometry(Point, 4326)))"
    )
    connection.server("CREATE INDEX IF NOT EXISTS ix_latest_asset ON latest (asset_uid)")
    connection.server("CREATE INDEX IF NOT EXISTS ix_alarm_asset ON alarm (asset_uid)")


def there(connection: ServerConnection) -> bool:
    """Whether the view is there for this login to read."""
    found: bool = one_row(
        connection.server(
            "SELECT coalesce(has_schema_privilege(to_regnamespace(%s), 'USAGE') AND "
            "has_table_privilege(to_regclass(%s), 'SELECT'), false)",
            (SCHEMA, f"{SCHEMA}.{VIEW}"),
        )
    )[0]
    return found


def closed(connection: ServerConnection) -> bool:
    """Whether the view is there and shows what is asked of it nothing that it leaves out."""
    found: bool = one_row(
        connection.server(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass(%s) "
            "AND 'security_barrier=true' = ANY(reloptions))",
            (f"{SCHEMA}.{VIEW}",),
        )
    )[0]
    return found


def extent(connection: ServerConnection) -> tuple[int, tuple[float, float, float, float] | None]:
    """How many are published, and their west, south, east and north."""
    count, *box = one_row(
        connection.server(
            "SELECT count(*), min(ST_X(geom)), min(ST_Y(geom)), max(ST_X(geom)), max(ST_Y(geom)) "
            f"FROM {SCHEMA}.{VIEW}"
        )
    )
    return int(count), (box[0], box[1], box[2], box[3]) if count else None


def _select() -> str:
    rows = translate(_as_of_now(PUBLIC)).text.replace("%%", "%")
    columns = ", ".join(_column(name) for name in COLUMNS)
    return (
        f"SELECT {columns}, ST_SetSRID(p.geom, 4326)::geometry(Point, 4326) AS geom FROM ({rows}) p"
    )


def _as_of_now(statement: str) -> str:
    """A statement of the state at a date as one of the present, with all that is known."""
    return statement.replace(":end", "hydrant.stored_time(now())").replace(":known", f"'{ALWAYS}'")


def _column(name: str) -> str:
    value = _SENSED.get(name, f"p.{name}")
    return f"hydrant.moment({value}) AS {name}" if name in MOMENTS else f"{value} AS {name}"
