"""What a file tells of faults elsewhere and what a refused row leaves is named, row by row."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from hydrant.exchange.contradicting import contradicted
from hydrant.exchange.fault_words import clauses, faults_among, mended, nothing_wrong
from hydrant.exchange.mapping import mapping_of
from hydrant.exchange.objecting import objecting
from hydrant.exchange.suggestion import words
from hydrant.exchange.table import Table
from tests.conftest import Program
from tests.exchange.test_otherwise import HEAD, PLACES, intact
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

RULES = mapping_of(
    {
        "fields": {"code": "编号", "kind": {"constant": "hydrant"}},
        "inspection": {"outcome": {"column": "状态", "values": {"完好": "works"}}},
        "position": {"x": "x", "y": "y"},
    },
    "m.toml",
)
#: Words by which a cell says that an asset is gone or does not work.
SAID = sorted({*words()["removed"], *words()["fails"], *words()["not_found"]} - {"未发现", "未见"})


@given(
    heading=st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12),
    said=st.sampled_from(SAID),
    rest=st.lists(st.sampled_from(["", "甲", "b", "完好", "2"]), max_size=4),
    remark=st.booleans(),
)
def test_a_row_beside_such_a_word_never_stands_in_any_column(
    heading: str, said: str, rest: list[str], remark: bool
) -> None:
    name = "备注" if remark else heading
    if name in ("编号", "状态", "x", "y"):
        return
    count = 1 + len(rest)
    columns = {
        "编号": [f"A{n}" for n in range(count)], "状态": ["完好"] * count,
        "x": ["16"] * count, "y": ["47"] * count, name: [said, *rest],
    }  # fmt: skip
    read = Table("r.csv", columns, range(2, count + 2))
    outcomes: dict[str, list[Any]] = {"outcome": ["works"] * count}
    problems: dict[int, Any] = {}
    contradicted(read, RULES, {}, outcomes, {"编号", "状态", "x", "y"}, problems)
    assert 0 in problems
    decided = RULES.__class__(
        **{n: getattr(RULES, n) for n in ("fields", "inspection", "position", "x", "y")},
        otherwise={name: "fails"},
    )
    contradicted(read, decided, {}, outcomes, {"编号", "状态", "x", "y"}, {})
    assert outcomes["outcome"][0] == "fails"


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert faults_among([text]) <= {text}
    assert mended(text) in (True, False)
    assert not (nothing_wrong(text) and faults_among([text]))
    assert all(part.strip() == part for part in clauses(text))


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg", "kml"])
def test_an_export_says_what_counts_as_worse_and_the_receiver_does_not_take_it_for_good(
    program: Program, tmp_path: Path, form: str
) -> None:
    for code, lon in (("A1", "120.11"), ("A2", "120.12"), ("A3", "120.13")):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", lon, "--lat", "30.25",
                     "--crs", "cgcs2000", "--built", "2020-01-01")  # fmt: skip
        program.data("survey", "record", code, "--outcome", "works", "--at", "2026-11-01")
    program.data("asset", "event", "A1", "suspended")
    program.data("defect", "open", "A2", "leak", "--severity", "blocking")
    file = tmp_path / f"out.{form}"
    program.data("export", file)
    other = copy.copy(program)
    other.db = tmp_path / "other.gpkg"
    other.data("init")
    data = other.data("import", file, "--crs", "cgcs2000")
    assert [row["code"] for row in data["named"]["worse_elsewhere"]] == ["A2"]
    assert intact(other) == {"A1": "defective", "A2": "untested", "A3": "intact"}
    # where it comes from it says nothing new
    assert program.data("import", file, "--crs", "cgcs2000")["unchanged"] == 3
    assert intact(program)["A2"] == "defective"


def test_openstreetmap_carries_a_defect_as_its_state(program: Program, tmp_path: Path) -> None:
    program.data("asset", "add", "A2", "--kind", "hydrant", "--lon", "16.1", "--lat", "47.1",
                 "--crs", "wgs84")  # fmt: skip
    program.data("defect", "open", "A2", "leak", "--severity", "blocking")
    program.data("export", tmp_path / "out.osm")
    assert 'k="operational_status" v="out_of_order"' in (tmp_path / "out.osm").read_text("utf-8")
    other = copy.copy(program)
    other.db = tmp_path / "other.gpkg"
    other.data("init")
    other.data("import", tmp_path / "out.osm")
    assert intact(other) == {"A2": "defective"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refused_row_whose_asset_stays_good_is_named(
    program: Program, answer: Answer, tmp_path: Path, lang: str
) -> None:
    file = tmp_path / "r.csv"
    rows = [(*place, "完好", "2026-11-01") for place in PLACES]
    table(file, HEAD, *rows)
    assert answer(file, "wgs84", "y").code == 0
    table(file, HEAD, rows[0], (*PLACES[1], "阀门松动", "2026-11-20"))
    ran = program("import", file, "--mapping", file.with_suffix(".toml"), "--skip-bad", "--json",
                  lang=lang)  # fmt: skip
    assert [row["code"] for row in ran.data["named"]["held_on"]] == ["A2"]
    (told,) = [m for m in ran.json["messages"] if m["key"] == "cli_import_.held_on"]
    assert "A2" in told["text"]
    assert told["level"] == "warning"


@pytest.mark.parametrize(
    "cells",
    [["2026-11-01", "2026-11-31"], ["2026-11-31", "bad", "2026-11-01"], ["20261101", "2026110"],
     ["bad", "", "2026年11月1日"], ["2026-11", "昨天", "x", "2026-11-01"]],
)  # fmt: skip
def test_a_day_that_cannot_be_read_holds_back_its_own_row_only(
    program: Program, answer: Answer, tmp_path: Path, cells: list[str]
) -> None:
    rows = [(f"A{n}", "地上式消火栓", f"120.1{n}", "30.25", "完好", day)
            for n, day in enumerate(cells)]  # fmt: skip
    file = table(tmp_path / "r.csv", HEAD, *rows)
    assert answer(file, "wgs84", "y").code == 0
    good = {"2026-11-01", "20261101", "2026年11月1日"}
    expected = {f"A{n}": "intact" if day else "stale"
                for n, day in enumerate(cells) if day in good or not day}  # fmt: skip
    assert intact(program) == expected


def test_a_cleared_defect_says_what_the_asset_still_counts_as(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", "16.1", "--lat", "47.1",
                 "--crs", "wgs84")  # fmt: skip
    for code in ("leak", "no_water"):
        program.data("defect", "open", "A1", code, "--severity", "blocking")
    assert program.data("defect", "clear", "A1", "leak")["now"]["condition"] == "defective"
    assert program.data("defect", "clear", "A1", "no_water")["now"]["condition"] == "untested"


STAGED = [
    {"emergency": "fire_hydrant", "ref": "1"},
    {"disused:emergency": "fire_hydrant", "ref": "2"},
    {"removed:emergency": "fire_hydrant", "ref": "3"},
    {"abandoned:amenity": "fire_hydrant", "ref": "4"},
    {"emergency": "fire_hydrant", "operational_status": "out_of_order", "ref": "5"},
    {"emergency": "fire_hydrant", "end_date": "2019", "ref": "6"},
]


def features(path: Path, ids: bool) -> Path:
    told = [
        {
            "type": "Feature",
            "properties": (row | {"@id": f"node/{n}"}) if ids else row,
            "geometry": {"type": "Point", "coordinates": [16.1 + n / 100, 47.1]},
        }
        for n, row in enumerate(STAGED)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": told}), "utf-8")
    return path


def test_prefixes_states_and_ends_of_openstreetmap_are_read(
    program: Program, tmp_path: Path
) -> None:
    data = program.data("import", features(tmp_path / "o.geojson", ids=True))
    assert (data["new"], data["ignored"], data["unread"]) == (3, 3, [])
    # one that ended came in as what it is: no more
    assert intact(program) == {"1": "untested", "5": "defective", "6": None}


def test_prefixes_are_left_out_of_a_strangers_file_too(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    file = features(tmp_path / "o.geojson", ids=False)
    ran = answer(file, "y")
    assert ran.code == 0, ran
    assert set(intact(program)) <= {"1", "5"}
    assert intact(program)["5"] == "defective"


def test_a_sum_of_formulas_changes_nothing_of_the_proposal(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    book = Workbook()
    book.active.append(HEAD)
    for place in PLACES:
        book.active.append([*place[:2], float(place[2]), float(place[3]), "完好", "2026-11-01"])
    book.active.append(["合计", '=COUNTA(B2:B3)&"处"', None, None, '=COUNTIF(E2:E3,"完好")'])
    book.save(tmp_path / "r.xlsx")
    ran = answer(tmp_path / "r.xlsx", "wgs84", "y")
    assert ran.code == 0, ran
    assert set(intact(program)) == {"A1", "A2"}


def test_an_empty_column_is_called_empty(program: Program, tmp_path: Path) -> None:
    file = table(tmp_path / "r.csv", (*HEAD, "随便"), (*PLACES[0], "完好", "2026-11-01", ""))
    told = program("import", file, "--suggest", "--json", lang="zh").data["mapping"]
    assert "“随便”（空列）" in told
    assert "（）" not in told


def test_among_many_numbers_a_word_is_found() -> None:
    cells = [f"SN-{n:06d}" for n in range(8000)]
    assert list(objecting(Table("r.csv", {"x": cells}, range(8000)), ["x"], ())) == []
    cells[77], cells[78] = "SN-000077 被车撞坏", "拆除"
    (found,) = objecting(Table("r.csv", {"x": cells}, range(8000)), ["x"], ())
    assert found.cells == {cells[77], cells[78]}
