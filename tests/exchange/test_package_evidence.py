"""What a package says of sensors is held against what can be; what changes with it is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hydrant.exchange.package_file import digest_of
from hydrant.store.ground.location import readings_path
from hydrant.store.readings.readings_file import open_readings
from tests.conftest import Program
from tests.exchange.test_package import (  # noqa: F401  fixtures
    Make,
    below,
    held,
    level,
    packed,
    rewritten,
)


@pytest.fixture
def sensed(below: Program, tmp_path: Path) -> Program:  # noqa: F811
    """H1 was found with too little pressure, and its sensor says so too."""
    below.data("sensor", "add", "H1", "--profile", "pushed", "--url", "push://D", "--unit", 1,
               "--from", "2026-01-20")  # fmt: skip
    send(below, tmp_path, ("2026-02-05T12:00", 100))
    return below


def send(made: Program, folder: Path, *said: tuple[str, float], more: tuple[str, ...] = ()) -> None:
    file = folder / "sent.jsonl"
    rows = [json.dumps({"device": "D", "at": at, "value": kpa}) for at, kpa in said]
    file.write_text("\n".join(rows), "utf-8")
    made.data("ingest", file, *more)


def with_row(**values: object) -> Callable[[dict[str, bytes]], None]:
    """The same package with one more reading of its sensor, its sums made right."""

    def change(members: dict[str, bytes]) -> None:
        name = "sensor_evidence.jsonl"
        first = json.loads(members[name].splitlines()[0])
        row = {key: first[key] for key in ("sensor_uid", "asset_uid")} | values
        members[name] += json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        manifest = json.loads(members["manifest.json"])
        rows = len(members[name].splitlines())
        digest = hashlib.sha256(members[name]).hexdigest()
        manifest["members"][name] = {"rows": rows, "sha256": digest}
        manifest["sequence"] += 1
        manifest["digest"] = digest_of(manifest)
        members["manifest.json"] = json.dumps(manifest).encode()

    return change


GOOD = {"word": "good", "value": 300.0}


@pytest.mark.parametrize(
    "values",
    [
        GOOD | {"at": "2026-02-31T00:00:00.000Z"},
        GOOD | {"at": "2026-02-10T25:61:00.000Z"},
        GOOD | {"at": "2099-12-31T00:00:00.000Z"},
        GOOD | {"at": "2026-02-10T00:00:00.000Z", "value": 1e9},
        GOOD | {"at": "2026-02-10T00:00:00.000Z", "value": -1e300},
        {"word": "daily", "at": "2026-02-10T00:00:00.000Z", "series": [[0, 1e9]]},
        {"word": "daily", "at": "2026-02-31T00:00:00.000Z", "series": [[0, 300.0]]},
        {"word": "daily", "at": "2026-02-10T00:00:00.000Z", "series": [[31_000_000_000, 300.0]]},
        {"word": "daily", "at": "2026-02-10T00:00:00.000Z"},
        {"word": "low_pressure", "uid": "x", "at": "2026-02-10T00:00:00.000Z",
         "until": "2026-02-09T00:00:00.000Z"},
        {"word": "low_pressure", "uid": "x", "at": "2099-02-10T00:00:00.000Z"},
    ],
)  # fmt: skip
def test_what_no_sensor_can_have_said_is_refused(
    sensed: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
    values: dict[str, object],
) -> None:
    above = level("city")
    good = packed(sensed, tmp_path / "a.hydrant.zip")
    bad = rewritten(good, tmp_path / "bad.hydrant.zip", with_row(**values))
    before = held(above.db)
    for lang in ("en", "zh"):
        ran = above("package", "take", bad, lang=lang)
        assert (ran.code, ran.out, len(ran.err.strip().splitlines())) == (3, "", 1), ran
    assert held(above.db) == before
    above.data("package", "take", good)
    assert above.data("explain", "H1")["condition"] == "defective"


def test_days_of_another_calendar_are_refused(
    sensed: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    """What counts on a day is told by the sender's days; zones with the same days are one."""
    above = level("city")
    good = packed(sensed, tmp_path / "a.hydrant.zip")

    def zoned(name: str) -> Path:
        def change(members: dict[str, bytes]) -> None:
            manifest = json.loads(members["manifest.json"]) | {"zone": name}
            manifest["digest"] = digest_of(manifest)
            members["manifest.json"] = json.dumps(manifest).encode()

        return rewritten(good, tmp_path / f"{name.replace('/', '-')}.hydrant.zip", change)

    for lang in ("en", "zh"):
        ran = above("package", "take", zoned("Asia/Urumqi"), lang=lang)
        assert (ran.code, "Asia/Urumqi" in ran.err, "Asia/Shanghai" in ran.err) == (3, True, True)
    assert above("package", "take", zoned("Asia/Taipei")).code == 0


def test_what_sensors_said_anew_is_counted(
    sensed: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    above = level("city")
    first = above.data("package", "take", packed(sensed, tmp_path / "a.hydrant.zip"))
    assert (first["evidence"] > 0, first["new"] > 0) == (True, True)
    send(sensed, tmp_path, ("2026-02-06T12:00", 80), ("2026-02-06T12:15", 80))
    file = packed(sensed, tmp_path / "b.hydrant.zip")
    ran = above("package", "take", file, lang="zh")
    assert (ran.code, "读数和报警" in ran.out) == (0, True)
    assert above.data("package", "take", file)["evidence"] == 0


def test_of_two_packages_with_one_log_the_readings_tell_which_is_older(
    sensed: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Readings and their corrections write nothing into the audit log."""
    above = level("city")
    old = packed(sensed, tmp_path / "old.hydrant.zip")
    send(sensed, tmp_path, ("2026-02-06T12:00", 80), ("2026-02-06T12:15", 80))
    new = packed(sensed, tmp_path / "new.hydrant.zip")
    send(sensed, tmp_path, ("2026-02-06T12:15", 90), more=("--correct",))
    newest = packed(sensed, tmp_path / "newest.hydrant.zip")
    above.data("package", "take", newest)
    for file in (new, old):
        for lang in ("en", "zh"):
            ran = above("package", "take", file, lang=lang)
            assert (ran.code, "--accept-older" in ran.err) == (3, True), ran
    assert above.data("package", "take", newest)["written"] is False


def test_a_corrected_reading_below_leaves_saved_results_above_as_they_were(
    sensed: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The alarm had ended when the first package was made; since the correction it has not."""
    sensed.data("survey", "record", "H1", "--outcome", "works", "--at", "2026-02-07T12:00",
                "--static-kpa", 300)  # fmt: skip
    low = (("2026-02-08T10:00", 80), ("2026-02-08T10:15", 80))
    send(sensed, tmp_path, *low, ("2026-02-10T12:00", 200), ("2026-02-10T12:15", 200))
    above = level("city")
    above.data("package", "take", packed(sensed, tmp_path / "a.hydrant.zip"))
    days = ("2026-02-08", "2026-02-10", "2026-02-12")
    for day in days:
        above.data("integrity", "330199", "--as-of", day, "--save")
    before = told(above, days)
    send(sensed, tmp_path, ("2026-02-10T12:00", 100), more=("--correct",))
    above.data("package", "take", packed(sensed, tmp_path / "b.hydrant.zip"))
    assert told(above, days) == told(sensed, days) != before
    saved = above.data("assessment", "verify")["assessments"]
    assert [row["state"] for row in saved] == ["equal"] * len(days)


def told(made: Program, days: tuple[str, ...]) -> list[Any]:
    return [made.data("explain", "H1", "--as-of", day)["condition"] for day in days]


def without_readings(made: Program) -> None:
    """What becomes of a registry that was moved without its readings, on either store."""
    with open_readings(readings_path(made.db)) as readings, readings.transaction():
        for table in ("reading", "reading_hour", "latest", "alarm", "alarm_state", "poll_run"):
            readings.connection.execute(f"DELETE FROM {table}")


@pytest.fixture
def low(sensed: Program, tmp_path: Path) -> Program:
    """A visit found all well; then its sensor found too little pressure."""
    sensed.data("survey", "record", "H1", "--outcome", "works", "--at", "2026-02-06",
                "--static-kpa", 300)  # fmt: skip
    send(sensed, tmp_path, ("2026-02-08T10:00", 300), ("2026-02-09T10:00", 80),
         ("2026-02-09T10:15", 80))  # fmt: skip
    return sensed


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "evidence of sensors was missing below"), ("zh", "缺少传感器依据")]
)
def test_readings_that_were_lost_below_are_a_withdrawal_and_stand_beside_the_figures(
    low: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
    lang: str,
    word: str,
) -> None:
    above = level("city")
    first = above.data("package", "take", packed(low, tmp_path / "a.hydrant.zip"))
    assert first["sensors"] == {"sensors": 1, "without": 0, "readings": "complete"}
    assert above.data("integrity", "330199")["sensors"]["readings"] == "present"
    without_readings(low)
    low.data("survey", "record", "H0", "--outcome", "works", "--at", "2026-03-01")
    file = packed(low, tmp_path / "b.hydrant.zip")
    assert low.data("package", "check", file)["sensors"]["readings"] == "missing"
    ran = above("package", "take", file, lang=lang)
    assert (ran.code, "--accept-withdrawals" in ran.err, "H1" in ran.err) == (3, True, True), ran
    assert above.data("explain", "H1")["condition"] == "defective"
    seen = above.data("package", "take", file, "--dry-run")
    taken = above.data("package", "take", file, "--accept-withdrawals")
    assert (seen["evidence_lost"] > 0, taken["evidence_lost"]) == (True, seen["evidence_lost"])
    assert [row["name"] for row in taken["rows"] if row["action"] == "withdrawn"] == ["H1"]
    assert above.data("explain", "H1")["condition"] == low.data("explain", "H1")["condition"]
    assert above.data("integrity", "330199")["sensors"]["readings"] == "missing"
    for asked in (("integrity", "330199"), ("integrity",), ("explain", "H1"), ("todo",)):
        assert word in above(*asked, lang=lang).err, asked
    send(low, tmp_path, ("2026-02-08T10:00", 300), ("2026-02-09T10:00", 80),
         ("2026-02-09T10:15", 80))  # fmt: skip
    above.data("package", "take", packed(low, tmp_path / "c.hydrant.zip"))
    assert word not in above("integrity", "330199", lang=lang).err
    assert above.data("explain", "H1")["condition"] == "defective"


def test_newer_readings_take_the_place_of_former_ones_and_nothing_is_lost(
    low: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Of each day the newest good one is told, of low ones those of open alarms."""
    above = level("city")
    above.data("package", "take", packed(low, tmp_path / "a.hydrant.zip"))
    for name, said in (
        ("b", [("2026-02-09T11:00", 90)]),
        ("c", [("2026-02-09T12:00", 300), ("2026-02-09T12:15", 300)]),
        ("d", [("2026-02-09T13:00", 310), ("2026-02-10T13:00", 100), ("2026-02-11T13:00", 320)]),
    ):
        send(low, tmp_path, *said)
        told = above.data("package", "take", packed(low, tmp_path / f"{name}.hydrant.zip"))
        assert told["evidence_lost"] == 0
        assert above.data("explain", "H1")["condition"] == low.data("explain", "H1")["condition"]


@pytest.mark.parametrize(("lang", "word"), [("en", "does not state"), ("zh", "未说明")])
def test_a_package_that_does_not_say_whether_readings_were_at_hand_is_taken_and_said_so(
    low: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
    lang: str,
    word: str,
) -> None:
    def unsaid(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        del manifest["sensors"], manifest["past"]
        manifest["digest"] = digest_of(manifest)
        members["manifest.json"] = json.dumps(manifest).encode()

    above = level("city")
    file = rewritten(packed(low, tmp_path / "a.hydrant.zip"), tmp_path / "b.hydrant.zip", unsaid)
    assert above.data("package", "take", file)["sensors"]["readings"] == "not_stated"
    assert word in above("integrity", "330199", lang=lang).err
    assert above.data("integrity", "330199")["sensors"]["readings"] == "not_stated"
    assert above.data("package", "make", tmp_path / "up.hydrant.zip")["sensors"] == {
        "sensors": 1, "without": 0, "readings": "not_stated",
    }  # fmt: skip


def test_the_level_between_hands_up_that_readings_were_missing_below(
    low: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    without_readings(low)
    city, province = level("city"), level("province")
    city.data("package", "take", packed(low, tmp_path / "a.hydrant.zip"))
    file = packed(city, tmp_path / "b.hydrant.zip")
    province.data("package", "take", file)
    for made in (city, province):
        assert made.data("integrity", "330199")["sensors"]["readings"] == "missing"
