"""Codes that nobody can tell apart by looking are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.exchange.look_alike import look_alikes
from tests.conftest import Program


@pytest.mark.parametrize("code", ["H1O3", "1l2", "Ｈ12", "HА1", "АВ12", "A\u200b1", "H²"])
def test_a_code_of_signs_that_stand_for_others_is_named(code: str) -> None:
    assert look_alikes({0: "H1", 1: code}) == [1]


@pytest.mark.parametrize("code", ["H103", "OK-1", "НЖ-12", "消火栓12", "Ö1", "Old 7"])
def test_ordinary_codes_are_not(code: str) -> None:
    assert look_alikes({0: code, 1: "Z9"}) == []


def test_both_of_a_pair_are_named() -> None:
    assert look_alikes({3: "HO1", 4: "H01", 5: "H2"}) == [3, 4]


def test_an_import_names_them_once(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        "code,kind,lon,lat\nHO1,hydrant,16.1,47.1\nH01,hydrant,16.2,47.1\nH2,hydrant,16.3,47.1\n",
        encoding="utf-8",
    )
    first = program.data("import", file, "--crs", "wgs84")
    assert [row["code"] for row in first["named"]["look_alike"]] == ["HO1", "H01"]
    assert first["new"] == 3
    assert "look_alike" not in program.data("import", file, "--crs", "wgs84")["named"]
