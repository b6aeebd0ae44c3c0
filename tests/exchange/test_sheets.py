"""Which sheet of a workbook is read, and what of it nobody sees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import Program

TABLE = (("code", "kind", "lon", "lat"), ("A1", "hydrant", 16.1, 47.1),
         ("A2", "hydrant", 16.2, 47.1))  # fmt: skip
COVERS: tuple[tuple[tuple[object, ...], ...], ...] = (
    (),
    (("Hydrants of the town",),),
    (("Register",), (), ("Office", "Water works"), ("Date", "2026-05-01"), ("By", "Meier")),
    (("一、说明",), ("二、单位",), ("三、日期",)),
)


def book(path: Path, *sheets: tuple[str, Sequence[Sequence[object]]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    made.save(path)
    return path


@pytest.mark.parametrize("cover", COVERS)
def test_behind_a_cover_the_table_is_read_and_the_cover_named(
    program: Program, tmp_path: Path, cover: Sequence[Sequence[object]]
) -> None:
    file = book(tmp_path / "r.xlsx", ("Cover", cover), ("Data", TABLE), ("Notes", [("x",)]))
    read = program.data("import", file, "--crs", "wgs84")
    assert read["new"] == 2
    assert {"Cover", "Notes"} <= set(read["unread"])


@pytest.mark.parametrize("cover", COVERS)
def test_behind_a_cover_several_tables_are_named(
    program: Program, tmp_path: Path, cover: Sequence[Sequence[object]]
) -> None:
    file = book(tmp_path / "r.xlsx", ("Cover", cover), ("North", TABLE), ("South", TABLE))
    ran = program("import", file, "--crs", "wgs84")
    assert ran.code == 3
    assert "North, South" in ran.err
    assert program.data("import", file, "--crs", "wgs84", "--layer", "South")["new"] == 2


@pytest.mark.parametrize("cover", COVERS[:2])
def test_where_no_sheet_holds_a_table_all_are_named(
    program: Program, tmp_path: Path, cover: Sequence[Sequence[object]]
) -> None:
    file = book(tmp_path / "r.xlsx", ("Cover", cover), ("Legend", [("a",)]))
    ran = program("import", file, "--crs", "wgs84")
    assert ran.code == 3
    assert "Legend" in ran.err


def test_a_first_sheet_with_a_table_is_the_one(program: Program, tmp_path: Path) -> None:
    file = book(tmp_path / "r.xlsx", ("Data", TABLE), ("More", (*TABLE, TABLE[1])))
    assert program.data("import", file, "--crs", "wgs84")["read"] == 2


def test_hidden_rows_are_taken_and_named(program: Program, tmp_path: Path) -> None:
    file = book(tmp_path / "r.xlsx", ("Data", TABLE))
    made = openpyxl.load_workbook(file)
    made["Data"].row_dimensions[3].hidden = True
    made.save(file)
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert ran.json["data"]["new"] == 2
    assert [row["code"] for row in ran.json["data"]["named"]["hidden"]] == ["A2"]
    assert any("A2" in one["text"] and one["level"] == "warning" for one in ran.json["messages"])
