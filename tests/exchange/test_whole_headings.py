"""A heading gives a fact only when it is understood whole; what carries more is named, not used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.exchange.state_headings import bad_since, offered, out_since
from hydrant.exchange.suggesting import suggest
from hydrant.exchange.suggestion import Suggestion, words
from hydrant.exchange.table import Table
from hydrant.exchange.whole_headings import DAY, FIGURE, matching

DAYS = ("2026-05-11", "2026-05-12")
#: Headings of days that are no visit's.
OTHER_DAYS = ["下次检查日期", "应检日期", "计划检查日期", "拟检日期", "下次维保日期", "维修日期",
              "保养日期", "移交日期", "建档日期", "录入日期", "填表日期", "上报日期", "更新日期",
              "到期日期", "截止日期", "报修日期", "复核日期", "检查日期（下次）", "检查日期(计划)",
              "预计投用日期", "水表安装日期", "Next inspection date", "Inspection date (next)",
              "Date (installed)", "Date of next check", "Last updated", "Created date",
              "Prüfdatum (nächstes)", "Date de la prochaine visite",
              "Дата следующей проверки"]  # fmt: skip
VISITS = ["检查日期", "最近一次检查日期", "消火栓巡检日期", "上次巡查时间", "检查日期（年/月/日）",
          "检查日期(yyyy-mm-dd)", "日期", "Date contrôle", "Last hydrant inspection date",
          "LastInspDate", "Datum der letzten Prüfung", "Fecha de la última inspección",
          "Дата последнего осмотра"]  # fmt: skip
#: Headings of figures that nobody measured at this visit, or not at the hydrant.
OTHER_FIGURES = ["预计流量(L/s)", "模型压力", "泵房压力", "历史最高水压", "最大压力", "2019年压力",
                 "夜间压力", "预计出水压力", "压力（泵房）", "压力(2019)",
                 "Static pressure (night)", "Flow (max)", "进水管压力(MPa)"]  # fmt: skip
FIGURES = ["静压(MPa)", "消火栓静压(MPa)", "实测压力(MPa)", "本次流量(L/s)",
           "Static pressure (measured)", "动水压力(MPa)"]  # fmt: skip


def proposed(
    *added: tuple[str, tuple[str, str]], state: tuple[str, str] = ("完好", "损坏")
) -> Suggestion:
    columns = {"编号": ["H1", "H2"], "类型": ["地上式"] * 2, "lon": ["16.1", "16.2"],
               "lat": ["47.1", "47.2"], "状态": list(state)}  # fmt: skip
    columns |= {name: list(cells) for name, cells in added}
    return suggest(Table("t.csv", columns, [2, 3]), header_row=1)


def taken(made: Suggestion, heading: str) -> list[str]:
    told = [one.toml or "" for one in made.lines if heading in (one.toml or "")]
    return [toml.partition(" = ")[0] for toml in told]


@pytest.mark.parametrize("heading", OTHER_DAYS)
@pytest.mark.parametrize("beside", [(), (("检查日期", ("2026-01-01", "2026-01-02")),)])
def test_another_day_is_not_that_of_a_visit(
    heading: str, beside: tuple[tuple[str, tuple[str, str]], ...]
) -> None:
    made = proposed((heading, DAYS), *beside)
    assert taken(made, heading) == []
    assert any(one.column == heading for one in made.lines)  # it is named
    assert all(question.topic != "rival" for question in made.questions)


@pytest.mark.parametrize("heading", VISITS)
def test_the_day_of_a_visit_is_known_in_many_words(heading: str) -> None:
    assert taken(proposed((heading, DAYS)), heading) == ["at"]


@pytest.mark.parametrize("heading", ["安装日期", "投用日期", "消火栓安装日期", "建成日期（必填）"])
def test_the_day_of_building_is_no_visit(heading: str) -> None:
    assert taken(proposed((heading, DAYS)), heading) == ["built"]


@pytest.mark.parametrize("heading", ["计划拆除日期", "围挡拆除日期", "拆除日期（拟）"])
def test_a_planned_removal_ends_nothing(heading: str) -> None:
    assert "at" not in taken(proposed((heading, DAYS)), heading)


@pytest.mark.parametrize("heading", OTHER_FIGURES)
def test_a_figure_of_something_else_is_not_measured(heading: str) -> None:
    made = proposed((heading, ("0.3", "0.4")))
    assert taken(made, heading) == []
    assert any(one.column == heading for one in made.lines)


@pytest.mark.parametrize("heading", FIGURES)
def test_what_was_measured_is_read(heading: str) -> None:
    assert len(taken(proposed((heading, ("0.3", "0.4"))), heading)) == 1


@given(
    st.text("下计划拟应原规模型泵房夜最高", min_size=1, max_size=4), st.sampled_from([DAY, FIGURE])
)
def test_what_is_not_known_before_a_word_is_never_read_over(before: str, fact: str) -> None:
    part = "at" if fact == DAY else "static_kpa"
    known = words()["inspection"][part]
    word = "检查日期" if fact == DAY else "压力"
    if before + word in known:
        return
    table = Table("t.csv", {before + word: ["1"], f"{word}（{before}）": ["1"]}, [2])
    assert list(matching(table, known, set(), compounds=True, fact=fact)) == []


OUT = ["Out since", "OOS date", "Date out of service", "Out of order since", "停水日期",
       "暂停使用时间", "Gesperrt seit", "mise hors service le", "Nieczynny od",
       "停用日期"]  # fmt: skip


@pytest.mark.parametrize("heading", OUT)
def test_a_day_since_which_something_is_out_means_that_it_fails(heading: str) -> None:
    made = proposed((heading, ("2026-05-11", "")), state=("完好", "完好"))
    (line,) = [one.toml or "" for one in made.lines if (one.toml or "").startswith("outcome")]
    assert heading in line
    assert '"fails"' in line


@pytest.mark.parametrize(
    "heading",
    ["Broken since", "Defekt seit", "En panne depuis", "Сломан с", "损坏日期", "Date closed"],
)
def test_the_day_of_a_fault_is_asked_about(heading: str) -> None:
    made = proposed((heading, ("2026-05-11", "")), state=("完好", "完好"))
    assert [q.facts["column"] for q in made.questions if q.topic == "otherwise"] == [heading]


@pytest.mark.parametrize(
    "heading", ["Tested on", "Installed on", "Date de mise en service", "检查日期", "上线日期"]
)
def test_other_days_are_none_of_a_fault(heading: str) -> None:
    assert not out_since(heading)
    assert not bad_since(heading)


SIGNED = [("检查结果", "√", "×"), ("Result", "P", "F"), ("Pass/Fail", "P", "F"),
          ("合格/不合格", "合格", "不合格"), ("检查结果", "○", "×"), ("Good or bad", "G", "B"),
          ("Result (pass/fail)", "P", "F")]  # fmt: skip


@pytest.mark.parametrize(("heading", "good", "bad"), SIGNED)
def test_signs_for_a_state_are_understood_where_both_stand(
    heading: str, good: str, bad: str
) -> None:
    made = proposed((heading, (good, bad)), state=("完好", "完好"))
    (line,) = [one.toml or "" for one in made.lines if (one.toml or "").startswith("outcome")]
    assert f'"完好 | {good}" = "works"' in line
    assert f'"完好 | {bad}" = "fails"' in line


@pytest.mark.parametrize(
    ("heading", "cells", "answers"),
    [("检查结果", ("A", "B"), ["fails", "nothing", "-"]),
     ("检查结果", ("√", "√"), ["fails", "nothing", "-"]),
     ("Result", ("1", "2"), ["fails", "nothing", "-"]),
     ("Result", ("Y", "N"), ["no_fails", "yes_fails", "nothing", "-"])],
)  # fmt: skip
def test_a_state_that_is_not_understood_is_asked_about(
    heading: str, cells: tuple[str, str], answers: list[str]
) -> None:
    made = proposed((heading, cells), state=("完好", "完好"))
    (question,) = [one for one in made.questions if one.topic == "states"]
    assert [choice.word for choice in question.choices] == answers


@pytest.mark.parametrize("heading", ["Name/Ort", "经度/纬度", "Pass", "good", "A/B", "损坏/故障"])
def test_a_heading_that_offers_no_two_answers_offers_none(heading: str) -> None:
    assert offered(heading) == {}


def test_other_sheets_are_told_before_anything_is_taken_in() -> None:
    columns = {"编号": ["H1"], "类型": ["地上式"], "lon": ["16.1"], "lat": ["47.1"]}
    made = suggest(Table("t.xlsx", columns, [2], beside=("Sheet2",)), header_row=1)
    (line,) = [one for one in made.lines if one.why.key == "exchange.suggest_beside"]
    assert line.why.facts["names"] == ("Sheet2",)
