"""A group of columns above their headings is read with them, merged or not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from hydrant.exchange.readers import read_headed, read_table
from tests.conftest import Program
from tests.exchange.test_stated_headings import KIND, places
from tests.exchange.test_stranger import Answer, answer

__all__ = ["answer"]

Rows = Sequence[Sequence[str]]


def as_csv(folder: Path, rows: Rows) -> Path:
    path = folder / "r.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return path


def as_xlsx(folder: Path, rows: Rows) -> Path:
    """A workbook whose group cells are merged as people merge them."""
    path = folder / "r.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([float(cell) if _number(cell) else cell or None for cell in row])
    upper, names = rows[-4], rows[-3]
    top = len(rows) - 3
    for place, text in enumerate(upper):
        if text and not names[place]:
            sheet.merge_cells(
                start_row=top, end_row=top + 1, start_column=place + 1, end_column=place + 1
            )
        elif text:
            last = place
            while last + 1 < len(upper) and not upper[last + 1] and names[last + 1]:
                last += 1
            if last > place:
                sheet.merge_cells(
                    start_row=top, end_row=top, start_column=place + 1, end_column=last + 1
                )
    book.save(path)
    return path


def _number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()


FORMS = pytest.mark.parametrize("write", [as_csv, as_xlsx])
Writer = Callable[[Path, Rows], Path]
TITLE = ["2026年消火栓台账", "", "", "", ""]


@FORMS
@pytest.mark.parametrize("title", [[], [TITLE]])
@pytest.mark.parametrize(
    ("upper", "names", "expected"),
    [
        (
            ["编号", "坐标", "", "位置", "备注"],
            ["", "经度", "纬度", "", ""],
            ["编号", "经度", "纬度", "位置", "备注"],
        ),
        (
            ["基本信息", "坐标", "", "其他", ""],
            ["编号", "经度", "纬度", "位置", "备注"],
            ["编号", "经度", "纬度", "位置", "备注"],
        ),
        (
            ["编号", "高德坐标", "", "位置", "备注"],
            ["", "经度", "纬度", "", ""],
            ["编号", "高德坐标 经度", "高德坐标 纬度", "位置", "备注"],
        ),
    ],
)
def test_groups_and_headings(
    tmp_path: Path,
    write: Writer,
    title: Rows,
    upper: list[str],
    names: list[str],
    expected: list[str],
) -> None:
    rows = [["A1", "120.15", "30.25", "路口", "无"], ["A2", "120.16", "30.26", "桥头", "无"]]
    file = write(tmp_path, [*title, upper, names, *rows])
    table, row = read_headed(file)
    assert (list(table.columns), row) == (expected, len(title) + 2)
    # groups that no column needs are told as unread
    groups = () if upper[0] == "编号" else (" ".join(filter(None, upper)),)
    assert table.above == ((TITLE[0], *groups) if title else groups)
    assert [cells[0] for cells in table.columns.values()] == rows[0]
    assert list(read_table(file, header_row=row).columns) == expected


@FORMS
def test_a_datum_of_the_group_is_that_of_its_columns(
    program: Program, answer: Answer, tmp_path: Path, write: Writer
) -> None:
    file = write(
        tmp_path,
        [
            ["编号", "高德坐标", "", "GPS坐标", ""],
            ["", "经度", "纬度", "经度", "纬度"],
            ["A1", "120.1555", "30.2476", "120.1508", "30.25"],
            ["A2", "120.1655", "30.2476", "120.1608", "30.25"],
        ],
    )
    ran = answer(file, "2", "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"] == (120.1508, 30.25, "wgs84")
    assert program.data("import", file, "--mapping", file.with_suffix(".toml"))["unchanged"] == 2


@FORMS
def test_degrees_minutes_and_seconds_under_their_axis(
    program: Program, answer: Answer, tmp_path: Path, write: Writer
) -> None:
    file = write(
        tmp_path,
        [
            ["编号", "经度", "", "", "纬度", "", ""],
            ["", "度", "分", "秒", "度", "分", "秒"],
            ["A1", "120", "9", "12.5", "30", "15", "30"],
            ["A2", "120", "9", "13.5", "30", "15", "31"],
        ],
    )
    ran = answer(file, "cgcs2000", "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"][:2] == pytest.approx(
        (120 + 9 / 60 + 12.5 / 3600, 30 + 15 / 60 + 30 / 3600)
    )


@FORMS
def test_a_first_row_of_words_is_no_second_row_of_headings(tmp_path: Path, write: Writer) -> None:
    rows = [
        ["编号", "名称", "经度", "纬度"],
        ["甲", "桥头", "120.1", "30.2"],
        ["乙", "路口", "120.2", "30.3"],
        ["丙", "路口", "120.2", "30.3"],
    ]
    path = tmp_path / "r.csv"
    as_csv(tmp_path, rows)
    table, row = read_headed(path)
    assert (row, len(table), list(table.columns)) == (1, 3, rows[0])
