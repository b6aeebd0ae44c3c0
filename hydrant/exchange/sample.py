"""Builds the invented sample county as a registry of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hydrant import times
from hydrant.errors import HydrantError
from hydrant.exchange.importing import import_table
from hydrant.exchange.outcome import Options
from hydrant.exchange.own_mapping import own_mapping
from hydrant.exchange.readers import read_table
from hydrant.exchange.region_file import read_regions
from hydrant.exchange.requirement_file import read_requirements
from hydrant.exchange.table import Table
from hydrant.model.tables import Defect
from hydrant.resources import resource
from hydrant.store.opened import bulk
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.writer import Writer
from hydrant.store.regions.region_rows import put_regions
from hydrant.store.regions.requirements import set_requirement
from hydrant.survey.form import load_form

SAMPLE_REGION = "339901"
_ACTOR = "demo"


@dataclass(frozen=True, slots=True)
class SampleSensor:
    """A sensor of the sample and what its simulated device shows.

    Attributes
    ----------
    gateway
        Number of the gateway it hangs behind.
    parameters
        What the site adds to the profile.
    kpa
        Pressure at the outlet, kPa gauge.
    silent
        Whether the device does not answer.
    """

    code: str
    profile: str
    gateway: int
    unit: int
    parameters: Mapping[str, str]
    kpa: float
    silent: bool


def _rows(name: str) -> Iterator[dict[str, str]]:
    table = _table(name)
    for row in range(len(table)):
        yield {heading: cells[row] for heading, cells in table.columns.items()}


def _path(name: str) -> Path:
    return resource("data", "sample", f"{name}.csv")


def _table(name: str) -> Table:
    return read_table(_path(name))


def sample_sensors() -> list[SampleSensor]:
    """Sensors of the sample county."""
    return [
        SampleSensor(
            row["code"],
            row["profile"],
            int(row["gateway"]),
            int(row["unit"]),
            {"unit": row["device_unit"]} if row["device_unit"] else {},
            float(row["kpa"]),
            row["fault"] == "silent",
        )
        for row in _rows("sensors")
    ]


def load_sample(registry: Registry) -> int:
    """Fill an empty registry with the sample county, dated relative to today; its assets.

    Raises
    ------
    HydrantError
        The shipped sample is damaged.
    """
    today = times.local_day(times.now(), registry.zone)
    with transaction(registry, actor=_ACTOR, origin="demo") as writer:
        put_regions(writer, read_regions(_path("regions"), encoding=None).rows, source="demo")
        writer.flush()
        for row in read_requirements(_path("requirements"), encoding=None).rows:
            since = times.start_of_day(row.since, registry.zone)
            set_requirement(writer, row.entered, since=since, source="demo")
    table = _table("assets")
    outcome = import_table(
        registry,
        _path("assets"),
        table,
        own_mapping(list(table.columns)),
        Options(crs="cgcs2000", source="demo"),
        actor=_ACTOR,
    )
    if not outcome.written:
        raise HydrantError("resources.missing", name="data/sample/assets.csv")
    with transaction(registry, actor=_ACTOR, origin="demo") as writer:
        _load_history(writer, today)
    return len(table)


def _load_history(writer: Writer, today: dt.date) -> None:
    stored = bulk.known_assets(writer.registry)
    uids = dict(zip(stored.codes, stored.uids, strict=True))

    def moment(days_ago: str) -> dt.datetime:
        day = today - dt.timedelta(days=int(days_ago))
        return times.start_of_day(day, writer.registry.zone) + dt.timedelta(hours=9)

    visits = list(_rows("inspections"))
    columns: dict[str, list[object]] = {
        name: [float(row[name]) if row[name] else None for row in visits]
        for name in ("static_kpa", "residual_kpa", "flow_l_s", "lift_m")
    }
    columns["at"] = [times.to_text(moment(row["days_ago"])) for row in visits]
    columns["outcome"] = [row["outcome"] for row in visits]
    bulk.insert_inspections(
        writer,
        dict(columns),
        asset_uids=[uids[row["code"]] for row in visits],
        keys=[f"{row['code']}-{row['days_ago']}" for row in visits],
        source="demo",
        batch="demo",
    )
    policy = policy_of(writer.registry)
    for row in _rows("defects"):
        known = load_form().defect(row["defect"])
        cleared = row["cleared_days_ago"]
        writer.add(
            Defect(
                asset_uid=uids[row["code"]],
                code=known.code,
                severity=policy.severity_of(known.code),
                found_at=moment(row["found_days_ago"]),
                cleared_at=moment(cleared) if cleared else None,
                source="demo",
            )
        )
