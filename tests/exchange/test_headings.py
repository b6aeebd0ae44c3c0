"""Headings and cells of other people's registers, and what is proposed for them."""

from __future__ import annotations

import pytest

from hydrant.exchange.suggesting import suggest
from hydrant.exchange.table import Table

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
