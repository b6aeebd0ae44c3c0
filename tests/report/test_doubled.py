"""A figure that may count one hydrant twice says so, until somebody decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program

HEAD = "code,kind,lon,lat,crs,outcome,at\n"
ROW = "{},hydrant.pillar,{},30.25,wgs84,works,2026-11-01\n"


@pytest.fixture
def twins(program: Program, tmp_path: Path) -> Program:
    """A registry with a pair 2 m apart, and a hydrant alone."""
    file = tmp_path / "r.csv"
    places = (("A1", "120.151"), ("A2", "120.15102"), ("A3", "120.161"))
    file.write_text(HEAD + "".join(ROW.format(*one) for one in places), "utf-8")
    assert program("import", file).code == 0
    return program


def told(program: Program, *options: str) -> tuple[int, int]:
    """Pairs by the figures, and how many remarks are made of them."""
    ran = program("integrity", *options, "--json")
    notes = [one for one in ran.json["messages"] if one["key"] == "integrity.doubled"]
    assert all("hydrant duplicates list" in one["text"] for one in notes)
    return ran.data.get("open_duplicates", 0), len(notes)


def test_it_is_said_once_with_the_count_and_the_next_step(twins: Program) -> None:
    assert told(twins) == (1, 1)
    assert told(twins, "--kind", "hydrant") == (1, 1)
    assert told(twins, "--kind", "crane") == (0, 0)
    assert twins.data("integrity")["total"]["working_order"]["existing"] == 3


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_terminal_and_the_page_say_it_too(twins: Program, tmp_path: Path, lang: str) -> None:
    assert "hydrant duplicates list" in twins("integrity", "--lang", lang).err
    page = tmp_path / "r.html"
    assert twins("report", page, "--lang", lang).code == 0
    assert "hydrant duplicates list" in page.read_text("utf-8")


@pytest.mark.parametrize(
    "decision",
    [
        ("duplicates", "keep", "A1", "A2"),
        ("duplicates", "merge", "A1", "A2"),
        ("asset", "retire", "A2", "--at", "2026-11-02"),
        ("asset", "edit", "A2", "--lon", "120.171", "--lat", "30.25", "--crs", "wgs84"),
    ],
)
def test_a_decision_ends_it(twins: Program, decision: tuple[str, ...]) -> None:
    ran = twins(*decision)
    assert ran.code == 0, ran
    assert told(twins) == (0, 0)


def test_of_a_day_before_one_was_removed_it_is_said(twins: Program) -> None:
    assert twins("asset", "retire", "A2", "--at", "2026-11-02").code == 0
    assert told(twins, "--as-of", "2026-11-01") == (1, 1)


def test_one_number_far_apart_is_no_such_pair(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text(HEAD + ROW.format("7", "120.151"), "utf-8")
    assert program("import", file, "--source", "one").code == 0
    file.write_text(HEAD + ROW.format("7", "120.551"), "utf-8")
    assert program("import", file, "--source", "two").code == 0
    assert program.data("duplicates", "list")["same_code_apart"] == 1
    assert told(program) == (0, 0)
