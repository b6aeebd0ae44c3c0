"""Codes that nobody can tell apart by looking are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.errors import InputRefused
from hydrant.exchange.destroyed import refuse_destroyed, surely_whole
from hydrant.exchange.look_alike import look_alikes
from tests.conftest import Program


@pytest.mark.parametrize("code", ["H1O3", "1l2", "12.0", "Ｈ12", "HА1", "АВ12", "A\u200b1", "H²"])
def test_a_code_of_signs_that_stand_for_others_is_named(code: str) -> None:
    assert look_alikes({0: "H1", 1: code}) == [1]


@pytest.mark.parametrize(
    "code", ["H103", "OK-1", "1.5", "A.0", "3.02", "НЖ-12", "消火栓12", "Ö1", "Old 7"]
)
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


@given(st.dictionaries(st.integers(0, 9), st.text("AOo01Il-\nАВ\u200b", max_size=4), max_size=8))
def test_a_look_at_all_codes_finds_what_a_look_at_each_does(codes: dict[int, str]) -> None:
    each = {
        row
        for row, code in codes.items()
        if row in look_alikes({row: code, 99: "A"})
        or any(len(look_alikes({0: code, 1: other})) == 2 for other in set(codes.values()) - {code})
    }
    assert set(look_alikes(codes | {99: "A"})) - {99} >= each


@given(
    st.lists(st.one_of(
        st.text("0123456789.,eE+-#T月日:JanFebDc!\n\u200e N/A", max_size=20),
        st.sampled_from(["3.30127E+17", "#REF!", "3-Mar", "Mar-01", "3月1日", "1234567890123456.0",
                         "2026-03-01T00:00:00", "#FORMULA!=A1", "a\u202eb", "#####"]),
    ), max_size=4),
    st.booleans(),
)  # fmt: skip
def test_no_destroyed_cell_is_passed_over_by_the_look_at_all(cells: list[str], code: bool) -> None:
    if surely_whole(cells, code=code):
        for cell in cells:
            refuse_destroyed(cell, code=code)


def test_ordinary_columns_need_one_look() -> None:
    assert surely_whole(["H1", "H0002", "消火栓12", "3-1-2"], code=True)
    with pytest.raises(InputRefused):
        refuse_destroyed("3-Mar", code=True)
