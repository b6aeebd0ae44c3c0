"""What a package says of sensors is held against what can be; what changes with it is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hydrant.exchange.package_file import digest_of
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
