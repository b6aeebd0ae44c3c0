"""The page of capacity says what follows from the measured figures, no more."""

from __future__ import annotations

import pytest

from bench import capacity


def test_the_page_and_its_twin_are_up_to_date() -> None:
    for page, told in capacity.pages().items():
        assert page.read_text("utf-8") == told, "run nox -s capacity"


def test_shares_follow_from_the_figures() -> None:
    found = capacity.figures()
    one = capacity.load(found, 5_000_000, 60)
    assert one.rate == pytest.approx(83_333.3, abs=0.1)
    assert one.storing == pytest.approx(5_000_000 / 60 / found.server_s)
    assert one.disk_gb_day == pytest.approx(5e6 * 1440 * found.server_bytes / 1e9)
    assert one.workers >= one.rate * (1 / found.poll_s + 1 / found.server_s)
    assert found.worker_s < min(found.poll_s, found.server_s)
    assert "×" in one.first()
    assert capacity.load(found, 100, 900).first() == "holds"


def test_a_figure_that_is_gone_is_no_guess() -> None:
    with pytest.raises(AssertionError):
        capacity.number("SIZES.md", "no such line")
