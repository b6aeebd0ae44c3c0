"""A rate of completeness that numbers are lacking for is marked wherever it is shown."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hydrant.messages import text
from hydrant.report.document import Partial, percent, shown
from hydrant.report.totals import differing
from hydrant.vocabulary import Language
from tests.conftest import Program
from tests.report.test_completeness import build, require

DAY = "2026-01-31"
REGIONS = (
    "code,name_zh,name_en,level,parent_code\n"
    "Y,云县,Yun,county,\nY1,东镇,Dong,township,Y\nY2,西镇,Xi,township,Y\n"
)
#: What is lacking, and the assets and numbers with which everything stated is met.
LACKING = {
    "unit": (["Y1 hydrant municipal *"], ["Y1 hydrant 1"]),
    "family": (
        ["Y1 hydrant municipal *", "Y2 hydrant municipal *", "Y2 tank municipal *"],
        ["Y1 hydrant 1", "Y2 hydrant 1"],
    ),
    "service": (
        ["Y1 hydrant municipal *", "Y1 hydrant rural *", "Y2 hydrant municipal *"],
        ["Y1 hydrant 1 municipal", "Y2 hydrant 1"],
    ),
}


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    path = tmp_path / "regions.csv"
    path.write_text(REGIONS, "utf-8")
    program.data("region", "import", path)
    return program


@pytest.fixture(params=LACKING)
def lacking(county: Program, tmp_path: Path, request: pytest.FixtureRequest) -> Program:
    assets, numbers = LACKING[request.param]
    build(county, tmp_path, *assets)
    require(county, *numbers)
    return county


SHOWING = (
    ("integrity",),
    *(("integrity", "--by", cut) for cut in ("township", "kind", "family", "service")),
    ("trend", "--from", DAY),
    ("compare", DAY),
)


@pytest.mark.parametrize("lang", Language)
def test_every_command_marks_it_and_says_what_the_mark_means(
    lacking: Program, lang: Language
) -> None:
    legend = text("cli_integrity.partial", lang)
    for line in SHOWING:
        shown_lines = lacking(*line, lang=lang).out
        assert "100.00 % *" in shown_lines, line
        assert shown_lines.count(legend) == 1, line


def test_scripts_see_how_many_are_lacking(lacking: Program) -> None:
    (unit,) = lacking.data("integrity")["total"]["completeness"]["units"]
    sides = lacking.data("compare", DAY)
    now = [sides["after"], lacking.data("trend", "--from", DAY)["dates"][-1]]
    for found in now:
        assert found["completeness"]["percent"] == 100
        assert found["completeness"]["numbers_lacking"] == 1
        silent = found["completeness"]["units_without_requirement"]
        assert silent == (unit["kind"] is None)
    assert lacking.data("todo")["numbers_lacking"] == 1
    assert "--list shortfall" in lacking("todo").out


def test_nothing_is_marked_where_every_number_is_stated(county: Program, tmp_path: Path) -> None:
    build(county, tmp_path, "Y1 hydrant municipal *", "Y2 hydrant municipal *")
    require(county, "Y1 hydrant 1", "Y2 hydrant 1")
    for line in SHOWING:
        assert "*" not in county(*line).out
    assert county.data("trend", "--from", DAY)["dates"][-1]["completeness"]["numbers_lacking"] == 0
    assert county.data("todo")["numbers_lacking"] == 0
    assert "stated nowhere" not in county("todo").out
    file = tmp_path / "all.html"
    county.data("report", file)
    assert "100.00 %<" in file.read_text("utf-8")


def cut(program: Program, by: str) -> dict[str, set[tuple[Any, ...]]]:
    groups = program.data("integrity", "--by", by)["groups"]
    return {
        group["key"]: {
            (unit["region"], unit["kind"], unit["service"])
            for unit in group["completeness"]["units"]
        }
        for group in groups
        if group["completeness"] is not None
    }


def test_a_group_has_the_units_that_lack_one_of_its_numbers(
    county: Program, tmp_path: Path
) -> None:
    build(county, tmp_path, "Y1 hydrant.pillar rural", "Y1 tank municipal", "Y1 well municipal")
    require(county, "Y1 hydrant 1 municipal", "Y1 tank 1")
    silent, rural, well = ("Y2", None, None), ("Y1", "hydrant", "rural"), ("Y1", "well", None)
    assert cut(county, "family") == {"hydrant": {silent, rural}, "tank": {silent}}
    assert cut(county, "service") == {"municipal": {silent, well}, None: {silent, rural, well}}
    require(county, "Y hydrant 9 municipal")
    # what the county's own number has beyond those below it is no part of what a township lacks
    beyond = [g for g in county.data("integrity", "--by", "township")["groups"] if g["beyond"]]
    assert [(g["key"], g["completeness"]["units"]) for g in beyond] == [("Y", [])]
    county.data("asset", "add", "D", "--kind", "well", "--lon", 120, "--lat", 30, "--region", "Y",
                "--crs", "cgcs2000")  # fmt: skip
    beyond = [g for g in county.data("integrity", "--by", "township")["groups"] if g["beyond"]]
    (unit,) = beyond[0]["completeness"]["units"]
    assert (unit["region"], unit["kind"], unit["service"]) == ("Y", "well", None)


@pytest.mark.parametrize("lang", Language)
def test_every_form_of_report_marks_it(lacking: Program, tmp_path: Path, lang: Language) -> None:
    legend = text("document.partial", lang)
    book = tmp_path / "r.xlsx"
    lacking.data("report", book, "--lang", lang)
    read = openpyxl.load_workbook(book)
    summary, groups = read.worksheets[:2]
    (rate,) = (row[1] for row in summary.iter_rows() if row[1].number_format.endswith('" *"'))
    assert rate.value == 100  # still a number
    assert any(cell.value == legend for row in summary.iter_rows() for cell in row)
    marked = [c for row in groups.iter_rows() for c in row if c.number_format.endswith('" *"')]
    assert 100 in [cell.value for cell in marked]
    page = tmp_path / "r.html"
    lacking.data("report", page, "--lang", lang)
    told = page.read_text("utf-8")
    assert "<strong>100.00 % *</strong>" in told
    assert ">100.00 *</td>" in told
    assert legend in told


@pytest.mark.parametrize("lang", Language)
def test_what_is_to_be_built_and_its_cost_are_marked_too(
    county: Program, tmp_path: Path, lang: Language
) -> None:
    require(county, "Y1 hydrant 1", "Y1 tank 2")
    mark = text("cli_todo.lacking", lang, count=1)
    build_word = f"{text('todo.work_build', lang)} *"
    assert county.data("money")["numbers_lacking"] == 1
    for line in (("todo",), ("money",)):
        shown_lines = county(*line, lang=lang).out
        assert (build_word in shown_lines, shown_lines.count(mark)) == (True, 1), line
    county.data("todo", "--out", tmp_path / "books", "--lang", lang)
    (book,) = (tmp_path / "books").glob("*.xlsx")
    sheet = openpyxl.load_workbook(book).worksheets[0]
    assert str(sheet["A1"].value).endswith(" *")
    assert mark in str(sheet["A2"].value)
    told = county.data("todo", "--out", tmp_path / "csv", "--csv", "--lang", lang)
    (said,) = (Path(file) for file in told["files"] if file.endswith(".txt"))
    assert mark in said.read_text("utf-8-sig")
    require(county, "Y2 hydrant 0", "Y2 tank 0")
    for line in (("todo",), ("money",)):
        assert "*" not in county(*line, lang=lang).out
    county.data("todo", "--out", tmp_path / "whole", "--lang", lang)
    (book,) = (tmp_path / "whole").glob("*.xlsx")
    sheet = openpyxl.load_workbook(book).worksheets[0]
    assert (str(sheet["A1"].value).endswith("*"), sheet["A2"].value) == (False, None)


def test_paper_marks_it_as_the_page_does() -> None:
    assert (percent(Partial(100)), percent(100.0), percent(None)) == ("100.00 % *", "100.00 %", "–")
    assert (shown(Partial(100), "percent"), shown(100.0, "percent")) == ("100.00 *", "100.00")


@pytest.mark.file_only
@pytest.mark.parametrize("by", ["kind", "township"])
def test_a_result_saved_before_lacking_numbers_were_counted_is_repeated(
    lacking: Program, by: str
) -> None:
    lacking.data("integrity", "--by", by, "--save")
    with sqlite3.connect(lacking.db) as other:
        (saved,) = other.execute("SELECT figures FROM assessment").fetchone()
        figures = json.loads(saved)
        for group in (figures["total"], *figures["groups"].values()):
            found = group["completeness"]
            if found is not None:
                del found["numbers_lacking"]
                if group is not figures["total"] and by == "kind":
                    found["units_without_requirement"] = 0
        old = json.dumps(figures)
        digest = hashlib.sha256(old.encode()).hexdigest()
        other.execute("UPDATE assessment SET figures = ?, digest = ?", (old, digest))
        other.commit()
    other.close()
    assert [row["state"] for row in lacking.data("assessment", "verify")["assessments"]] == [
        "equal"
    ]


def test_a_package_of_an_earlier_issue_does_not_differ() -> None:
    ours = {"policy_digest": "d", "completeness": {"percent": 100.0, "numbers_lacking": 1},
            "working_order": {}}  # fmt: skip
    told = ours | {"completeness": {"percent": 100.0}}
    assert differing(told, ours) == []
    assert differing(told | {"completeness": None}, ours) == [
        ("completeness.numbers_lacking", None, 1),
        ("completeness.percent", None, 100.0),
    ]
    assert differing(ours | {"completeness": {"percent": 100.0, "numbers_lacking": 0}}, ours) == [
        ("completeness.numbers_lacking", 0, 1)
    ]
