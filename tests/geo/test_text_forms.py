"""A cell that holds a position."""

from __future__ import annotations

import pytest

from hydrant.geo.text_forms import parse_pair


@pytest.mark.parametrize("cell", ["48,12", "-3,70", "48,12345", " 11,5 ", "4812，5"])
def test_a_number_with_a_decimal_comma_is_no_pair(cell: str) -> None:
    assert parse_pair(cell) is None


@pytest.mark.parametrize("cell", ["48.1,11.5", "48, 11", "48,1 11,5", "48 11", "48.1;11"])
def test_two_numbers_are_a_pair(cell: str) -> None:
    assert parse_pair(cell) is not None
