"""The form of a package for the level above, from which its JSON Schema is generated.

A package is a ZIP file: ``manifest.json`` and one ``TABLE.jsonl`` for each table, one row a line.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from sqlmodel import SQLModel

from hydrant.model import books, tables  # noqa: F401  the tables are known once imported
from hydrant.store.readings import sensor_evidence
from hydrant.store.sides.package_rows import TABLES, columns

#: Since version 2 the evidence of sensors is that of every day.
VERSION = 2
MANIFEST = "manifest.json"
#: Every member: the registry's tables, and what sensors say.
MEMBERS = (*TABLES, sensor_evidence.TABLE)

#: The largest whole number that every reader of JSON keeps exactly. Source: RFC 8259, section 6.
MOST = 2**53 - 1
Count = Annotated[int, Field(ge=0, le=MOST)]
Whole = Annotated[int, Field(ge=-MOST, le=MOST)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=100_000)]
Moment = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?$")
]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
#: Milliseconds within the year that follows a moment.
AfterMs = Annotated[int, Field(ge=0, le=366 * 24 * 3600 * 1000)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]


#: Of so many former days a package states figures: each costs its receiver a computation.
MOST_PAST = 6


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Member(_Closed):
    """One file of the package: how many rows, and the SHA-256 of its bytes."""

    rows: Count
    sha256: Digest


class _Rates(_Closed):
    """Both rates as `hydrant integrity --json` gives them."""

    completeness: dict[str, Any] | None
    working_order: dict[str, Any]


class Figures(_Rates):
    """What the sender's own computation said, to be held against the receiver's."""

    policy: str
    policy_digest: str


class PastFigures(_Rates):
    """The same at the end of a former day, the last one before something else began to hold."""

    as_of: Day


class Sensors(_Closed):
    """Whether its sender had the readings of the sensors in it at hand, on the package's day.

    ``missing``: of none of those that should have some; ``in_part``: of ``without`` it had none;
    ``not_stated``: a package that it took from below did not say. None where there are no sensors.
    """

    sensors: Count
    without: Count = 0
    readings: Literal["complete", "in_part", "missing", "not_stated"] | None


class Held(_Closed):
    """Assets of one region, and numbers stated for it that hold or once held."""

    assets: Count
    numbers: Count


class Manifest(_Closed):
    """What a package is.

    ``registry`` is the sender's key, ``sequence`` the length of its audit log and ``log_head``
    the hash that log ends with; ``beyond`` counts the assets and numbers that the registry holds
    and that are in no region of the package, ``elsewhere`` counts them by region (an earlier
    version did not tell assets from numbers); ``heard`` is when its readings store last took
    anything in, which the audit log does not tell; ``sensors`` is whether those readings were at
    hand, absent where an earlier version did not say; ``past`` has figures of the last days
    before units, numbers or places of assets changed; ``digest`` is the SHA-256 of the manifest
    without it, as JSON with sorted keys and no blanks.
    """

    format: Literal["hydrant-package"]
    version: Literal[1, 2]
    schema_version: Annotated[int, Field(ge=1)]
    registry: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]
    region: Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,40}$")] | None
    zone: str
    as_of: Day
    sequence: Count
    log_head: str
    beyond: Count = 0
    elsewhere: dict[str, Held | Count] | None = None
    heard: Moment | None = None
    sensors: Sensors | None = None
    figures: Figures
    past: Annotated[list[PastFigures], Field(max_length=MOST_PAST)] = []
    members: dict[str, Member]
    digest: Digest


class SensorEvidence(_Closed):
    """Readings of a sensor in kPa, or an alarm of low pressure.

    ``good``: one valid reading, with its value; without one it was put right and is none.
    ``daily``: those of the days of a year, each with how many milliseconds after ``at`` it was
    taken, and its value. ``low_pressure``: from ``at`` until ``until``.
    """

    sensor_uid: Text
    asset_uid: Text
    word: Literal["good", "low_pressure", "daily"]
    uid: Text | None = None
    at: Moment
    until: Moment | None = None
    value: float | None = None
    series: Annotated[list[tuple[AfterMs, float]], Field(max_length=5_000)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> SensorEvidence:
        if (self.series is not None) != (self.word == "daily"):
            raise ValueError("series")
        return self


def columns_of(table: str) -> tuple[str, ...]:
    """Columns of a member's rows."""
    return sensor_evidence.COLUMNS if table == sensor_evidence.TABLE else columns(table)


@cache
def row_shape(table: str) -> type[BaseModel]:
    """Shape of a row of a table; columns that say nothing are left out of it."""
    if table == sensor_evidence.TABLE:
        return SensorEvidence
    model = next(
        found
        for found in SQLModel.__subclasses__() + _below(SQLModel)
        if getattr(found, "__tablename__", None) == table and "fid" in found.model_fields
    )
    fields: dict[str, Any] = {}
    for name in columns(table):
        info = model.model_fields[name]
        kinds = [kind for kind in (get_args(info.annotation) or (info.annotation,)) if kind]
        optional = type(None) in kinds
        shape = _shape(name, [kind for kind in kinds if kind is not type(None)])
        fields[name] = (shape | None, None) if optional else (shape, ...)
    return create_model(f"{table}_row", __base__=_Closed, **fields)


def _below(kind: type[Any]) -> list[type[Any]]:
    return [found for child in kind.__subclasses__() for found in (child, *_below(child))]


def _shape(name: str, kinds: list[Any]) -> Any:
    if name == "geom":
        return Annotated[list[float], Field(min_length=2, max_length=2)]
    if dt.datetime in kinds:
        return Moment
    if bytes in kinds:
        return Annotated[str, Field(pattern=r"^([0-9a-f]{2})*$")]
    return {bool: bool, int: Whole, float: float}.get(kinds[0], Text)


def schema() -> dict[str, Any]:
    """JSON Schema of a whole package: the manifest, and under ``rows`` a row of each table."""
    shapes: dict[str, Any] = {table: (row_shape(table), ...) for table in MEMBERS}
    rows = create_model("Rows", __base__=_Closed, **shapes)
    whole = create_model("Package", __base__=_Closed, manifest=(Manifest, ...), rows=(rows, ...))
    return whole.model_json_schema()
