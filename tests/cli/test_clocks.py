"""A local time that the clocks showed twice, or not at all, is refused wherever it comes in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.moments import moment_reader
from tests.conftest import Program

BERLIN = ZoneInfo("Europe/Berlin")
TWICE, NEVER = "2025-10-26T02:30", "2025-03-30T02:30"


@pytest.mark.parametrize("local", [TWICE, NEVER, f"{TWICE}:15.5", NEVER.replace("T", " ")])
def test_nobody_can_tell_such_a_moment(local: str) -> None:
    with pytest.raises(InputRefused) as refused:
        times.parse_moment(local, BERLIN)
    assert (refused.value.key, refused.value.facts["value"]) == ("times.clocks", local)
    for offset in ("+01:00", "+02:00", "Z"):
        assert times.parse_moment(local + offset, BERLIN).utcoffset() == dt.timedelta()


def test_a_day_begins_at_its_first_moment_also_where_midnight_was_twice_or_never() -> None:
    beirut, havana = ZoneInfo("Asia/Beirut"), ZoneInfo("America/Havana")
    # the clocks went from 0:00 to 1:00, and from 1:00 back to 0:00
    assert times.parse_moment("2021-03-28", beirut).isoformat() == "2021-03-27T22:00:00+00:00"
    assert times.parse_moment("2021-11-07", havana).isoformat() == "2021-11-07T04:00:00+00:00"
    for day, place in (("2021-03-28", beirut), ("2021-11-07", havana)):
        with pytest.raises(InputRefused):
            times.parse_moment(f"{day}T00:30", place)
        assert moment_reader((), [day], place)(day) == times.parse_moment(day, place)


@pytest.mark.parametrize("cell", ["26.10.2025 02:30", "2025/10/26 2:30", "20251026023000", TWICE])
@pytest.mark.parametrize("forms", [(), ("%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M", "%Y%m%d%H%M%S", "iso")])
def test_a_cell_of_such_a_time_is_refused_whatever_its_form(
    cell: str, forms: tuple[str, ...]
) -> None:
    with pytest.raises(InputRefused) as refused:
        moment_reader(forms, [cell], BERLIN)(cell)
    assert (refused.value.key, refused.value.facts["value"]) == ("times.clocks", cell)


@pytest.fixture
def berlin(bare_program: Program) -> Program:
    bare_program.data("init", "--no-regions", "--zone", "Europe/Berlin")
    bare_program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 13.4, "--lat", 52.5,
                      "--crs", "wgs84")  # fmt: skip
    bare_program.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://d", "--unit", 1,
                      "--from", "2025-01-01")  # fmt: skip
    return bare_program


MAPPING = """
title = "Clocks"
source = "clocks"
crs = "wgs84"
key = ["no"]
[fields]
code = "no"
kind = { constant = "hydrant" }
[position]
x = "lon"
y = "lat"
[inspection]
at = "seen"
outcome = { constant = "works" }
"""
SENSOR = ("--profile", "pushed", "--url", "push://e", "--unit", "1")


@pytest.mark.parametrize("local", [TWICE, NEVER])
@pytest.mark.parametrize(
    "words",
    [
        ("survey", "record", "A", "--outcome", "works", "--at"),
        ("sensor", "add", "A", *SENSOR, "--from"),
        ("sensor", "remove", "A", "--at"),
        ("defect", "open", "A", "no_water", "--at"),
        ("integrity", "--known-at"),
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_each_command_asks_for_the_offset(
    berlin: Program, words: tuple[str, ...], local: str
) -> None:
    refused = berlin(*words, local)
    assert refused.code == 3
    assert refused.err.splitlines()[-1].count(local) == 1
    assert "offset" in refused.err
    assert berlin(*words, f"{local}+01:00").code == 0


def test_files_are_refused_by_row(berlin: Program, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(MAPPING, "utf-8")
    file = tmp_path / "r.csv"
    file.write_text(f"no,lon,lat,seen\nB,13.4,52.6,{TWICE}\nC,13.4,52.7,{TWICE}+01:00\n", "utf-8")
    ran = berlin("import", file, "--mapping", mapping, "--skip-bad", "--json")
    assert ran.code == 0, ran
    found = ran.data
    assert (found["new"], found["refused"]) == (1, 1)
    (row,) = [row for row in found["rows"] if row["action"] == "refused"]
    assert row["line"] == 2
    assert TWICE in row["reason"]
    assert "offset" in row["reason"]
