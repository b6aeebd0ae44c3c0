"""A workbook whose other sheets list as broken or removed what the register says to work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from tests.conftest import Program

HEAD = ("code", "kind", "lon", "lat", "outcome", "at")
DAY = "2026-06-11"
MAPPING = """
key = ["code"]
crs = "wgs84"
[position]
x = "lon"
y = "lat"
[fields]
code = "code"
kind = { constant = "hydrant" }
[inspection]
outcome = { column = "outcome", values = { works = "works", fails = "fails" } }
at = { column = "at", date = "iso" }
"""


def register(folder: Path, state: str, others: Mapping[str, Sequence[Sequence[str]]]) -> Path:
    path = folder / "r.xlsx"
    book = xlsxwriter.Workbook(path)
    row = ("A1", "hydrant", 120.1, 30.2, state, DAY if state else "")
    more = ("B1", "hydrant", 120.2, 30.2, "works", DAY)
    for name, rows in {"台账": (HEAD, row, more), **others}.items():
        sheet = book.add_worksheet(name)
        for line, cells in enumerate(rows):
            sheet.write_row(line, 0, cells)
    book.close()
    (folder / "m.toml").write_text(MAPPING, "utf-8")
    return path


BAD = (("编号", "情况"), ("A1", "待查"))


@pytest.mark.parametrize("sheet", ["损坏清单", "已拆除", "停用", "Defekt", "removed", "存在问题"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_working_asset_that_a_sheet_of_bad_ones_lists_is_refused(
    program: Program, tmp_path: Path, sheet: str, lang: str
) -> None:
    file = register(tmp_path, "works", {sheet: BAD})
    ran = program("import", file, "--mapping", tmp_path / "m.toml", lang=lang)
    assert ran.code == 3
    said = ran.out + ran.err
    assert sheet in said
    assert "A1" in said
    assert "--layer" in said
    assert program.data("integrity")["total"]["working_order"]["existing"] == 0


def test_the_sheet_that_somebody_names_is_the_one_that_counts(
    program: Program, tmp_path: Path
) -> None:
    file = register(tmp_path, "works", {"损坏清单": BAD})
    data = program.data("import", file, "--mapping", tmp_path / "m.toml", "--layer", "台账")
    assert data["new"] == 2
    assert "损坏清单" in data["unread"]


@pytest.mark.parametrize(
    ("state", "sheet", "rows"),
    [
        ("fails", "损坏清单", BAD),  # both say the same
        ("", "损坏清单", BAD),  # nothing is said to work
        ("works", "说明", BAD),
        ("works", "维修记录", BAD),
        ("works", "损坏清单", (("编号",), ("C9",))),
        ("works", "损坏清单", ()),
    ],
)
def test_sheets_that_say_nothing_against_a_row_leave_it(
    program: Program, tmp_path: Path, state: str, sheet: str, rows: Sequence[Sequence[str]]
) -> None:
    file = register(tmp_path, state, {sheet: rows})
    assert program.data("import", file, "--mapping", tmp_path / "m.toml")["new"] == 2


def test_an_asset_without_a_state_in_a_sheet_of_removed_ones_is_refused(
    program: Program, tmp_path: Path
) -> None:
    file = register(tmp_path, "", {"已拆除": BAD})
    assert program("import", file, "--mapping", tmp_path / "m.toml").code == 3


@pytest.mark.parametrize("sheet", ["故障清单", "已拆除"])
def test_a_round_beside_a_sheet_of_faults(program: Program, tmp_path: Path, sheet: str) -> None:
    for code in ("A1", "B1"):
        program.data("asset", "add", code, "--kind", "hydrant", "--crs", "wgs84",
                     "--lon", 120.1 if code == "A1" else 120.2, "--lat", 30.2)  # fmt: skip
    path = tmp_path / "v.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, rows in {
        "巡检": (("code", "at", "outcome"), ("A1", DAY, "works"), ("B1", DAY, "works")),
        sheet: BAD,
    }.items():
        one = book.add_worksheet(name)
        for line, cells in enumerate(rows):
            one.write_row(line, 0, cells)
    book.close()
    ran = program("survey", "import", path, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert sheet in ran.data["rows"][0]["reason"]
    assert program.data("survey", "import", path, "--layer", "巡检")["new"] == 2
