"""The next delivery of a register, saved by another program, means the same assets and visits."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.conftest import Program

HEAD = ("水源编号", "类型", "经度", "纬度", "状态", "检查日期", "管径", "静压(MPa)", "备注")
MAPPING = """
source = "water-company"
crs = "wgs84"
key = ["水源编号"]
[position]
x = "经度"
y = "纬度"
[fields]
code = "水源编号"
kind = { column = "类型", values = { "消火栓" = "hydrant.pillar", "水鹤" = "crane" } }
mains_dn_mm = { column = "管径", unit = "mm" }
note = "备注"
[inspection]
outcome = { column = "状态", values = { "完好" = "works", "损坏" = "fails" } }
at = "检查日期"
static_kpa = { column = "静压(MPa)", unit = "MPa" }
"""
Rows = list[list[str]]


def register() -> Rows:
    return [
        [str(100 + n), "水鹤" if n == 3 else "消火栓", f"120.{150 + n}", "30.25", "完好",
         f"2026-11-{n + 1:02d}", "150", "0.3", ""]
        for n in range(8)
    ]  # fmt: skip


def as_workbook(path: Path, head: Sequence[str], rows: Rows) -> Path:
    """As a spreadsheet keeps it: numbers are numbers and days are days."""
    book = Workbook()
    book.active.append(list(head))
    for row in rows:
        cells: list[object] = []
        for name, cell in zip(head, row, strict=True):
            if name == "检查日期" and cell:
                cells.append(dt.datetime.fromisoformat(cell))
            elif name in ("水源编号", "管径") and cell:
                cells.append(int(cell))
            else:
                cells.append(float(cell) if name in ("经度", "纬度", "静压(MPa)") else cell or None)
        book.active.append(cells)
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx")


def as_text(path: Path, head: Sequence[str], rows: Rows) -> Path:
    """As an office of the region saves it: semicolons, its encoding, days by strokes."""
    with path.with_suffix(".csv").open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(head)
        writer.writerows([cell.replace("2026-11-", "2026/11/") for cell in row] for row in rows)
    return path.with_suffix(".csv")


@pytest.mark.parametrize("save", [as_workbook, as_text])
@pytest.mark.parametrize("turned", [False, True])
def test_a_careful_clerk_finds_the_same_assets(
    program: Program,
    tmp_path: Path,
    save: Callable[[Path, Sequence[str], Rows], Path],
    turned: bool,
) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(MAPPING, "utf-8")
    first = tmp_path / "2025.csv"
    with first.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEAD, *register()])
    assert program("import", first, "--mapping", mapping).code == 0
    uids = {a["code"]: a["uid"] for a in program.data("asset", "list")["assets"]}

    rows = register()
    rows[1][4] = "损坏"  # the visit corrected
    rows[2][5] = "2026-11-20"  # another visit
    rows[4][6] = "200"  # another main
    del rows[6]  # named no more
    rows.append(["200", "消火栓", "120.18", "30.25", "完好", "2026-11-09", "150", "0.3", ""])
    rows.reverse()
    head = list(HEAD)
    if turned:  # columns in another order
        head.reverse()
        rows = [row[::-1] for row in rows]
    file = save(tmp_path / "下一年 final (2)", head, rows)
    options = ("--encoding", "gb18030") if file.suffix == ".csv" else ()
    ran = program("import", file, "--mapping", mapping, *options, "--json")
    assert ran.code == 0, ran
    counts = {k: ran.data[k] for k in ("new", "updated", "unchanged", "refused", "missing")}
    assert counts == {"new": 1, "updated": 3, "unchanged": 4, "refused": 0, "missing": 1}
    assert ran.data["visits"]["corrected"] == 1
    after = {a["code"]: a["uid"] for a in program.data("asset", "list")["assets"]}
    assert {code: after[code] for code in uids} == uids
    order = program.data("integrity")["total"]["working_order"]
    assert (order["existing"], order["intact"], order["defective"]) == (9, 8, 1)
    again = program("import", file, "--mapping", mapping, *options, "--json")
    assert again.data["unchanged"] == 8
