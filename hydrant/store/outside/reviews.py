"""Changes by other programs that wait for somebody's decision.

They are kept among the wishes of `hydrant.store.outside.proposals`, in a state of their own, so
that
merging crews' bundles does not count them as a side.
"""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.errors import InputRefused
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Entry, Writer
from hydrant.store.outside.proposals import OUTSIDE

#: In place of what a row said before: it was added outside the program, in a crew's file.
UNPROVEN = '"unproven"'


@dataclass(frozen=True, slots=True)
class Review:
    """One change that waits.

    Attributes
    ----------
    number
        What it is called on the command line.
    field
        The cell, or ``*`` for the row as a whole.
    base, value
        What the cell says and what the other program wrote, as JSON text; for a whole row the
        value is the row that was added, or None where it was deleted.
    at
        When it was made, as stored text.
    """

    number: int
    entity: str
    uid: str
    field: str
    base: str | None
    value: str | None
    at: str


_FIELDS = "fid, entity, entity_uid, field, base, value, packed_at"
_WAITING = f"bundle_uid = '{OUTSIDE}' AND state = 'review'"


def put_up(
    writer: Writer, entity: str, uid: str, field: str, *, base: str | None, value: str | None,
    at: str,
) -> None:  # fmt: skip
    """Let a change wait for a decision; a later one of the same cell takes its place."""
    writer.registry.connection.execute(
        "INSERT INTO proposal (bundle_uid, entity, entity_uid, field, base, value, packed_at, "
        f"state) VALUES ('{OUTSIDE}', ?, ?, ?, ?, ?, ?, 'review') "
        "ON CONFLICT (entity, entity_uid, field, bundle_uid) DO UPDATE SET base = excluded.base, "
        "value = excluded.value, packed_at = excluded.packed_at, state = 'review'",
        (entity, uid, field, base, value, at),
    )


def was_put_up(registry: Registry, entity: str, uid: str, field: str, value: str | None) -> bool:
    """Whether this very change waits or was decided on before."""
    found = registry.connection.execute(
        "SELECT value FROM proposal WHERE entity = ? AND entity_uid = ? AND field = ? "
        f"AND bundle_uid = '{OUTSIDE}'",
        (entity, uid, field),
    ).fetchone()
    return found is not None and found[0] == value


def waiting(registry: Registry) -> list[Review]:
    """Every change that waits, oldest first."""
    rows = registry.connection.execute(
        f"SELECT {_FIELDS} FROM proposal WHERE {_WAITING} ORDER BY packed_at, fid"
    )
    return [Review(*row) for row in rows]


def find(registry: Registry, number: int) -> Review:
    """A waiting change by its number; raises `InputRefused` when there is none."""
    row = registry.connection.execute(
        f"SELECT {_FIELDS} FROM proposal WHERE {_WAITING} AND fid = ?", (number,)
    ).fetchone()
    if row is None:
        raise InputRefused("store.no_review", number=number)
    return Review(*row)


def settle(writer: Writer, review: Review, decision: str) -> None:
    """Take a change off the list and write into the audit log what was decided."""
    writer.registry.connection.execute(
        "UPDATE proposal SET state = 'settled' WHERE fid = ?", (review.number,)
    )
    said = {"field": review.field, "value": review.value}
    writer.log(Entry(decision, review.entity, review.uid, before=said))
