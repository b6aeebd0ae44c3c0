"""Headings state the unit of their numbers, or that nobody measured them; size decides neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant import units
from hydrant.exchange.heading_units import is_stated_figure, unit_in
from hydrant.exchange.suggesting import suggest
from hydrant.exchange.suggestion import Suggestion
from hydrant.exchange.table import Table

HEADINGS = {
    "kPa": ("静压", "水压", "Static pressure", "Ruhedruck", "pression statique"),
    "L/s": ("流量", "出水流量", "Flow", "Durchfluss", "débit", "расход"),
    "mm": ("管径", "pipe diameter", "Rohrdurchmesser"),
    "m3": ("容积", "capacity", "capacité"),
}
EVERY = [
    (internal, heading, written, name)
    for internal, headings in HEADINGS.items()
    for written, name in units.heading_spellings(internal).items()
    for heading in headings[:2]
]


@given(st.sampled_from(EVERY), st.sampled_from(["{}({})", "{}（{}）", "{} [{}]", "{}（单位：{}）",
                                                "{} (unit: {})"]))  # fmt: skip
def test_every_unit_is_known_in_every_heading(one: tuple[str, str, str, str], form: str) -> None:
    internal, heading, written, name = one
    for cased in (written, written.upper() if "ß" not in written else written):
        found = unit_in(form.format(heading, cased), internal)
        assert found is not None
        assert found.name == name


@pytest.mark.parametrize(
    ("heading", "internal", "factor"),
    [("静压(米水柱)", "kPa", 9.80665), ("静压(m)", "kPa", 9.80665), ("Druck [mWS]", "kPa", 9.80665),
     ("pression (mCE)", "kPa", 9.80665), ("静压(公斤)", "kPa", 98.0665), ("静压MPa", "kPa", 1000),
     ("static ft of head", "kPa", 2.98906692), ("Static (inHg)", "kPa", 3.386389),
     ("Static (atm)", "kPa", 101.325), ("static_psi", "kPa", 6.894757293168361),
     ("流量(t/h)", "L/s", 1 / 3.6), ("流量(cfs)", "L/s", 28.316846592),
     ("流量(igpm)", "L/s", 4.54609 / 60), ("Flow gpm (imperial)", "L/s", 4.54609 / 60),
     ("Flow gpm", "L/s", 3.785411784 / 60), ("Flow gal/min", "L/s", 3.785411784 / 60),
     ("Flow (dm3/s)", "L/s", 1.0), ("流量(方/小时)", "L/s", 1 / 3.6)],
)  # fmt: skip
def test_what_a_unit_amounts_to(heading: str, internal: str, factor: float) -> None:
    found = unit_in(heading, internal)
    assert found is not None
    assert found.name is not None
    assert units.factor_to(internal, found.name) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize("heading", ["静压", "静压(静)", "Static (avg)",
                                     "Static pressure (measured)",
                                     "Flow (at 20 psi)",
                                     "Flow (2024)", "静压(2026年)"])  # fmt: skip
def test_a_comment_is_no_unit(heading: str) -> None:
    internal = "L/s" if heading.startswith("Flow") else "kPa"
    assert unit_in(heading, internal) is None


UNKNOWN = ["静压(qq)", "静压(方)", "静压(kPa/psi)", "静压(×0.1MPa)",
           "static (psia)", "绝对静压(kPa)",
           "Static (bar abs)", "静压(升)", "静压(L/s)"]  # fmt: skip


@pytest.mark.parametrize("heading", UNKNOWN)
@pytest.mark.parametrize("size", ["0.3", "3.2", "32", "320"])
def test_a_unit_that_is_not_known_is_never_guessed_by_size(heading: str, size: str) -> None:
    assert unit_in(heading, "kPa") == unit_in("x(qq)", "kPa")
    made = proposed(heading, size)
    assert not any("_kpa" in (one.toml or "") for one in made.lines)
    told = {one.why.key.removeprefix("exchange.suggest_") for one in made.lines if not one.toml}
    assert told & {"unit_open", "unused"}
    assert made.questions == []


def test_a_cell_that_states_its_unit_counts_under_such_a_heading() -> None:
    made = proposed("静压(qq)", "3.2 bar")
    assert any("static_kpa" in (one.toml or "") for one in made.lines)


STATED = ["设计{}", "额定{}", "公称{}", "标称{}", "要求{}", "应有{}", "计算{}",
          "模拟{}", "{}（设计）",
          "{}(额定)", "Design {}", "Rated {}", "Nominal {}", "Required {}", "Calculated {}",
          "Modelled {}", "{} (design)", "Soll-{}", "{} nominale", "расчётное {}", "設計{}",
          "설계{}"]  # fmt: skip


@pytest.mark.parametrize("form", STATED)
@pytest.mark.parametrize("name", ["静压", "流量", "压力", "static pressure", "flow", "débit"])
@pytest.mark.parametrize("unit", ["", "(MPa)", " (L/s)"])
def test_what_was_stated_is_never_taken_for_measured(form: str, name: str, unit: str) -> None:
    heading = form.format(name) + unit
    assert is_stated_figure(heading)
    made = proposed(heading, "20")
    assert not any(one.part == "inspection" and heading in (one.toml or "") for one in made.lines)


@pytest.mark.parametrize("heading", ["静压", "实测流量", "静水压力(MPa)", "flow", "Static pressure",
                                     "出水压力", "应急流量"])  # fmt: skip
def test_what_was_measured_is_not_taken_for_stated(heading: str) -> None:
    assert not is_stated_figure(heading)


@pytest.mark.parametrize("heading", ["工作压力(MPa)", "试验压力(MPa)", "Working pressure (bar)"])
def test_figures_of_a_nameplate_are_told_once(heading: str) -> None:
    made = proposed(heading, "1.6")
    about = [one for one in made.lines if one.column == heading or heading in (one.toml or "")]
    assert [one.why.key for one in about] == ["exchange.suggest_stated_figure"]


@pytest.mark.parametrize("heading", ["设计流量(L/s)", "额定流量 L/s",
                                     "Design flow (L/s)", "Rated flow L/s",
                                     "流量(设计)(L/s)"])  # fmt: skip
def test_a_flow_of_the_design_is_a_design_figure_where_its_unit_is_known(heading: str) -> None:
    def design(name: str) -> list[str]:
        told = (one.toml or "" for one in proposed(name, "20").lines)
        return [one for one in told if one.startswith("design_flow_l_s")]

    if not heading.startswith("流量"):
        assert design(heading) == [f'design_flow_l_s = {{ column = "{heading}", unit = "L/s" }}']
    assert design(heading.replace("(L/s)", "").replace("L/s", "")) == []


def proposed(heading: str, cell: str) -> Suggestion:
    head = ("编号", "类型", "经度(CGCS2000)", "纬度(CGCS2000)", "状态", "检查日期", heading)
    row = ("H1", "地上式消火栓", "120.151", "30.25", "完好", "2026-11-03", cell)
    columns = {name: [value] for name, value in zip(head, row, strict=True)}
    return suggest(Table(file="r.csv", columns=columns, lines=[2]), header_row=1)
