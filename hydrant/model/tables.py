"""The dated facts as SQLModel tables: the one description of the registry's schema.

Every table has an integer ``fid`` because a GeoPackage demands one; nothing refers to it.
Facts refer to each other by ``uid`` only, so that crews' files merge without renumbering.
Table classes skip validation (SQLModel), so build rows from `hydrant.model.inputs` values.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import Computed, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy import Double as SaDouble
from sqlmodel import Field, SQLModel

from hydrant.model.columns import Point, UtcTime

#: When an inspection takes effect. An undated failure counts from the day it was recorded;
#: an undated success is older than everything dated (what is not known is not good).
EFFECTIVE_AT = (
    "coalesce(at, CASE WHEN outcome IN ('fails', 'not_found') THEN recorded_at ELSE '' END)"
)


#: What a row added by QGIS or another program holds until the store's triggers put in its key
#: and time. Not an expression: GDAL would write the text of the expression into the column.
UNSTAMPED = ""
#: Who recorded a row that came from another program.
OUTSIDE = "external"


def _text(*, stored_default: str | None = None, **options: Any) -> Any:
    return _field(Text, stored_default, options)


def _moment(*, stored_default: str | None = None, **options: Any) -> Any:
    return _field(UtcTime, stored_default, options)


def _field(kind: Any, stored_default: str | None, options: dict[str, Any]) -> Any:
    if stored_default is not None:
        options["sa_column_kwargs"] = {"server_default": text(stored_default)}
    return Field(sa_type=kind, **options)


def _number(**options: Any) -> Any:
    return Field(sa_type=SaDouble, **options)


class Row(SQLModel):
    """What every table starts with."""

    fid: int | None = Field(default=None, primary_key=True)


class Fact(Row):
    """What every fact carries: its key, who recorded it when, and where it came from."""

    uid: str = _text(unique=True, stored_default=f"'{UNSTAMPED}'")
    recorded_at: dt.datetime = _moment(stored_default=f"'{UNSTAMPED}'")
    recorded_by: str = _text(stored_default=f"'{OUTSIDE}'")
    source: str | None = _text(default=None)
    external_key: str | None = _text(default=None)


class AssetColumns(SQLModel):
    """What is known of an asset apart from its position; shared by current and former rows."""

    code: str | None = _text(default=None)
    kind: str = _text(stored_default="'hydrant'")
    structure: str | None = _text(default=None)
    service: str = _text(default="municipal", stored_default="'municipal'")
    name: str | None = _text(default=None)
    address: str | None = _text(default=None)
    region_code: str | None = _text(default=None)
    owner: str | None = _text(default=None)
    builder: str | None = _text(default=None)
    maintainer: str | None = _text(default=None)
    supervisor: str | None = _text(default=None)
    mains_type: str | None = _text(default=None)
    mains_dn_mm: float | None = _number(default=None)
    outlets: str | None = _text(default=None)
    design_flow_l_s: float | None = _number(default=None)
    lift_normal_m: float | None = _number(default=None)
    lift_drought_m: float | None = _number(default=None)
    access_lane: bool | None = Field(default=None)
    turning_area: bool | None = Field(default=None)
    truck_slots: int | None = Field(default=None)
    screen_gap_mm: float | None = _number(default=None)
    capacity_m3: float | None = _number(default=None)
    season: str | None = _text(default=None)
    note: str | None = _text(default=None)
    orig_x: float | None = _number(default=None)
    orig_y: float | None = _number(default=None)
    orig_crs: str | None = _text(default=None)
    accuracy_m: float | None = _number(default=None)
    valid_from: dt.datetime | None = _moment(default=None)


class Asset(AssetColumns, Fact, table=True):
    """Something a fire engine can draw water from, as it is now: the feature table."""

    __tablename__: ClassVar[Any] = "asset"
    __table_args__ = (
        Index("ix_asset_code", "code"),
        Index("ix_asset_region", "region_code", "kind"),
        {"sqlite_autoincrement": True},
    )
    geom: tuple[float, float] | None = Field(default=None, sa_type=Point)


class AssetVersion(AssetColumns, Fact, table=True):
    """A former row of an asset with the time until which it held."""

    __tablename__: ClassVar[Any] = "asset_version"
    __table_args__ = (Index("ix_asset_version_asset", "asset_uid", "valid_until"),)
    asset_uid: str = _text(foreign_key="asset.uid")
    lon: float | None = _number(default=None)
    lat: float | None = _number(default=None)
    valid_until: dt.datetime = _moment()
    replaced_at: dt.datetime = _moment()


class Lifecycle(Fact, table=True):
    """Something that happened to an asset as a whole.

    An asset without any event is commissioned at an unknown date; ``at`` null is unknown and
    comes before everything dated. ``confirmed`` false is a proposal without effect.
    """

    __tablename__: ClassVar[Any] = "lifecycle"
    __table_args__ = (Index("ix_lifecycle_asset", "asset_uid", "at", "event"),)
    asset_uid: str = _text(foreign_key="asset.uid")
    event: str = _text()
    at: dt.datetime | None = _moment(default=None)
    project: str | None = _text(default=None)
    consent: str | None = _text(default=None)
    funding: str | None = _text(default=None)
    cost: float | None = _number(default=None)
    confirmed: bool = Field(default=True, sa_column_kwargs={"server_default": text("1")})
    note: str | None = _text(default=None)


class Inspection(Fact, table=True):
    """One visit to an asset and what it showed."""

    __tablename__: ClassVar[Any] = "inspection"
    asset_uid: str = _text(foreign_key="asset.uid")
    at: dt.datetime | None = _moment(default=None)
    outcome: str = _text()
    inspector: str | None = _text(default=None)
    form_version: str | None = _text(default=None)
    static_kpa: float | None = _number(default=None)
    residual_kpa: float | None = _number(default=None)
    flow_l_s: float | None = _number(default=None)
    level_m: float | None = _number(default=None)
    lift_m: float | None = _number(default=None)
    checks: str | None = _text(default=None)
    photos: str | None = _text(default=None)
    observer_lon: float | None = _number(default=None)
    observer_lat: float | None = _number(default=None)
    note: str | None = _text(default=None)
    effective_at: str | None = Field(
        default=None, sa_type=Text, sa_column_args=[Computed(EFFECTIVE_AT, persisted=False)]
    )


class Defect(Fact, table=True):
    """A fault of an asset; ``found_at`` null is unknown and counts since ever."""

    __tablename__: ClassVar[Any] = "defect"
    __table_args__ = (
        Index("ix_defect_asset", "asset_uid", "severity", "state", "found_at", "cleared_at"),
    )
    asset_uid: str = _text(foreign_key="asset.uid")
    code: str = _text()
    severity: str = _text()
    state: str = _text(default="confirmed", stored_default="'confirmed'")
    found_at: dt.datetime | None = _moment(default=None)
    found_by: str | None = _text(default=None)
    cleared_at: dt.datetime | None = _moment(default=None)
    cleared_by: str | None = _text(default=None)
    cost: float | None = _number(default=None)
    due: dt.datetime | None = _moment(default=None)
    note: str | None = _text(default=None)


class Region(Fact, table=True):
    """An administrative unit during the time its code was in force."""

    __tablename__: ClassVar[Any] = "region"
    __table_args__ = (
        Index("ix_region_code", "code"),
        Index("ix_region_parent", "parent_code"),
    )
    code: str = _text()
    name_zh: str | None = _text(default=None)
    name_en: str | None = _text(default=None)
    level: str = _text()
    parent_code: str | None = _text(default=None)
    valid_from: dt.datetime | None = _moment(default=None)
    valid_until: dt.datetime | None = _moment(default=None)
    min_lon: float | None = _number(default=None)
    min_lat: float | None = _number(default=None)
    max_lon: float | None = _number(default=None)
    max_lat: float | None = _number(default=None)
    boundary: bytes | None = Field(default=None, sa_type=LargeBinary)


class RegionSuccessor(Fact, table=True):
    """One of the units that took over from a retired code."""

    __tablename__: ClassVar[Any] = "region_successor"
    __table_args__ = (Index("ix_region_successor_code", "code"),)
    code: str = _text()
    successor_code: str = _text()
    at: dt.datetime | None = _moment(default=None)
    confidence: str | None = _text(default=None)


class Requirement(Fact, table=True):
    """How many assets of a family or kind a region must have from a date on."""

    __tablename__: ClassVar[Any] = "requirement"
    __table_args__ = (Index("ix_requirement_region", "region_code", "kind"),)
    region_code: str = _text()
    kind: str = _text()
    count: int
    valid_from: dt.datetime | None = _moment(default=None)
    valid_until: dt.datetime | None = _moment(default=None)
    origin: str | None = _text(default=None)
    document: str | None = _text(default=None)
    note: str | None = _text(default=None)


class Sensor(Fact, table=True):
    """A measuring point on an asset and how to read it."""

    __tablename__: ClassVar[Any] = "sensor"
    __table_args__ = (Index("ix_sensor_asset", "asset_uid"),)
    asset_uid: str = _text(foreign_key="asset.uid")
    quantity: str = _text()
    reference: str | None = _text(default=None)
    side: str | None = _text(default=None)
    height_m: float | None = _number(default=None)
    profile: str = _text()
    profile_version: str | None = _text(default=None)
    url: str = _text()
    unit_id: int
    interval_s: int
    parameters: str | None = _text(default=None)
    calibrated_at: dt.datetime | None = _moment(default=None)
    enabled: bool = Field(default=True)


class DuplicateFlag(Fact, table=True):
    """Two assets that may be one thing; nobody merges them but a person."""

    __tablename__: ClassVar[Any] = "duplicate_flag"
    __table_args__ = (Index("ix_duplicate_flag_asset", "asset_uid"),)
    asset_uid: str = _text(foreign_key="asset.uid")
    other_uid: str = _text(foreign_key="asset.uid")
    distance_m: float | None = _number(default=None)
    reason: str = _text()
    state: str = _text(default="open")


class AssetAlias(Fact, table=True):
    """A key under which an asset was once on record beside its other one."""

    __tablename__: ClassVar[Any] = "asset_alias"
    __table_args__ = (
        Index("ix_asset_alias_former", "former_uid"),
        Index("ix_asset_alias_asset", "asset_uid"),
    )
    former_uid: str = _text()
    asset_uid: str = _text(foreign_key="asset.uid")
    reason: str = _text()


class Bundle(Fact, table=True):
    """A file that a crew took along, and what came back in it."""

    __tablename__: ClassVar[Any] = "bundle"
    crew: str = _text()
    area: str | None = _text(default=None)
    assets: int
    packed_at: dt.datetime = _moment()
    merged_at: dt.datetime | None = _moment(default=None)
    counts: str | None = _text(default=None)
    clock: str | None = _text(default=None)


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
    bundle_uid: str = _text()
    entity: str = _text()
    entity_uid: str = _text()
    field: str = _text()
    base: str | None = _text(default=None)
    value: str | None = _text(default=None)
    packed_at: str = _text()
    state: str = _text()


class Conflict(Fact, table=True):
    """A cell or row on which sides differ; it keeps its base value until somebody resolves it."""

    __tablename__: ClassVar[Any] = "merge_conflict"
    __table_args__ = (Index("ix_merge_conflict_cell", "entity", "entity_uid", "field"),)
    entity: str = _text()
    entity_uid: str = _text()
    field: str = _text()
    base: str | None = _text(default=None)
    reason: str = _text()
    state: str = _text(default="open")
    resolution: str | None = _text(default=None)
    resolved_at: dt.datetime | None = _moment(default=None)
    resolved_by: str | None = _text(default=None)


class OutsideEdit(Row, table=True):
    """A change another program made to the file, written down by triggers as it happened."""

    __tablename__: ClassVar[Any] = "outside_edit"
    at: str = _text()
    entity: str = _text()
    row: int
    action: str = _text()
    before: str | None = _text(default=None)


class Assessment(Fact, table=True):
    """A saved result of the integrity engine, to be recomputed and compared later."""

    __tablename__: ClassVar[Any] = "assessment"
    as_of: str = _text()
    known_at: str | None = _text(default=None)
    region_code: str | None = _text(default=None)
    policy: str = _text()
    policy_digest: str = _text()
    figures: str = _text()
    digest: str = _text()


class ImportBatch(Fact, table=True):
    """One file taken in: what it was, how it was read and what came of it."""

    __tablename__: ClassVar[Any] = "import_batch"
    file_name: str = _text()
    file_digest: str = _text()
    mapping: str = _text()
    columns: str = _text()
    counts: str = _text()


class SourceRecord(Row, table=True):
    """What a source said of a row last time, to see at a re-import what it changed."""

    __tablename__: ClassVar[Any] = "source_record"
    __table_args__ = (UniqueConstraint("source", "external_key"),)
    source: str = _text()
    external_key: str = _text()
    asset_uid: str = _text()
    batch_uid: str = _text()
    cells: str = _text()


class Change(Row, table=True):
    """An audit entry, written in the transaction of the change itself and chained by hash."""

    __tablename__: ClassVar[Any] = "change"
    __table_args__ = (Index("ix_change_entity", "entity_uid"),)
    uid: str = _text(unique=True)
    at: dt.datetime = _moment()
    actor: str = _text()
    origin: str = _text()
    action: str = _text()
    entity: str = _text()
    entity_uid: str | None = _text(default=None)
    before: str | None = _text(default=None)
    after: str | None = _text(default=None)
    rows: int = Field(default=1)
    digest: str | None = _text(default=None)
    writer: str = _text()
    previous_hash: str = _text()
    hash: str = _text()


class Setting(Row, table=True):
    """A property of the registry itself: zone, policy, writer."""

    __tablename__: ClassVar[Any] = "setting"
    key: str = _text(unique=True)
    value: str = _text()


class Migration(Row, table=True):
    """A schema change that was applied."""

    __tablename__: ClassVar[Any] = "migration"
    version: int = Field(unique=True)
    name: str = _text()
    applied_at: dt.datetime = _moment()
