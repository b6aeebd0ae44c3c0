"""What a workbook shows of a number is what people mean: codes with noughts, units, per cent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.exchange.readers import read_table
from hydrant.exchange.shown_numbers import carries, shown
from tests.conftest import Program


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("00000", 12, "00012"),
        ("00000", 123456, "123456"),
        ('"H-"0000', 12, "H-0012"),
        ('\\H\\-0000;-0000;"none";@', 12, "H-0012"),
        ("000-0000", 1234567, "123-4567"),
        ("000\\-000", 1234, "001-234"),
        ('0"号"', 7, "7号"),
        ('"H-"General', 7, "H-7"),
        ('"H-"@', "12", "H-12"),
        ('[>=1000]"B"0000;"A"0000', 1200, "B1200"),
        ('[>=1000]"B"0000;"A"0000', 12, "A0012"),
        ("0%", 0.75, "75%"),
        ("0,", 320_000, "320"),
        ("0.0,,", 1_500_000, "1.5"),
        ("#,##0,", -4000, "-4"),
        ('0.0" MPa"', 0.3156, "0.3156 MPa"),  # its rounding is none of ours
        ('0" kPa"', 320, "320 kPa"),
        ('"DN"0', 150, "DN150"),
    ],
)
def test_what_a_format_adds_is_read(form: str, value: object, text: str) -> None:
    assert carries(form)
    assert shown(value, form) == text


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("General", 12.5),
        ("0.00", 12.5),
        ("#,##0.00", 1234.5),
        ("00.0", 5.25),
        ("0.00E+00", 12),
        ("# ?/?", 0.5),
        ("@", "x"),
        ("#,##0.00 [$€-407]", 12),
        ('0.00 "€"', 12),
        ('0.000000"°"', 120.15),
        ('_-* #,##0.00_-;\\-* #,##0.00_-;_-* "-"??_-;_-@_-', 0),  # measured nought is no dash
        ("0_);(0)", -3),
        ("0;-0;;@", 0),
        ("yyyy-mm-dd", 45000),
        ("00000", True),
    ],
)
def test_what_adds_nothing_leaves_the_value(form: str, value: object) -> None:
    assert shown(value, form) is value


@given(st.text('0#?.,%@;"\\_*[]<=>1-H eE/d', max_size=40), st.integers() | st.floats() | st.text())
def test_no_format_breaks_a_workbook(form: str, value: Any) -> None:
    found = shown(value, form)
    assert isinstance(found, str) or found is value


def book(path: Path, *rows: Sequence[tuple[object, str] | object]) -> Path:
    """A workbook of one sheet; a cell is a value, or a value and its format."""
    made = openpyxl.Workbook()
    sheet = made.active
    for line, row in enumerate(rows, start=1):
        for place, cell in enumerate(row, start=1):
            value, form = cell if isinstance(cell, tuple) else (cell, "General")
            at = sheet.cell(line, place)
            at.value, at.number_format = value, form
    made.save(path)
    return path


HEAD = ("code", "kind", "lon", "lat", "static_kpa", "outcome")


def test_codes_are_those_that_people_see_and_what_is_gone_is_told(
    program: Program, tmp_path: Path
) -> None:
    def row(number: int) -> list[object]:
        return [(number, "00000"), "hydrant", 16.1 + number / 100, 47.1,
                (0.32, '0.00" MPa"'), "works"]  # fmt: skip

    file = book(tmp_path / "r.xlsx", HEAD, row(1), row(12))
    assert program.data("import", file, "--crs", "wgs84")["new"] == 2
    found = program.data("asset", "list")["assets"]
    assert sorted(asset["code"] for asset in found) == ["00001", "00012"]
    assert "320" in str(program.data("explain", "00012"))
    # the next delivery, as text this time, lacks one of them
    fewer = tmp_path / "r.csv"
    fewer.write_text(f"{','.join(HEAD)}\n00012,hydrant,16.22,47.1,320,works\n", "utf-8")
    told = program.data("import", fewer, "--crs", "wgs84", "--source", "r")
    assert (told["new"], told["missing"]) == (0, 1)
    assert [one["code"] for one in told["missing_assets"]] == ["00001"]


@pytest.mark.parametrize("form", ["0%", '0" foo"'])
def test_a_measurement_in_no_unit_is_refused_by_name(
    program: Program, tmp_path: Path, form: str
) -> None:
    file = book(tmp_path / "r.xlsx", HEAD, ["A", "hydrant", 16.1, 47.1, (0.32, form), "works"])
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert ran.code == 3
    (row,) = ran.json["data"]["rows"]
    assert (row["line"], row["action"]) == (2, "refused")
    assert form.strip('0" ') in row["reason"]


def test_cells_without_such_a_format_are_read_as_before(tmp_path: Path) -> None:
    file = book(tmp_path / "r.xlsx", ("a", "b"), [12, (0.5, "0.00")], [("x", "@"), (3, "000")])
    table = read_table(file)
    assert table.columns == {"a": ["12", "x"], "b": ["0.5", "003"]}
