"""What says otherwise than a good state never passes in silence, whatever its column is called."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from hydrant.exchange.fault_words import mended, nothing_wrong, speaks_of_fault
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

#: Heading, a cell that says otherwise than a good state, and one that does not.
COLUMNS = [
    ("disused", "yes", "no"),
    ("启用状态", "未启用", "已启用"),
    ("是否启用", "否", "是"),
    ("end_date", "2019-05-01", "2999-01-01"),
    ("终止日期", "2019年5月", "长期"),
    ("拆除年份", "2019", ""),
    ("弃用", "是", "否"),
    ("停用原因", "道路改造", "无"),
    ("问题描述", "阀门打不开", "未发现问题"),
    ("存在问题", "已拆除", "无"),
    ("缺陷", "无水", "无漏水、锈死"),
    ("隐患", "井盖沉降", "检查无异常"),
    ("整改情况", "未整改", "已整改"),
    ("是否整改", "否", "是"),
    ("拆除情况", "已拆除", "未拆除"),
    ("备注", "被车撞坏", "无漏水"),
    ("备注", "被埋", "已修复"),
    ("备注", "该栓已不存在", "漏水已修复"),
    ("备注", "2023年修路时拆走了", "未拆除"),
    ("随便一列", "已停水", "甲"),
    ("defects found", "valve stiff", "no defects"),
    ("repair status", "pending", "completed"),
    ("retired", "yes", ""),
    ("valid until", "2020", "2999"),
    ("remarks", "hit by a truck", "no leaks or damage"),
    ("comments", "buried under asphalt", "leak repaired"),
    ("anything", "no longer exists", "b"),
    ("Mängel", "Spindel schwergängig", "keine Mängel"),
    ("примечание", "заасфальтирован", "без замечаний"),
]
#: Without the one that a proposal reads as the day of a removal, which a good state contradicts.
ASKED = [column for column in COLUMNS if column[0] != "拆除年份"]
HEAD = ("编号", "类型", "经度", "纬度", "状态", "检查日期")
PLACES = (("A1", "地上式消火栓", "120.151", "30.25"), ("A2", "地上式消火栓", "120.161", "30.25"))
RULES = (
    'crs = "wgs84"\nkey = ["编号"]\n{}\n[position]\n{}\n[fields]\ncode = "编号"\n'
    'kind = {{ constant = "hydrant.pillar" }}\n[inspection]\nat = "检查日期"\n'
    'outcome = {{ column = "状态", values = {{ "完好" = "works" }} }}\n'
)


def town(path: Path, heading: str, first: str, second: str) -> Path:
    rows = [(*place, "完好", "2026-11-01", cell) for place, cell in zip(PLACES, (first, second),
                                                                     strict=True)]  # fmt: skip
    if path.suffix == ".csv":
        return table(path, (*HEAD, heading), *rows)
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in ((*HEAD, heading), *rows):
            book.active.append(list(row))
        book.save(path)
        return path
    features = [
        {
            "type": "Feature",
            "properties": dict(zip((*HEAD, heading), row, strict=True)),
            "geometry": {"type": "Point", "coordinates": [float(row[2]), float(row[3])]},
        }
        for row in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def intact(program: Program) -> dict[str, str]:
    assets = program.data("asset", "list")["assets"]
    return {a["code"]: program.data("explain", a["code"])["condition"] for a in assets}


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
@pytest.mark.parametrize(("heading", "bad", "good"), COLUMNS)
def test_a_saved_mapping_refuses_the_row_by_the_column(
    program: Program, tmp_path: Path, form: str, heading: str, bad: str, good: str
) -> None:
    file = town(tmp_path / f"r.{form}", heading, bad, good)
    mapping = tmp_path / "m.toml"
    place = 'x = "经度"\ny = "纬度"' if form != "geojson" else 'x = "geometry.x"\ny = "geometry.y"'
    place = "" if form == "geojson" else place
    mapping.write_text(RULES.format("", place), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--skip-bad", "--json")
    assert ran.code == 0, ran
    assert [row["code"] for row in ran.data["rows"] if row["action"] == "refused"] == ["A1"]
    assert all(word in ran.data["rows"][0]["reason"] for word in (heading, bad))
    assert intact(program) == {"A2": "intact"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("heading", "bad", "good"), ASKED)
def test_it_is_asked_about_before_the_import(
    program: Program, answer: Answer, tmp_path: Path, heading: str, bad: str, good: str, lang: str
) -> None:
    file = town(tmp_path / "r.csv", heading, bad, good)
    ran = answer(file, "wgs84", "fails", "y", lang=lang)
    assert ran.code == 0, ran
    before = ran.out[: ran.out.rindex("\n")]
    assert heading in before
    assert bad in before
    assert intact(program) == {"A1": "defective", "A2": "intact"}
    kept = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
    assert kept["otherwise"] == {heading: "fails"}


@pytest.mark.parametrize(
    ("typed", "found"), [("nothing", "intact"), ("-", None), ("无关", "intact")]
)
def test_the_answer_is_kept_in_the_mapping(
    program: Program, answer: Answer, tmp_path: Path, typed: str, found: str | None
) -> None:
    file = town(tmp_path / "r.csv", "问题描述", "阀门打不开", "无")
    ran = answer(file, "wgs84", typed, "y")
    assert ran.code == 0
    shown = ran.out[ran.out.rindex("key:") :]  # the proposal as it stands after the answer
    assert ("is refused" in shown) == (found is None)
    assert intact(program).get("A1") == found
    town(file, "问题描述", "栓体锈死", "阀门打不开")
    ran = program("import", file, "--mapping", file.with_suffix(".toml"), "--json")
    assert ran.data["refused"] == (0 if found else 2)


def test_what_says_otherwise_is_a_question_that_is_left_open(
    program: Program, tmp_path: Path
) -> None:
    file = town(tmp_path / "r.csv", "备注", "被撞断", "")
    ran = program("import", file, "--json", "--crs", "wgs84")
    assert ran.code == 3
    (question,) = [q for q in ran.data["questions"] if q["topic"] == "otherwise"]
    assert question["choices"] == ["understood", "fails", "nothing", "-"]
    assert "被撞断" in question["text"]
    assert ran.data["counts"]["refused"] == 1


FAULTS = [
    "被车撞坏",
    "被埋",
    "该栓已不存在",
    "阀门打不开",
    "漏水严重",
    "阀杆锈死",
    "已停水",
    "无水",
    "井盖丢失",
    "被盗",
    "找不到",
    "已拆",
    "压力不足",
    "水压偏低",
    "无法开启",
    "不出水",
    "未修复",
    "漏水未修复",
    "完好，但漏水",
    "无漏水，但阀门锈死",
    "已修复后又漏水",
    "需更换",
    "道路施工被掩埋，找不到",
    "没有水",
    "被围挡占用",
    "hit by a truck",
    "buried under asphalt",
    "leaking badly",
    "does not exist any more",
    "not found",
    "no longer exists",
    "stolen",
    "the valve is stuck",
    "not repaired yet",
    "works but leaks",
    "cannot be opened",
    "missing",
    "no leaks; hit by car",
    "no water",
    "out of service",
    "leak not repaired",
    "to be repaired",
]
DENIED = [
    "无漏水",
    "未发现问题",
    "无",
    "正常",
    "已修复",
    "漏水已修复",
    "漏水，2024年已修复",
    "不漏水",
    "未见漏水、锈死、破损",
    "无渗漏及损坏现象",
    "附近无水源保护区",
    "无水垢",
    "防撞护栏",
    "防盗井盖",
    "没有损坏",
    "未被埋压",
    "已更换阀门",
    "未见明显损坏",
    "no leaks",
    "no leaks or damage",
    "not damaged",
    "leak repaired",
    "without damage",
    "no defects found",
    "never failed",
    "no visible leaks",
    "no sign of damage",
    "damage was repaired in 2023",
    "free of defects",
]


@pytest.mark.parametrize("text", FAULTS)
def test_words_of_faults_wreck_burial_and_disappearance(text: str) -> None:
    assert speaks_of_fault(text)
    assert not nothing_wrong(text)


@pytest.mark.parametrize("text", DENIED)
def test_what_is_denied_or_mended_is_no_fault(text: str) -> None:
    assert not speaks_of_fault(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("已整改", True), ("无需整改", True), ("2024年5月整改完毕", True), ("done", True),
     ("未整改", False), ("整改中", False), ("计划2027年维修", False), ("in progress", False),
     ("not repaired", False), ("to be repaired", False)],
)  # fmt: skip
def test_what_was_mended(text: str, found: bool) -> None:
    assert mended(text) is found


EXAMPLES = ["示例", "样例", "例", "示例1", "填写说明", "均值", "平均", "小计", "合计",
            "（示例）", "示例：XHS-001", "Example", "sample", "AVERAGE", "Total",
            "【样例】", "e.g."]  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_filled_row_of_an_example_or_a_sum_is_left_out_and_named_before_the_question(
    program: Program, answer: Answer, tmp_path: Path, name: str
) -> None:
    head = (*HEAD,)
    rows: Sequence[Sequence[str]] = [(*place, "完好", "2026-11-01") for place in PLACES]
    file = table(tmp_path / "r.csv", head, (name, *PLACES[0][1:], "完好", "2026-11-01"), *rows)
    ran = answer(file, "wgs84", "y")
    assert ran.code == 0, ran
    assert f"({name})" in ran.out
    assert set(intact(program)) == {"A1", "A2"}
    # one that is really called so is kept by the mapping
    mapping = file.with_suffix(".toml")
    told = json.dumps([name], ensure_ascii=False)
    mapping.write_text(f'keep."编号" = {told}\n{mapping.read_text("utf-8")}', "utf-8")
    program.data("import", file, "--mapping", mapping)
    assert set(intact(program)) == {"A1", "A2", name}


@pytest.mark.parametrize("remark", ["示例", "本行为示例，请删除", "Example, delete this row."])
def test_a_remark_calls_a_row_an_example(program: Program, tmp_path: Path, remark: str) -> None:
    file = table(tmp_path / "r.csv", ("code", "kind", "lon", "lat", "note"),
                 ("A1", "hydrant", "16.11", "47.1", remark),
                 ("A2", "hydrant", "16.12", "47.1", "see the sample report"))  # fmt: skip
    data = program.data("import", file, "--crs", "wgs84")
    assert (data["new"], data["ignored"]) == (1, 1)
    assert [row["code"] for row in data["named"]["summaries"]] == ["A1"]


FOOTERS = ["注：1.本表由供水公司填报", "审核人：张三", "填表日期：2026-11-01", "* Nr. 4a kam dazu",
           "Note: surveyed by two crews", "※ 数据来源 供水公司"]  # fmt: skip


@pytest.mark.parametrize("text", FOOTERS)
@pytest.mark.parametrize("column", [0, 1])
def test_a_note_below_the_table_is_no_asset_and_is_named(
    program: Program, tmp_path: Path, text: str, column: int
) -> None:
    """In the first column alone; elsewhere it is a row like any other."""
    rows = [(*place, "完好", "2026-11-01") for place in PLACES]
    below = ["", "", "", "", "", ""]
    below[column] = text
    file = table(tmp_path / "r.csv", HEAD, *rows, below)
    mapping = tmp_path / "m.toml"
    mapping.write_text(RULES.format("", 'x = "经度"\ny = "纬度"'), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    if column:
        assert ran.code == 3
        return
    assert [row["code"] or text for row in ran.data["named"]["summaries"]] == [text]
    assert ran.data["new"] == 2


@pytest.mark.parametrize("text", ["注：A1已停用", "停用消火栓：", "Note: A2 is out of service"])
def test_a_note_of_a_fault_below_the_table_is_looked_at(
    program: Program, tmp_path: Path, text: str
) -> None:
    rows = [(*place, "完好", "2026-11-01") for place in PLACES]
    file = table(tmp_path / "r.csv", HEAD, *rows, [text, "", "", "", "", ""])
    mapping = tmp_path / "m.toml"
    mapping.write_text(RULES.format("", 'x = "经度"\ny = "纬度"'), "utf-8")
    assert program("import", file, "--mapping", mapping).code == 3


@pytest.mark.parametrize("asset", [False, True])
def test_headings_that_stand_again_are_no_asset(
    program: Program, tmp_path: Path, asset: bool
) -> None:
    """As at the head of each printed page; a row that says one thing besides is looked at."""
    rows = [(*place, "完好", "2026-11-01") for place in PLACES]
    again = [*HEAD[:4], "损坏" if asset else HEAD[4], ""]
    file = table(tmp_path / "r.csv", HEAD, rows[0], again, *rows[1:], HEAD)
    mapping = tmp_path / "m.toml"
    mapping.write_text(RULES.format("", 'x = "经度"\ny = "纬度"'), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert ran.code == (3 if asset else 0)
    left_out = [row["line"] for row in ran.data["named"]["summaries"]]
    assert left_out == ([5] if asset else [3, 5])
    if not asset:
        assert "重复的表头" in program("import", file, "--mapping", mapping, lang="zh").err


TICKS = [("完好", "损坏", "√"), ("完好", "停用", "√"), ("OK", "Defekt", "x"), ("正常", "故障", "1")]


@pytest.mark.parametrize(("good", "bad", "tick"), TICKS)
@pytest.mark.parametrize("means", ["fails", "nothing", None])
def test_a_tick_under_a_fault_beside_no_state_counts(
    program: Program, tmp_path: Path, good: str, bad: str, tick: str, means: str | None
) -> None:
    """Columns to be ticked, one for each state: what stands in the other one is no silence."""
    head = (*HEAD[:4], good, HEAD[5], bad)
    mapping = tmp_path / "m.toml"
    rules = RULES.format("", 'x = "经度"\ny = "纬度"').replace("完好", tick)
    rules = rules.replace(f'column = "{HEAD[4]}"', f'column = "{good}"')
    said = "" if means is None else f'otherwise."{bad}" = "{means}"\n'
    mapping.write_text(said + rules, "utf-8")
    first = [(*place, tick, "2026-10-01", "") for place in PLACES]
    program.data("import", table(tmp_path / "r.csv", head, *first), "--mapping", mapping)
    assert intact(program) == {"A1": "intact", "A2": "intact"}
    later = [(*PLACES[0], "", "2026-11-01", tick), (*PLACES[1], tick, "2026-11-01", "")]
    ran = program(
        "import", table(tmp_path / "r2.csv", head, *later), "--mapping", mapping, "--json"
    )
    assert ran.code == (3 if means is None else 0)
    assert intact(program)["A1"] == ("defective" if means == "fails" else "intact")


@pytest.mark.parametrize("cell", ["无", "0", "0.00", "<0.1", "＜0.05", "低于0.1"])
def test_no_pressure_in_a_column_that_is_not_read_stands_against_a_good_state(
    program: Program, tmp_path: Path, cell: str
) -> None:
    rows = [(*PLACES[0], "完好", "2026-11-01", cell), (*PLACES[1], "完好", "2026-11-01", "0.3")]
    file = table(tmp_path / "r.csv", (*HEAD, "静压(MPa)"), *rows)
    mapping = tmp_path / "m.toml"
    mapping.write_text(RULES.format("", 'x = "经度"\ny = "纬度"'), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--skip-bad", "--json")
    assert [row["code"] for row in ran.data["rows"] if row["action"] == "refused"] == ["A1"]
