"""Writes facts together with the audit entries that tell of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from hydrant import times
from hydrant.ids import new_uid
from hydrant.model.rows import OUTSIDE, Fact
from hydrant.model.values import Columns, Record, Row
from hydrant.store.chain import heads, sealing
from hydrant.store.chain.hashes import GENESIS, canonical, entry_hash
from hydrant.store.opened.outside import refuse_unseen
from hydrant.store.opened.registry import Registry

#: From where the changes come that are taken in from other programs.
OUTSIDE_ORIGIN = "outside edit"

_INSERT = (
    "INSERT INTO change (uid, at, actor, origin, action, entity, entity_uid, before, after, "
    "rows, digest, writer, previous_hash, hash, login) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One audit entry before it is chained."""

    action: str
    entity: str
    entity_uid: str | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    rows: int = 1
    digest: str | None = None


class Writer:
    """The one way in which every fact is written; given out by a transaction.

    Attributes
    ----------
    ahead
        Uids of assets of which a row is announced for later, once `versions` has asked for them.
    """

    def __init__(self, registry: Registry, *, actor: str, origin: str) -> None:
        self.registry = registry
        self.actor = actor
        self.origin = origin
        self.moment = times.stored(times.now())
        self.session = registry.session
        self.ahead: set[str] | None = None
        self._entries: list[Entry] = []
        self._runs: list[sealing.Run] = []
        self._accepted: sealing.Accepted | None = None
        self._sign: str | None = None

    def add(self, row: Fact) -> None:
        """Record a new fact; key, recorder and time of recording are filled in if absent."""
        row.uid = row.uid or new_uid()
        row.recorded_at = row.recorded_at or self.moment
        row.recorded_by = row.recorded_by or self.actor
        self.session.add(row)
        self.log(Entry("insert", table_of(row), row.uid, after=plain(row)))

    def update(self, row: Fact, **values: object) -> dict[str, object]:
        """Set columns of a stored row; the ones that differed, with their former values.

        Writes nothing at all when no value differs.
        """
        former = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
        if not former:
            return {}
        for name in former:
            setattr(row, name, values[name])
        self.session.add(row)
        changed = {name: values[name] for name in former}
        self.log(
            Entry(
                "update", table_of(row), row.uid, before=jsonable(former), after=jsonable(changed)
            )
        )
        return former

    def delete(self, row: Fact) -> None:
        """Take a row out; the audit entry keeps what it said."""
        self.session.delete(row)
        self.log(Entry("delete", table_of(row), row.uid, before=plain(row)))

    def log(self, entry: Entry) -> None:
        """Add an audit entry, for bulk statements that do not pass through `add`."""
        self._entries.append(entry)

    def hashed(self, table: str, first: int, columns: Columns) -> None:
        """Hash rows of one's own making whose numbers follow each other; others are read back.

        Parameters
        ----------
        first
            Number of the first row.
        columns
            Values as they were written, by column, sequences or arrays; absent ones were left to
            the database.
        """
        run = sealing.run_of(table, first, columns)
        if run is not None:
            self._runs.append(run)

    def accept(self, accepted: sealing.Accepted) -> None:
        """Seal rows as they stand, although they were changed outside the program."""
        self._accepted = accepted

    def sign(self) -> None:
        """Seal, and with that sign, even where nothing was written.

        Raises
        ------
        InputRefused
            The key signed this registry before, but not its last seal.
        """
        heads.refuse_unseen_head(self.registry.connection)
        self._sign = "signed"

    def adopt(self, reason: str) -> None:
        """Sign the registry as it stands, also what the key did not see; the reason is kept."""
        self.log(Entry("adopt", "seal", after={"reason": reason}))
        self._sign = "adopted"

    def flush(self) -> None:
        """Send pending rows to the database, so that plain SQL sees them."""
        self.session.flush()

    def finish(self) -> None:
        """Flush the facts, chain the entries and seal; called by the transaction before COMMIT."""
        self.session.flush()
        refuse_unseen(self.registry)
        connection = self.registry.connection
        writer = self.registry.settings["writer"]
        last = connection.execute(
            "SELECT hash FROM change WHERE writer = ? ORDER BY fid DESC LIMIT 1", (writer,)
        ).fetchone()
        previous = last[0] if last else GENESIS
        at, login = times.to_text(self.moment), self.registry.backend.login()
        for entry in self._entries:
            fields = self._fields(entry, writer, at)
            digest = entry_hash(previous, fields, login)
            connection.execute(_INSERT, (*fields, previous, digest, login))
            previous = digest
        sealing.seal(
            self.registry.backend, self._author(writer), runs=self._runs,
            accepted=self._accepted, signed=self._sign is not None,
        )  # fmt: skip

    def _author(self, writer: str) -> sealing.Author:
        at = times.to_text(self.moment)
        return sealing.Author(self.actor, self.origin, writer, self._kind(), at)

    def _kind(self) -> str:
        if self._accepted is not None:
            return "accepted"
        if self._sign is not None:
            return self._sign
        outside = self.actor == OUTSIDE and self.origin == OUTSIDE_ORIGIN
        return "external" if outside else "written"

    def _fields(self, entry: Entry, writer: str, at: str) -> Row:
        return (
            new_uid(),
            at,
            self.actor,
            self.origin,
            entry.action,
            entry.entity,
            entry.entity_uid,
            None if entry.before is None else canonical(entry.before),
            None if entry.after is None else canonical(entry.after),
            entry.rows,
            entry.digest,
            writer,
        )


def table_of(row: Fact) -> str:
    """Name of the table a row belongs to."""
    return str(type(row).__tablename__)


def jsonable(values: Mapping[str, object]) -> Record:
    """Values as the audit log writes them: stored text for times, hex for blobs."""
    return {name: _plain_value(value) for name, value in values.items()}


def plain(row: Fact) -> Record:
    """What a row says, without empty columns and the file-local number."""
    values = {name: getattr(row, name) for name in type(row).model_fields if name != "fid"}
    return jsonable({name: value for name, value in values.items() if value is not None})


def _plain_value(value: object) -> object:
    if isinstance(value, dt.datetime):
        return times.to_text(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value
