"""Our own export after somebody changed it: other outcomes, no key, no outcomes, emptied cells."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from hydrant.vocabulary import Outcome
from tests.conftest import Program
from tests.exchange.test_stranger import table
from tests.survey.test_round import visits

HEAD = ("code", "kind", "lon", "lat", "crs", "outcome", "at", "static_kpa", "owner")
ROWS = [
    ("A1", "hydrant.pillar", "120.151", "30.25", "wgs84", "fails", "2026-05-01", "300", "甲"),
    ("A2", "hydrant.pillar", "120.161", "30.25", "wgs84", "works", "2026-05-01", "310", "甲"),
    ("A3", "hydrant.pillar", "120.171", "30.25", "wgs84", "works", "2026-05-01", "", "乙"),
]
Row = dict[str, str]


@pytest.fixture
def export(program: Program, tmp_path: Path) -> Path:
    program.data("import", table(tmp_path / "before.csv", HEAD, *ROWS))
    file = tmp_path / "export.csv"
    program.data("export", file)
    return file


def changed(
    file: Path, change: Callable[[Row], None] = lambda _row: None, *, without: Collection[str] = ()
) -> Path:
    with file.open(encoding="utf-8-sig", newline="") as read:
        rows = list(csv.DictReader(read))
    for row in rows:
        change(row)
    heads = [name for name in rows[0] if name not in without]
    made = file.with_name("changed.csv")
    return table(made, tuple(heads), *(tuple(row[name] for name in heads) for row in rows))


def test_works_beside_a_failure_of_the_same_day_is_told(program: Program, export: Path) -> None:
    def mended(row: Row) -> None:
        row["inspection_outcome"] = "works"

    file = changed(export, mended)
    data = program.data("import", file)
    assert [one["code"] for one in data["named"]["visits_outweighed"]] == ["A1"]
    assert [visit["outcome"] for visit in visits(program, "A1")] == ["fails", "works"]
    assert program.data("explain", "A1")["condition"] == "defective"
    assert program.data("import", file)["unchanged"] == 3


def test_a_failure_beside_works_of_the_same_day_counts(program: Program, export: Path) -> None:
    def broken(row: Row) -> None:
        row["inspection_outcome"] = "fails"

    data = program.data("import", changed(export, broken))
    assert "visits_outweighed" not in data["named"]
    assert program.data("explain", "A2")["condition"] == "defective"


def test_measurements_left_without_their_outcome_are_no_new_visits(
    program: Program, export: Path
) -> None:
    data = program.data("import", changed(export, without=("inspection_outcome",)))
    assert data["unchanged"] == 3
    assert data["visits"]["without_outcome"] == 0
    assert [len(visits(program, code)) for code in ("A1", "A2", "A3")] == [1, 1, 1]


def test_another_measurement_without_an_outcome_is_a_visit(program: Program, export: Path) -> None:
    def measured(row: Row) -> None:
        row["inspection_static_kpa"] = "280"

    file = changed(export, measured, without=("inspection_outcome",))
    data = program.data("import", file)
    assert data["visits"]["without_outcome"] == 3
    assert [visit["outcome"] for visit in visits(program, "A2")] == ["works", "not_testable"]


@pytest.mark.parametrize("without", [(), ("uid",)])
@pytest.mark.parametrize(
    ("name", "stays"), [("owner", "owner = 乙"), ("inspection_outcome", "inspection_outcome")]
)
def test_emptied_cells_are_refused_with_or_without_the_key(
    program: Program, export: Path, without: tuple[str, ...], name: str, stays: str
) -> None:
    def emptied(row: Row) -> None:
        if row["code"] == "A3":
            row[name] = ""

    ran = program("import", changed(export, emptied, without=without), "--json")
    assert ran.code == 3
    (row,) = [one for one in ran.data["rows"] if one["action"] == "refused"]
    assert row["code"] == "A3"
    assert stays in row["reason"]


WORDS = [("可用", Outcome.WORKS), ("完好", Outcome.WORKS), ("不可用", Outcome.FAILS),
         ("损坏", Outcome.FAILS), ("未找到", Outcome.NOT_FOUND), ("not found", Outcome.NOT_FOUND),
         ("in service", Outcome.WORKS), ("Not_Testable", Outcome.NOT_TESTABLE)]  # fmt: skip


@pytest.mark.parametrize(("word", "outcome"), WORDS)
def test_words_for_an_outcome_are_read_in_files_of_ours(
    program: Program, export: Path, word: str, outcome: Outcome
) -> None:
    def said(row: Row) -> None:
        row |= {"inspection_outcome": word, "inspection_at": "2026-06-01"}

    assert program.data("import", changed(export, said))["updated"] == 3
    assert visits(program, "A2")[-1]["outcome"] == outcome


@pytest.mark.parametrize("word", ["1", "是", "基本完好", "损坏？", "拆除", "未测", "可用，漏水"])
def test_what_is_no_plain_word_for_an_outcome_is_refused(
    program: Program, export: Path, word: str
) -> None:
    def said(row: Row) -> None:
        row |= {"inspection_outcome": word, "inspection_at": "2026-06-01"}

    ran = program("import", changed(export, said), "--json")
    assert ran.code == 3
    assert ran.data["refused"] == 3


def test_a_feature_without_geometry_says_so(program: Program, tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"code": code, "kind": "hydrant.pillar"}, "geometry": g}
        for code, g in (("A1", None), ("A2", {"type": "Point", "coordinates": [120.15, 30.25]}))
    ]
    file = tmp_path / "r.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    for lang, said in (("en", "its geometry is null"), ("zh", "geometry 为空")):
        ran = program("import", file, "--crs", "wgs84", lang=lang)
        assert ran.code == 3
        assert said in ran.out
        assert "cell" not in ran.out


@pytest.mark.parametrize("door", ["import", "survey import"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_our_reasons_are_no_unread_column_under_any_name(
    program: Program, export: Path, tmp_path: Path, door: str, lang: str
) -> None:
    head: tuple[str, ...]
    if door == "import":
        head, bad = HEAD, [*ROWS[0][:5], "works?", *ROWS[0][6:]]
    else:
        head, bad = ("code", "at", "outcome"), ["A1", "2026-06-01", "works?"]
    good = ["A2", *bad[1:-1], bad[-1]] if door == "import" else ["A2", "2026-06-01", "works"]
    good = [cell.replace("?", "") for cell in good]
    file = table(tmp_path / "visits.csv", head, tuple(bad), tuple(good))
    program(*door.split(), file, "--skip-bad", lang=lang)
    aside = tmp_path / "visits.refused.csv"
    text = aside.read_text("utf-8-sig")
    fixed = tmp_path / "corrected.csv"
    fixed.write_text(text.replace("works?,", "works,", 1), "utf-8")
    ran = program(*door.split(), fixed, "--json")
    assert ran.data["unread"] == []
    # somebody's own column of that name is named
    own = table(tmp_path / "own.csv", (*head, "原因"), (*good, "道路改造"))
    assert program(*door.split(), own, "--json").data["unread"] == ["原因"]


def test_a_row_without_its_system_beside_others_is_refused(program: Program, export: Path) -> None:
    def emptied(row: Row) -> None:
        if row["code"] == "A2":
            row["crs"] = ""

    file = changed(export, emptied)
    ran = program("import", file, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    (row,) = [one for one in ran.data["rows"] if one["action"] == "refused"]
    assert row["code"] == "A2"
    assert "--crs" in row["reason"]
    assert program.data("import", file, "--crs", "cgcs2000")["unchanged"] == 3


@pytest.mark.parametrize("without", [(), ("uid",)])
def test_emptied_cells_of_a_row_that_is_taken_as_bad_are_told(
    program: Program, export: Path, without: tuple[str, ...]
) -> None:
    def emptied(row: Row) -> None:
        if row["code"] == "A2":
            row |= {"owner": "", "inspection_outcome": "fails", "inspection_at": "2026-06-01"}

    data = program.data("import", changed(export, emptied, without=without))
    assert [one["code"] for one in data["named"]["emptied"]] == ["A2"]
    assert program.data("asset", "show", "A2")["asset"]["owner"] == "甲"
    assert program.data("explain", "A2")["condition"] == "defective"
