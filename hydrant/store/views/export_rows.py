"""Assets as they are now, with their position, commissioning and last decisive visit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlmodel import SQLModel

from hydrant.model import tables  # noqa: F401  the tables are known once imported
from hydrant.model.geopoint import decode_point
from hydrant.model.inputs import AssetInput
from hydrant.store.evidence.evidence import Cut
from hydrant.store.ground.backend import one_row
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.evidence_sql import HELD
from hydrant.store.sql.state_sql import (
    FIRST_COMMISSIONING,
    STAGE,
    STAGE_SINCE,
    STATE,
    assets_at,
    last_decisive,
)

#: Columns of the asset table that go out: all that can be entered, so that they come back.
ASSET_COLUMNS = tuple(AssetInput.model_fields)
#: What is known of its commissioning, beside the day (``built``).
COMMISSIONING_COLUMNS = ("project", "consent", "funding", "cost")
VISIT_COLUMNS = (
    *("outcome", "at", "inspector", "static_kpa", "residual_kpa", "flow_l_s"),
    *("level_m", "lift_m", "note", "form_version"),
)


def _of_type(table: str, names: tuple[str, ...], *types: str) -> tuple[str, ...]:
    """Those columns of a table that are declared as one of some types."""
    columns = SQLModel.metadata.tables[table].columns
    return tuple(name for name in names if str(columns[name].type) in types)


_NUMBERS = ("DOUBLE", "INTEGER")
#: Column with what an asset counts as here, where a file alone would make it count as better.
COUNTS_AS = "counts_as"
#: Columns of the rows that are moments, as stored text; truth values; and numbers.
MOMENTS = ("built", "inspection_at", "lifecycle_at")
FLAGS = _of_type("asset", ASSET_COLUMNS, "BOOLEAN")
AMOUNTS = (
    *_of_type("asset", ASSET_COLUMNS, *_NUMBERS),
    *_of_type("lifecycle", COMMISSIONING_COLUMNS, *_NUMBERS),
    *(f"inspection_{name}" for name in _of_type("inspection", VISIT_COLUMNS, *_NUMBERS)),
)

_MEANT = f"""
(:regions IS NULL OR a.region_code IN (SELECT value FROM json_each(:regions)))
  AND (:kind IS NULL OR a.kind = :kind OR a.kind LIKE :kind || '.%')
  AND {STATE} <> 'removed'
"""


def _rows(*, versions: bool) -> str:
    return f"""
SELECT a.uid, {STAGE}, {STAGE_SINCE},
  {", ".join(f"a.{name}" for name in ASSET_COLUMNS)}, a.geom, a.lon, a.lat,
  c.at, {", ".join(f"c.{name}" for name in COMMISSIONING_COLUMNS)},
  {", ".join(f"v.{name}" for name in VISIT_COLUMNS)}
FROM ({assets_at(("uid", *ASSET_COLUMNS), versions=versions)}) a
LEFT JOIN lifecycle c ON c.fid = {FIRST_COMMISSIONING}
LEFT JOIN inspection v ON v.fid = {last_decisive("i.fid")}
WHERE {_MEANT}
ORDER BY a.region_code, a.code, a.uid
"""


def export_rows(
    registry: Registry, cut: Cut, *, regions: Sequence[str] | None, kind: str | None
) -> Iterator[dict[str, object]]:
    """One flat row for every asset that is not removed at a date, with what holds then.

    Yields
    ------
    Columns by name: ``uid``, `ASSET_COLUMNS`, ``lon``, ``lat`` (EPSG:4490), ``built`` and
    `COMMISSIONING_COLUMNS` of the first commissioning, `VISIT_COLUMNS` with ``inspection_``
    before them, and ``lifecycle`` with ``lifecycle_at`` of what is planned, under construction or
    suspended; times are stored text.
    """
    listed = None if regions is None else json.dumps(list(regions))
    bound = {"end": cut.end, "known": cut.known, "kind": kind, "regions": listed}
    count = len(ASSET_COLUMNS)
    former, *_ = one_row(registry.connection.execute(HELD))
    for uid, stage, since, *values in registry.connection.execute(
        _rows(versions=bool(former)), bound
    ):
        geom, lon, lat = values[count : count + 3]
        if lon is None or lat is None:
            lon, lat = decode_point(geom) or (None, None)
        row: dict[str, object] = {"uid": uid, **dict(zip(ASSET_COLUMNS, values, strict=False))}
        row |= {"lon": lon, "lat": lat}
        begun = ("built", *COMMISSIONING_COLUMNS)
        row |= dict(zip(begun, values[count + 3 :], strict=False))
        visit = zip(VISIT_COLUMNS, values[count + 3 + len(begun) :], strict=True)
        row |= {f"inspection_{name}": value for name, value in visit}
        row |= {"lifecycle": stage, "lifecycle_at": since}
        yield row
