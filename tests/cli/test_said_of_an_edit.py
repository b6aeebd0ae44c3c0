"""What is said of an edit: codes borne twice, values that do not hold today, private assets."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.conftest import Program


def keys(program: Program, *words: str) -> list[str]:
    answer = program(*words, "--json").json
    return [message["key"] for message in answer["messages"]]


def add(program: Program, code: str, lon: float, *words: str) -> str:
    data = program.data("asset", "add", code, "--kind", "hydrant.pillar", "--crs", "cgcs2000",
                        "--lon", lon, "--lat", 30.2, "--built", "2020-01-01", *words)  # fmt: skip
    return str(data["asset"]["uid"])


def test_a_code_that_another_asset_bears_is_named_when_it_is_given(program: Program) -> None:
    add(program, "A-1", 120.1)
    add(program, "A-2", 120.2)
    assert "cli_asset.twin" not in keys(program, "asset", "edit", "A-2", "--code", "A-3")
    assert "cli_asset.twin" not in keys(program, "asset", "edit", "A-3", "--code", "A-3")
    assert "cli_asset.twin" in keys(program, "asset", "edit", "A-3", "--code", "A-1")


@pytest.mark.parametrize("words", [("--maintainer", "East"), ("--place", "120.105,30.2")])
def test_values_that_later_ones_outrank_are_named(program: Program, words: tuple[str, ...]) -> None:
    add(program, "A-1", 120.1)
    later = ("--maintainer", "West") if words[0] == "--maintainer" else ("--place", "120.103,30.2")
    said = keys(program, "asset", "edit", "A-1", *later, "--crs", "cgcs2000", "--from", "2024-5-1")
    assert "cli_asset.not_today" not in said
    said = keys(program, "asset", "edit", "A-1", *words, "--crs", "cgcs2000", "--from", "2024-4-1")
    assert "cli_asset.not_today" in said


def test_values_that_are_announced_are_said_not_to_hold_yet(program: Program) -> None:
    add(program, "A-1", 120.1)
    ahead = (dt.date.today() + dt.timedelta(days=60)).isoformat()  # noqa: DTZ011  some weeks off
    said = keys(program, "asset", "edit", "A-1", "--maintainer", "East", "--from", ahead)
    assert "cli_asset.not_today" in said
    assert program.data("asset", "show", "A-1")["asset"]["maintainer"] is None


def test_a_private_asset_is_said_to_be_in_no_rate(program: Program) -> None:
    add(program, "P-1", 120.1, "--service", "private")
    add(program, "A-1", 120.2)
    assert program.data("explain", "P-1")["apart"] is True
    assert program.data("explain", "A-1")["apart"] is False
    assert "单位自有" in program("explain", "P-1", lang="zh").out
    assert program.data("integrity")["total"]["working_order"]["existing"] == 1
