"""The only way to write to a registry: facts, audit entries and their seal, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from hydrant.store.ground.orm import known_only, read_anew
from hydrant.store.opened.number_ends import refuse_row_numbers
from hydrant.store.opened.order_in_doubt import Doubting
from hydrant.store.opened.outside import edits_wait
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.versions import bring_up
from hydrant.store.opened.writer import Writer


@contextmanager
def transaction(registry: Registry, *, actor: str, origin: str) -> Iterator[Writer]:
    """A block in which facts and their audit entries are written; they commit together.

    Parameters
    ----------
    actor
        Who makes the change.
    origin
        Which command or file it comes from.
    """
    if registry.writing:  # what others changed is taken in within it, with a seal of its own
        with _sealed(registry, actor, origin) as writer:
            yield writer
        return
    session = registry.session  # made before, since SQLAlchemy first rolls back
    connection, backend = registry.connection, registry.backend
    try:
        with backend.errors():
            connection.execute("BEGIN IMMEDIATE")
        registry.writing = True
        backend.refuse_altered()
        refuse_row_numbers(registry)
        _catch_up(registry, session)
        with _sealed(registry, actor, origin) as writer:
            yield writer
        registry.seen = backend.state()
        with backend.errors():
            connection.execute("COMMIT")
        session.commit()  # what is rolled back later is what comes after it
    except BaseException as error:
        _roll_back(registry)
        cause = backend.cause_of(error)
        if cause is not None:
            raise cause from error
        raise
    finally:
        registry.writing = False


@contextmanager
def _sealed(registry: Registry, actor: str, origin: str) -> Iterator[Writer]:
    registry.backend.touched.begin()
    with registry.backend.as_ours(actor):
        writer = Writer(registry, actor=actor, origin=origin)
        bring_up(writer)
        doubting = Doubting(registry.connection)
        yield writer
        writer.finish()
        registry.in_doubt += doubting.found()


def _catch_up(registry: Registry, session: Session) -> None:
    """Let nothing of other programs wait, and nothing be held that was read too early.

    Whoever wrote between the opening and now is seen: a round of a survey is open for hours.
    """
    changed = _take_in_first(registry, session)
    if registry.seen == registry.backend.state() and not changed:
        return
    registry.forget_settings()
    read_anew(session, registry.path)


def _take_in_first(registry: Registry, session: Session) -> bool:
    """Whether there was something to take in, so that rows may not be as they were read."""
    waiting = 0 if registry.triage is None else edits_wait(registry)
    if registry.triage is None or not waiting:
        return False
    registry.connection.execute("SAVEPOINT triage")
    with known_only(session) as forget:
        if not registry.triage(waiting):  # who may not take them in may write beside them
            registry.connection.execute("ROLLBACK TO triage")
            forget()
    registry.connection.execute("RELEASE triage")
    return True


def _roll_back(registry: Registry) -> None:
    """Undo; rows that somebody still holds are read again when they are next asked."""
    if registry.connection.in_transaction:
        registry.connection.execute("ROLLBACK")
    registry.session.rollback()
