"""Rows of headings: groups above visits, headings on each page, a row with an unquoted comma."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from hydrant.exchange.readers import read_headed
from hydrant.exchange.summaries import summary_rows
from tests.conftest import Program
from tests.exchange.test_stated_headings import KIND, places
from tests.exchange.test_stranger import Answer, answer, table
from tests.exchange.test_two_rows_of_headings import Rows, as_csv

__all__ = ["answer"]

FORMS = pytest.mark.parametrize("form", ["csv", "merged"])


def written(folder: Path, form: str, rows: Rows, groups: Sequence[int] = ()) -> Path:
    """A CSV file, or a workbook in which the groups of some rows are merged as people do.

    Parameters
    ----------
    groups
        Numbers of rows that hold groups, counted from 1; their names stand in the row below.
    """
    if form == "csv":
        return as_csv(folder, rows)
    path = folder / "r.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append([cell or None for cell in row])
    for top in groups:
        upper, names = rows[top - 1], rows[top]
        for place, text in enumerate(upper, start=1):
            last = place
            while last < len(upper) and names[last] and not upper[last]:
                last += 1
            if text and not names[place - 1]:
                sheet.merge_cells(
                    start_row=top, end_row=top + 1, start_column=place, end_column=place
                )
            elif text and last > place:
                sheet.merge_cells(start_row=top, end_row=top, start_column=place, end_column=last)
    book.save(path)
    return path


@pytest.fixture
def street(program: Program) -> Program:
    for number in range(1, 5):
        program.data("asset", "add", f"H-{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 120.1 + number / 100, "--lat", 30.2)  # fmt: skip
    return program


def conditions(program: Program) -> list[str]:
    return [program.data("explain", f"H-{n}")["condition"] for n in range(1, 5)]


DAY = "2026-11-11"
TITLE = ["十一月巡检", "", "", ""]


@FORMS
@pytest.mark.parametrize("title", [[], [TITLE]])
@pytest.mark.parametrize(
    ("upper", "names"),
    [
        (["编号", "日期", "检查情况", ""], ["", "", "出水", "阀门"]),
        (["编号", "日期", "检查结果", ""], ["", "", "是否出水", "外观"]),
        (["基本信息", "", "检查情况", ""], ["编号", "日期", "出水", "阀门"]),
        (["编号", "日期", "检查情况", ""], ["编号", "日期", "出水", "阀门"]),
    ],
)
def test_the_worst_part_of_a_visit_counts(
    street: Program, tmp_path: Path, form: str, title: Rows, upper: list[str], names: list[str]
) -> None:
    rows = [["H-1", DAY, "√", "√"], ["H-2", DAY, "√", "×"], ["H-3", DAY, "√", ""],
            ["H-4", DAY, "√", "没看"]]  # fmt: skip
    file = written(tmp_path, form, [*title, upper, names, *rows], [len(title) + 1])
    ran = street("survey", "import", file, "--skip-bad", "--json")
    assert (ran.data["read"], ran.data["new"], ran.data["refused"]) == (4, 2, 2)
    assert conditions(street) == ["intact", "defective", "untested", "untested"]
    first = len(title) + 3
    assert [row["line"] for row in ran.data["rows"]] == [first + 2, first + 3]
    # what was refused is corrected and taken in under the same headings
    kept = Path(ran.data["refused_file"])
    kept.write_text(kept.read_text("utf-8-sig").replace("没看", "√"), "utf-8")
    again = street("survey", "import", kept, "--skip-bad", "--json")
    assert (again.data["new"], again.data["refused"]) == (1, 1)
    assert conditions(street) == ["intact", "defective", "untested", "intact"]


@FORMS
@pytest.mark.parametrize(
    ("names", "bad", "good"),
    [
        (("结果", "阀门"), ("完好", "×"), ("完好", "√")),
        (("结果", "备注"), ("完好", "漏水"), ("完好", "")),
        (("出水", "漏水"), ("√", "是"), ("√", "无")),
        (("正常", "异常"), ("√", "√"), ("√", "")),
    ],
)
def test_a_column_of_a_group_of_visits_says_otherwise(
    street: Program,
    tmp_path: Path,
    form: str,
    names: tuple[str, str],
    bad: tuple[str, str],
    good: tuple[str, str],
) -> None:
    rows = [["编号", "日期", "检查情况", ""], ["", "", *names], ["H-1", DAY, *good],
            ["H-2", DAY, *bad]]  # fmt: skip
    street("survey", "import", written(tmp_path, form, rows, [1]), "--skip-bad")
    assert conditions(street)[0] == "intact"
    assert conditions(street)[1] != "intact"


@FORMS
def test_a_tick_under_the_name_of_a_fault_is_no_outcome(
    street: Program, tmp_path: Path, form: str
) -> None:
    rows = [["编号", "日期", "检查情况", ""], ["", "", "出水", "锈蚀"], ["H-1", DAY, "√", "√"]]
    ran = street("survey", "import", written(tmp_path, form, rows, [1]), "--skip-bad")
    assert ran.code == 3
    assert "untested" in conditions(street)[0]


def test_a_first_visit_without_a_code_is_no_row_of_headings(
    street: Program, tmp_path: Path
) -> None:
    for cells in (("√", "×"), ("完好", "无水泵"), ("正常", "已报修"), ("1", "2"), ("", "阀门")):
        file = table(tmp_path / "v.csv", ("编号", "日期", "检查情况", ""), ("", "", *cells),
                     ("H-1", DAY, "完好", ""))  # fmt: skip
        ran = street("survey", "import", file, "--skip-bad", "--dry-run", "--json")
        assert [row["line"] for row in ran.data["rows"]] == [2], cells


SIGNS = ["×", "N", "n", "否", "损坏", "✗", "x", "无水", "no"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("outcome", ["结果", "检查情况"])
def test_a_bad_sign_without_a_heading_refuses_the_visit(
    street: Program, tmp_path: Path, sign: str, outcome: str
) -> None:
    for others in (("", ""), ("√", "√"), ("第一组", "")):
        file = table(tmp_path / "v.csv", ("编号", "日期", outcome, ""),
                     ("H-1", DAY, "完好", others[0]), ("H-2", DAY, "完好", sign),
                     ("H-3", DAY, "完好", others[1]))  # fmt: skip
        ran = street("survey", "import", file, "--skip-bad", "--json")
        assert [row["line"] for row in ran.data["rows"]] == [3], ran
        assert sign in ran.data["rows"][0]["reason"]
    assert conditions(street)[1:3] == ["untested", "intact"]


def test_numbers_without_a_heading_are_no_answers(street: Program, tmp_path: Path) -> None:
    file = table(tmp_path / "v.csv", ("编号", "日期", "结果", ""), ("H-1", DAY, "完好", "0"),
                 ("H-2", DAY, "完好", "3"))  # fmt: skip
    assert street.data("survey", "import", file)["new"] == 2


_MAPPING = (
    'source = "t"\ncrs = "wgs84"\nkey = ["编号"]\n[position]\nx = "经度"\ny = "纬度"\n[fields]\n'
    'code = "编号"\nkind = { constant = "hydrant.pillar" }\n[inspection]\nat = "日期"\n'
    'outcome = { column = "检查情况", values = { "√" = "works" } }\n'
)


@FORMS
@pytest.mark.parametrize("sign", SIGNS)
def test_a_bad_sign_without_a_heading_refuses_the_row_of_a_register(
    program: Program, tmp_path: Path, form: str, sign: str
) -> None:
    rows = [["编号", "经度", "纬度", "日期", "", "检查情况"],
            ["A1", "120.151", "30.25", DAY, "√", "√"], ["A2", "120.161", "30.25", DAY, sign, "√"],
            ["A3", "120.171", "30.25", DAY, "", "√"]]  # fmt: skip
    mapping = tmp_path / "m.toml"
    mapping.write_text(_MAPPING, "utf-8")
    file = written(tmp_path, form, rows)
    ran = program("import", file, "--mapping", mapping, "--skip-bad", "--json")
    assert [row["line"] for row in ran.data["rows"] if row["action"] == "refused"] == [3]
    assert sign in str(ran.data["rows"])


@FORMS
def test_groups_of_signs_above_a_register(tmp_path: Path, form: str) -> None:
    rows = [["编号", "经度", "纬度", "日期", "检查情况", ""], ["", "", "", "", "出水", "阀门"],
            ["A1", "120.151", "30.25", DAY, "√", "√"],
            ["A2", "120.161", "30.25", DAY, "√", "×"]]  # fmt: skip
    found, row = read_headed(written(tmp_path, form, rows, [1]))
    assert (row, len(found)) == (2, 2)
    assert [*found.columns] == ["编号", "经度", "纬度", "日期", "出水", "阀门"]


UPPER, LOWER = ["编号", "坐标", "", "备注"], ["", "经度", "纬度", ""]
BOTH = ["编号", "经度", "纬度", "备注"]
DATUM = ["编号", "GPS坐标", "", "备注"]
ALONE = ["", "坐标", "", ""]
PAGES = [
    (UPPER, LOWER, [UPPER, LOWER]),
    (UPPER, LOWER, [UPPER]),
    (UPPER, LOWER, [LOWER]),
    (UPPER, LOWER, [BOTH]),
    (DATUM, LOWER, [DATUM, LOWER]),
    (UPPER, BOTH, [UPPER, BOTH]),
    (["基本信息", "坐标", "", "其他"], BOTH, [["基本信息", "坐标", "", "其他"], BOTH]),
    (ALONE, BOTH, [BOTH]),
]


@FORMS
@pytest.mark.parametrize("title", [[], [TITLE]])
@pytest.mark.parametrize(("upper", "names", "again"), PAGES)
def test_headings_in_two_rows_stand_again_on_the_next_page(
    program: Program,
    answer: Answer,
    tmp_path: Path,
    form: str,
    title: Rows,
    upper: list[str],
    names: list[str],
    again: Rows,
) -> None:
    first = [["A1", "120.1508", "30.25", ""], ["A2", "120.1608", "30.25", ""]]
    rows = [*title, upper, names, *first, *again, ["A3", "120.1708", "30.25", ""],
            *again, ["A4", "120.1808", "30.25", ""]]  # fmt: skip
    tops = [len(title) + 1]
    if len(again) == 2:  # each page's head is merged as the first one is
        tops += [len(title) + 5, len(title) + 8]
    file = written(tmp_path, form, rows, tops)
    found, row = read_headed(file)
    assert row == len(title) + 2
    assert len(summary_rows(found, ["编号"], (), {})) == 2 * len(again)
    ran = answer(file, "y", flags=(*KIND, "--crs", "wgs84"))
    assert ran.code == 0, ran
    told = {code: place[:2] for code, place in places(program).items()}
    assert told == {f"A{n}": pytest.approx((120.1408 + n / 100, 30.25)) for n in range(1, 5)}


def test_a_row_that_bears_two_words_of_the_headings_and_more_stays(tmp_path: Path) -> None:
    rows = [UPPER, LOWER, ["A1", "120.15", "30.25", ""], ["编号", "坐标", "30.25", "备注"],
            ["A2", "120.16", "30.25", ""]]  # fmt: skip
    found, _ = read_headed(as_csv(tmp_path, rows))
    assert summary_rows(found, ["编号"], (), {}) == []


HEAD = "编号,名称,经度,纬度,状态,检查日期,备注"
OWN = "code,kind,crs,lon,lat,outcome,note"
WIDE = [
    (HEAD, "CN-00{},甲,120.1{}601,30.251,完好,2026.5.11,", "漏水,已报修", "import"),
    (OWN, "CN-00{},hydrant.pillar,wgs84,120.1{}601,30.251,works,", "leak,reported", "import"),
    ("编号,日期,结果,备注", "H-{},2026.5.1{},完好,", "漏水,已报修", "survey"),
    ("code,at,outcome,note", "H-{},2026-05-1{},works,", "leak,reported", "survey"),
]


@pytest.mark.parametrize("titles", [[], ["2026年台账"], ["2026年台账", "单位：甲市", ""],
                                    ["制表,张三,审核,李四"]])  # fmt: skip
@pytest.mark.parametrize("place", [1, 2, 4])
@pytest.mark.parametrize(("head", "row", "more", "way"), WIDE)
def test_a_row_with_an_unquoted_comma_is_named_below_a_title(
    street: Program,
    tmp_path: Path,
    titles: list[str],
    place: int,
    head: str,
    row: str,
    more: str,
    way: str,
) -> None:
    rows = [row.format(n, n) + (more if n == place else "") for n in range(1, 5)]
    file = tmp_path / "r.csv"
    file.write_text("\n".join([*titles, head, *rows, ""]), "utf-8")
    args = ("import", file) if way == "import" else ("survey", "import", file)
    ran = street(*args, "--skip-bad")
    width = head.count(",") + 1
    assert ran.code == 3
    assert f"line {len(titles) + 1 + place}: {width + 1} cells under {width} headings" in ran.err
    assert "quote" in ran.err
    # quoted as advised it is taken for what it is
    file.write_text(file.read_text("utf-8").replace(more, f'"{more}"'), "utf-8")
    if way == "survey":
        assert street.data("survey", "import", file, "--skip-bad", "--dry-run")["read"] == 4
    else:
        found, at = read_headed(file)
        assert (at, ",".join(found.columns)) == (len(titles) + 1, head)


@pytest.mark.parametrize("titles", [["单位,甲市,制表,张三"], ["单位,甲市,制表", "电话,无,传真,无"]])
def test_narrow_lines_of_titles_are_no_headings(tmp_path: Path, titles: list[str]) -> None:
    file = tmp_path / "r.csv"
    file.write_text("\n".join([*titles, HEAD, "A1,甲,120.1,30.2,完好,2026-05-01,"]), "utf-8")
    found, row = read_headed(file)
    assert (row, ",".join(found.columns)) == (len(titles) + 1, HEAD)
