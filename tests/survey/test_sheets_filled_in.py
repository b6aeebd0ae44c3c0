"""A round's sheet filled in by hand: what crews write is read, or refused with what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from hydrant.errors import InputRefused
from hydrant.exchange.visit_words import outcome_said
from hydrant.vocabulary import Outcome
from tests.conftest import Program
from tests.exchange.test_stranger import table
from tests.survey.test_round import visits

HEAD = ("编号", "日期", "结果", "水压", "缺陷", "备注")
ENGLISH = ("code", "date", "outcome", "static pressure", "defects", "note")
GOOD = {"编号": "H-0", "日期": "2026-06-11", "结果": "可用"}


@pytest.fixture
def street(program: Program) -> Program:
    for number in range(2):
        program.data("asset", "add", f"H-{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 120.1 + number / 100, "--lat", 30.2)  # fmt: skip
    return program


def sheet(path: Path, *rows: dict[str, str], head: tuple[str, ...] = HEAD) -> Path:
    """Rows by our Chinese headings, under those of a sheet."""
    cells = [tuple((GOOD | row).get(name, "") for name in HEAD) for row in rows]
    if path.suffix == ".csv":
        return table(path, head, *cells)
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("巡检表")
        page.write_string(0, 0, "城东片区巡检表")
        for line, row in enumerate((head, *cells), 2):
            for place, cell in enumerate(row):
                page.write_string(line, place, cell)
    return path


#: What a cell says that is refused, and what the refusal says of the way besides its column.
WRONG: list[tuple[str, str, str, str]] = [
    ("水压", "正常", "0.32 MPa", "正常"),
    ("水压", "约0.3MPa", "0.32 MPa", "约0.3MPa"),
    ("水压", "0.3", "静压MPa", "0.3"),
    ("结果", "", "出水正常", ""),
    ("结果", "水有点小", "出水正常", "水有点小"),
    ("结果", "漏水", "fails", "漏水"),
    ("日期", "", "2026-05-11", ""),
    ("日期", "6月1日", "2026", "6月1日"),
    ("编号", "", "uid", ""),
    ("编号", "X-9", "asset list", "X-9"),
    ("缺陷", "坏得厉害", "no_water", "坏得厉害"),
]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(("column", "cell", "way", "said"), WRONG)
def test_a_refusal_names_column_cell_and_way(
    street: Program, tmp_path: Path, form: str, column: str, cell: str, way: str, said: str
) -> None:
    for head in (HEAD, ENGLISH):
        file = sheet(tmp_path / f"round.{form}", {column: cell}, {"编号": "H-1"}, head=head)
        for lang in ("zh", "en"):
            ran = street("survey", "import", file, lang=lang)
            assert ran.code == 3
            (line,) = [one for one in ran.out.splitlines() if head[HEAD.index(column)] in one]
            assert ("2" if form == "csv" else "4") in line.partition(column)[0]
            assert way in line
            assert said in line
            assert file.name in ran.out
    assert visits(street, "H-0") == []


WORDS = [
    ("出水正常", Outcome.WORKS), ("试水 正常", Outcome.WORKS), ("正常，出水良好", Outcome.WORKS),
    ("完好、无异常", Outcome.WORKS), ("All OK", Outcome.WORKS), ("Works fine.", Outcome.WORKS),
    ("不出水", Outcome.FAILS), ("打不开", Outcome.FAILS), ("出水不正常", Outcome.FAILS),
    ("能出水但打不开", Outcome.FAILS), ("No water", Outcome.FAILS), ("won't open", Outcome.FAILS),
    ("不出水：阀门坏", Outcome.FAILS),
    ("没找到", Outcome.NOT_FOUND), ("Couldn't find", Outcome.NOT_FOUND),
    ("进不去", Outcome.NOT_TESTABLE), ("锁门", Outcome.NOT_TESTABLE),
    ("无法试水", Outcome.NOT_TESTABLE), ("No access", Outcome.NOT_TESTABLE),
    ("locked gate", Outcome.NOT_TESTABLE),
]  # fmt: skip


@pytest.mark.parametrize(("word", "outcome"), WORDS)
def test_what_crews_write_is_an_outcome(word: str, outcome: Outcome) -> None:
    assert outcome_said(word) is outcome


@pytest.mark.parametrize(
    "word",
    ["", "  ", "基本正常", "出水正常？", "正常，水小", "未试", "works but leaks", "不知道",
     "下次再查", "OK?", "not tested", "漏水", "出水正常，漏水"],
)  # fmt: skip
def test_what_may_mean_something_else_is_refused(word: str) -> None:
    with pytest.raises(InputRefused):
        outcome_said(word)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_a_result_says_besides_is_kept(street: Program, tmp_path: Path, form: str) -> None:
    file = sheet(
        tmp_path / f"round.{form}",
        {"结果": "不出水：阀门坏", "备注": "已报修"},
        {"编号": "H-1", "结果": "出水正常", "备注": ""},
    )
    for new in (2, 0):
        assert street.data("survey", "import", file)["new"] == new
    seen: list[list[dict[str, Any]]] = [visits(street, code) for code in ("H-0", "H-1")]
    assert [(v["outcome"], v.get("note")) for (v,) in seen] == [
        ("fails", "已报修; 不出水：阀门坏"),
        ("works", None),
    ]
    assert street.data("explain", "H-1")["condition"] == "intact"


def test_words_of_crews_are_read_in_registers_too(program: Program, tmp_path: Path) -> None:
    head = ("编号", "类型", "经度", "纬度", "检查结果", "检查日期")
    rows = [("A1", "地上式消火栓", "120.151", "30.25", "出水正常", "2026-06-11"),
            ("A2", "地上式消火栓", "120.161", "30.25", "打不开", "2026-06-11")]  # fmt: skip
    file = table(tmp_path / "r.csv", head, *rows)
    rules = tmp_path / "r.toml"
    rules.write_text(program("import", file, "--crs", "wgs84", "--suggest").out, "utf-8")
    assert program.data("import", file, "--mapping", rules)["new"] == 2
    assert program.data("explain", "A1")["condition"] == "intact"
    assert program.data("explain", "A2")["condition"] == "defective"


@pytest.mark.parametrize("letter", "wnftWNFTpyXO")
def test_a_letter_of_a_key_is_no_word(street: Program, tmp_path: Path, letter: str) -> None:
    """W may stand for 无水 as well as for works."""
    with pytest.raises(InputRefused):
        outcome_said(letter)
    file = sheet(tmp_path / "round.csv", {"结果": letter})
    assert street("survey", "import", file).code == 3
    assert visits(street, "H-0") == []


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        *((nothing, []) for nothing in ("", "无", "没有", "none", "-", "/")),
        *((f"无水{between}渗漏", ["no_water", "leak"]) for between in "、，,；;"),
        ("被圈占、遮挡", ["enclosed"]),
        ("被圈占、遮挡；no water, leak", ["enclosed", "no_water", "leak"]),
    ],
)
def test_defects_are_parted_as_crews_part_them(
    street: Program, tmp_path: Path, cell: str, codes: list[str]
) -> None:
    file = sheet(tmp_path / "round.xlsx", {"结果": "不可用", "缺陷": cell})
    street.data("survey", "import", file)
    found = street.data("defect", "list")["defects"]
    assert sorted(one["code"] for one in found) == sorted(codes)


def test_one_unknown_among_several_defects_is_named(street: Program, tmp_path: Path) -> None:
    file = sheet(tmp_path / "round.csv", {"结果": "不可用", "缺陷": "无水、啥"})
    ran = street("survey", "import", file)
    assert (ran.code, "啥" in ran.out) == (3, True)
    assert street.data("defect", "list")["defects"] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_visits_of_a_second_sheet_are_not_left_out(
    street: Program, tmp_path: Path, lang: str
) -> None:
    path = tmp_path / "round.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, code, word in (("1队", "H-0", "可用"), ("2队", "H-1", "不可用")):
            page = book.add_worksheet(name)
            for place, (head, cell) in enumerate(
                {"编号": code, "日期": "2026-06-11", "结果": word}.items()
            ):
                page.write_string(0, place, head)
                page.write_string(1, place, cell)
        book.add_worksheet("说明").write_string(0, 0, "填表说明")
    ran = street("survey", "import", path, lang=lang)
    assert ran.code == 3
    assert [word in ran.err for word in ("2队", "--layer", "说明")] == [True, True, False]
    assert visits(street, "H-0") == []
    for name in ("1队", "2队"):
        assert street.data("survey", "import", path, "--layer", name)["new"] == 1
    assert [visits(street, code)[0]["outcome"] for code in ("H-0", "H-1")] == ["works", "fails"]
