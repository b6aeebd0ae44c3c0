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


def said(number: int, month: int, kind: str = "地下式消火栓", state: str = "完好") -> list[str]:
    place = f"120.{150 + number}", "30.25"
    return [f"{month}-{number}{kind}", *place, state, f"2026-{month:02d}-0{number + 1}"]


def delivered(folder: Path, name: str, rows: Rows, *, numbers: bool = False) -> Path:
    head = ["名称", "经度", "纬度", "状态", "检查日期"]
    if numbers:
        head, rows = ["编号", *head], [[f"H{n}", *row] for n, row in enumerate(rows)]
    file = folder / name
    file.write_text("\n".join(map(",".join, [head, *rows])) + "\n", "utf-8")
    return file


def imported(program: Program, file: Path) -> dict[str, object]:
    """A stranger's file taken in by the mapping that is proposed for it, without a look at it."""
    mapping = file.with_suffix(".toml")
    assert program("import", file, "--crs", "wgs84").code == 3
    return program.data("import", file, "--mapping", mapping)


@pytest.mark.parametrize("numbers", [False, True])
def test_a_month_later_under_another_name_it_is_the_same_register(
    program: Program, tmp_path: Path, numbers: bool
) -> None:
    """Although no row says word for word what it said: each was looked at again."""
    june = delivered(tmp_path, "june.csv", [said(n, 6) for n in range(6)], numbers=numbers)
    imported(program, june)
    rows = [said(n, 7, state="损坏：漏水" if n == 2 else "完好") for n in range(1, 7)]
    if numbers:
        rows = [said(n, 7) for n in range(6)]
    found = imported(program, delivered(tmp_path, "july.csv", rows, numbers=numbers))
    assert found["source"] == ("july" if numbers else "june")  # with numbers nothing is doubled
    new = 0 if numbers else 1
    assert (found["new"], found["updated"], found["missing"]) == (new, 6 - new, new)
    assert len(program.data("asset", "list")["assets"]) == 6 + new


def test_a_register_of_another_district_stays_apart(program: Program, tmp_path: Path) -> None:
    north = delivered(tmp_path, "north.csv", [said(n, 6) for n in range(6)], numbers=True)
    imported(program, north)
    rows = [[*said(n, 6)[:2], "30.35", *said(n, 6)[3:]] for n in range(6)]
    found = imported(program, delivered(tmp_path, "south.csv", rows, numbers=True))
    assert (found["source"], found["new"], found["missing"]) == ("south", 6, 0)


def test_a_stated_name_keeps_it_apart(program: Program, tmp_path: Path) -> None:
    rows = [said(n, 6) for n in range(6)]
    imported(program, delivered(tmp_path, "june.csv", rows))
    other = delivered(tmp_path, "brigade.csv", rows)
    assert program("import", other, "--crs", "wgs84", "--source", "brigade").code == 3
    found = program.data("import", other, "--mapping", tmp_path / "brigade.toml")
    assert (found["source"], found["new"]) == ("brigade", 6)


def test_names_of_the_next_month_are_read_by_the_words_in_them(
    program: Program, tmp_path: Path
) -> None:
    kinds = ("地下式消火栓", "地上式消火栓", "消防水鹤")
    june = [said(n, 6, kinds[n % 3], "损坏：阀杆断" if n == 4 else "完好") for n in range(6)]
    file = delivered(tmp_path, "june.csv", june, numbers=True)
    imported(program, file)
    july = [
        *[said(n, 7, kinds[n % 3], "损坏：漏水" if n == 5 else "完好") for n in range(6)],
        said(6, 7, "干式消火栓"),
        said(7, 7, "规划地上式消火栓"),
        said(8, 7, "防火水槽"),
    ]
    file = delivered(tmp_path, "july.csv", july, numbers=True)
    command = ("import", file, "--mapping", tmp_path / "june.toml")
    refused = program(*command)
    # what is planned, or of a kind that no name had before, is refused and not guessed at
    assert (refused.code, refused.out.count("line ")) == (3, 2), refused
    assert "7-7规划地上式消火栓" in refused.out
    assert "7-8防火水槽" in refused.out
    found = program(*command, "--skip-bad", "--json").data
    assert (found["new"], found["updated"], found["refused"]) == (1, 6, 2)
    listed = {one["code"]: one["kind"] for one in program.data("asset", "list")["assets"]}
    assert listed["H6"] == "intake"
    assert listed["H4"] == "hydrant.pillar"


@pytest.mark.parametrize("cell", ["损坏：已修复", "损坏，6月3日已修好", "损坏（更换阀杆后恢复）"])
def test_a_fault_that_was_mended_is_no_fault_by_its_first_word(
    program: Program, tmp_path: Path, cell: str
) -> None:
    june = [said(n, 6, state="损坏：阀杆断" if n == 4 else "完好") for n in range(6)]
    imported(program, delivered(tmp_path, "june.csv", june, numbers=True))
    july = [said(n, 7, state=cell if n == 3 else "完好") for n in range(6)]
    file = delivered(tmp_path, "july.csv", july, numbers=True)
    done = program("import", file, "--mapping", tmp_path / "june.toml")
    assert done.code == 3
    assert cell in done.out + done.err


def test_words_for_no_outcome_are_told_with_their_rows(program: Program, tmp_path: Path) -> None:
    june = [said(n, 6, state="王工来过" if n == 4 else "完好") for n in range(6)]
    file = delivered(tmp_path, "june.csv", june, numbers=True)
    imported(program, file)
    mapping = file.with_suffix(".toml").read_text("utf-8")
    assert 'note = { column = "状态"' not in mapping
    july = [said(n, 7, state="王工来过" if n == 4 else "完好") for n in range(6)]
    file = delivered(tmp_path, "july.csv", july, numbers=True)
    for lang, words in (("en", "nothing that the mapping takes for an outcome (王工来过 (1))"),
                        ("zh", "未将其状态（王工来过 (1)）视为检查结果")):  # fmt: skip
        done = program("import", file, "--mapping", tmp_path / "june.toml", lang=lang)
        assert words in done.out + done.err


def mapped(program: Program, folder: Path) -> tuple[object, ...]:
    """Import the register by a mapping; gives how its next deliveries are read."""
    (folder / "m.toml").write_text(MAPPING, "utf-8")
    told = ("--mapping", folder / "m.toml", "--encoding", "gb18030")
    program.data("import", as_text(folder / "first", HEAD, register()), *told)
    return told


@pytest.mark.parametrize("apart_m", [0.0, 20.0])
def test_a_register_that_numbered_everything_anew_names_what_it_names_no_more(
    program: Program, tmp_path: Path, apart_m: float
) -> None:
    told = mapped(program, tmp_path)
    anew = register()
    for row in anew:
        row[0], row[2] = f"CD-{row[0]}", f"{float(row[2]) + apart_m / 96_000:.6f}"
    found = program.data("import", as_text(tmp_path / "dec", HEAD, anew), *told)
    assert found["missing"] == len(anew)


def test_another_district_under_one_name_is_no_next_delivery(
    program: Program, tmp_path: Path
) -> None:
    told = mapped(program, tmp_path)
    south = register()
    for row in south:
        row[0], row[3] = f"S{row[0]}", "30.15"
    found = program.data("import", as_text(tmp_path / "south", HEAD, south), *told)
    assert (found["new"], found["missing"]) == (len(south), 0)
