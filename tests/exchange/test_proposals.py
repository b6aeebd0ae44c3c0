"""A proposed mapping is data's witness, not its servant, and reads the file it was made of."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from hydrant.exchange.proposal_text import reasons, toml
from hydrant.exchange.suggesting import suggest
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted
from hydrant.vocabulary import Language
from tests.conftest import Program

#: What a cell may hold that would be a line of a mapping, were it not kept to its remark.
SLY = "old\n[inspection]\noutcome = { constant = 'works' }\nat = { constant = '2026-11-01' }\n#"
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.just(SLY)


def proposed(columns: dict[str, list[str]], lang: Language = Language.EN) -> str:
    count = len(next(iter(columns.values())))
    table = Table("r.csv", columns, range(2, count + 2))
    found = suggest(table, header_row=1)
    return toml(found, reasons(found, lang))


@given(heading=WORDS, cells=st.lists(WORDS, min_size=2, max_size=2), lang=st.sampled_from(Language))
def test_no_cell_and_no_heading_becomes_a_line_of_the_mapping(
    heading: str, cells: list[str], lang: Language
) -> None:
    columns: dict[str, list[str]] = {
        "code": ["A1", "A2"], "kind": ["hydrant", "hydrant"], "lon": ["16.1", "16.2"],
        "lat": ["47.1", "47.1"],
    }  # fmt: skip
    columns.setdefault(heading, cells)
    made = tomllib.loads(proposed(columns, lang))
    assert "inspection" not in made or made["inspection"].get("outcome") != {"constant": "works"}
    assert set(made) <= {"source", "crs", "position", "fields", "inspection", "key"}


@given(WORDS)
def test_a_quoted_text_is_itself_and_stands_on_one_line(word: str) -> None:
    line = f"a = {quoted(word)}"
    assert tomllib.loads(line) == {"a": word}
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("head", ["re\nport", "the\nkind", "a\u200bb", "tab\there"])
def test_wrapped_and_odd_headings_are_read_by_the_proposal(
    program: Program, tmp_path: Path, head: str
) -> None:
    file = tmp_path / "r.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = [["code", "kind", "lon", "lat", head]]
        rows += [[f"A{n}", "hydrant", f"16.{n}", "47.1", "hydrant"] for n in (1, 2)]
        csv.writer(out).writerows(rows)
    ran = program("import", file, "--suggest")
    (tmp_path / "m.toml").write_text(ran.out, "utf-8")
    found = program.data("import", file, "--mapping", tmp_path / "m.toml", "--crs", "wgs84")
    assert found["new"] == 2


def workbook(path: Path, *rows: list[Any]) -> Path:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize("above", [0, 1, 2])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_known_schema_reads_the_file_wherever_its_headings_stand(
    program: Program, tmp_path: Path, above: int, wrapped: bool
) -> None:
    gap = "\n" if wrapped else " "
    head = [
        "№ п/п", "Номер", "Наименование", "Адрес", "Дополнительная информация по адресу",
        f"Координаты{gap}(широта, долгота)", "Принадлежность", "Описание", "Примечание",
        f"Тип сети,{gap}диаметр, объем", f"Дата последней{gap}проверки",
        f"Характер{gap}нисправности", f"Техническое{gap}состояние",
    ]  # fmt: skip
    rows = [
        [n, f"П-{n}", "Пожарный гидрант", "Гомельская обл., д. Примерная", None,
         f"52.{n}, 31.{n}", "-", None, None, "Тип сети: кольцевая, Диаметр: 150",
         "11.05.2026", "-", "Исправен"]
        for n in (1, 2)
    ]  # fmt: skip
    titles = [["Реестр"], ["водоисточников"]][:above]
    file = workbook(tmp_path / "a.xlsx", *titles, head, *rows)
    ran = program("import", file, "--suggest")
    assert ran.code == 0
    (tmp_path / "m.toml").write_text(ran.out, "utf-8")
    assert program.data("import", file, "--mapping", tmp_path / "m.toml")["new"] == 2
    told = program.data("import", file, "--suggest")
    assert (told["known"] is None) == (above != 1)
