"""An end of a region that was recorded by mistake is taken back, and figures are as before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_regions import THREE, add, write
from tests.conftest import Program

DAYS = ("2023-06-30", "2024-06-30", "2026-01-01")


@pytest.fixture
def three(program: Program, tmp_path: Path) -> Program:
    program.data("region", "import", write(tmp_path / "three.csv", THREE))
    for code, region in (("H1", "A"), ("H2", "A1"), ("H3", "B")):
        add(program, code, 120.05, "--region", region, "--built", "2015-01-01")
    program.data("require", "set", "A", "hydrant", 5, "--from", "2020-01-01")
    program.data("require", "set", "B", "hydrant", 2, "--from", "2020-01-01")
    return program


def figures(program: Program) -> list[Any]:
    """Both rates of each township and village on several days."""
    return [
        program.data("integrity", "--by", level, "--as-of", day)["groups"]
        for day in DAYS
        for level in ("township", "village")
    ]


@pytest.mark.parametrize("heirs", [("B",), ("B", "D")], ids=("one", "split"))
def test_a_unit_that_has_not_ended_stands_as_before(
    three: Program, tmp_path: Path, heirs: tuple[str, ...]
) -> None:
    before = figures(three)
    more: tuple[object, ...] = ()
    if len(heirs) > 1:
        fell = write(tmp_path / "fell.csv", "asset,region\nH1,D\n")
        more = ("--list", fell)
    three.data("region", "succeed", "A", *heirs, "--at", "2024-01-01", *more)
    assert figures(three) != before
    told = three.data("region", "restore", "A", "--reason", "the wrong one")
    assert (told["action"], told["ended"]) == ("restored", "2024-01-01")
    assert told["successors"] == list(heirs)
    assert [one["code"] for one in told["assets"]] == (["H1"] if more else [])
    assert {one["region"] for one in told["figures_changed"]} >= {"A"}
    assert figures(three) == before
    assert three("db", "check").code == 0
    again = three.data("region", "restore", "A", "--reason", "the wrong one")
    assert (again["action"], again["figures_changed"]) == ("unchanged", [])
    # and the one that was meant can end now
    three.data("region", "succeed", "D", "B", "--at", "2024-01-01")


def test_an_asset_that_moved_on_since_stays_there(three: Program, tmp_path: Path) -> None:
    add(three, "H4", 120.06, "--region", "A", "--built", "2015-01-01")
    fell = write(tmp_path / "fell.csv", "asset,region\nH1,D\nH4,D\n")
    three.data("region", "succeed", "A", "B", "D", "--at", "2024-01-01", "--list", fell)
    three.data("asset", "edit", "H1", "--region", "B", "--from", "2025-01-01")
    three.data("region", "restore", "A", "--reason", "not decreed")
    shown = {
        day: {
            g["key"]: g["working_order"]["existing"]
            for g in three.data("integrity", "--by", "township", "--as-of", day)["groups"]
        }
        for day in ("2024-06-30", "2025-06-30")
    }
    assert (shown["2024-06-30"]["A"], shown["2024-06-30"]["B"]) == (3, 1)
    assert (shown["2025-06-30"]["A"], shown["2025-06-30"]["B"]) == (2, 2)


def test_an_end_that_is_announced_is_taken_back(three: Program) -> None:
    three.data("region", "succeed", "A", "B", "--at", "2039-01-01")
    three.data("region", "restore", "A", "--reason", "put off")
    (row,) = [r for r in three.data("region", "list")["regions"] if r["code"] == "A"]
    assert (row["valid_until"], row["successors"]) == (None, [])


def test_it_needs_a_reason_and_is_in_the_log(three: Program) -> None:
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    for lang in ("en", "zh"):
        ran = three("region", "restore", "A", "--reason", " ", lang=lang)
        assert ran.code == 3, ran
    three.data("region", "restore", "A", "--reason", "the wrong township")
    log = three("audit", "log", "--json").out
    assert "the wrong township" in log
    assert three("audit", "verify").code == 0


def test_a_refused_succession_says_how_to_take_the_first_back(three: Program) -> None:
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    for lang in ("en", "zh"):
        assert (
            "hydrant region restore"
            in three("region", "succeed", "A", "D", "--at", "2025-01-01", lang=lang).err
        )
