"""Pushed readings: checked like polled ones, in any order, any number of times."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import sys
import tracemalloc
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hydrant import times
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
    assert [alarm[key] for key in ("quantity", "limit", "unit")] == ["pressure", 140.0, "kPa"]
    assert alarm["value"] == pytest.approx(50 - 9.80665)
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


# where and when a device stood


def stand(program: Program, asset: str, *more: object, device: str = "D") -> str:
    added = program.data("sensor", "add", asset, "--profile", "pushed", "--url", f"push://{device}",
                         "--unit", 1, *more)  # fmt: skip
    return str(added["sensor"]["uid"])


def one(at: str | int, value: object, **more: object) -> dict[str, Any]:
    return {"device": "D", "at": at, "value": value, **more}


@pytest.fixture
def two(program: Program) -> Program:
    for code, lon in (("H1", 120.1), ("H2", 120.2)):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", lon, "--lat", 30.2,
                     "--crs", "wgs84")  # fmt: skip
    return program


def sent(program: Program, tmp_path: Path, *content: dict[str, Any]) -> Any:
    file = tmp_path / "s.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in content), "utf-8")
    return program("ingest", file, "--json")


def values(program: Program, asset: str) -> list[tuple[str, float | None]]:
    listed = program.data("sensor", "list", asset, "--all")["sensors"]
    return [(s["uid"], s["latest"]["good_value"]) for s in listed if s.get("latest")]


def test_a_reading_is_of_the_asset_where_the_device_stood(two: Program, tmp_path: Path) -> None:
    first = stand(two, "H1", "--from", "2026-05-01")
    two.data("sensor", "remove", first, "--at", "2026-05-10")
    second = stand(two, "H2", "--from", "2026-05-20")
    assert sent(two, tmp_path, one("2026-05-05", 300)).code == 0
    assert values(two, "H1") == [(first, 300.0)]
    assert values(two, "H2") == []
    between = sent(two, tmp_path, one("2026-05-15", 300), one("2026-05-21", 310))
    assert (between.code, between.data["stored"], between.data["refused"]) == (3, 1, 1)
    (told,) = between.data["rows"]
    assert "H1" in told["reason"]
    assert "2026-05-10" in told["reason"]
    assert values(two, "H2") == [(second, 310.0)]
    # two names of a reading must be of one sensor
    wrong = sent(
        two, tmp_path, one("2026-05-06", 300, asset="H2"), one("2026-05-06", 300, asset="H1")
    )
    assert (wrong.code, wrong.data["stored"], wrong.data["rows"][0]["line"]) == (3, 1, 1)


def test_what_a_removed_sensor_measured_in_its_time_is_evidence(
    two: Program, tmp_path: Path
) -> None:
    two.data("survey", "record", "H1", "--outcome", "works", "--at", "2026-05-02T09:00")
    uid = stand(two, "H1", "--from", "2026-05-01")
    two.data("sensor", "remove", uid, "--at", "2026-05-10")
    rows = [one("2026-05-05T08:00", 60), one("2026-05-05T08:10", 60)]
    assert sent(two, tmp_path, *rows).code == 0
    assert two.data("explain", "H1", "--as-of", "2026-05-20")["condition"] == "defective"
    assert two.data("alarm", "list")["alarms"] == []
    late = sent(two, tmp_path, one("2026-05-11T08:00", 60))
    assert late.code == 3
    assert "2026-05-10" in late.data["rows"][0]["reason"]
    assert two.data("db", "check")["faults"] == []


def test_what_was_measured_before_a_sensor_stood_there_counts_towards_nothing(
    two: Program, tmp_path: Path
) -> None:
    stand(two, "H1", "--from", "2026-05-05T08:05")
    early = sent(two, tmp_path, one("2026-05-05T08:00", 60), one("2026-05-05T08:10", 60))
    assert (early.code, early.data["stored"], early.data["alarms_opened"]) == (3, 1, 0)


def test_a_clock_that_was_never_set_is_refused_and_what_was_kept_is_not(
    two: Program, tmp_path: Path
) -> None:
    stand(two, "H1")
    kept = times.local_text(times.now() - dt.timedelta(days=3), ZoneInfo("Asia/Shanghai"))
    ran = sent(two, tmp_path, one("1970-01-01T00:02:11Z", 300), one("2000-01-01", 300),
               one(1764010112345, 300), one(kept, 310))  # fmt: skip
    assert (ran.code, ran.data["stored"]) == (3, 1)
    assert {row["line"] for row in ran.data["rows"]} <= {1, 2, 3}


def test_a_suspension_concerns_what_was_measured_during_it(two: Program, tmp_path: Path) -> None:
    uid = stand(two, "H1", "--from", "2026-05-01")
    two.data("sensor", "suspend", "H1")
    assert sent(two, tmp_path, one("2026-05-05", 300)).code == 0
    during = times.to_text(times.now())
    two.data("sensor", "resume", "H1")
    for _ in range(2):  # known the second time
        assert sent(two, tmp_path, one("2026-05-05", 300), one(during, 60)).code == 0
    (listed,) = two.data("sensor", "list", "H1")["sensors"]
    assert (listed["uid"], listed["latest"]["good_value"]) == (uid, 300.0)
    # kept, and no evidence
    assert (listed["latest"]["value"], listed["latest"]["reason"]) == (60.0, "out_of_service")


@pytest.mark.parametrize(
    ("how", "value", "unit", "kpa"),
    [
        (["--device-unit", "MPa"], 0.35, None, 350.0),
        (["--device-unit", "MPa"], 350, "kPa", 350.0),
        (["--loop", "0:1.6:MPa"], 12.0, None, 800.0),
        (["--loop", "0:1.6:MPa"], 12000, "uA", 800.0),
        (["--loop", "0:1.6:MPa"], 0.35, "MPa", 350.0),
        (["--loop", "0:1.6:MPa"], 2.0, None, None),
    ],
)
def test_unit_and_loop_of_a_sensor_hold_for_what_is_sent(
    two: Program, tmp_path: Path, how: list[str], value: float, unit: str | None, kpa: float | None
) -> None:
    stand(two, "H1", "--from", "2026-05-01", *how)
    assert sent(two, tmp_path, one("2026-05-05", value, unit=unit)).code == 0
    (listed,) = two.data("sensor", "list", "H1")["sensors"]
    assert listed["latest"]["good_value"] == pytest.approx(kpa)


@pytest.mark.parametrize(
    "how", [["--device-unit", "furlong"], ["--loop", "0:1:V"], ["--point", "p1"],
            ["--device-unit", "mA"]]
)  # fmt: skip
def test_what_cannot_be_said_of_a_sending_device_is_refused(two: Program, how: list[str]) -> None:
    assert two("sensor", "add", "H1", "--profile", "pushed", "--url", "push://D", "--unit", 1,
               *how).code == 3  # fmt: skip


def test_a_contradiction_names_line_sensor_and_both_values(two: Program, tmp_path: Path) -> None:
    uid = stand(two, "H1", "--from", "2026-05-01")
    sent(two, tmp_path, one("2026-05-05", 425))
    ran = sent(two, tmp_path, one("2026-05-06", 420), one("2026-05-05", 312))
    assert ran.code == 3
    assert (ran.data["stored"], ran.data["refused"], ran.data["contradicted"]) == (1, 1, 1)
    (told,) = ran.data["rows"]
    assert (told["line"], told["action"], told["sensor"]) == (2, "contradicts", uid)
    assert (told["value"], told["held"]) == (312.0, 425.0)
    for word in ("H1", uid, "312 kPa", "425 kPa"):
        assert word in told["reason"]
    file = tmp_path / "s.jsonl"
    fixed = two("ingest", file, "--correct", "--by", "office", "--json")
    assert (fixed.code, fixed.data["corrected"], fixed.data["known"]) == (0, 1, 1)
    assert fixed.data["rows"][0]["held"] == 425.0
    assert sent(two, tmp_path, one("2026-05-05", 312)).code == 0
    (former,) = two.data("sensor", "list")["former_readings"]
    assert (former["value"], former["replaced_by"]) == (425.0, "office")
    assert "425 kPa" in two("sensor", "list", "H1").err


def test_an_alarm_of_a_sending_device_is_told_by_name(two: Program, tmp_path: Path) -> None:
    stand(two, "H1", "--from", "2026-05-01")
    low = sent(two, tmp_path, one("2026-05-05T08:00", 12), one("2026-05-05T08:10", 12))
    assert any("H1" in message["text"] for message in low.json["messages"])
    back = sent(two, tmp_path, one("2026-05-05T08:20", 300), one("2026-05-05T08:05", 300))
    assert back.data["alarms_withdrawn"] == 1
    assert any("H1" in message["text"] for message in back.json["messages"])
    assert two.data("alarm", "list")["alarms"] == []
    alarm = two.data("alarm", "list", "--all")["alarms"][-1]
    assert alarm["state"] == "withdrawn"
    told = [f for f in two.data("asset", "history", "H1")["history"] if f["fact"] == "alarm"]
    assert any(f["values"].get("withdrawn_at") for f in told)


def test_old_readings_end_no_silence(two: Program, tmp_path: Path) -> None:
    stand(two, "H1", "--from", "2026-05-01", "--every", 600)
    sent(two, tmp_path, one("2026-05-05", 425))
    assert two.data("poll")["alarms_opened"] == 1
    for at in ("2026-05-05", "2026-05-06"):
        assert sent(two, tmp_path, one(at, 425)).data["alarms_cleared"] == 0
        assert two.data("poll")["alarms_opened"] == 0
    now = times.to_text(times.now())
    assert sent(two, tmp_path, one(now, 425)).data["alarms_cleared"] == 1


def test_stays_of_one_device_that_overlap_are_not_guessed_between(
    two: Program, tmp_path: Path
) -> None:
    first = stand(two, "H1", "--from", "2026-05-01")
    two.data("sensor", "remove", first, "--at", "2026-05-10")
    second = stand(two, "H2", "--from", "2026-05-05")
    ran = sent(two, tmp_path, one("2026-05-06T10:00", 80), one("2026-05-06T10:15", 80),
               one("2026-05-04T10:00", 300), one("2026-05-11T10:00", 310))  # fmt: skip
    assert (ran.code, ran.data["stored"]) == (3, 2)
    assert [row["line"] for row in ran.data["rows"]] == [1, 2]
    assert all("H1" in row["reason"] and "H2" in row["reason"] for row in ran.data["rows"])
    assert values(two, "H1") == [(first, 300.0)]
    assert values(two, "H2") == [(second, 310.0)]
    by_uid = sent(two, tmp_path, {"sensor": first, "at": "2026-05-06T10:00", "value": 290})
    assert (by_uid.code, by_uid.data["stored"]) == (0, 1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_a_late_end_takes_away_is_told(two: Program, tmp_path: Path, lang: str) -> None:
    uid = stand(two, "H1", "--from", "2026-05-01")
    low = [one("2026-05-21T10:00", 80), one("2026-05-21T10:15", 80)]
    assert sent(two, tmp_path, *low).data["alarms_opened"] == 1
    ran = two("sensor", "remove", uid, "--at", "2026-05-20", lang=lang)
    assert ran.code == 0
    assert ("2 readings and 1 alarm" if lang == "en" else "2 条读数和 1 条告警") in ran.err
    again = two("sensor", "remove", stand(two, "H2"), "--json")
    assert (again.json["messages"], again.data["later_readings"]) == ([], 0)


@pytest.mark.parametrize("value", [80_000, None, -1000])
def test_a_reading_without_a_value_is_told(two: Program, tmp_path: Path, value: object) -> None:
    stand(two, "H1", "--from", "2026-05-01")
    ran = sent(two, tmp_path, one("2026-05-06T10:00", 300), one("2026-05-06T10:15", value))
    assert (ran.code, ran.data["stored"], ran.data["no_value"]) == (0, 2, 1)
    assert [(row["line"], row["action"]) for row in ran.data["rows"]] == [(2, "no_value")]
    assert [m["key"] for m in ran.json["messages"]] == ["cli_ingest.without_value"]


def test_readings_older_than_their_sensor_are_told(two: Program, tmp_path: Path) -> None:
    stand(two, "H1")
    yesterday = times.now() - dt.timedelta(days=1)
    rows = [one(times.to_text(yesterday + dt.timedelta(minutes=15 * n)), 80) for n in (0, 1)]
    ran = sent(two, tmp_path, *rows)
    assert ran.data["before_sensor"] == 2
    assert "cli_ingest.early" in [m["key"] for m in ran.json["messages"]]


def test_a_poll_where_all_devices_send_denies_none(two: Program) -> None:
    stand(two, "H1")
    for lang, said in (("en", "send by themselves"), ("zh", "自行推送")):
        assert said in two("poll", lang=lang).out
