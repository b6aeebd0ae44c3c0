"""Headings and cells of other people's registers, and what is proposed for them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from hydrant.exchange.suggesting import suggest
from hydrant.exchange.table import Table
from tests.conftest import Program

_DATES = ["Дата", "Datum", "Date CT", "Fecha", "Data przeglądu", "日期", "Geprüft am",
          "Dernière visite", "Última revisión"]  # fmt: skip
_DIAMETERS = [
    ("口径", "outlets"),
    ("栓口口径", "outlets"),
    ("管径", "mains_dn_mm"),
    ("管道口径", "mains_dn_mm"),
]


@pytest.mark.parametrize("stray", ["45123", "12", "bald", "2026-13-40"])
@pytest.mark.parametrize("heading", ["检查日期", "Дата", "Datum", "Date CT", "建成日期"])
def test_a_stray_cell_among_dates_is_named_and_the_dates_are_taken(
    heading: str, stray: str
) -> None:
    dates = ["2026-05-11", "11.05.2026", stray, "2026年5月12日"]
    columns = {"编号": ["1", "2", "3", "4"], "lon": ["16.1"] * 4, "lat": ["47.1"] * 4,
               "状态": ["完好"] * 4, heading: dates}  # fmt: skip
    made = suggest(Table("t.csv", columns, [2, 3, 4, 5]), header_row=1)
    (line,) = [one for one in made.lines if one.why.key == "exchange.suggest_dates_odd"]
    assert (line.toml or "").startswith(("at = ", "built = "))
    assert line.why.facts["cells"] == (f"4: {stray}",)


@pytest.mark.parametrize("heading", _DATES)
def test_headings_of_dates_are_known(heading: str) -> None:
    columns = {"lon": ["16.1", "16.2"], "lat": ["47.1", "47.2"], "Status": ["ok", "ok"],
               heading: ["11.05.2026", "12.05.2026"]}  # fmt: skip
    made = suggest(Table("t.csv", columns, [2, 3]), header_row=1)
    assert any((one.toml or "").startswith("at = ") for one in made.lines)


@pytest.mark.parametrize(("heading", "target"), _DIAMETERS)
def test_the_opening_of_a_hydrant_is_not_the_main(heading: str, target: str) -> None:
    columns = {"lon": ["16.1", "16.2"], "lat": ["47.1", "47.2"], heading: ["DN100", "DN150"]}
    made = suggest(Table("t.csv", columns, [2, 3]), header_row=1)
    taken = [one.toml for one in made.lines if one.part == "fields" and heading in (one.toml or "")]
    assert [str(toml).partition(" = ")[0] for toml in taken] == [target]


PLACES = {"lon": ["16.1", "16.2"], "lat": ["47.1", "47.2"]}


@pytest.mark.parametrize("heading", ["Kennung intern", "lfd", "Register"])
def test_a_column_that_is_answered_to_be_the_key_is_the_code_too(heading: str) -> None:
    columns = {**PLACES, heading: ["7", "9"]}
    made = suggest(Table("t.csv", columns, [2, 3]), header_row=1)
    (question,) = [one for one in made.questions if one.topic == "key"]
    made.take(next(one for one in question.choices if one.word == heading))
    told = [one.toml for one in made.lines]
    assert f'key = ["{heading}"]' in told
    assert f'code = "{heading}"' in told


@pytest.mark.parametrize("heading", ["Kod", "num", "编号", "Numer", "N°"])
def test_headings_of_numbers_are_known(heading: str) -> None:
    made = suggest(Table("t.csv", {**PLACES, heading: ["7", "9"]}, [2, 3]), header_row=1)
    assert f'code = "{heading}"' in [one.toml for one in made.lines]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Adresse", ["Hauptstr. 1", "Hauptstr. 2"]),
        ("Prüfdatum", ["2026-05-01", "2026-05-02"]),
        ("Termin", ["01.05.2026", "02.05.2026"]),
        ("Bemerkung", ["steht gut", "steht schief"]),
        ("Text", ["a longer word or two", "another longer word or two"]),
        ("Höhe", ["201.5", "202.5"]),
    ],
)
def test_what_changes_or_is_measured_is_offered_as_no_key(heading: str, cells: list[str]) -> None:
    columns = {**PLACES, "Zustand": ["ok", "defekt"], heading: cells}
    made = suggest(Table("t.csv", columns, [2, 3]), header_row=1)
    offered = [one.word for q in made.questions if q.topic == "key" for one in q.choices]
    assert heading not in offered


@pytest.mark.parametrize(
    ("heading", "cells", "likely"),
    [
        ("静压(kPa)", ["0.32", "0.28"], "MPa"),
        ("Ruhedruck (bar)", ["0.0054", "0.0061"], "MPa"),
        ("静压(kPa)", ["320", "280"], None),
        ("Ruhedruck (bar)", ["5.4", "6.1"], None),
    ],
)
def test_a_stated_unit_that_cannot_be_is_doubted(
    heading: str, cells: list[str], likely: str | None
) -> None:
    made = suggest(Table("t.csv", {**PLACES, heading: cells}, [2, 3]), header_row=1)
    told = [one for one in made.lines if one.why.key == "exchange.suggest_unit_doubtful"]
    assert [one.why.facts["likely"] for one in told] == ([likely] if likely else [])


@pytest.mark.parametrize("unit", ["m3/h", "L/min", "gpm"])
def test_another_unit_can_be_answered(unit: str) -> None:
    columns = {**PLACES, "Durchfluss": ["60", "50"], "Ruhedruck": ["5.4", "6.1"]}
    made = suggest(Table("t.csv", columns, [2, 3]), header_row=1)
    (question,) = [one for one in made.questions if one.topic == "units"]
    made.take(next(one for one in question.choices if one.word == unit))
    told = " ".join(str(one.toml) for one in made.lines)
    assert f'flow_l_s = {{ column = "Durchfluss", unit = "{unit}"' in told
    assert 'static_kpa = { column = "Ruhedruck", unit = "bar"' in told


_TITLED = [["甲市消火栓台账"], ["制表日期", "2026-05-01"], ["编号", "类型", "经度", "纬度"],
           ["H-1", "地上式消火栓", "120.15", "30.25"]]  # fmt: skip
_THIRD_ROW = """header_row = 3
source = "甲市"
key = ["编号"]
position.x = "经度"
position.y = "纬度"
crs = "wgs84"
fields.code = "编号"
fields.kind = { constant = "hydrant" }
"""


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("rows", "stands"), [(_TITLED[1:], 2), (_TITLED[2:], 1), ([["又"], *_TITLED], 4)]
)
def test_headings_in_another_row_than_the_mapping_says_are_pointed_out(
    program: Program, tmp_path: Path, suffix: str, rows: list[list[str]], stands: int
) -> None:
    file, mapping = tmp_path / f"next.{suffix}", tmp_path / "m.toml"
    mapping.write_text(_THIRD_ROW, "utf-8")
    if suffix == "csv":
        file.write_text("".join(",".join(row) + "\n" for row in rows), "utf-8")
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(file)
    for lang, words in (("en", f"stand in row {stands}"), ("zh", f"在第 {stands} 行")):
        done = program("import", file, "--mapping", mapping, lang=lang)
        assert done.code == 3
        assert words in done.err
        assert "header_row = 3" in done.err
    mapping.write_text(_THIRD_ROW.replace("= 3", f"= {stands}", 1), "utf-8")
    assert program.data("import", file, "--mapping", mapping)["new"] == 1
