"""Files of visits as offices write them: words of the trade, headings, days, codes, labels."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from hydrant.exchange.visit_words import outcome_said
from hydrant.vocabulary import Outcome
from tests.conftest import Program
from tests.exchange.test_stranger import table


@pytest.fixture
def street(program: Program) -> Program:
    for number in range(3):
        program.data("asset", "add", f"H-{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 120.1 + number / 100, "--lat", 30.2)  # fmt: skip
    return program


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("正常", Outcome.WORKS), ("√", Outcome.WORKS), ("完好", Outcome.WORKS),
        ("1", Outcome.WORKS),
        ("无水", Outcome.FAILS), ("×", Outcome.FAILS), ("损坏待修", Outcome.FAILS),
        ("未找到", Outcome.NOT_FOUND), ("not testable", None), ("漏水", None), ("已拆除", None),
        ("是", None), ("", None), ("基本完好", None), ("not_testable", Outcome.NOT_TESTABLE),
    ],
)  # fmt: skip
def test_words_of_the_trade_are_outcomes(
    street: Program, tmp_path: Path, word: str, outcome: Outcome | None
) -> None:
    file = table(tmp_path / "v.csv", ("code", "at", "outcome"), ("H-0", "2026-06-11", word))
    ran = street("survey", "import", file, "--json")
    if outcome is None and word != "not testable":
        assert (ran.code, ran.data["refused"]) == (3, 1)
        assert word in ran.data["rows"][0]["reason"]
    else:
        assert ran.code == 0
        assert outcome_said(word) is (outcome or Outcome.NOT_TESTABLE)


@pytest.mark.parametrize(("cell", "outcome"), [("是", Outcome.WORKS), ("否", Outcome.FAILS)])
def test_yes_is_an_outcome_where_the_heading_asks(cell: str, outcome: Outcome) -> None:
    assert outcome_said(cell, yes=True) is outcome


def test_a_list_with_other_headings_is_read(street: Program, tmp_path: Path) -> None:
    head = ("编号", "检查日期", "状态", "静压(MPa)", "巡检人")
    rows = (("H-0", "2026年6月11日", "完好", "0.32", "甲"), ("H-1", "2026/6/12", "无水", "", "乙"))
    data = street.data("survey", "import", table(tmp_path / "巡检.csv", head, *rows))
    assert (data["new"], data["unread"]) == (2, [])
    assert street.data("explain", "H-0")["condition"] == "intact"
    assert street.data("explain", "H-1")["condition"] == "defective"


def test_numbers_without_a_unit_are_no_measurements(street: Program, tmp_path: Path) -> None:
    head = ("编号", "检查日期", "状态", "压力")
    rows = (("H-0", "2026-06-11", "完好", "0.32"), ("H-1", "2026-06-11", "完好", "0.32MPa"))
    ran = street("survey", "import", table(tmp_path / "v.csv", head, *rows), "--json")
    assert [row["line"] for row in ran.data["rows"]] == [2]
    assert "压力" in ran.data["rows"][0]["reason"]


def test_lacking_columns_are_named_with_what_takes_such_files(
    street: Program, tmp_path: Path
) -> None:
    file = table(tmp_path / "v.csv", ("姓名", "日期"), ("甲", "2026-06-11"))
    for lang in ("en", "zh"):
        ran = street("survey", "import", file, lang=lang)
        assert ran.code == 3
        assert "outcome" in ran.err
        assert "hydrant import" in ran.err


def test_an_export_with_labels_is_told(street: Program, tmp_path: Path) -> None:
    file = table(tmp_path / "kobo.csv", ("Code", "Result", "_uuid"), ("H-0", "works", "1"))
    ran = street("survey", "import", file)
    assert ran.code == 3
    assert "XML" in ran.err


@pytest.mark.parametrize("code", ["h-0", "Ｈ-0", "H0"])
def test_other_spellings_of_codes_name_the_one_that_may_be_meant(
    street: Program, tmp_path: Path, code: str
) -> None:
    file = table(tmp_path / "v.csv", ("code", "at", "outcome"), (code, "2026-06-11", "works"))
    ran = street("survey", "import", file, "--json")
    assert "H-0" in ran.data["rows"][0]["reason"]


@pytest.mark.parametrize("code", ["h-0", "Ｈ-0", "H0"])
def test_an_asset_that_a_misspelt_row_means_is_named_as_it_stays_good(
    street: Program, tmp_path: Path, code: str
) -> None:
    good = table(tmp_path / "g.csv", ("code", "at", "outcome"), ("H-0", "2026-06-01", "works"))
    street.data("survey", "import", good)
    rows = [("H-1", "2026-06-11", "works"), (code, "2026-06-11", "fails")]
    file = table(tmp_path / "v.csv", ("code", "at", "outcome"), *rows)
    ran = street("survey", "import", file, "--skip-bad", "--json")
    assert ran.code == 3
    assert [row["code"] for row in ran.data["named"]["held_on"]] == ["H-0"]


@pytest.mark.parametrize("day", ["昨天", "5月11日", "5.11"])
def test_days_that_are_another_one_tomorrow_are_refused(
    street: Program, tmp_path: Path, day: str
) -> None:
    file = table(tmp_path / "v.csv", ("code", "at", "outcome"), ("H-0", day, "works"))
    ran = street("survey", "import", file, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert "--suggest" not in ran.data["rows"][0]["reason"]


def test_a_file_of_refused_rows_alone_is_refused(street: Program, tmp_path: Path) -> None:
    head, bad = ("code", "at", "outcome"), ("X-9", "2026-06-11", "works")
    good = ("H-0", "2026-06-11", "works")
    ran = street("survey", "import", table(tmp_path / "a.csv", head, bad), "--skip-bad")
    assert ran.code == 3
    assert "a.refused.csv" in ran.err
    some = street("survey", "import", table(tmp_path / "b.csv", head, bad, good), "--skip-bad")
    assert some.code == 0
    assert "b.refused.csv" in some.err


def titled(path: Path, *rows: tuple[str, ...]) -> Path:
    """A round's sheet as text: a title, groups above the headings, the rows."""
    title = ("2026年11月城东片区消火栓巡检表", "", "", "", "")
    groups = ("编号", "检查情况", "", "", "备注")
    return table(path, title, groups, ("", "检查日期", "结果", "静压kPa", ""), *rows)


def test_titles_and_groups_stand_above_headings(street: Program, tmp_path: Path) -> None:
    file = titled(tmp_path / "r.csv", ("H-0", "2026-06-11", "完好", "310", ""),
                  ("H-1", "2026-06-11", "无水", "", "井盖被压"))  # fmt: skip
    data = street.data("survey", "import", file)
    assert (data["new"], data["unread"]) == (2, ["2026年11月城东片区消火栓巡检表"])
    assert street.data("explain", "H-0")["condition"] == "intact"
    assert street.data("explain", "H-1")["condition"] == "defective"


def test_titles_of_one_cell_stand_above_headings(street: Program, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("巡检表\n片区：城东\ncode,at,outcome,note\nH-0,2026-06-11,works,\n"
                    "H-1,2026-06-11,works,无水\n", "utf-8")  # fmt: skip
    ran = street("survey", "import", file, "--json")
    assert (ran.code, [row["line"] for row in ran.data["rows"]]) == (3, [5])


def test_a_workbook_with_merged_titles_and_groups(street: Program, tmp_path: Path) -> None:
    file = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("巡检")
        sheet.merge_range(0, 0, 0, 4, "2026年11月城东片区消火栓巡检表")
        sheet.merge_range(1, 0, 2, 0, "编号")
        sheet.merge_range(1, 1, 1, 3, "检查情况")
        sheet.merge_range(1, 4, 2, 4, "备注")
        sheet.write_row(2, 1, ("检查日期", "结果", "静压(MPa)"))
        sheet.write_row(3, 0, ("H-0", "2026-06-11", "完好", "0.32", ""))
        sheet.write_row(4, 0, ("H-1", "2026-06-11", "完好", "0.31", "无水"))
    ran = street("survey", "import", file, "--skip-bad", "--json")
    assert (ran.code, ran.data["new"], ran.data["refused"]) == (0, 1, 1)
    assert street.data("explain", "H-0")["condition"] == "intact"
    assert street.data("explain", "H-1")["condition"] == "untested"


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("压力(MPa)", ("静压", "动压")),
        ("水压（MPa）", ("静", "动")),
        ("Pressure (MPa)", ("static", "residual")),
    ],
)
def test_a_group_that_states_the_unit_is_of_each_measurement_below_it(
    street: Program, tmp_path: Path, group: str, names: tuple[str, str]
) -> None:
    file = table(
        tmp_path / "v.csv", ("编号", "日期", "结果", group, ""), ("", "", "", *names),
        ("H-0", "2026-06-11", "完好", "0.32", "0.25"), ("H-1", "2026-06-11", "完好", "0.3", "0.2"),
    )  # fmt: skip
    data = street.data("survey", "import", file)
    assert (data["new"], data["unread"]) == (2, [])
    history = street.data("asset", "history", "H-0")["history"]
    visit = next(one["values"] for one in history if one["fact"] == "inspection")
    assert (visit["static_kpa"], visit["residual_kpa"]) == (320, 250)


@pytest.mark.parametrize("names", [("泵房", "设计"), ("日期", "结果"), ("最大", "夜间")])
def test_below_a_group_of_pressures_only_known_measurements_are_read(
    street: Program, tmp_path: Path, names: tuple[str, str]
) -> None:
    file = table(
        tmp_path / "v.csv", ("编号", "日期", "结果", "压力(MPa)", ""), ("", "", "", *names),
        ("H-0", "2026-06-11", "完好", "0.32", "0.25"), ("H-1", "2026-06-11", "完好", "0.3", "0.2"),
    )  # fmt: skip
    data = street.data("survey", "import", file)
    assert (data["new"], data["unread"]) == (2, [f"压力(MPa) {name}" for name in names])


def test_a_refusal_names_the_part_that_decides(street: Program, tmp_path: Path) -> None:
    file = table(
        tmp_path / "v.csv", ("编号", "日期", "检查情况", "", ""), ("", "", "出水", "阀门", "闷盖"),
        ("H-0", "2026-06-11", "正常", "可能", "完好"), ("H-1", "2026-06-11", "正常", "好", "好"),
    )  # fmt: skip
    ran = street("survey", "import", file, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert "检查情况 阀门" in ran.data["rows"][0]["reason"]


def test_a_cell_of_a_sheet_beyond_its_headings_is_named(street: Program, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "v.xlsx")
    sheet = book.add_worksheet()
    rows = [("code", "at", "outcome"), ("H-0", "2026-06-11", "works", "", "leaks")]
    for line, row in enumerate(rows):
        sheet.write_row(line, 0, row)
    book.close()
    for ran in (
        street("survey", "import", tmp_path / "v.xlsx"),
        street("import", tmp_path / "v.xlsx"),
    ):
        assert ran.code == 3
        assert "E2" in ran.err
        assert "leaks" in ran.err
        assert "quote" not in ran.err


@pytest.mark.parametrize(
    ("heads", "tick"),
    [
        (("有水", "无水"), "√"), (("完好", "损坏"), "✓"), (("正常", "不正常"), "是"),
        (("Pass", "Fail"), "x"), (("OK", "Defective"), "yes"),
    ],
)  # fmt: skip
def test_one_of_several_columns_of_outcomes_is_ticked(
    street: Program, tmp_path: Path, heads: tuple[str, str], tick: str
) -> None:
    day = "2026-06-11"
    file = table(tmp_path / "v.csv", ("编号", "日期", *heads, "备注"), ("H-0", day, tick, "", ""),
                 ("H-1", day, "", tick, ""))  # fmt: skip
    data = street.data("survey", "import", file)
    assert (data["new"], data["unread"]) == (2, [])
    assert street.data("explain", "H-0")["condition"] == "intact"
    assert street.data("explain", "H-1")["condition"] == "defective"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("√", "√", ""), "完好 损坏"), (("", "×", ""), "损坏=×"), (("×", "", ""), "完好=×"),
        (("", "", "√"), "拆除"), (("", "", ""), "检查结果"), (("√", "", "√"), "完好 拆除"),
        (("大致", "", ""), "完好=大致"), (("√", "轻微", ""), "损坏=轻微"),
    ],
)  # fmt: skip
def test_what_is_not_one_tick_is_no_outcome(
    street: Program, tmp_path: Path, cells: tuple[str, str, str], said: str
) -> None:
    head = ("编号", "日期", "完好", "损坏", "拆除")
    file = table(tmp_path / "v.csv", head, ("H-0", "2026-06-11", *cells))
    ran = street("survey", "import", file, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert said in ran.data["rows"][0]["reason"]


def test_a_cross_beside_a_tick_denies(street: Program, tmp_path: Path) -> None:
    head = ("编号", "日期", "完好", "损坏", "拆除")
    file = table(tmp_path / "v.csv", head, ("H-0", "2026-06-11", "√", "×", "×"))
    assert street.data("survey", "import", file)["new"] == 1
    assert street.data("explain", "H-0")["condition"] == "intact"


def test_ticks_below_the_heading_of_an_outcome(street: Program, tmp_path: Path) -> None:
    file = table(
        tmp_path / "v.csv", ("编号", "日期", "检查结果", ""), ("", "", "完好", "损坏"),
        ("H-0", "2026-06-11", "√", ""), ("H-1", "2026-06-11", "", "√"),
    )  # fmt: skip
    assert street.data("survey", "import", file)["new"] == 2
    assert street.data("explain", "H-1")["condition"] == "defective"
