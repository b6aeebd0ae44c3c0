"""The registry's books: what came from where, what sides want, what was changed by whom."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from hydrant.model.rows import Fact, Row, text_column, time_column


class Bundle(Fact, table=True):
    """A file that a crew took along, and what came back in it."""

    __tablename__: ClassVar[Any] = "bundle"
    crew: str = text_column()
    area: str | None = text_column(default=None)
    assets: int
    packed_at: dt.datetime = time_column()
    merged_at: dt.datetime | None = time_column(default=None)
    counts: str | None = text_column(default=None)
    clock: str | None = text_column(default=None)


class Proposal(Row, table=True):
    """What one side wants a cell to say: a bundle, or the registry itself (bundle empty).

    Values are JSON text. The field ``*`` stands for the whole row: added with its value, or
    deleted where the value is null.
    """

    __tablename__: ClassVar[Any] = "proposal"
    __table_args__ = (
        UniqueConstraint("entity", "entity_uid", "field", "bundle_uid"),
        Index("ix_proposal_bundle", "bundle_uid"),
    )
    bundle_uid: str = text_column()
    entity: str = text_column()
    entity_uid: str = text_column()
    field: str = text_column()
    base: str | None = text_column(default=None)
    value: str | None = text_column(default=None)
    packed_at: str = text_column()
    state: str = text_column()


class Conflict(Fact, table=True):
    """A cell or row on which sides differ; it keeps its base value until somebody resolves it."""

    __tablename__: ClassVar[Any] = "merge_conflict"
    __table_args__ = (Index("ix_merge_conflict_cell", "entity", "entity_uid", "field"),)
    entity: str = text_column()
    entity_uid: str = text_column()
    field: str = text_column()
    base: str | None = text_column(default=None)
    reason: str = text_column()
    state: str = text_column(default="open")
    resolution: str | None = text_column(default=None)
    resolved_at: dt.datetime | None = time_column(default=None)
    resolved_by: str | None = text_column(default=None)


class OutsideEdit(Row, table=True):
    """A change another program made to the file, written down by triggers as it happened."""

    __tablename__: ClassVar[Any] = "outside_edit"
    at: str = text_column()
    entity: str = text_column()
    row: int
    action: str = text_column()
    before: str | None = text_column(default=None)


class Assessment(Fact, table=True):
    """A saved result of the integrity engine, to be recomputed and compared later."""

    __tablename__: ClassVar[Any] = "assessment"
    as_of: str = text_column()
    known_at: str | None = text_column(default=None)
    region_code: str | None = text_column(default=None)
    policy: str = text_column()
    policy_digest: str = text_column()
    figures: str = text_column()
    digest: str = text_column()


class ImportBatch(Fact, table=True):
    """One file taken in: what it was, how it was read and what came of it."""

    __tablename__: ClassVar[Any] = "import_batch"
    file_name: str = text_column()
    file_digest: str = text_column()
    mapping: str = text_column()
    columns: str = text_column()
    counts: str = text_column()


class SourceRecord(Row, table=True):
    """What a source said of a row last time, to see at a re-import what it changed."""

    __tablename__: ClassVar[Any] = "source_record"
    __table_args__ = (UniqueConstraint("source", "external_key"),)
    source: str = text_column()
    external_key: str = text_column()
    asset_uid: str = text_column()
    batch_uid: str = text_column()
    cells: str = text_column()


class Change(Row, table=True):
    """An audit entry, written in the transaction of the change itself and chained by hash.

    ``actor`` is who somebody says he is; ``login`` is the one that a server let in, and absent in
    a file. An entry without it is hashed as one of the time before it.
    """

    __tablename__: ClassVar[Any] = "change"
    __table_args__ = (Index("ix_change_entity", "entity_uid"),)
    uid: str = text_column(unique=True)
    at: dt.datetime = time_column()
    actor: str = text_column()
    origin: str = text_column()
    action: str = text_column()
    entity: str = text_column()
    entity_uid: str | None = text_column(default=None)
    before: str | None = text_column(default=None)
    after: str | None = text_column(default=None)
    rows: int = Field(default=1)
    digest: str | None = text_column(default=None)
    writer: str = text_column()
    previous_hash: str = text_column()
    hash: str = text_column()
    login: str | None = text_column(default=None)


class Seal(Row, table=True):
    """What one transaction wrote, chained to the seal before it.

    ``blocks`` has a line for each block of rows that was written (table, number of the block,
    digest of its `SealBlock`); ``findings`` lists rows that were found changed outside the program
    when they were written, as JSON. ``signature`` is made over ``hash``, so it is not in it.
    """

    __tablename__: ClassVar[Any] = "seal"
    number: int = Field(unique=True)
    at: dt.datetime = time_column()
    actor: str = text_column()
    origin: str = text_column()
    kind: str = text_column()
    writer: str = text_column()
    rows: int
    removed: int
    blocks: str = text_column()
    findings: str | None = text_column(default=None)
    previous_hash: str = text_column()
    hash: str = text_column()
    signature: str | None = text_column(default=None)
    signer: str | None = text_column(default=None)


class SealBlock(Row, table=True):
    """Hashes of the rows of a table whose numbers follow each other, as last sealed."""

    __tablename__: ClassVar[Any] = "seal_block"
    __table_args__ = (UniqueConstraint("entity", "block"),)
    entity: str = text_column()
    block: int
    entries: bytes


class Setting(Row, table=True):
    """A property of the registry itself: zone, policy, writer."""

    __tablename__: ClassVar[Any] = "setting"
    key: str = text_column(unique=True)
    value: str = text_column()


class Migration(Row, table=True):
    """A schema change that was applied."""

    __tablename__: ClassVar[Any] = "migration"
    version: int = Field(unique=True)
    name: str = text_column()
    applied_at: dt.datetime = time_column()
