"""Days without a year: one way for a whole file, asked once, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.moments import moment_reader
from hydrant.exchange.patterns import is_date_form
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

HEAD = ("水源编号", "类型", "高德经度", "高德纬度", "状态", "检查日期")


def days(tmp_path: Path, *cells: str) -> Path:
    rows = [(f"H-{n}", "地上式消火栓", f"120.{150 + n}", "30.25", "完好", cell)
            for n, cell in enumerate(cells)]  # fmt: skip
    return table(tmp_path / "台账.csv", HEAD, *rows)


@pytest.mark.parametrize(
    ("form", "cell", "day"),
    [
        ("md 2025", "5.11", "2025-05-11"), ("dm 2025", "5.11", "2025-11-05"),
        ("md 2025", "5月11日", "2025-05-11"), ("dm 2025", "5月11日", "2025-05-11"),
        ("md 2025", "5/11", "2025-05-11"), ("md 2025", "11 May", "2025-05-11"),
        ("md 2025", "2024-03-01", "2024-03-01"), ("md 2025", "2024年3月1日", "2024-03-01"),
    ],
)  # fmt: skip
def test_a_mapping_states_the_year(form: str, cell: str, day: str) -> None:
    zone = times.zone()
    assert is_date_form(form)
    assert times.local_day(moment_reader((form,), {cell}, zone)(cell), zone).isoformat() == day


@pytest.mark.parametrize("form", ["md 26", "2026", "ymd 2026", "md 9999"])
def test_no_other_year_is_a_form(form: str) -> None:
    assert not is_date_form(form)


def test_a_nought_that_a_program_took_is_not_guessed() -> None:
    read = moment_reader(("md 2026",), {"5.1", "5.11"}, times.zone())
    with pytest.raises(InputRefused, match="day_shortened"):
        read("5.1")
    kept = moment_reader(("md 2026",), {"5.1", "5.20"}, times.zone())
    assert kept("5.1") < kept("5.20")


@pytest.mark.parametrize(
    ("cell", "key"),
    [("5.11", "no_year"), ("5月11日", "no_year"), ("5/11", "no_year"), ("2026.5", "no_day")],
)
def test_refusals_are_alike_and_say_what_to_state(cell: str, key: str) -> None:
    with pytest.raises(InputRefused) as refused:
        moment_reader((), {cell}, times.zone())(cell)
    assert refused.value.key == f"exchange.{key}"


def test_the_dialogue_asks_which_year(program: Program, tmp_path: Path, answer: Answer) -> None:
    year = times.now().year - 1
    file = days(tmp_path, "5.11", "5月12日", "6.20", f"{year - 1}-03-01")
    ran = answer(file, f"md {year}", "y")
    assert ran.code == 0
    assert f"{year}" in ran.out
    visits = program.data("export", tmp_path / "out.csv")
    assert visits
    out = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert all(day in out for day in (f"{year}-05-11", f"{year}-05-12", f"{year}-06-20"))
    again = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert again["unchanged"] == 4


def test_without_a_terminal_the_question_is_told(program: Program, tmp_path: Path) -> None:
    file = days(tmp_path, "5.11", "5.12")
    for lang, word in (("en", "which year"), ("zh", "哪一年")):
        ran = program("import", file, lang=lang)
        assert ran.code == 3
        assert word in ran.err
