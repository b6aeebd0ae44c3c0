"""The models on a server: they get truth values as such, not as SQLite's 0 and 1."""

from __future__ import annotations

import psycopg
from psycopg.types.bool import BoolLoader
from sqlalchemy import event
from sqlmodel import Session

from hydrant.model.values import Row
from hydrant.store.ground import orm
from hydrant.store.server.connection import ServerConnection
from hydrant.store.server.sql import with_null_order


class ModelCursor(psycopg.Cursor[Row]):
    """Cursor for SQLAlchemy on a connection that otherwise speaks as SQLite does."""

    def __init__(self, connection: psycopg.Connection[Row], **options: object) -> None:
        super().__init__(connection, **options)
        self.adapters.register_loader("bool", BoolLoader)


def session_on(connection: ServerConnection) -> Session:
    """Session that shares a connection; it never commits, a transaction does."""
    connection.raw.cursor_factory = ModelCursor
    session = orm.session_on(
        "postgresql+psycopg://",
        lambda: connection.raw,
        use_insertmanyvalues=False,
        use_native_hstore=False,
    )

    @event.listens_for(session.get_bind(), "before_cursor_execute", retval=True)
    def _order_nulls(
        _c: object, _k: object, statement: str, values: object, *_: object
    ) -> tuple[str, object]:
        return with_null_order(statement), values

    return session
