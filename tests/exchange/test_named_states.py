"""Words for a bad state in the cells that name an asset, and ditto marks, are never passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.exchange.ditto import is_ditto, without_dittos
from hydrant.exchange.look_alike import look_alikes
from hydrant.exchange.mapping import mapping_of
from hydrant.exchange.named_states import named_states
from hydrant.exchange.readers import read_table
from hydrant.exchange.suggestion import words
from hydrant.exchange.table import Table
from tests.conftest import Program
from tests.exchange.test_otherwise import HEAD, intact
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

RULES = mapping_of({"fields": {"code": "c", "kind": "k", "address": "a"}}, "m.toml")
GOOD = {"c": "H-2", "k": "地上式", "a": "人民路3号"}
#: Column, a cell that says a bad state, too, and one that only names.
NAMES = [("c", "H-1（停用）", "H-1（北）"), ("c", "废-6", "井-6"), ("c", "H-4 (OOS)", "HS-12"),
         ("c", "H-4 OOS", "BAD-12"), ("c", "H3 out of service", "H3 out of town"),
         ("c", "停用-3", "停车场-3"), ("c", "H-7坏", "H-7甲"),
         ("c", "H-8（已拆除）", "H-8（新）"),
         ("k", "地上式消火栓（停用）", "地上式消火栓（SS100）"),
         ("k", "地上式消火栓(坏)", "Dry hydrant"),
         ("k", "停用地上式", "Wandhydrant trocken"),
         ("a", "人民路3号（无水）", "人民路3号（院内）"),
         ("a", "解放路, 无水", "ul. Polna 5"), ("a", "12 Main St - OOS", "12 Main St - rear"),
         ("a", "5 Main St (closed)", "St. Closed Rd 5"),
         ("a", "人民路3号 停用", "人民路3号 停车场"),
         ("a", "人民路(阀门打不开)", "Bad Homburg, Kurpark")]  # fmt: skip


def said(column: str, cell: str) -> dict[str, set[str]]:
    columns = {name: [other, cell if name == column else other] for name, other in GOOD.items()}
    return dict(named_states(Table("t.csv", columns, [2, 3]), RULES))


@pytest.mark.parametrize(("column", "bad", "plain"), NAMES)
def test_only_what_plainly_says_a_bad_state_in_a_name_matters(
    column: str, bad: str, plain: str
) -> None:
    assert said(column, bad) == {column: {bad}}
    assert said(column, plain) == {}


@given(st.sampled_from(words()["fails"]), st.sampled_from(["c", "k", "a"]))
def test_every_word_for_a_bad_state_counts_in_brackets(word: str, column: str) -> None:
    cell = f"{GOOD[column]} ({word})"
    if any(sign in word for sign in "()[]"):
        return
    assert said(column, cell) == {column: {cell}}


#: Headings of names that nothing reads, a name with a bad word in it, and a bad state.
SIDE = [("Street", "Leaky Lane", "out of service"), ("Subdivision", "Broken Arrow", "broken"),
        ("所属社区", "停水村", "停用"), ("自然村", "废塘村", "无水"),
        ("照片", "IMG_无水.jpg", "停用"), ("Owner", "Dead Horse Water Co", "out of order"),
        ("City", "Dry Prong", "no water"), ("位置", "坏桥头", "村口（停用）")]  # fmt: skip


@pytest.mark.parametrize(("heading", "name", "bad"), SIDE)
@pytest.mark.parametrize("door", ["import", "survey"])
def test_a_name_that_nothing_reads_is_a_name_and_a_bad_state_there_is_one(
    program: Program, tmp_path: Path, heading: str, name: str, bad: str, door: str
) -> None:
    def taken(cell: str, code: str) -> int:
        rows = [[code, cell], [f"{code}b", "Oak"]]
        if door == "import":
            path = table(
                tmp_path / f"{code}.csv",
                ["code", "kind", "lon", "lat", "outcome", "inspected_at", heading],
                *([c, "hydrant.pillar", f"120.{n}{ord(c[0])}", "30.2", "works", "2026-11-01", side]
                  for n, (c, side) in enumerate(rows)),
            )  # fmt: skip
            return program("import", path, "--crs", "cgcs2000", "--dry-run").code
        for c, _ in rows:
            program.data("asset", "add", c, "--kind", "hydrant.pillar", "--lon", "120.1",
                         "--lat", "30.2", "--crs", "cgcs2000")  # fmt: skip
        path = table(
            tmp_path / f"{code}.csv",
            ["code", "outcome", "at", heading],
            *([c, "works", "2026-11-01", side] for c, side in rows),
        )
        return program("survey", "import", path).code

    assert (taken(name, "A"), taken(bad, "B")) == (0, 3)


CELLS = [("编号", "A1（停用）"), ("类型", "地上式消火栓（坏）"), ("地址", "人民路3号（无水）")]


@pytest.mark.parametrize(("heading", "cell"), CELLS)
@pytest.mark.parametrize("typed", ["fails", "nothing", "-"])
def test_a_name_with_a_bad_word_is_asked_about(
    program: Program, answer: Answer, tmp_path: Path, heading: str, cell: str, typed: str
) -> None:
    head = [*HEAD, "地址"]
    rows = [
        [f"A{n}", "地上式消火栓", f"120.15{n}", "30.25", "完好", "2026-11-01", "人民路"]
        for n in (1, 2)
    ]
    rows[0][head.index(heading)] = cell
    path = table(tmp_path / "r.csv", head, *rows)
    answer(path, typed, "y", flags=("--crs", "cgcs2000"))
    told = [*intact(program).values()]
    assert told.count("intact") == (2 if typed == "nothing" else 1)


def test_a_wide_bracket_about_chinese_is_no_look_alike() -> None:
    codes = {0: "H-1（停用）", 1: "H-2", 2: "Ｈ-3", 3: "1O1"}
    assert look_alikes(codes) == [2, 3]


MARKS = ["同上", "〃", '"', "同H-1", "（同上）", "as above", "do.", "Ditto", "same", "idem",
         "s. o.",
         "jak wyżej", "то же", "same as H-1"]  # fmt: skip


SAID = [("备注", "漏水"), ("状态", "损坏"), ("检查日期", "2026-05-11"), ("类型", "地下式")]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(("heading", "cell"), SAID)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_ditto_mark_says_what_the_cell_above_says(
    tmp_path: Path, mark: str, heading: str, cell: str, form: str
) -> None:
    path = tmp_path / f"r.{form}"
    rows = [("H-1", cell), ("H-2", mark), ("H-3", mark)]
    if form == "csv":
        table(path, ("编号", heading), *rows)
    else:
        told = [dict(zip(("编号", heading), row, strict=True)) for row in rows]
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    read = read_table(path)
    assert read.columns[heading] == [cell] * 3
    assert read.repeated == {heading: 2}


@pytest.mark.parametrize("cells", [["同上", "漏水"], ["", "同上"], ["漏水", "同H-9"]])
def test_a_mark_without_another_cell_stays(cells: list[str]) -> None:
    made, counted = without_dittos({"编号": ["H-1", "H-2"], "备注": cells})
    assert made["备注"] == cells
    assert counted == {}


def test_our_own_export_holds_no_marks() -> None:
    columns = {"uid": ["a", "b"], "note": ["leaks", "same"]}
    assert without_dittos(columns) == (columns, {})


@pytest.mark.parametrize("cell", ["同仁医院1号", "see map", "As-built 3 drawings of 2019",
                                  "Same Street",
                                  "do", "id", '1"', "DN100", "同心路12号"])  # fmt: skip
def test_a_name_is_no_ditto(cell: str) -> None:
    made, _ = without_dittos({"a": ["x", cell], "n": ["1", "2"]})
    assert made["a"][1] == cell
    assert not is_ditto("同仁医院")


def test_a_fault_that_goes_on_by_a_mark_is_a_fault(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    rows = [[f"A{n}", "地上式消火栓", f"120.15{n}", "30.25", "完好", "2026-11-01", note]
            for n, note in enumerate(["无漏水", "漏水", "同上", "〃"], 1)]  # fmt: skip
    path = table(tmp_path / "r.csv", [*HEAD, "备注"], *rows)
    ran = answer(path, "fails", "y", flags=("--crs", "cgcs2000"))
    assert [*intact(program).values()].count("intact") == 1
    assert "as above" in ran.out + ran.err
