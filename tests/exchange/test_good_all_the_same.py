"""An asset that counts as good goes on doing so only where nothing in a file said otherwise."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program
from tests.exchange.test_stranger import table

HEAD = ("code", "kind", "lon", "lat", "crs", "outcome", "at", "static_kpa", "address", "owner")
_H1 = ("H-1", "hydrant.pillar", "120.151", "30.25", "cgcs2000", "works", "2026-10-03", "320")
_H2 = ("H-2", "hydrant.pillar", "120.161", "30.25", "cgcs2000", "works", "2026-10-04", "330")
ROWS = [(*_H1, "A", "B"), (*_H2, "C", "B")]
TEXTS = ("code", "name", "address", "owner", "builder", "maintainer", "supervisor", "outlets",
         "season", "note", "project", "consent", "funding", "inspection_inspector",
         "inspection_note", "inspection_form_version")  # fmt: skip
BAD = (
    "坏了",
    "打不开",
    "out of service",
    "no water",
    "人民路3号（已停用）",
    "seized, does not open",
)
HARMLESS = ("近人民路", "水务公司", "North Street 4", "检查正常")


@pytest.fixture
def export(program: Program, tmp_path: Path) -> Path:
    """The export of two good assets."""
    program.data("import", table(tmp_path / "before.csv", HEAD, *ROWS))
    file = tmp_path / "export.csv"
    program.data("export", file)
    return file


def edited(
    file: Path, change: Mapping[str, str], *, without: tuple[str, ...] = (), name: str = "e.csv"
) -> Path:
    """The export with some cells of its first row changed, and without some columns."""
    with file.open(encoding="utf-8-sig", newline="") as read:
        rows = list(csv.DictReader(read))
    rows[0] |= change
    head = [n for n in rows[0] if not any(map(n.startswith, without))]
    return table(file.with_name(name), head, *[[row.get(n) or "" for n in head] for row in rows])


def condition(program: Program, code: str = "H-1") -> Any:
    return program.data("explain", code)["condition"]


@pytest.mark.parametrize("word", BAD)
def test_a_bad_word_in_any_text_of_our_export_refuses_its_row(
    program: Program, export: Path, word: str
) -> None:
    for column in TEXTS:
        ran = program("import", edited(export, {column: word}), "--json")
        assert (ran.code, ran.data["refused"]) == (3, 1), column
        (row,) = ran.data["rows"]
        assert column in row["reason"], column
        assert word in row["reason"], column
        assert condition(program) == "intact"


def test_a_word_behind_the_code_that_is_not_understood_is_refused(
    program: Program, export: Path
) -> None:
    assert program("import", edited(export, {"code": "H-1（漏）"})).code == 3
    assert program("import", edited(export, {"code": "H-1（2024）"})).code == 0


@pytest.mark.parametrize("word", HARMLESS)
def test_other_words_are_taken(program: Program, export: Path, word: str) -> None:
    change = dict.fromkeys(("name", "address", "owner", "note", "season"), word)
    data = program.data("import", edited(export, change))
    assert (data["updated"], data["refused"]) == (1, 0)


@pytest.mark.parametrize("left", [("inspection_",), ("inspection_outcome",)])
@pytest.mark.parametrize("column", ["address", "note", "status", "存在问题"])
def test_nor_is_it_taken_where_the_file_states_no_outcome(
    program: Program, export: Path, left: tuple[str, ...], column: str
) -> None:
    file = edited(export, {column: "坏了"}, without=left)
    ran = program("import", file, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert column in ran.data["rows"][0]["reason"]


def test_what_stands_on_record_so_is_no_news(program: Program, export: Path) -> None:
    program.data("asset", "edit", "H-1", "--set", "address=原址（已停用）")
    program.data("export", export)
    data = program.data("import", edited(export, {"owner": "丙"}))
    assert (data["updated"], data["refused"]) == (1, 0)


def test_who_says_that_a_column_tells_of_no_state_is_heeded(program: Program, export: Path) -> None:
    file = edited(export, {"address": "坏了的桥旁"})
    assert program("import", file).code == 3
    rules = file.with_suffix(".toml")
    made = program.data("import", file, "--suggest")["mapping"]
    rules.write_text(f'otherwise."address" = "nothing"\n{made}', "utf-8")
    data = program.data("import", file, "--mapping", rules)
    assert (data["updated"], data["refused"]) == (1, 0)


def test_a_state_in_the_row_decides(program: Program, export: Path) -> None:
    change = {"inspection_outcome": "fails", "inspection_at": "2026-10-20", "address": "打不开"}
    assert program.data("import", edited(export, change))["updated"] == 1
    assert condition(program) == "defective"


def test_without_the_keys_a_register_that_states_nothing_is_told(
    program: Program, export: Path
) -> None:
    file = table(
        export.with_name("town.csv"), ("编号", "类型", "经度", "纬度", "存在问题"),
        ("H-1", "地上式消火栓", "120.151", "30.25", "损坏"),
        ("H-2", "地上式消火栓", "120.161", "30.25", "无"),
    )  # fmt: skip
    rules = file.with_suffix(".toml")
    rules.write_text(
        'crs = "cgcs2000"\nkey = ["编号"]\n[position]\nx = "经度"\ny = "纬度"\n[fields]\n'
        'code = "编号"\nkind = { constant = "hydrant.pillar" }\n', "utf-8"
    )  # fmt: skip
    assert "损坏" in program("import", file, "--mapping", rules, "--dry-run", lang="zh").err
    ran = program("import", file, "--mapping", rules, "--json")
    assert [row["code"] for row in ran.data["named"]["standing"]] == ["H-1"]
    again = program.data("import", file, "--mapping", rules)
    assert "standing" not in again["named"]


EMPTIED = [
    ({"inspection_outcome": ""}, ["inspection_outcome = works"]),
    ({"inspection_at": ""}, ["inspection_at = 2026-10-03"]),
    ({"inspection_outcome": "", "inspection_at": "", "inspection_static_kpa": ""},
     ["inspection_outcome = works"]),
    ({"inspection_static_kpa": ""}, ["inspection_static_kpa = 320"]),
    ({"inspection_outcome": "", "inspection_at": "2026-10-09"}, ["inspection_outcome = works"]),
    ({"code": ""}, ["code = H-1"]),
    ({"address": "", "owner": ""}, ["address = A", "owner = B"]),
    ({"service": ""}, ["service = municipal"]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), EMPTIED)
def test_emptied_cells_are_told_with_what_stays(
    program: Program, export: Path, change: dict[str, str], told: list[str]
) -> None:
    file = edited(export, change)
    ran = program("import", file, "--json")
    assert (ran.code, ran.data["refused"], ran.data["written"]) == (3, 1, False)
    (row,) = ran.data["rows"]
    assert row["line"] == 2
    for one in told:
        assert one in row["reason"]
    assert "登记库中仍为" in program("import", file, lang="zh").out
    assert condition(program) == "intact"


def test_columns_that_are_left_out_empty_nothing(program: Program, export: Path) -> None:
    file = edited(export, {"address": "D"}, without=("inspection_", "owner", "code"))
    data = program.data("import", file)
    assert (data["updated"], data["refused"]) == (1, 0)
    assert condition(program) == "intact"


def test_a_new_visit_needs_no_pressure(program: Program, export: Path) -> None:
    change = {"inspection_at": "2026-10-20", "inspection_static_kpa": ""}
    data = program.data("import", edited(export, change))
    assert (data["updated"], data["refused"]) == (1, 0)


@pytest.mark.parametrize("day", ["", "2026-10-20"])
def test_bad_news_are_taken_with_whatever_cells(program: Program, export: Path, day: str) -> None:
    change = {"inspection_outcome": "fails", "inspection_at": day, "inspection_static_kpa": ""}
    assert program.data("import", edited(export, change))["updated"] == 1
    assert condition(program) == "defective"


def test_what_was_entered_since_is_outdated_and_not_emptied(program: Program, export: Path) -> None:
    program.data("asset", "edit", "H-1", "--maintainer", "East")
    data = program.data("import", edited(export, {"address": "D"}))
    assert (data["updated"], data["refused"]) == (1, 0)
    assert [row["code"] for row in data["named"]["outdated"]] == ["H-1"]
    assert program.data("asset", "show", "H-1")["asset"]["maintainer"] == "East"


def test_refused_rows_name_the_assets_that_stay_good(program: Program, export: Path) -> None:
    file = edited(export, {"address": "打不开"})
    for flags in ((), ("--skip-bad",), ("--dry-run", "--skip-bad")):
        ran = program("import", file, *flags, "--json")
        (row,) = ran.data["named"]["held_on"]
        assert (ran.code, row["line"], row["code"]) == (3, 2, "H-1")
        assert (row["said"], row["last_good"]) == ("works; 打不开", "2026-10-03")
    told = program("import", file, "--skip-bad", lang="zh")
    assert (told.code, "H-1" in told.err, "2026-10-03" in told.err) == (3, True, True)


def test_a_file_of_visits_names_them_too(program: Program, export: Path) -> None:
    head = ("code", "at", "outcome", "note")
    rows = [("H-1", "2026-10-20", "works", "无水"), ("H-2", "2026-10-20", "works", "")]
    for number, flags in enumerate(((), ("--skip-bad",))):
        file = table(export.with_name(f"round{number}.csv"), head, *rows)
        ran = program("survey", "import", file, *flags, "--json")
        (row,) = ran.data["named"]["held_on"]
        assert (ran.code, ran.data["new"], row["code"]) == (3, number, "H-1")
        assert (row["said"], row["last_good"]) == ("works; 无水", "2026-10-03")
    told = program("survey", "import", file, "--skip-bad", lang="zh")
    assert (told.code, "H-1" in told.err, "无水" in told.err) == (3, True, True)


@pytest.mark.parametrize("found", ["fails", "not_testable"])
def test_an_asset_that_does_not_count_as_good_is_not_named(
    program: Program, export: Path, found: str
) -> None:
    for code in ("H-1", "H-2"):
        program.data("survey", "record", code, "--outcome", "fails", "--at", "2026-10-18")
    head = ("code", "at", "outcome", "note")
    file = table(export.with_name("r.csv"), head, ("H-1", "2026-10-20", "works", "无水"),
                 ("H-2", "2026-10-20", found, ""))  # fmt: skip
    ran = program("survey", "import", file, "--skip-bad", "--json")
    assert (ran.code, "held_on" in ran.data["named"]) == (0, False)


ODDS = [
    (("状态", "设备状态"), ("正常", "停用"), ("正常", "正常")),
    (("Result", "Out of service since"), ("passed", "2026-10-15"), ("passed", "")),
]


@pytest.mark.parametrize(("head", "odd", "plain"), ODDS)
def test_two_columns_that_contradict_each_other_are_both_named(
    program: Program, tmp_path: Path, head: tuple[str, str], odd: tuple[str, str],
    plain: tuple[str, str],
) -> None:  # fmt: skip
    place = ("地上式消火栓", "120.2", "30.1")
    file = table(tmp_path / "town.csv", ("编号", "类型", "经度", "纬度", *head, "检查日期"),
                 ("A1", *place, *odd, "2026-10-01"),
                 ("A2", place[0], "120.3", "30.1", *plain, "2026-10-01"))  # fmt: skip
    assert program("import", file, "--crs", "cgcs2000").code == 3
    rules = ("--mapping", file.with_suffix(".toml"), "--crs", "cgcs2000")
    ran = program("import", file, *rules, "--json")
    (row,) = ran.data["named"]["at_odds"]
    assert (row["code"], row["columns"]) == ("A1", [*head])
    (told,) = [m["text"] for m in ran.json["messages"] if m["key"] == "cli_import_.at_odds"]
    assert all(f"{name} = {cell}" in told for name, cell in zip(head, odd, strict=True))
    assert condition(program, "A1") == "defective"
    assert "at_odds" not in program.data("import", file, *rules)["named"]


def test_works_and_no_flow_contradict_each_other_at_every_door(
    program: Program, export: Path
) -> None:
    head = ("code", "kind", "lon", "lat", "crs", "outcome", "at", "flow_l_s")
    file = table(export.with_name("flows.csv"), head, (*_H1[:5], "works", "2026-10-20", "0"))
    assert "flow" in program("import", file, "--json").data["rows"][0]["reason"]
    ran = program("survey", "record", "H-1", "--outcome", "works", "--flow-l-s", "0")
    assert (ran.code, "flow" in ran.err) == (3, True)
    assert program("survey", "record", "H-1", "--outcome", "fails", "--flow-l-s", "0").code == 0


@pytest.mark.parametrize(
    ("kind", "note", "code"),
    [
        ("dry hydrant", "dry hydrant", 0),
        ("dry hydrant", "hydrant dry", 3),
        ("pillar hydrant", "dry hydrant", 3),
        ("pillar hydrant", "hydrant is dry", 3),
        ("干式消火栓", "干式取水口，完好", 0),
        ("地上式消火栓", "干式取水口", 3),
        ("地上式消火栓", "水源干涸", 3),
    ],
)
def test_a_dry_hydrant_is_no_hydrant_without_water_nor_the_reverse(
    program: Program, tmp_path: Path, kind: str, note: str, code: int
) -> None:
    head = ("编号", "类型", "经度", "纬度", "状态", "检查日期", "备注")
    rows = [("A1", kind, "120.2", "30.1", "完好", "2026-10-01", note)]
    rows += [(f"B{n}", one, f"120.{n}", "30.1", "完好", "2026-10-01", "")
             for n, one in enumerate(("dry hydrant", "干式取水口"), start=3)]  # fmt: skip
    file = table(tmp_path / "town.csv", head, *rows)
    program("import", file, "--crs", "cgcs2000")
    rules = ("--mapping", file.with_suffix(".toml"), "--crs", "cgcs2000")
    ran = program("import", file, *rules, "--json")
    assert (ran.code, ran.data["refused"]) == (code, int(code == 3))
    if code == 0:
        kinds = {a["kind"].partition(".")[0] for a in program.data("asset", "list")["assets"]}
        assert kinds == {"intake"}


@pytest.mark.parametrize(
    ("change", "key", "states"),
    [
        ({"inspection_outcome": "水有点小"}, "way_values", 'inspection.outcome.values."水有点小"'),
        ({"inspection_at": "昨天"}, "way_dates", "inspection.at.date"),
        ({"mains_dn_mm": "很粗"}, "way_numbers", 'fields.mains_dn_mm.empty = ["很粗"]'),
    ],
)
def test_refusals_name_the_key_of_a_mapping_that_settles_them(
    program: Program, export: Path, change: dict[str, str], key: str, states: str
) -> None:
    ran = program("import", edited(export, change), "--json")
    (told,) = [m["text"] for m in ran.json["messages"] if m["key"] == f"cli_import_.{key}"]
    assert (ran.code, states in told) == (3, True)


@pytest.mark.parametrize("column", ["note", "inspection_note", "name", "code"])
@pytest.mark.parametrize("word", ["无水", "打不开", "no water"])
def test_a_row_that_somebody_added_to_our_export_was_recorded_nowhere(
    program: Program, export: Path, column: str, word: str
) -> None:
    """A row without a key of ours is as in any file; one with another registry's is that one's."""
    added = {"uid": "", "code": "H-9", "lon": "120.3", "lat": "30.3"}
    for uid, refused in (("", 1), ("01a22bd4-cf32-7079-81d5-78583b272976", 0)):
        row = added | {"uid": uid, column: word}
        ran = program("import", edited(export, row), "--json", "--dry-run")
        assert ran.data["refused"] == refused, (uid, ran.data["rows"])
    ran = program("import", edited(export, added), "--json")
    assert (ran.data["refused"], ran.data["new"]) == (0, 1)


WATER = ("出水情况", "出水", "供水情况", "试水情况", "放水试验", "现状")


@pytest.mark.parametrize("heading", WATER)
def test_a_trial_of_the_water_states_the_state_where_nothing_else_does(
    program: Program, tmp_path: Path, heading: str
) -> None:
    rows = [
        (code, "地上式消火栓", lon, "29.61", "2026-9-1", said)
        for code, lon, said in (
            ("A1", "119.01", "正常"),
            ("A2", "119.02", "无水"),
            ("A3", "119.03", "损坏"),
        )
    ]
    head = ("编号", "类型", "经度", "纬度", "检查日期", heading)
    file = table(tmp_path / "r.csv", head, *rows)
    assert program("import", file, "--crs", "cgcs2000").code == 3
    program.data("import", file, "--mapping", file.with_suffix(".toml"))
    found = [program.data("explain", code)["condition"] for code in ("A1", "A2", "A3")]
    assert found == ["intact", "defective", "defective"]


def test_beside_a_state_it_says_what_objects(program: Program, tmp_path: Path) -> None:
    rows = [("A1", "地上式消火栓", "119.01", "29.61", "2026-09-01", "完好", "无水")]
    head = ("编号", "类型", "经度", "纬度", "检查日期", "状态", "出水情况")
    file = table(tmp_path / "r.csv", head, *rows)
    program("import", file, "--crs", "cgcs2000")
    ran = program("import", file, "--mapping", file.with_suffix(".toml"), "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
