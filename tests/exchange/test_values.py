"""How numbers and dates are written: by the whole column, else refused by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from hydrant.errors import InputRefused
from hydrant.exchange.destroyed import refuse_destroyed
from hydrant.exchange.moments import moment_reader
from hydrant.exchange.quantities import quantity_of
from hydrant.exchange.readers import read_table
from hydrant.geo.numbers import Marks, marks_of, number_of
from hydrant.times import local_day, zone
from tests.conftest import Program


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1,200", "800"), (None, 800)),
        (("1,200", "12,5"), (1.2, 12.5)),
        (("1,200", "12.5"), (1200, 12.5)),
        (("1.200", "12,5"), (1200, 12.5)),
        (("3 400", "2\u00a0500,5"), (3400, 2500.5)),
        (("１，２００", "０．５"), (1200, 0.5)),
        (("1.200,5", "1,200.5", "3,400"), (1200.5, 1200.5, None)),
    ],
)
def test_a_column_decides_its_decimal_mark(
    cells: Sequence[str], expected: Sequence[float | None]
) -> None:
    marks = marks_of(cells)
    for cell, number in zip(cells, expected, strict=True):
        if number is None:
            with pytest.raises(InputRefused, match="two_numbers"):
                number_of(cell, marks)
        else:
            assert number_of(cell, marks) == number


@pytest.mark.parametrize(("cell", "mm"), [("DN150", 150), ("15 cm", 150), ("200毫米", 200)])
def test_a_unit_in_a_cell_counts(cell: str, mm: float) -> None:
    assert quantity_of(cell, Marks(), "mm", None) == pytest.approx(mm)


@pytest.mark.parametrize("cell", ["约20", "10-20", "100/150", "20左右", ">20"])
def test_what_is_no_exact_number_is_refused(cell: str) -> None:
    with pytest.raises(InputRefused, match="not_exact"):
        quantity_of(cell, Marks(), "mm", None)


@pytest.mark.parametrize(
    "cell",
    [
        "2026/5/11",
        "2026年5月11日 下午3:05",
        "11.05.2026",
        "2026/05/11 01:30:00+00",
        "1778508000000",
    ],
)
def test_dates_of_one_meaning_need_no_form(cell: str) -> None:
    found = moment_reader((), [cell], zone())(cell)
    assert local_day(found, zone()) == dt.date(2026, 5, 11)


def test_a_date_of_two_meanings_follows_its_column_or_is_refused() -> None:
    assert local_day(moment_reader((), ["13/04/2026"], zone())("03/04/2026"), zone()).month == 4
    with pytest.raises(InputRefused, match="two_dates"):
        moment_reader((), ["03/04/2026"], zone())("03/04/2026")


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "3.3E+17", "2026-03-01T00:00:00", "1-Mar"])
def test_codes_that_a_program_destroyed_are_refused(cell: str) -> None:
    with pytest.raises(InputRefused):
        refuse_destroyed(cell, code=True)


def test_an_open_quotation_mark_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('a,b,c\n1,2,x\n2,3,"open\n3,4,y\n', encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        read_table(file)
    assert (refused.value.key, refused.value.facts["line"]) == ("exchange.quote", 3)


@pytest.mark.parametrize(
    "text", ['[{"a":1},{"a":2}]', '{"a":1}\n{"a":2}', '{"n":2,"r":[{"a":1},{"a":2}]}']
)
def test_plain_json_is_a_table(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(text, encoding="utf-8")
    assert read_table(file).columns == {"a": ["1", "2"]}


def test_words_of_a_vocabulary_are_known_in_any_case(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text(
        "code,kind,lon,lat,outcome\nA,HYDRANT.Pillar,16.1,47.1,WORKS\n"
        "B,Hydrant,16.2,47.1,Not found\n", "utf-8",
    )  # fmt: skip
    assert program.data("import", file, "--crs", "wgs84")["new"] == 2
    found = [program.data("explain", code)["condition"] for code in ("A", "B")]
    assert found == ["stale", "defective"]


TURNED = [
    # cells of a column, the rows that are refused for it
    (("2025-12-03", "03/25/2025"), [0]),
    (("2025/12/3", "2025-06-06", "25/03/2025"), [0]),
    (("2025年12月3日", "03-25-2025", "2025-01-02"), [0, 2]),
    (("2025-12-03", "2025-12-25", "03/25/2025"), []),
    (("2025-06-06", "03/25/2025"), []),
    (("2025-12-03", "25 Mar 2025", "25.03.2025"), []),
]


@pytest.mark.parametrize(("cells", "refused"), TURNED)
@pytest.mark.parametrize("forms", [(), ("md",)])
def test_days_that_a_spreadsheet_may_have_turned_are_refused(
    cells: tuple[str, ...], refused: list[int], forms: tuple[str, ...]
) -> None:
    def wrong(*stated: str) -> list[int]:
        found, read = [], moment_reader(stated, cells, zone())
        for row, cell in enumerate(cells):
            try:
                read(cell)
            except InputRefused as error:
                found += [row] if error.key == "exchange.date_turned" else []
        return found

    assert wrong(*forms) == refused
    assert wrong("iso", "md") == []


@pytest.mark.parametrize("kind", [".xlsx", ".csv"])
def test_true_dates_beside_text_of_another_order_are_refused_by_cell(
    program: Program, tmp_path: Path, kind: str
) -> None:
    head = ("code", "kind", "lon", "lat", "crs", "outcome", "at")
    file = tmp_path / f"r{kind}"
    days: list[object] = [dt.datetime(2025, 12, 3), "03/25/2025"]  # noqa: DTZ001  a day of a sheet
    rows = [(f"H{n}", "hydrant", 16.1 + n / 100, 47.1, "wgs84", "works", day)
            for n, day in enumerate(days)]  # fmt: skip
    if kind == ".xlsx":
        book = Workbook()
        for row in (head, *rows):
            book.active.append(row)
        book.save(file)
    else:
        lines = [
            ",".join(str(cell).replace(" 00:00:00", "") for cell in row) for row in (head, *rows)
        ]
        file.write_text("\n".join(lines), "utf-8")
    ran = program("import", file)
    assert ran.code == 3
    assert "line 2 (H0)" in ran.out
    assert "2025-03-12" in ran.out
    assert "(H1)" not in ran.out
