"""What a cell says beside the part that is read of it is kept, or named: never lost in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program
from tests.exchange.forms import FORMS, WRITERS
from tests.survey.test_round import visits

POINTS = [(120.151, 30.25), (120.161, 30.25), (120.171, 30.25)]
NAMES = ["K-2地下式消火栓", "解放路12号消火栓", "地上式消火栓"]
STATES = ["损坏：阀杆断", "完好", "broken; hit by lorry 7"]


def town(folder: Path, form: str, columns: dict[str, list[str]]) -> Path:
    file = folder / f"town.{form}"
    WRITERS[form](file, {"编号": ["A1", "A2", "A3"]} | columns, POINTS)
    return file


def taken(program: Program, file: Path, *more: str) -> dict[str, Any]:
    """The data of an import by the mapping that is proposed for its file."""
    said = program("import", str(file), "--crs", "wgs84", "--suggest", *more)
    rules = file.with_suffix(".toml")
    rules.write_text(said.out, "utf-8")
    data: dict[str, Any] = program.data("import", str(file), "--mapping", str(rules))
    return data


def stored(program: Program, name: str) -> dict[str, Any]:
    assets = program.data("asset", "list")["assets"]
    return {one["code"]: one[name] for one in assets}


@pytest.mark.parametrize("form", FORMS)
def test_names_in_which_the_kind_is_seen_are_kept(
    program: Program, tmp_path: Path, form: str
) -> None:
    file = town(tmp_path, form, {"名称": NAMES})
    data = taken(program, file)
    assert data["new"] == 3
    assert "partly" not in data["named"]
    assert stored(program, "name") == {"A1": NAMES[0], "A2": NAMES[1], "A3": None}
    kinds = stored(program, "kind")
    assert kinds == {"A1": "hydrant.underground", "A2": "hydrant", "A3": "hydrant.pillar"}
    again = program.data("import", str(file), "--mapping", str(file.with_suffix(".toml")))
    assert again["unchanged"] == 3


def test_placemarks_without_a_code_keep_their_names(program: Program, tmp_path: Path) -> None:
    places = "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{x},{y}</coordinates></Point>"
        "</Placemark>"
        for name, (x, y) in zip(NAMES, POINTS, strict=True)
    )
    file = tmp_path / "town.kml"
    file.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{places}</Document></kml>', "utf-8"
    )
    assert taken(program, file)["new"] == 3
    names = [one["name"] for one in program.data("asset", "list")["assets"]]
    assert sorted(filter(None, names)) == sorted(NAMES[:2])


@pytest.mark.parametrize("form", ["csv", "xlsx", "gpkg"])
def test_what_stands_beside_a_state_becomes_the_remark_of_the_visit(
    program: Program, tmp_path: Path, form: str
) -> None:
    columns = {"类型": ["地上式消火栓"] * 3, "状态": STATES, "检查日期": ["2026-05-01"] * 3}
    data = taken(program, town(tmp_path, form, columns))
    assert data["new"] == 3
    assert "partly" not in data["named"]
    seen = {}
    for code in ("A1", "A2", "A3"):
        (visit,) = visits(program, code)
        seen[code] = visit["outcome"], visit.get("note")
    assert seen == {"A1": ("fails", STATES[0]), "A2": ("works", None), "A3": ("fails", STATES[2])}


def test_a_name_beside_another_column_of_names_is_told(program: Program, tmp_path: Path) -> None:
    file = town(tmp_path, "csv", {"名称": ["甲", "乙", "丙"], "类型": NAMES})
    data = taken(program, file)
    assert stored(program, "name") == {"A1": "甲", "A2": "乙", "A3": "丙"}
    assert [(one["code"], one["columns"]) for one in data["named"]["partly"]] == [
        ("A1", ["类型"]),
        ("A2", ["类型"]),
    ]


RULES = """
crs = "wgs84"
key = ["编号"]
{position}
[fields]
code = "编号"
kind = {{ column = "名称", {kind} }}
mains_dn_mm = {{ column = "管径", regex = '(\\d+)', unit = "mm" }}
mains_type = {{ column = "管网", patterns = [["环", "ring"]], other = "" }}
[inspection]
outcome = {{ column = "状态", patterns = [["损坏|broken", "fails"], ["完好", "works"]] }}
at = {{ constant = "2026-05-01" }}
"""
KINDS = [
    'patterns = [["地下.*栓", "hydrant.underground"], ["栓", "hydrant.pillar"]]',
    'patterns = [["地下.*栓", "hydrant.underground"]], other = "hydrant.pillar"',
    'values = {{ "K-2地下式消火栓" = "hydrant.underground", "解放路12号消火栓" = "hydrant", '
    '"地上式消火栓" = "hydrant.pillar" }}'.replace("{{", "{").replace("}}", "}"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg", "kml"])
def test_any_mapping_names_what_it_leaves(
    program: Program, tmp_path: Path, form: str, kind: str
) -> None:
    columns = {
        "名称": NAMES,
        "管径": ["DN100", "100×2", "150mm"],
        "管网": ["环状", "枝状", "环网"],
        "状态": STATES,
    }
    file, rules = town(tmp_path, form, columns), tmp_path / "rules.toml"
    position = 'position = { x = "lon", y = "lat" }' if form in ("csv", "xlsx") else ""
    rules.write_text(RULES.format(kind=kind, position=position), "utf-8")
    data = program.data("import", str(file), "--mapping", str(rules))
    assert {one["code"]: one["columns"] for one in data["named"]["partly"]} == {
        "A1": ["名称", "状态"],
        "A2": ["名称", "管径", "管网"],
        "A3": ["状态"],
    }


def test_a_state_without_a_visit_is_told(program: Program, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    file = town(tmp_path, "csv", {"状态": ["损坏：阀杆断", "完好", "待修：缺阀盖 2 个"]})
    rules.write_text(
        'crs = "wgs84"\nkey = ["编号"]\nposition = { x = "lon", y = "lat" }\n[fields]\n'
        'code = "编号"\nkind = { constant = "hydrant.pillar" }\n[inspection]\nnote = "状态"\n'
        'outcome = { column = "状态", patterns = [["损坏", "fails"], ["完好", "works"]], '
        'other = "" }\nat = { constant = "2026-05-01" }\n',
        "utf-8",
    )
    data = program.data("import", str(file), "--mapping", str(rules))
    assert [one["code"] for one in data["named"]["partly"]] == ["A3"]


@pytest.mark.parametrize(
    ("kinds", "states"),
    [
        (["室外地上式消火栓", "市政地下式消火栓", "消防水鹤"], ["完好", "损坏待修", "不可用"]),
        (["Fire hydrant (pillar)", "underground hydrant", "pond"], ["works", "broken", "ok"]),
        (["Unterflurhydrant", "Überflurhydrant", "Zisterne"], ["defekt", "i.O.", "in Ordnung"]),
    ],
)
def test_plain_kinds_and_states_leave_nothing(
    program: Program, tmp_path: Path, kinds: list[str], states: list[str]
) -> None:
    columns = {"类型": kinds, "状态": states, "检查日期": ["2026-05-01"] * 3}
    data = taken(program, town(tmp_path, "csv", columns))
    assert (data["new"], "partly" in data["named"]) == (3, False)
    assert set(stored(program, "name").values()) == {None}


def test_it_is_said_in_both_languages(program: Program, tmp_path: Path) -> None:
    file = town(tmp_path, "csv", {"类型": NAMES, "名称": ["甲", "乙", "丙"], "状态": STATES})
    for lang, named, kept in (
        ("zh", "其余内容未保存", "另整格存为检查备注"),
        ("en", "kept nowhere", "kept as the remark of the visit, too"),
    ):
        said = program("import", str(file), "--crs", "wgs84", "--suggest", "--lang", lang).out
        assert named in said
        assert kept in said
        file.with_suffix(".toml").write_text(said, "utf-8")
        args = ("import", str(file), "--mapping", str(file.with_suffix(".toml")), "--dry-run")
        done = program(*args, "--lang", lang)
        assert named in done.err
        assert NAMES[0] in done.err
    assert json.loads(program(*args, "--json").out)["data"]["named"]["partly"]
