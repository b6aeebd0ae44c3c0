"""Readings of devices that were registered anew, merged away, or whose alarms come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program


@pytest.fixture
def county(program: Program) -> Program:
    for number, code in enumerate(("A", "B")):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.1 + number / 10,
                     "--lat", 30.2, "--crs", "cgcs2000")  # fmt: skip
        program.data("survey", "record", code, "--outcome", "works", "--at", "2026-08-01")
    return program


def stand(program: Program, asset: str, *more: object) -> str:
    added = program.data("sensor", "add", asset, "--profile", "pushed", "--url", "push://D",
                         "--unit", 1, *more)  # fmt: skip
    return str(added["sensor"]["uid"])


def sent(program: Program, folder: Path, *content: tuple[str, Any], **named: str) -> Any:
    file = folder / "s.jsonl"
    name = named or {"device": "D"}
    rows = [json.dumps({**name, "at": at, "value": value}) for at, value in content]
    file.write_text("\n".join(rows), "utf-8")
    return program("ingest", file, "--json")


def condition(program: Program, asset: str) -> str:
    return str(program.data("explain", asset)["condition"])


LOW = (("2026-11-20T10:00", 80), ("2026-11-20T10:15", 80))
OVER = (("2026-11-20T10:30", 170), ("2026-11-20T10:45", 170))


@pytest.mark.parametrize("way", ["late", "corrected"])
def test_an_alarm_that_is_not_over_after_all_is_told(
    county: Program, tmp_path: Path, way: str
) -> None:
    stand(county, "A", "--from", "2026-09-01")
    assert sent(county, tmp_path, *LOW, *OVER).data["alarms_cleared"] >= 1
    assert county.data("alarm", "list")["alarms"] == []
    if way == "late":
        again = sent(county, tmp_path, ("2026-11-20T10:37", 130))
    else:
        (tmp_path / "c.jsonl").write_text(
            json.dumps({"device": "D", "at": OVER[1][0], "value": 130}), "utf-8"
        )
        again = county("ingest", tmp_path / "c.jsonl", "--correct", "--json")
    assert again.code == 0
    assert again.data["alarms_opened"] >= 1
    assert any("A" in message["text"] for message in again.json["messages"])
    assert county.data("alarm", "list")["alarms"]
    assert condition(county, "A") == "defective"


@pytest.mark.parametrize("first", [(), ("--from", "2026-11-22")])
def test_a_beginning_that_was_wrong_is_put_right_by_registering_again(
    county: Program, tmp_path: Path, first: tuple[str, ...]
) -> None:
    stand(county, "A", *first)
    county.data("sensor", "remove", "A")
    again = stand(county, "A", "--from", "2026-11-19")
    for row in (*LOW, ("2026-11-25T08:00", 82)):
        ran = sent(county, tmp_path, row)
        assert (ran.code, ran.data["stored"]) == (0, 1)
    assert condition(county, "A") == "defective"
    (alarm,) = [a for a in county.data("alarm", "list")["alarms"] if a["kind"] == "low_pressure"]
    assert alarm["sensor"] == again


def test_two_quantities_of_one_device_stay_apart(county: Program, tmp_path: Path) -> None:
    """What ended of one quantity gives its unnamed readings to no other."""
    stand(county, "A", "--from", "2026-09-01")
    county.data("sensor", "remove", "A")
    stand(county, "A", "--from", "2026-09-01", "--quantity", "flow")
    assert sent(county, tmp_path, ("2026-11-20T10:00", 80)).code == 3


def test_the_plate_of_a_merged_asset_goes_on_being_understood(
    county: Program, tmp_path: Path
) -> None:
    stand(county, "A", "--from", "2026-09-01")
    county.data("duplicates", "merge", "B", "A")
    ran = sent(county, tmp_path, *LOW, asset="A")
    assert (ran.code, ran.data["stored"]) == (0, 2)
    assert condition(county, "B") == "defective"
    assert sent(county, tmp_path, ("2026-11-21", 80), asset="Z").code == 3


@pytest.mark.parametrize(("lang", "word"), [("en", "withdrawn"), ("zh", "撤销")])
def test_the_history_tells_of_withdrawn_alarms(
    county: Program, tmp_path: Path, lang: str, word: str
) -> None:
    stand(county, "A", "--from", "2026-09-01")
    sent(county, tmp_path, *LOW)
    sent(county, tmp_path, ("2026-11-20T10:07", 300))
    assert condition(county, "A") == "intact"
    assert word in county("asset", "history", "A", lang=lang).out


def test_an_asset_without_a_sensor_is_named_as_it_was(county: Program, tmp_path: Path) -> None:
    stand(county, "A", "--from", "2026-09-01")
    ran = sent(county, tmp_path, ("2026-11-20T10:00", 80), asset="B")
    assert (ran.code, '"B"' in ran.data["rows"][0]["reason"]) == (3, True)
