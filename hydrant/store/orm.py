"""SQLModel on the registry's own connection, inside the registry's own transactions."""

from __future__ import annotations

import sqlite3

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session


def session_on(connection: sqlite3.Connection) -> Session:
    """Session that shares `connection`; it never commits, `Registry.transaction` does."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    # SQLAlchemy rolls back once when it first meets a connection; that must not happen
    # inside a transaction of ours.
    engine.connect().close()
    return Session(engine, expire_on_commit=False, autoflush=False)
