"""A word for an end or a fault with more words beside it never stands for an intact asset."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from hydrant.exchange.end_words import said_of_whole, spoken_of
from hydrant.exchange.mapping import load_mapping
from hydrant.exchange.state_words import BAD, meaning
from hydrant.exchange.suggestion import words
from hydrant.vocabulary import LifecycleEvent
from tests.conftest import Program
from tests.exchange.test_ended_rows import GONE as SECOND
from tests.exchange.test_ended_rows import HEAD, OUR_GONE, OUR_STANDS, OURS, standing
from tests.exchange.test_ended_rows import STANDS as FIRST
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

#: Plain, whatever stands beside: the day, the reason, the order, a fault.
REMOVED = [
    "已拆除（道路施工）", "报废处理", "因市政改造已拆除", "该栓于2021年被拆除",
    "停用，已拆除", "拆除完毕", "撤去（令和3年）", "철거됨(2020)", "removed (road works)",
    "demolished 2023", "Removed - street widening", "was removed on 5 May 2021",
    "out of service; removed", "wurde 2019 abgebaut", "Außer Betrieb, rückgebaut",
    "supprimé en 2018", "демонтирован в 2019 году",
]  # fmt: skip
PLANNED = [
    "在建（二期）", "规划（2027年）", "planned 2027", "under construction (phase 2)",
    "im Bau, 2027",
]  # fmt: skip
#: An end, and something else that takes it back, or a longer statement: a person decides.
UNCLEAR = [
    "已拆除待恢复", "完好（已拆除）", "works, removed", "拆除后重建", "已拆除，已恢复",
    "拆除?", "removed?", "removed; reinstated 2024", "cap removed", "removed by contractor",
    "removed: no", "拆迁范围内", "报废（待更换）", "no longer abandoned", "正常，在建",
    "removal completed", "abgebaut, wieder errichtet",
]  # fmt: skip
#: It is there: the end is denied, or only intended; or the word is part of another.
STANDS = [
    "未拆除", "没有拆除", "尚未被拆除", "无需拆除", "待拆除", "拟于2027年拆除", "计划报废",
    "停用待拆", "撤去予定", "철거예정", "not removed", "not yet removed", "to be removed",
    "hasn't been removed", "removal planned", "should be demolished", "nicht rückgebaut",
    "soll abgebaut werden", "не демонтирован", "在建设路", "建设中路", "未建档",
    "停用（施工中）", "计划维修",
]  # fmt: skip


@pytest.mark.parametrize("word", REMOVED)
def test_a_plain_removal_is_read_whatever_is_added(word: str) -> None:
    assert said_of_whole(word).event is LifecycleEvent.REMOVED
    assert meaning(word, yes=True) == ""


@pytest.mark.parametrize("word", PLANNED)
def test_a_plain_plan_is_read_whatever_is_added(word: str) -> None:
    assert said_of_whole(word).event is LifecycleEvent.PLANNED


@pytest.mark.parametrize("word", UNCLEAR)
def test_what_may_mean_several_things_is_for_a_person(word: str) -> None:
    assert (said_of_whole(word).event, said_of_whole(word).unclear) == (None, True)
    assert meaning(word, yes=True) != "works"


@pytest.mark.parametrize("word", STANDS)
def test_what_is_denied_or_only_intended_is_no_end(word: str) -> None:
    assert not said_of_whole(word).spoken
    assert meaning(word, yes=True) != "works"


def test_the_quick_look_over_a_column_misses_no_word() -> None:
    cells = [*REMOVED, *PLANNED, *UNCLEAR]
    assert set(spoken_of([*cells, *STANDS, "", "完好"])) == set(cells)
    for word in cells:
        assert set(spoken_of([word, "x"])) == {word}
    for part in ("removed", "not_yet"):
        assert all(word in spoken_of([word]) for word in words()[part])


@pytest.mark.parametrize("word", [*words()["works"], *words()["fails"], *words()["nothing"]])
def test_no_word_for_a_state_speaks_of_an_end(word: str) -> None:
    assert not said_of_whole(word).spoken


@pytest.mark.parametrize(
    "word",
    ["完好，但漏水", "基本完好", "完好?", "完好（漏水）", "works but leaks",
     "works?", "mostly works", "OK - leaking", "i.O., tropft",
     "正常（压力不足）", "损坏，已修复", "in service / no water"],
)  # fmt: skip
def test_a_good_word_with_something_added_is_not_good(word: str) -> None:
    assert meaning(word, yes=True) in {"?", *BAD}


@pytest.mark.parametrize(
    "word",
    ["停用（缺水）", "损坏待修", "损坏，阀门", "完好，已停用",
     "out of service (road works)", "no water - frozen",
     "defekt, gemeldet", "停用待拆", "正常/停用"],
)  # fmt: skip
def test_a_bad_word_is_bad_whatever_is_added(word: str) -> None:
    assert meaning(word) in BAD


def write(path: Path, head: Sequence[str], *rows: Sequence[str]) -> Path:
    """A register of two rows in one of several forms."""
    if path.suffix == ".csv":
        return table(path, head, *rows)
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in (head, *rows):
            book.active.append(list(row))
        book.save(path)
        return path
    features = [
        {"type": "Feature", "properties": dict(zip(head, row, strict=True)),
         "geometry": {"type": "Point", "coordinates": [float(row[2]), float(row[3])]}}
        for row in rows
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
@pytest.mark.parametrize("word", ["已拆除待恢复", "完好（已拆除）", "removed, to be replaced"])
def test_an_unclear_word_is_named_and_its_row_refused_in_every_form(
    program: Program, answer: Answer, tmp_path: Path, form: str, word: str
) -> None:
    file = write(tmp_path / f"r.{form}", (*HEAD, "状态"), (*FIRST, "完好"), (*SECOND, word))
    ran = answer(file, "y", flags=("--crs", "wgs84"))
    assert ran.code in (0, 3), ran
    assert word in ran.out
    assert standing(program)["existing"] <= 1
    mapping = file.with_suffix(".toml")
    if not mapping.exists():
        program("import", file, "--crs", "wgs84")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert word in ran.data["rows"][0]["reason"]
    # a person decides, whichever way
    rules = mapping.read_text("utf-8")
    for event, existing in (("removed", 1), ("", 2)):
        values = f'{{ "{word}" = "{event}" }}, other = ""'
        decided = f'[lifecycle]\nevent = {{ column = "状态", values = {values} }}'
        mapping.write_text(rules.split("[lifecycle]")[0] + decided, "utf-8")
        program.data("import", file, "--mapping", mapping)
        assert standing(program)["existing"] == existing


@pytest.mark.parametrize("heading", ["备注", "note", "Bemerkung", "名称"])
@pytest.mark.parametrize("word", ["已拆除", "该栓已报废（2023年）", "removed in 2019", "尚未建成"])
def test_a_remark_that_plainly_says_so_does_not_stand_in_silence(
    program: Program, tmp_path: Path, heading: str, word: str
) -> None:
    head = (*OURS, "outcome", heading)
    file = table(tmp_path / "r.csv", head, (*OUR_STANDS, "works", ""), (*OUR_GONE, "works", word))
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert word in ran.data["rows"][0]["reason"]


@pytest.mark.parametrize("word", ["old cap removed, new one fitted", "围挡拆除后恢复"])
def test_a_remark_that_speaks_of_something_removed_is_named(
    program: Program, tmp_path: Path, word: str
) -> None:
    head = (*OURS, "outcome", "note")
    file = table(tmp_path / "r.csv", head, (*OUR_STANDS, "works", ""), (*OUR_GONE, "works", word))
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert ran.code == 0
    assert [row["code"] for row in ran.data["named"]["ended_mentioned"]] == ["A2"]
    assert any("note" in m["text"] and m["level"] == "warning" for m in ran.json["messages"])


def test_what_was_noted_of_an_asset_of_ours_does_not_hold_back_our_own_export(
    program: Program, tmp_path: Path
) -> None:
    file = table(tmp_path / "r.csv", (*OURS, "note"), (*OUR_STANDS, "removed"))
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'position = {x="lon", y="lat"}\ncrs="wgs84"\n'
        'fields = {code="code", kind="kind", note="note"}\n'
        'lifecycle = {event={column="note", values={"removed"=""}, other=""}}\n', "utf-8"
    )  # fmt: skip
    program.data("import", file, "--mapping", mapping)
    program.data("export", tmp_path / "out.csv")
    again = program.data("import", tmp_path / "out.csv")
    assert (again["unchanged"], again["refused"]) == (1, 0)


@pytest.mark.parametrize(
    ("heading", "word"),
    [("是否拆除", "是"), ("removed", "yes"), ("Decommissioned", "Y"), ("已报废", "√")],
)
def test_a_column_that_asks_whether_it_was_removed_is_an_answer(
    program: Program, answer: Answer, tmp_path: Path, heading: str, word: str
) -> None:
    file = table(tmp_path / "r.csv", (*HEAD, heading), (*FIRST, ""), (*SECOND, word))
    assert answer(file, "y").code == 0
    assert standing(program)["existing"] == 1
    ours = table(tmp_path / "o.csv", (*OURS, heading), (*OUR_STANDS, ""), (*OUR_GONE, word))
    assert program("import", ours, "--crs", "wgs84", "--json").data["refused"] == 1


def test_a_pattern_that_finds_the_good_word_in_a_bad_cell_is_not_believed(
    program: Program, tmp_path: Path
) -> None:
    file = table(tmp_path / "r.csv", (*OURS, "状态"), (*OUR_STANDS, "完好"), (*OUR_GONE, "不完好"))
    mapping = tmp_path / "m.toml"
    rules = (
        'position = {x="lon", y="lat"}\nfields = {code="code", kind="kind"}\ncrs="wgs84"\n'
        'inspection = {outcome={column="状态", patterns=[["完好", "works"]], other=""}}\n'
    )
    mapping.write_text(rules, "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert "不完好" in ran.data["rows"][0]["reason"]


@pytest.mark.parametrize("word", ["基本完好", "完好，但漏水", "可用?", "不完好", "不正常"])
def test_the_services_own_form_takes_no_word_for_good_that_says_more(
    word: str,
) -> None:
    pattern = load_mapping("syfri").inspection["outcome"].patterns
    found = next((value for one, value in pattern if one.search(word)), "")
    assert found != "works"


OSM = "<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'>{}</osm>"


def feature(form: str, number: int, tags: dict[str, str]) -> str:
    if form == "osm":
        told = "".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items())
        return f"<node id='{number}' version='1' lat='47.1' lon='16.{number}'>{told}</node>"
    if form == "overpass":
        return json.dumps(
            {"type": "node", "id": number, "lat": 47.1, "lon": 16 + number / 10, "tags": tags}
        )
    point = {"type": "Point", "coordinates": [16 + number / 10, 47.1]}
    found = {"type": "Feature", "properties": {"@id": f"node/{number}", **tags}, "geometry": point}
    return json.dumps(found)


WRAPPED = {
    "osm": ("osm", OSM, ""),
    "overpass": ("json", '{{"elements": [{}]}}', ","),
    "geojson": ("geojson", '{{"type": "FeatureCollection", "features": [{}]}}', ","),
}


@pytest.mark.parametrize("form", WRAPPED)
@pytest.mark.parametrize(
    "gone",
    [
        {"emergency": "fire_hydrant", "status": "removed"},
        {"emergency": "fire_hydrant", "operational_status": "demolished"},
        {"emergency": "fire_hydrant", "note": "removed (road works)"},
        {"emergency": "fire_hydrant", "removed": "yes"},
        {"removed:emergency": "fire_hydrant"},
        {"was:amenity": "fire_hydrant", "fire_hydrant:type": "pillar"},
        {"abandoned:emergency": "suction_point"},
        {"disused:emergency": "fire_hydrant", "disused": "yes"},
        {"proposed:emergency": "fire_water_pond"},
    ],
)
def test_a_map_s_sources_that_are_no_more_are_left_out_by_row(
    program: Program, tmp_path: Path, form: str, gone: dict[str, str]
) -> None:
    ending, whole, sign = WRAPPED[form]
    file = tmp_path / f"o.{ending}"
    live = {"emergency": "fire_hydrant", "ref": "live"}
    told = [feature(form, 1, live), feature(form, 2, gone | {"ref": "gone"})]
    file.write_text(whole.format(sign.join(told)), "utf-8")
    data = program.data("import", file, "--mapping", "osm")
    assert (data["read"], data["new"], data["ignored"]) == (2, 1, 1)
    assert [row["code"] for row in data["rows"]] == ["gone"]
    assert standing(program)["existing"] == 1


def test_a_source_on_record_that_a_map_calls_gone_is_told_and_stands(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "o.osm"
    live = {"emergency": "fire_hydrant"}
    file.write_text(OSM.format(feature("osm", 1, live) + feature("osm", 2, live)), "utf-8")
    assert program.data("import", file, "--mapping", "osm")["new"] == 2
    gone = feature("osm", 2, {"removed:emergency": "fire_hydrant"})
    file.write_text(OSM.format(feature("osm", 1, live) + gone), "utf-8")
    data = program.data("import", file, "--mapping", "osm")
    assert (data["unchanged"], data["ignored"], data["missing"]) == (1, 1, 1)
    assert standing(program)["existing"] == 2
