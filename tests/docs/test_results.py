"""The page of results keeps what was not measured anew, and owns up to what falls short."""

from __future__ import annotations

from pathlib import Path

from bench import results_page
from bench.results_page import section, sections, short, write


def test_the_page_is_as_it_is_written(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    write(sections(), page)
    assert page.read_text("utf-8") == results_page.PAGE.read_text("utf-8")


def test_a_part_measured_anew_leaves_the_others(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    one, two = [("work", "2 s", "peer: 1 s", "2.00 (≤ 1.3)")], [("rate", "9", "8", "1.10 (≥ 0.7)")]
    write({n: section(part, load=0.5, gdal="G") for n, part in (("a", one), ("b", two))}, page)
    assert "- work: 2.00, promised ≤ 1.3." in page.read_text("utf-8")
    found = sections(page)
    found["a"] = section([("work", "1 s", "peer: 1 s", "1.00 (≤ 1.3)")], load=0.5, gdal="G")
    write(found, page)
    assert list(sections(page)) == ["a", "b"]
    assert page.read_text("utf-8").endswith("## What falls short\n\nNothing.\n")


def test_a_rate_below_its_promise_falls_short_and_a_time_below_it_does_not() -> None:
    assert list(short("| x | 1 | 2 | 0.60 (≥ 0.7) |")) == ["- x: 0.60, promised ≥ 0.7."]
    assert not list(short("| x | 1 | 2 | 0.60 (≤ 0.7) |\n| y | 1 | 2 |  |"))
