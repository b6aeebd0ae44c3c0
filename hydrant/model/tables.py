"""The dated facts as SQLModel tables; with `hydrant.model.books` the schema of the registry.

Every table has an integer ``fid`` because a GeoPackage demands one; nothing refers to it.
Facts refer to each other by ``uid`` only, so that crews' files merge without renumbering.
A fact recorded by mistake is withdrawn, never deleted: from ``withdrawn_at`` on it counts no more,
and what was known before that moment still says it.
Table classes skip validation (SQLModel), so build rows from `hydrant.model.inputs` values.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import Computed, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from hydrant.model.columns import Point
from hydrant.model.effective import EFFECTIVE_AT
from hydrant.model.rows import Fact, number_column, text_column, time_column
from hydrant.vocabulary import USUAL_KIND


class AssetColumns(SQLModel):
    """What is known of an asset apart from its position; shared by current and former rows."""

    code: str | None = text_column(default=None)
    kind: str = text_column(stored_default=f"'{USUAL_KIND}'")
    structure: str | None = text_column(default=None)
    service: str = text_column(default="municipal", stored_default="'municipal'")
    name: str | None = text_column(default=None)
    address: str | None = text_column(default=None)
    region_code: str | None = text_column(default=None)
    owner: str | None = text_column(default=None)
    builder: str | None = text_column(default=None)
    maintainer: str | None = text_column(default=None)
    supervisor: str | None = text_column(default=None)
    mains_type: str | None = text_column(default=None)
    mains_dn_mm: float | None = number_column(default=None)
    outlets: str | None = text_column(default=None)
    design_flow_l_s: float | None = number_column(default=None)
    lift_normal_m: float | None = number_column(default=None)
    lift_drought_m: float | None = number_column(default=None)
    access_lane: bool | None = Field(default=None)
    turning_area: bool | None = Field(default=None)
    truck_slots: int | None = Field(default=None)
    screen_gap_mm: float | None = number_column(default=None)
    capacity_m3: float | None = number_column(default=None)
    season: str | None = text_column(default=None)
    note: str | None = text_column(default=None)
    orig_x: float | None = number_column(default=None)
    orig_y: float | None = number_column(default=None)
    orig_crs: str | None = text_column(default=None)
    accuracy_m: float | None = number_column(default=None)
    valid_from: dt.datetime | None = time_column(default=None)


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
    """A former or announced row of an asset with the time for which it holds."""

    __tablename__: ClassVar[Any] = "asset_version"
    __table_args__ = (
        Index("ix_asset_version_asset", "asset_uid", "valid_until"),
        Index("ix_asset_version_until", "valid_until"),
    )
    asset_uid: str = text_column(foreign_key="asset.uid")
    lon: float | None = number_column(default=None)
    lat: float | None = number_column(default=None)
    valid_until: dt.datetime = time_column()
    replaced_at: dt.datetime = time_column()


class Lifecycle(Fact, table=True):
    """Something that happened to an asset as a whole.

    An asset without any event is commissioned at an unknown date; ``at`` null is unknown and
    comes before everything dated. ``confirmed`` false is a proposal without effect.
    """

    __tablename__: ClassVar[Any] = "lifecycle"
    __table_args__ = (Index("ix_lifecycle_asset", "asset_uid", "at", "event"),)
    asset_uid: str = text_column(foreign_key="asset.uid")
    event: str = text_column()
    at: dt.datetime | None = time_column(default=None)
    project: str | None = text_column(default=None)
    consent: str | None = text_column(default=None)
    funding: str | None = text_column(default=None)
    cost: float | None = number_column(default=None)
    confirmed: bool = Field(default=True, sa_column_kwargs={"server_default": text("1")})
    note: str | None = text_column(default=None)
    withdrawn_at: dt.datetime | None = time_column(default=None)
    withdrawn_by: str | None = text_column(default=None)
    withdrawn_why: str | None = text_column(default=None)


class Inspection(Fact, table=True):
    """One visit to an asset and what it showed."""

    __tablename__: ClassVar[Any] = "inspection"
    asset_uid: str = text_column(foreign_key="asset.uid")
    at: dt.datetime | None = time_column(default=None)
    outcome: str = text_column()
    inspector: str | None = text_column(default=None)
    form_version: str | None = text_column(default=None)
    static_kpa: float | None = number_column(default=None)
    residual_kpa: float | None = number_column(default=None)
    flow_l_s: float | None = number_column(default=None)
    level_m: float | None = number_column(default=None)
    lift_m: float | None = number_column(default=None)
    checks: str | None = text_column(default=None)
    photos: str | None = text_column(default=None)
    observer_lon: float | None = number_column(default=None)
    observer_lat: float | None = number_column(default=None)
    note: str | None = text_column(default=None)
    effective_at: str | None = Field(
        default=None, sa_type=Text, sa_column_args=[Computed(EFFECTIVE_AT, persisted=False)]
    )
    withdrawn_at: dt.datetime | None = time_column(default=None)
    withdrawn_by: str | None = text_column(default=None)
    withdrawn_why: str | None = text_column(default=None)


class Defect(Fact, table=True):
    """A fault of an asset; ``found_at`` null is unknown and counts since ever."""

    __tablename__: ClassVar[Any] = "defect"
    __table_args__ = (
        Index("ix_defect_asset", "asset_uid", "severity", "state", "found_at", "cleared_at"),
    )
    asset_uid: str = text_column(foreign_key="asset.uid")
    code: str = text_column()
    severity: str = text_column()
    state: str = text_column(default="confirmed", stored_default="'confirmed'")
    found_at: dt.datetime | None = time_column(default=None)
    found_by: str | None = text_column(default=None)
    cleared_at: dt.datetime | None = time_column(default=None)
    cleared_by: str | None = text_column(default=None)
    cost: float | None = number_column(default=None)
    due: dt.datetime | None = time_column(default=None)
    note: str | None = text_column(default=None)
    withdrawn_at: dt.datetime | None = time_column(default=None)
    withdrawn_by: str | None = text_column(default=None)
    withdrawn_why: str | None = text_column(default=None)


class Region(Fact, table=True):
    """An administrative unit during the time its code was in force."""

    __tablename__: ClassVar[Any] = "region"
    __table_args__ = (
        Index("ix_region_code", "code"),
        Index("ix_region_parent", "parent_code"),
    )
    code: str = text_column()
    name_zh: str | None = text_column(default=None)
    name_en: str | None = text_column(default=None)
    level: str = text_column()
    parent_code: str | None = text_column(default=None)
    valid_from: dt.datetime | None = time_column(default=None)
    valid_until: dt.datetime | None = time_column(default=None)
    min_lon: float | None = number_column(default=None)
    min_lat: float | None = number_column(default=None)
    max_lon: float | None = number_column(default=None)
    max_lat: float | None = number_column(default=None)
    boundary: bytes | None = Field(default=None, sa_type=LargeBinary)

    def in_force(self, moment: dt.datetime) -> bool:
        """Whether this row holds at a moment."""
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.valid_until is None or self.valid_until > moment)


class RegionSuccessor(Fact, table=True):
    """One of the units that took over from a retired code."""

    __tablename__: ClassVar[Any] = "region_successor"
    __table_args__ = (Index("ix_region_successor_code", "code"),)
    code: str = text_column()
    successor_code: str = text_column()
    at: dt.datetime | None = time_column(default=None)
    confidence: str | None = text_column(default=None)


class Requirement(Fact, table=True):
    """How many assets of a family or kind a region must have from a date on."""

    __tablename__: ClassVar[Any] = "requirement"
    __table_args__ = (Index("ix_requirement_region", "region_code", "kind"),)
    region_code: str = text_column()
    kind: str = text_column()
    count: int
    valid_from: dt.datetime | None = time_column(default=None)
    valid_until: dt.datetime | None = time_column(default=None)
    origin: str | None = text_column(default=None)
    document: str | None = text_column(default=None)
    note: str | None = text_column(default=None)
    service: str | None = text_column(default=None)
    withdrawn_at: dt.datetime | None = time_column(default=None)
    withdrawn_by: str | None = text_column(default=None)
    withdrawn_why: str | None = text_column(default=None)


class Sensor(Fact, table=True):
    """A measuring point on an asset and how to read it."""

    __tablename__: ClassVar[Any] = "sensor"
    __table_args__ = (Index("ix_sensor_asset", "asset_uid"),)
    asset_uid: str = text_column(foreign_key="asset.uid")
    quantity: str = text_column()
    reference: str | None = text_column(default=None)
    side: str | None = text_column(default=None)
    height_m: float | None = number_column(default=None)
    profile: str = text_column()
    profile_version: str | None = text_column(default=None)
    url: str = text_column()
    unit_id: int
    interval_s: int
    parameters: str | None = text_column(default=None)
    calibrated_at: dt.datetime | None = time_column(default=None)
    enabled: bool = Field(default=True)
    valid_from: dt.datetime | None = time_column(default=None)
    valid_until: dt.datetime | None = time_column(default=None)


class DuplicateFlag(Fact, table=True):
    """Two assets that may be one thing; nobody merges them but a person."""

    __tablename__: ClassVar[Any] = "duplicate_flag"
    __table_args__ = (Index("ix_duplicate_flag_asset", "asset_uid"),)
    asset_uid: str = text_column(foreign_key="asset.uid")
    other_uid: str = text_column(foreign_key="asset.uid")
    distance_m: float | None = number_column(default=None)
    reason: str = text_column()
    state: str = text_column(default="open")


class AssetAlias(Fact, table=True):
    """A key under which an asset was once on record beside its other one."""

    __tablename__: ClassVar[Any] = "asset_alias"
    __table_args__ = (
        Index("ix_asset_alias_former", "former_uid"),
        Index("ix_asset_alias_asset", "asset_uid"),
    )
    former_uid: str = text_column()
    asset_uid: str = text_column(foreign_key="asset.uid")
    reason: str = text_column()
