"""Readings that go out are those that were stored: DuckDB's sums against the store's own."""

from __future__ import annotations

import datetime as dt
import random
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import duckdb
import pyogrio
import pytest

from hydrant.store.ground.location import readings_path
from hydrant.store.readings.reading_pages import reading_pages
from hydrant.store.readings.readings import Reading
from hydrant.store.readings.readings_file import open_readings
from hydrant.vocabulary import Quality
from tests.conftest import Program

BEGUN = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)


def asked(question: str) -> list[Any]:
    """Rows that DuckDB found_assets."""
    with duckdb.connect() as connection:
        return list(connection.execute(question).fetchall())


def registered(program: Program, count: int) -> dict[str, str]:
    """Sensors by uid with the code of their asset."""
    found = {}
    for number in range(count):
        code = f"H{number}"
        program.data("asset", "add", code, "--kind", "hydrant.pillar", "--lon", 120 + number,
                     "--lat", 30.5, "--crs", "cgcs2000")  # fmt: skip
        added = program.data("sensor", "add", code, "--profile", "keller-33x", "--url",
                             "tcp://127.0.0.1:1", "--unit", number + 1)  # fmt: skip
        found[added["sensor"]["uid"]] = code
    return found


def stored(program: Program, sensors: dict[str, str], each: int) -> None:
    chance = random.Random(7)
    rows = []
    for uid in (*sensors, "01900000-0000-7000-8000-00000000dead"):
        for step in range(each):
            bad = chance.random() < 0.2
            value = None if bad else round(chance.uniform(50, 500), 3)
            quality = Quality.BAD_TIMEOUT if bad else Quality.GOOD
            at = BEGUN + dt.timedelta(seconds=611 * step + chance.random())
            reason = "timeout" if bad else None
            rows.append(Reading(uid, f"a-{uid}", at, value, int(quality), reason, None, silent=bad))
    with open_readings(readings_path(program.db)) as store:
        store.save(rows)


def test_duckdb_finds_what_the_program_shows(program: Program, tmp_path: Path) -> None:
    sensors = registered(program, 3)
    stored(program, sensors, 40)
    file = tmp_path / "r.parquet"
    told = program.data("sensor", "export", file)
    rows = asked(
        "SELECT sensor, any_value(code), any_value(unit), count(*), count_if(good), "
        "arg_max(value, read_at) FILTER (WHERE good), "
        "strftime(max(read_at) FILTER (WHERE good) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%g') "
        f"FROM '{file}' GROUP BY sensor"
    )
    assert sum(row[3] for row in rows) == told["readings"] == 160
    assert sum(row[4] for row in rows) == told["good"]
    assert told["sensors"] == len(rows) == 4
    shown = {s["uid"]: s for s in program.data("sensor", "list")["sensors"]}
    by_uid = {row[0]: row for row in rows}
    assert by_uid["01900000-0000-7000-8000-00000000dead"][1:3] == (None, "kPa")
    for uid, code in sensors.items():
        _, named, unit, count, _, value, at = by_uid[uid]
        assert (named, unit, count) == (code, "kPa", 40)
        assert shown[uid]["latest"]["good_value"] == value
        assert shown[uid]["latest"]["good_at"] == f"{at}Z"


def test_duckdb_sums_hours_as_retain_does(program: Program, tmp_path: Path) -> None:
    stored(program, registered(program, 2), 60)
    file = tmp_path / "r.parquet"
    program.data("sensor", "export", file)
    expected = asked(
        "SELECT sensor, strftime(read_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H') AS h, count(*), "
        "count_if(good), min(value), max(value), coalesce(sum(value), 0) "
        f"FROM '{file}' GROUP BY ALL ORDER BY sensor, h"
    )
    program.data("db", "retain", "--days", 1)
    with open_readings(readings_path(program.db)) as store:
        found = store.connection.execute(
            "SELECT sensor_uid, hour, attempts, good, lowest, highest, total FROM reading_hour "
            "ORDER BY sensor_uid, hour"
        ).fetchall()
    assert [row[:6] for row in expected] == [tuple(row[:6]) for row in found]
    assert [row[6] for row in expected] == pytest.approx([row[6] for row in found])
    ran = program("sensor", "export", tmp_path / "late.parquet", "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "exchange.no_readings")
    assert not list(tmp_path.glob("*late*"))


def test_a_geopackage_says_the_same_and_spans_are_kept(program: Program, tmp_path: Path) -> None:
    stored(program, registered(program, 2), 30)
    span = ("--from", "2026-02-28T00:00:00Z", "--to", "2026-02-28T02:00:00Z")
    program.data("sensor", "export", tmp_path / "r.gpkg", *span)
    program.data("sensor", "export", tmp_path / "r.parquet", "H1", *span)
    table = pyogrio.read_arrow(tmp_path / "r.gpkg", layer="readings")[1]
    (low, high, count) = asked(
        f"SELECT min(read_at), max(read_at), count(*) FROM '{tmp_path / 'r.parquet'}'"
    )[0]
    assert dt.datetime(2026, 2, 28, tzinfo=dt.UTC) <= low
    assert high < dt.datetime(2026, 2, 28, 2, tzinfo=dt.UTC)
    mine = [n for n, code in enumerate(table["code"].to_pylist()) if code == "H1"]
    assert len(mine) == count > 0
    values = asked(f"SELECT value FROM '{tmp_path / 'r.parquet'}' ORDER BY read_at")
    assert [table["value"].to_pylist()[n] for n in mine] == [value for (value,) in values]


def test_pages_are_bounded_and_complete(program: Program) -> None:
    stored(program, registered(program, 3), 50)
    with open_readings(readings_path(program.db)) as store:
        whole = [row for page in reading_pages(store) for row in page]
        small = [row for page in reading_pages(store, page=7) for row in page]
    assert small == whole
    assert len(whole) == 200
    assert whole == sorted(whole, key=lambda row: (row.sensor_uid, row.at))


@pytest.mark.file_only
def test_memory_does_not_grow_with_the_readings(program: Program, tmp_path: Path) -> None:
    stored(program, registered(program, 10), 2000)
    peaks = []
    for page in (2_000, 1_000):
        with open_readings(readings_path(program.db)) as store:
            tracemalloc.start()
            for _ in reading_pages(store, page=page):
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 0.7 * peaks[0]


@pytest.mark.file_only
def test_without_pyarrow_one_line_names_the_command(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for lang in ("en", "zh"):
        ran = program("sensor", "export", tmp_path / "r.parquet", lang=lang)
        assert ran.code == 1
        assert "hydrant[parquet]" in ran.err
    assert program("sensor", "export", tmp_path / "r.txt").code == 3
