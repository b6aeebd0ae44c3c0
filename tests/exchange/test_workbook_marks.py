"""What people mark in a workbook beside its cells: comments, struck text, colours."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer

__all__ = ["answer"]

OURS = ("code", "kind", "lon", "lat", "crs", "outcome", "at")
THEIRS = ("编号", "类型", "经度(CGCS2000)", "纬度(CGCS2000)", "状态", "检查日期")
GOOD = "2026-11-03"


def _ours(number: int) -> list[object]:
    return [f"H{number}", "hydrant.pillar", 120.15 + number / 100, 30.25, "cgcs2000", "works", GOOD]


def _theirs(number: int) -> list[object]:
    return [f"H{number}", "地上式消火栓", 120.15 + number / 100, 30.25, "完好", GOOD]


def book(path: Path, mark: Callable[[Any], None], *, ours: bool = True, titles: int = 0) -> Path:
    """Five rows of a register, of which one is marked."""
    made = openpyxl.Workbook()
    sheet = made.active
    for _ in range(titles):
        sheet.append(["Register of the town"])
    sheet.append(list(OURS if ours else THEIRS))
    for number in range(1, 6):
        sheet.append(_ours(number) if ours else _theirs(number))
    mark(sheet)
    made.save(path)
    return path


def commented(place: str, text: str) -> Callable[[Any], None]:
    def mark(sheet: Any) -> None:
        sheet[place].comment = Comment(text, "Li")

    return mark


def struck(*places: str) -> Callable[[Any], None]:
    def mark(sheet: Any) -> None:
        for place in places:
            sheet[place].font = Font(strike=True)

    return mark


def filled(*places: str, colour: str = "FFFF0000") -> Callable[[Any], None]:
    def mark(sheet: Any) -> None:
        for place in places:
            sheet[place].fill = PatternFill("solid", fgColor=colour)

    return mark


def refused(program: Program, file: Path, *flags: object) -> list[str]:
    ran = program("import", file, *flags, "--json")
    assert ran.code in (0, 3)
    return [row["code"] for row in ran.data["rows"] if row["action"] == "refused"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("实际已停用，阀门打不开", True),
        ("Li:\nbroken since May", True),
        ("漏水已修复", False),
        ("looked at", False),
    ],
)
@pytest.mark.parametrize("titles", [0, 2])
def test_a_comment_counts_like_a_remark_of_its_row(
    program: Program, tmp_path: Path, text: str, wrong: bool, titles: int
) -> None:
    file = book(tmp_path / "r.xlsx", commented(f"F{3 + titles}", text), titles=titles)
    assert refused(program, file) == (["H2"] if wrong else [])
    named = program("import", file, "--json").data["named"]["commented"]
    assert [row["line"] for row in named] == [3 + titles]


def test_comments_above_the_rows_are_told(program: Program, tmp_path: Path) -> None:
    file = book(tmp_path / "r.xlsx", commented("F1", "works or fails"))
    assert program.data("import", file)["unread"] == ["works or fails"]


def test_a_thread_of_comments_is_read_as_what_was_said(program: Program, tmp_path: Path) -> None:
    file = book(tmp_path / "r.xlsx", commented("F3", "[Threaded comment]\nYour version …"))
    name = "xl/worksheets/_rels/sheet1.xml.rels"
    said = (
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/'
        'threadedcomments"><threadedComment ref="F3" id="{1}"><text>looked at</text>'
        '</threadedComment><threadedComment ref="F3" parentId="{1}" id="{2}"><text>out of order'
        "</text></threadedComment></ThreadedComments>"
    )
    with ZipFile(file) as old:
        parts = {one: old.read(one) for one in old.namelist()}
    rel = (
        '<Relationship Id="t1" Type="http://schemas.microsoft.com/office/2017/10/relationships/'
        'threadedComment" Target="../threadedComments/threadedComment1.xml"/></Relationships>'
    )
    parts[name] = parts[name].replace(b"</Relationships>", rel.encode())
    parts["xl/threadedComments/threadedComment1.xml"] = said.encode()
    with ZipFile(file, "w") as new:
        for one, content in parts.items():
            new.writestr(one, content)
    ran = program("import", file)
    assert ran.code == 3
    assert "looked at; out of order" in ran.out


@pytest.mark.parametrize("mark", [struck("F3"), struck("A3", "B3")])
def test_struck_rows_whose_state_is_good_are_refused(
    program: Program, tmp_path: Path, mark: Callable[[Any], None]
) -> None:
    file = book(tmp_path / "r.xlsx", mark)
    assert refused(program, file) == ["H2"]
    assert refused(program, file, "--skip-bad") == ["H2"]
    aside = tmp_path / "r.refused.csv"
    assert refused(program, aside) == ["H2"]  # what was struck still stands there to be decided


def test_a_text_of_which_a_part_is_struck_is_struck(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "r.xlsx"
    made = xlsxwriter.Workbook(file)
    sheet, through, bold = (
        made.add_worksheet(),
        *map(made.add_format, ({"font_strikeout": 1}, {"bold": 1})),
    )
    for row, cells in enumerate([OURS, _ours(1), _ours(2)]):
        sheet.write_row(row, 0, cells)
    sheet.write_rich_string(1, 0, "H", bold, "1")
    sheet.write_rich_string(2, 0, through, "old ", "H2")
    made.close()
    ran = program("import", file, "--json")
    rows = [(row["code"], row["action"]) for row in ran.data["rows"]]
    assert (ran.code, ran.data["new"], rows) == (3, 1, [("old H2", "refused")])


def test_what_is_struck_is_asked_about(program: Program, tmp_path: Path, answer: Answer) -> None:
    file = book(tmp_path / "镇.xlsx", struck("A3", "E3"), ours=False)
    ran = answer(file, "nothing", "y")
    assert ran.code == 0
    assert "单元格删除线" in ran.out
    rules = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
    assert rules["otherwise"] == {"单元格删除线": "nothing"}
    again = book(tmp_path / "镇.xlsx", lambda _sheet: None, ours=False)
    data = program.data("import", again, "--mapping", file.with_suffix(".toml"))
    assert (data["refused"], data["new"]) == (0, 0)


def test_an_empty_struck_cell_strikes_nothing(program: Program, tmp_path: Path) -> None:
    file = book(tmp_path / "r.xlsx", struck("H3", "F1"))
    assert "struck" not in program.data("import", file)["named"]


@pytest.mark.parametrize(
    ("mark", "lines"),
    [
        (filled("A3", "B3", "F5"), [3, 5]),
        (filled("A3", colour="FFFFFFFF"), None),
        (filled("A1", "B1", "A9"), None),
        (filled("F2", "F3", "F4", "F5", "F6"), None),
        (filled("F2", "F4", "F6"), None),
    ],
)
def test_colours_that_set_few_rows_apart_are_named(
    program: Program, tmp_path: Path, mark: Callable[[Any], None], lines: list[int] | None
) -> None:
    ran = program("import", book(tmp_path / "r.xlsx", mark), "--json")
    assert ran.code == 0
    named = ran.data["named"].get("coloured")
    assert (named and [row["line"] for row in named]) == lines
    if lines:
        assert "#FF0000 × 2" in ran.out
