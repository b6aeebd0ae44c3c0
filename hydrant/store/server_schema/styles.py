"""Map styles where QGIS keeps them on a server: its own table ``layer_styles`` in the database."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict

from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.server.connection import ServerConnection
from hydrant.store.sql.qgis_style import SHOWN, STYLE_NAMES, qml, table_name
from hydrant.vocabulary import Language

#: As QGIS makes it when somebody saves a style into the database.
_TABLE = """
CREATE TABLE public.layer_styles (
  id serial PRIMARY KEY, f_table_catalog varchar, f_table_schema varchar, f_table_name varchar,
  f_geometry_column varchar, stylename text, styleqml xml, stylesld xml, useasdefault boolean,
  description text, owner varchar(63) DEFAULT CURRENT_USER, ui xml,
  update_time timestamp DEFAULT CURRENT_TIMESTAMP, type varchar)
"""
#: What marks a style as ours; no login has such a name.
_OURS = "hydrant db style"
_MINE = "f_table_catalog = current_database() AND f_table_schema = 'hydrant'"
_INSERT = """
INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name,
  f_geometry_column, stylename, styleqml, useasdefault, description, owner)
VALUES (current_database(), 'hydrant', %s, %s, %s, XMLPARSE(DOCUMENT %s), %s, %s, %s)
"""


def put(connection: ServerConnection, lang: Language) -> None:
    """Write the styles of all shown tables in both languages; `lang` opens by default.

    Styles that people keep beside ours stay, theirs are no longer the default; those of other
    tables of the database are left alone. Within the caller's transaction.
    """
    if not _there(connection):
        connection.server(_TABLE)
    connection.server(f"DELETE FROM public.layer_styles WHERE {_MINE} AND owner = %s", (_OURS,))
    connection.server(f"UPDATE public.layer_styles SET useasdefault = false WHERE {_MINE}")
    for table in SHOWN:
        for one in Language:
            geometry = "geom" if table == "asset" else None
            style = qml(table, one, text_times=True)
            name, title = STYLE_NAMES[one], table_name(table, one)
            values = (table, geometry, name, style, one == lang, title, _OURS)
            connection.server(_INSERT, values)
    grant(connection)


def grant(connection: ServerConnection) -> None:
    """Let roles read styles, and administrators renew them, where both are there and ours."""
    (ours,) = one_row(
        connection.server(
            "SELECT to_regclass('hydrant.role_region') IS NOT NULL AND EXISTS (SELECT 1 "
            "FROM pg_class "
            "WHERE oid = to_regclass('public.layer_styles') AND pg_has_role(relowner, 'USAGE'))"
        )
    )
    if ours:
        connection.server(
            "GRANT SELECT ON public.layer_styles TO hydrant_read; "
            "GRANT INSERT, UPDATE, DELETE ON public.layer_styles TO hydrant_admin; "
            "GRANT USAGE ON SEQUENCE public.layer_styles_id_seq TO hydrant_admin"
        )


def _there(connection: ServerConnection) -> bool:
    sql = "SELECT to_regclass('public.layer_styles') IS NOT NULL"
    return bool(one_row(connection.server(sql))[0])


def source(place: Server, table: str) -> str:
    """How QGIS names a table of a server: where it is, and never a user or password.

    Who opens it logs in with a name of one's own (``PGUSER`` and ``.pgpass``, a service, or
    QGIS's question).
    """
    known = {k: str(v) for k, v in conninfo_to_dict(place.url).items() if v is not None}
    kept = [name for name in ("service", "dbname", "host", "port", "sslmode") if name in known]
    where = " ".join(f"{name}={_quoted(known[name])}" for name in kept)
    spatial = table == "asset"
    shape = " srid=4490 type=Point" if spatial else ""
    named = f'table="hydrant"."{table}"' + (" (geom)" if spatial else "")
    return f"{where} key='fid' checkPrimaryKeyUnicity='0'{shape} {named}"


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
