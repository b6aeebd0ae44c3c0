"""Bounds that an option states are held, whatever converts its words."""

from __future__ import annotations

import pytest

from hydrant.cli.main import EXIT_USAGE
from tests.conftest import Program

BEYOND = [
    (("db", "retain", "--days", "0"), "0"),
    (("db", "retain", "--days", "-5"), "-5"),
    (("db", "backup", "b.gpkg", "--days", "0"), "0"),
    (("db", "backup", "b.gpkg", "--weeks", "-1"), "-1"),
    (("integrity", "--fail-under", "101"), "101"),
    (("integrity", "--fail-under", "-1"), "-1"),
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("words", "told"), BEYOND)
def test_a_number_beyond_them_is_refused_by_name(
    program: Program, lang: str, words: tuple[str, ...], told: str
) -> None:
    ran = program(*words, lang=lang)
    assert ran.code == EXIT_USAGE
    assert told in ran.err
    assert words[-2] in ran.err


def test_the_bounds_themselves_are_taken(program: Program) -> None:
    assert program("integrity", "--fail-under", "100").code == 6
    assert program("db", "retain", "--days", "1").code == 0
