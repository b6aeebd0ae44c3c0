"""What an office hands over month by month: said in names, left out, or put elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program, Ran

HEAD = ("code", "kind", "lon", "lat", "outcome", "at")


def rows(folder: Path, name: str, *cells: Sequence[object], head: Sequence[str] = HEAD) -> Path:
    file = folder / name
    lines = [",".join(map(str, row)) for row in (head, *cells)]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def visit(code: str, said: str, day: str, lat: float = 30.3) -> tuple[object, ...]:
    return code, "hydrant.pillar", 120.101, lat, said, day


def brought(program: Program, file: Path, *words: object, lang: str = "en") -> Ran:
    return program("import", file, "--crs", "wgs84", *words, lang=lang)


SET_APART = (
    *("人民路3号-停用", "人民路3号_无水", "停用-人民路3号", "人民路3号停用", "人民路3号—已损坏"),
    *("人民路3号-漏水", "人民路3号-坏", "人民路3号（断）", "人民路3号（×）", "解放路·拆"),
    *("Main St 3-OOS", "Main St - broken", "12 Mill Lane NO WATER", "Mill Lane (stolen)"),
    *("1 High Street (low pressure)", "解放路（关死）"),
)
NAMES_OF_PLACES = (
    *(
        "缺水村 12号",
        "漏斗湾路3号",
        "断桥-北侧",
        "报废汽车厂门口",
        "停车场-东",
        "封山路5号",
        "无锡路-3号",
    ),
    *(
        "废品站-西门",
        "12 Closed Lane",
        "Dead End Rd 5",
        "Broken Hill Road-North",
        "枯木村-老年活动中心",
    ),
)


@pytest.mark.parametrize("field", ["address", "name", "code"])
@pytest.mark.parametrize("said", SET_APART)
def test_a_bad_word_set_apart_in_a_name_objects_to_a_good_state(
    program: Program, tmp_path: Path, field: str, said: str
) -> None:
    code = said if field == "code" else "A-1"
    head = HEAD if field == "code" else (*HEAD, field)
    cells = visit(code, "works", "2026-11-10") + (() if field == "code" else (said,))
    ran = brought(program, rows(tmp_path, "a.csv", cells, head=head))
    assert ran.code == 3, ran
    assert said in ran.out


@pytest.mark.parametrize("said", SET_APART)
def test_so_it_does_in_a_stranger_s_file(program: Program, tmp_path: Path, said: str) -> None:
    head = ("编号", "类型", "经度", "纬度", "状态", "检查日期", "地址")
    cells = ("A-1", "地上式消火栓", 120.101, 30.3, "完好", "2026-11-10", said)
    file = rows(
        tmp_path, "a.csv", cells, (*cells[:1], "地上式消火栓", *cells[2:6], "北路1号"), head=head
    )
    brought(program, file)
    ran = program("import", file, "--mapping", file.with_suffix(".toml"))
    assert ran.code == 3, ran


@pytest.mark.parametrize("said", NAMES_OF_PLACES)
def test_a_name_of_a_place_does_not(program: Program, tmp_path: Path, said: str) -> None:
    cells = (*visit("A-1", "works", "2026-11-10"), said)
    ran = brought(program, rows(tmp_path, "a.csv", cells, head=(*HEAD, "address")))
    assert ran.code == 0, ran


@pytest.mark.parametrize("known", [True, False])
def test_a_later_row_that_is_refused_names_the_asset_that_another_row_finds_working(
    program: Program, tmp_path: Path, known: bool
) -> None:
    if known:
        brought(program, rows(tmp_path, "a.csv", visit("A-1", "works", "2026-10-10")))
    file = rows(
        tmp_path, "b.csv", visit("A-1", "works", "2026-11-10"), visit("A-1", "阀杆断", "2026-11-12")
    )
    ran = brought(program, file, "--source", "a", "--skip-bad", "--json")
    assert ran.code == 3, ran
    (told,) = ran.data["named"]["held_on"]
    assert (told["line"], told["said"], told["last_good"]) == (3, "阀杆断", "2026-11-10")


def test_it_is_not_named_where_the_taken_row_finds_it_failing(
    program: Program, tmp_path: Path
) -> None:
    brought(program, rows(tmp_path, "a.csv", visit("A-1", "works", "2026-10-10")))
    file = rows(
        tmp_path, "b.csv", visit("A-1", "fails", "2026-11-10"), visit("A-1", "阀杆断", "2026-11-12")
    )
    ran = brought(program, file, "--source", "a", "--skip-bad", "--json")
    assert "held_on" not in ran.data["named"]


def test_an_earlier_visit_beside_a_later_one_is_no_loss(program: Program, tmp_path: Path) -> None:
    file = rows(
        tmp_path, "b.csv", visit("A-1", "works", "2026-11-10"), visit("A-1", "works", "2026-11-12")
    )
    ran = brought(program, file, "--skip-bad", "--json")
    assert "held_on" not in ran.data["named"]


STRANGER = ("类型", "经度", "纬度", "状态", "检查日期")


def keyless(folder: Path, name: str, east: float, *, addresses: bool, count: int = 3) -> Path:
    head = (*STRANGER, "地址") if addresses else STRANGER
    cells = [
        ("地上式", f"{120.101 + n / 1000 + east:.5f}", f"{30.301 + n / 1000:.5f}", "完好",
         "2026-10-10", *((f"人民路{2 * n + 1}号",) if addresses else ()))
        for n in range(count)
    ]  # fmt: skip
    return rows(folder, name, *cells, head=head)


@pytest.mark.parametrize("addresses", [True, False])
def test_where_all_lie_elsewhere_what_is_named_no_more_is_told(
    program: Program, tmp_path: Path, addresses: bool
) -> None:
    first = keyless(tmp_path, "oct.csv", 0.0, addresses=addresses)
    brought(program, first)
    mapping = first.with_suffix(".toml")
    program.data("import", first, "--mapping", mapping)
    found = program.data("import", keyless(tmp_path, "nov.csv", 0.0012, addresses=addresses),
                         "--mapping", mapping)  # fmt: skip
    assert (found["new"], found["missing"]) == (3, 3)


def test_a_mix_up_of_datums_is_seen_without_numbers(program: Program, tmp_path: Path) -> None:
    first = keyless(tmp_path, "oct.csv", 0.0, addresses=True, count=6)
    brought(program, first)
    mapping = first.with_suffix(".toml")
    program.data("import", first, "--mapping", mapping)
    moved = keyless(tmp_path, "nov.csv", 0.0048, addresses=True, count=6)
    ran = program("import", moved, "--mapping", mapping)
    assert ran.code == 3, ran
    assert "6 rows lie" in ran.err


def test_a_district_beside_it_names_nothing_missing(program: Program, tmp_path: Path) -> None:
    first = keyless(tmp_path, "oct.csv", 0.0, addresses=False)
    brought(program, first)
    mapping = first.with_suffix(".toml")
    program.data("import", first, "--mapping", mapping)
    found = program.data("import", keyless(tmp_path, "west.csv", 0.03, addresses=False),
                         "--mapping", mapping)  # fmt: skip
    assert (found["new"], found["missing"]) == (3, 0)


@pytest.mark.parametrize(("lang", "words"), [("en", "not understood"), ("zh", "无法识别")])
def test_remarks_that_a_mapping_passes_over_are_named_each_month(
    program: Program, tmp_path: Path, lang: str, words: str
) -> None:
    head = ("编号", "类型", "经度", "纬度", "状态", "检查日期", "备注")
    cells = ("A-1", "地上式消火栓", 120.101, 30.3, "完好", "2026-10-10", "换阀芯一只")
    file = rows(tmp_path, "oct.csv", cells, head=head)
    brought(program, file)
    mapping = file.with_suffix(".toml")
    mapping.write_text('otherwise."备注" = "understood"\n' + mapping.read_text("utf-8"), "utf-8")
    program.data("import", file, "--mapping", mapping)
    file = rows(tmp_path, "nov.csv", (*cells[:5], "2026-11-10", "已挖走"), head=head)
    ran = program("import", file, "--mapping", mapping, lang=lang)
    assert ran.code == 0
    assert "已挖走" in ran.err
    assert words in ran.err


def test_ditto_marks_are_told_wherever_they_are_read(program: Program, tmp_path: Path) -> None:
    file = rows(tmp_path, "a.csv", visit("A-1", "works", "2026-11-10"),
                visit("A-2", "〃", "同上", 30.4))  # fmt: skip
    ran = brought(program, file)
    assert "outcome (1), at (1)" in ran.err
    sheet = rows(tmp_path, "s.csv", ("A-1", "works", "2026-11-11"), ("A-2", "〃", "同上"),
                 head=("code", "outcome", "at"))  # fmt: skip
    assert "outcome (1), at (1)" in program("survey", "import", sheet).err
    assert "“同上”" in program("survey", "import", sheet, "--dry-run", lang="zh").err


def test_what_another_register_changes_of_an_asset_is_named(
    program: Program, tmp_path: Path
) -> None:
    head = (*HEAD, "owner")
    brought(
        program,
        rows(tmp_path, "east.csv", (*visit("K-2", "works", "2026-10-10"), "East"), head=head),
    )
    other: tuple[Any, ...] = (*visit("K-2", "works", "2026-11-10", 30.3003), "West")
    ran = brought(
        program, rows(tmp_path, "west.csv", other, head=head), "--source", "West", "--json"
    )
    assert [row["code"] for row in ran.data["named"]["of_others"]] == ["K-2"]
    (told,) = [one for one in ran.json["messages"] if one["key"] == "cli_import_.of_others"]
    assert "owner, position" in told["text"]
    again = (*other[:5], "2026-11-11", "West & Sons")
    ran = brought(
        program, rows(tmp_path, "west.csv", again, head=head), "--source", "West", "--json"
    )
    assert "of_others" not in ran.data["named"]


HEADED = ("当前状况", "当前运行状态", "目前情况", "消火栓状况", "设施当前状态", "完好性")
OF_OTHERS = ("水压状况", "道路状况", "上次状态", "审核状态", "规划状态")


@pytest.mark.parametrize("heading", [*HEADED, *OF_OTHERS])
def test_a_heading_asks_for_the_state_where_it_says_nothing_else(
    program: Program, tmp_path: Path, heading: str
) -> None:
    head = ("编号", "类型", "经度", "纬度", heading, "检查日期")
    good = ("A-1", "地上式消火栓", 120.1, 30.3, "完好", "2026-10-10")
    bad = ("A-2", "地上式消火栓", 120.2, 30.3, "不能正常使用", "2026-10-10")
    file = rows(tmp_path, "a.csv", good, bad, head=head)
    brought(program, file)
    mapping = file.with_suffix(".toml").read_text("utf-8")
    assert (f'outcome = {{ column = "{heading}"' in mapping) == (heading in HEADED)


@pytest.mark.parametrize(("lang", "words"), [("en", "1 row that sums"), ("zh", "1 行为合计")])
def test_a_sum_below_the_visits_is_left_out_and_told(
    program: Program, tmp_path: Path, lang: str, words: str
) -> None:
    brought(program, rows(tmp_path, "a.csv", visit("A-1", "works", "2026-10-10")))
    sheet = rows(tmp_path, "s.csv", ("A-1", "2026-11-10", "完好"), ("合计：1个", "", ""),
                 head=("编号", "日期", "结果"))  # fmt: skip
    ran = program("survey", "import", sheet, lang=lang)
    assert ran.code == 0, ran
    assert words in ran.err


def test_a_sheet_s_own_good_visit_makes_a_refused_later_one_matter(
    program: Program, tmp_path: Path
) -> None:
    brought(program, rows(tmp_path, "a.csv", visit("A-1", "fails", "2026-10-10")))
    sheet = rows(tmp_path, "s.csv", ("A-1", "2026-11-10", "完好"), ("A-1", "2026-11-12", "阀杆断"),
                 head=("编号", "日期", "结果"))  # fmt: skip
    ran = program("survey", "import", sheet, "--skip-bad", "--json")
    assert ran.code == 3, ran
    (told,) = ran.data["named"]["held_on"]
    assert told["last_good"] == "2026-11-10"
