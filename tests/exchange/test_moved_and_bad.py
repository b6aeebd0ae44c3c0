"""A row that puts an asset elsewhere and says that it fails is about the place that it states."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from hydrant import times
from tests.conftest import Program

TODAY = dt.datetime.now(times.zone()).date()
NEAR, FAR = "16.1,47.1", "16.1,47.11"


def day(ago: int) -> str:
    return (TODAY - dt.timedelta(days=ago)).isoformat()


def issue(program: Program, folder: Path, row: str, head: str = "outcome,at") -> dict[str, Any]:
    file = folder / "s.csv"
    file.write_text(f"code,kind,lon,lat,{head}\nA1,hydrant,{row}\n", "utf-8")
    return program.data("import", file, "--crs", "wgs84", "--source", "company")


def condition(program: Program, *words: object) -> str:
    return str(program.data("explain", "A1", *words)["condition"])


@pytest.mark.parametrize("said", ["fails", "not_found"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"works,{day(90)}", f"{{}},{day(30)}"),  # found since
        (f"{{}},{day(30)}", f"{{}},{day(30)}"),  # said again of another place
        (f"{{}},{day(30)}", f"{{}},{day(10)}"),
        (f"works,{day(90)}", "{},"),  # undated: since it was recorded
        ("{},", "{},"),
        (f"works,{day(90)}", f"{{}},{day(30)}T10:30"),
    ],
)
def test_a_fault_told_with_the_new_place_holds_there(
    program: Program, tmp_path: Path, said: str, before: str, after: str
) -> None:
    issue(program, tmp_path, f"{NEAR},{before.format(said)}")
    told = issue(program, tmp_path, f"{FAR},{after.format(said)}")
    assert told["moved"] == 1
    assert [row["code"] for row in told["named"]["moved_bad"]] == ["A1"]
    assert condition(program) == "defective"
    again = issue(program, tmp_path, f"{FAR},{after.format(said)}")
    assert again["unchanged"] == 1
    assert condition(program) == "defective"
    assert program.data("db", "check")["faults"] == []


def test_a_good_finding_told_with_the_new_place_needs_a_visit(
    program: Program, tmp_path: Path
) -> None:
    issue(program, tmp_path, f"{NEAR},fails,{day(90)}")
    told = issue(program, tmp_path, f"{FAR},works,{day(30)}")
    assert (told["moved"], "moved_bad" in told["named"]) == (1, False)
    assert condition(program) == "untested"


def test_what_was_found_later_at_the_old_place_does_not_come_along(
    program: Program, tmp_path: Path
) -> None:
    """A move dated to the fault would let a later good visit count at the new place."""
    issue(program, tmp_path, f"{NEAR},works,{day(90)}")
    program.data("survey", "record", "A1", "--outcome", "works", "--at", day(20))
    told = issue(program, tmp_path, f"{FAR},fails,{day(30)}")
    assert (told["moved"], "moved_bad" in told["named"]) == (1, False)
    assert condition(program) == "untested"


def test_a_sensor_s_readings_of_the_old_place_do_not_come_along(
    program: Program, tmp_path: Path
) -> None:
    issue(program, tmp_path, f"{NEAR},works,{day(90)}")
    program.data("sensor", "add", "A1", "--url", "push://A1", "--unit", 1,
                 "--profile", "pushed")  # fmt: skip
    told = issue(program, tmp_path, f"{FAR},fails,{day(30)}")
    assert "moved_bad" not in told["named"]


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "holds at the new place"), ("zh", "新址仍然有效")]
)
def test_it_is_told(program: Program, tmp_path: Path, lang: str, word: str) -> None:
    issue(program, tmp_path, f"{NEAR},works,{day(90)}")
    file = tmp_path / "s.csv"
    file.write_text(file.read_text().replace(NEAR, FAR).replace("works", "fails"), "utf-8")
    ran = program("import", file, "--crs", "wgs84", "--source", "company", lang=lang)
    assert word in ran.err
