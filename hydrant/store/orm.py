"""SQLModel on the registry's own connection, inside the registry's own transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from hydrant.errors import StoreError
from hydrant.model.rows import Fact
from hydrant.store.place import Place, server_part


def session_on(connection: sqlite3.Connection) -> Session:
    """Session that shares `connection`; it never commits, `Registry.transaction` does."""
    if not isinstance(connection, sqlite3.Connection):
        return _on_server(connection)
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    # SQLAlchemy rolls back once when it first meets a connection; that must not happen
    # inside a transaction of ours.
    engine.connect().close()
    return Session(engine, expire_on_commit=False, autoflush=False)


def read_anew(session: Session, file: Place) -> None:
    """Read every row again that somebody still holds; others may have written since.

    Raises
    ------
    StoreError
        One of them is gone.
    """
    for row in map(_fact, session.identity_map.values()):
        entity, uid = str(type(row).__tablename__), row.uid
        try:
            session.refresh(row)
        except InvalidRequestError:
            raise StoreError("store.gone_meanwhile", file=file, entity=entity, uid=uid) from None


@contextmanager
def known_only(session: Session) -> Iterator[Callable[[], None]]:
    """A block whose rows can be forgotten: those that were not known before it."""
    known = {id(row): row for row in session.identity_map.values()}

    def forget() -> None:
        for row in (*session.new, *session.deleted, *session.identity_map.values()):
            if id(row) not in known:
                session.expunge(row)

    yield forget


def _fact(row: object) -> Fact:
    if not isinstance(row, Fact):
        raise TypeError(type(row).__name__)
    return row


def _on_server(connection: Any) -> Session:
    cursors, sql = server_part("cursors"), server_part("sql")
    connection.raw.cursor_factory = cursors.ModelCursor
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connection.raw,
        poolclass=StaticPool,
        use_insertmanyvalues=False,
        use_native_hstore=False,
    )

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _order_nulls(_c: Any, _k: Any, statement: str, values: Any, *_: Any) -> tuple[str, Any]:
        return sql.with_null_order(statement), values

    engine.connect().close()  # as above
    return Session(engine, expire_on_commit=False, autoflush=False)
