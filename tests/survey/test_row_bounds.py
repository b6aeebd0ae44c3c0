"""Rows of bundles, packages and other programs keep to the bounds that commands hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hydrant.model.geopoint import encode_point
from hydrant.survey.row_rules import problem_of

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
#: A row of each table that stands.
GOOD: dict[str, dict[str, Any]] = {
    "asset": {"kind": "tank", "service": "municipal", "geom": encode_point(120.0, 30.0),
              "capacity_m3": 200.0, "outlets": "2 × 65 mm"},
    "asset_version": {"kind": "tank", "service": "municipal", "valid_from": None},
    "lifecycle": {"event": "commissioned", "at": "2020-01-01T00:00:00.000Z", "cost": 5000.0},
    "inspection": {"outcome": "works", "at": "2026-01-01T00:00:00.000Z", "static_kpa": 300.0},
    "defect": {"code": "leak", "severity": "blocking", "state": "confirmed", "cost": 10.0},
    "requirement": {"region_code": "330199", "kind": "hydrant", "count": 3,
                    "valid_from": "2021-01-01T00:00:00.000Z"},
}  # fmt: skip
BAD = (
    *(("asset", name, value) for name, value in (("capacity_m3", -1.0), ("capacity_m3", 1e13),
      ("outlets", "-3"), ("mains_dn_mm", 0.0), ("truck_slots", 1000))),
    *(("asset_version", name, value) for name, value in (("lift_drought_m", 900.0),
      ("outlets", "-3"), ("valid_from", "0202-05-01T00:00:00.000Z"))),
    *(("lifecycle", name, value) for name, value in (("cost", -5.0), ("cost", 1e13),
      ("at", "0202-05-01T00:00:00.000Z"))),
    *(("inspection", name, value) for name, value in (("static_kpa", 0.32), ("flow_l_s", -1.0),
      ("static_kpa", 9000.0), ("at", "1026-01-01T00:00:00.000Z"))),
    *(("defect", name, value) for name, value in (("cost", -0.01), ("due",
      "0026-01-01T00:00:00.000Z"))),
    *(("requirement", name, value) for name, value in (("count", -1), ("count", 10**9),
      ("valid_from", "0202-01-01T00:00:00.000Z"))),
)  # fmt: skip


@pytest.mark.parametrize("entity", GOOD)
def test_a_row_that_a_command_would_take_stands(entity: str) -> None:
    assert problem_of(entity, GOOD[entity], now=NOW) is None


@pytest.mark.parametrize(("entity", "column", "value"), BAD)
def test_a_row_that_no_command_would_take_is_refused(entity: str, column: str, value: Any) -> None:
    assert problem_of(entity, GOOD[entity] | {column: value}, now=NOW) is not None
