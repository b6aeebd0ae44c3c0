"""PostgreSQL's troubles as one plain line; a password never comes into one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from hydrant.errors import HydrantError, StoreError
from hydrant.store.ground.place import Server

#: SQLSTATE, or the beginning of one, and the message it means.
_STATES = (
    ("28P01", "server.login"),
    ("28", "server.login"),
    ("3D000", "server.no_database"),
    ("42501", "server.denied"),
    ("25006", "store.readonly"),
    ("55P03", "store.locked"),
    ("40P01", "store.locked"),
    ("40001", "store.locked"),
    ("53100", "store.full"),
    ("53300", "server.busy"),
    ("57P", "server.lost"),
    ("08", "server.lost"),
    ("XX", "store.corrupt"),
)
#: What libpq says when it cannot connect has no SQLSTATE.
_SAID = (
    ("password", "server.login"),
    ("authentication", "server.login"),
    ("pg_hba.conf", "server.login"),
    ("role", "server.login"),
    ("database", "server.no_database"),
)
#: What libpq says where the server cannot prove who it is.
_UNPROVEN = ("SSL", "certificate", "root.crt")


def store_error(error: psycopg.Error, place: Server) -> HydrantError:
    """The error to show for an error of the driver."""
    why = _first_line(error)
    for start, key in _STATES:
        if error.sqlstate is not None and error.sqlstate.startswith(start):
            return StoreError(key, file=place, why=why)
    if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
        return StoreError("server.lost", file=place, why=why)
    return StoreError("store.sql", file=place, why=why)


def connect_error(error: psycopg.Error, place: Server) -> HydrantError:
    """The error to show where no connection came about."""
    if not isinstance(error, psycopg.OperationalError) or not place.is_plain:
        # what the driver says of a URL it cannot read, or reads otherwise, may quote the password
        return StoreError("server.url", file=place)
    said = _first_line(error)
    if "FATAL" in said:
        for words, key in _SAID:
            if words in said.partition("FATAL")[2]:
                return StoreError(key, file=place, why=said)
    key = "server.tls" if any(words in said for words in _UNPROVEN) else "server.unreachable"
    return StoreError(key, file=place, why=said)


def _first_line(error: psycopg.Error) -> str:
    primary = error.diag.message_primary
    return primary or str(error).strip().partition("\n")[0]


def cause_of(error: BaseException) -> psycopg.Error | None:
    """The driver's error behind an error of SQLAlchemy, which keeps it as ``orig``."""
    cause = getattr(error, "orig", error)
    return cause if isinstance(cause, psycopg.Error) else None


@contextmanager
def server_errors(place: Server) -> Iterator[None]:
    """Turn an error of the driver within the block into a `StoreError` that says what to do."""
    try:
        yield
    except HydrantError:
        raise
    except Exception as error:
        cause = cause_of(error)
        if cause is None:
            raise
        raise store_error(cause, place) from error


@contextmanager
def unless_lost() -> Iterator[None]:
    """Take leave of a server that may be gone: what was committed stands, the rest was told."""
    try:
        yield
    except Exception as error:
        if cause_of(error) is None:
            raise
