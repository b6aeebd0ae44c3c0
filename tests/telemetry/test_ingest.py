"""Pushed readings: checked like polled ones, in any order, any number of times."""

from __future__ import annotations

import io
import json
import random
import sys
import tracemalloc
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hydrant.exchange.reading_file import sent_readings
from tests.conftest import Program


@pytest.fixture
def pushing(program: Program) -> Program:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    program.data("sensor", "add", "A1", "--profile", "pushed", "--url", "push://862000001",
                 "--unit", 1, "--height", "-1", "--from", "2026-06-01")  # fmt: skip
    program.data("sensor", "add", "A1", "--profile", "pushed", "--url", "push://862000001",
                 "--unit", 1, "--quantity", "battery", "--from", "2026-06-01")  # fmt: skip
    return program


def rows(*values: float | None, start: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "device": "862000001",
            "quantity": "pressure",
            "at": f"2026-06-01T08:{minute + start:02d}:00+08:00",
            "value": value,
            "unit": "MPa",
        }
        for minute, value in enumerate(values)
    ]


def send(program: Program, tmp_path: Path, content: list[dict[str, Any]]) -> dict[str, Any]:
    file = tmp_path / "r.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in content), "utf-8")
    return program.data("ingest", file)


def test_values_are_brought_to_the_outlet(pushing: Program, tmp_path: Path) -> None:
    assert send(pushing, tmp_path, rows(0.31))["stored"] == 1
    listed = pushing.data("sensor", "list")["sensors"]
    (pressure,) = [sensor for sensor in listed if sensor["quantity"] == "pressure"]
    assert pressure["latest"]["value"] == pytest.approx(310 - 9.80665)


def test_again_and_in_any_order_changes_nothing(pushing: Program, tmp_path: Path) -> None:
    content = rows(0.3, 0.09, 0.09, 0.3, 0.3, None)
    # low pressure, and the sudden drop to it
    assert send(pushing, tmp_path, content)["alarms_opened"] == 2
    listed = pushing.data("sensor", "list")
    for _ in range(3):
        random.shuffle(content)
        again = send(pushing, tmp_path, content)
        assert (again["stored"], again["known"]) == (0, 6)
        assert (again["alarms_opened"], again["alarms_cleared"]) == (0, 0)
        assert pushing.data("sensor", "list") == listed


def test_late_low_readings_open_the_alarm_that_they_are(pushing: Program, tmp_path: Path) -> None:
    send(pushing, tmp_path, rows(0.3, 0.3, start=30))
    late = send(pushing, tmp_path, rows(0.05, 0.05, 0.05))
    assert (late["stored"], late["alarms_opened"], late["alarms_cleared"]) == (3, 1, 1)
    (alarm,) = pushing.data("alarm", "list", "--all")["alarms"]
    assert (alarm["confirmed_at"], alarm["cleared_at"]) == (
        "2026-06-01T00:01:00.000Z", "2026-06-01T00:31:00.000Z")  # fmt: skip


def test_missing_and_impossible_values_are_no_values(pushing: Program, tmp_path: Path) -> None:
    send(pushing, tmp_path, rows(None))
    send(pushing, tmp_path, rows(50.0, start=1))
    (pressure, *_) = (
        s for s in pushing.data("sensor", "list")["sensors"] if s["quantity"] == "pressure"
    )
    assert (pressure["latest"]["value"], pressure["latest"]["reason"]) == (None, "out_of_range")


def test_csv_from_a_pipe(pushing: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "asset,quantity,at,value\nA1,pressure,2026-06-01 08:00,300\nA1,battery,2026-06-01,3.6\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert pushing.data("ingest", "-")["stored"] == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"device": "nobody", "at": "2026-06-01", "value": 1}, "nobody"),
        ({"device": "862000001", "at": "2026-06-01", "value": 1}, "quantity"),
        ({"device": "862000001", "at": "2099-01-01", "value": 1}, "future"),
        ({"device": "862000001", "at": "soon", "value": 1}, "soon"),
        ({"device": "862000001", "quantity": "pressure", "at": "2026-06-01", "value": "x"}, "x"),
        ({"device": "862000001", "quantity": "pressure", "at": "2026-06-01", "value": 1,
          "unit": "furlong"}, "furlong"),
        ({"device": "862000001", "when": "2026-06-01", "value": 1}, "when"),
        ({"value": 1}, "device"),
    ],
)  # fmt: skip
def test_refused_lines_are_told_and_the_others_stored(
    pushing: Program, tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    file = tmp_path / "r.jsonl"
    lines = [json.dumps(rows(0.3)[0]), json.dumps(row), "{broken", json.dumps(rows(0.3, 0.3)[1])]
    file.write_text("\n".join(lines), "utf-8")
    ran = pushing("ingest", file)
    assert ran.code == 3
    assert "line 2" in ran.err
    assert said in ran.err.splitlines()[0]
    assert "line 3" in ran.err
    assert "2 stored" in ran.out


def test_pushing_devices_are_not_polled(pushing: Program) -> None:
    assert pushing.data("poll", "--all")["sensors"] == 0


def test_profile_and_url_must_agree(pushing: Program) -> None:
    for profile, url in (("keller-33x", "push://1"), ("pushed", "tcp://h")):
        ran = pushing("sensor", "add", "A1", "--profile", profile, "--url", url, "--unit", 1)
        assert ran.code == 3
        assert "pushed" in ran.err


@pytest.mark.parametrize(
    "text",
    [
        '{"asset": "H1", "at": "2026-01-01T00:00:00Z", "value": ' + "9" * 400 + "}",
        '{"asset": "H1", "at": "2026-01-01T00:00:00Z", "value": NaN}',
        '{"asset": "H1", "at": "2026-01-01T00:00:00Z", "value": 1e999}',
        "asset,at,value\nH1,2026-01-01T00:00:00Z,inf\n",
        "asset,at,value\nH1,2026-01-01T00:00:00Z," + "9" * 2_000_000 + "\n",
        ",".join(["x"] * 100_000) + "\n" + "1\n" * 20_000,
    ],
)
def test_a_reading_that_is_none_is_told_by_its_line(text: str) -> None:
    found = list(sent_readings(text, ZoneInfo("UTC")))
    assert found
    assert all(isinstance(one, tuple) for one in found)


def test_a_line_of_millions_of_cells_is_refused_and_not_taken_apart() -> None:
    wide = "D1,2024-05-01T00:00:00Z,1" + ",111" * 1_000_000
    text = f"device,at,value\nD1,2024-05-01T00:00:00Z,1\n{wide}\nD2,2024-05-01T00:00:00Z,2\n"
    tracemalloc.start()
    found = list(sent_readings(text, ZoneInfo("UTC")))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one[0] if isinstance(one, tuple) else one.name for one in found] == ["D1", 3, "D2"]
    assert peak_bytes < 8 * len(text)
