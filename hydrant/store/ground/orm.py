"""SQLModel on the registry's own connection, inside the registry's own transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from hydrant.errors import StoreError
from hydrant.model.rows import Fact
from hydrant.store.ground.place import Place


def session_on(dialect: str, connection: Callable[[], object], **options: bool) -> Session:
    """Session that shares a connection of the driver; it never commits, a transaction does.

    Parameters
    ----------
    dialect
        SQLAlchemy's URL for it.
    options
        Of SQLAlchemy's engine.
    """
    engine = create_engine(dialect, creator=connection, poolclass=StaticPool, **options)
    # where Ctrl-C breaks a statement off SQLAlchemy would close the connection: it is not its own
    engine.dialect.do_close = _left_open  # type: ignore[assignment,method-assign]
    # SQLAlchemy rolls back once when it first meets a connection; that must not happen
    # inside a transaction of ours.
    engine.connect().close()
    return Session(engine, expire_on_commit=False, autoflush=False)


def _left_open(connection: object) -> None:
    """Leave a connection to the registry, which opened it and closes it."""


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
