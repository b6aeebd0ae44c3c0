"""Our own export, saved again by a spreadsheet: days and codes it changed find a way back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from hydrant.exchange.changed_codes import spoiled
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

HEAD = ("code", "kind", "lon", "lat", "crs", "outcome", "at", "static_kpa", "mains_dn_mm")
ROWS = [
    ("0001", "hydrant.pillar", "120.151", "30.25", "cgcs2000", "works", "2026-05-03", "320", "150"),
    ("0002", "hydrant.pillar", "120.161", "30.25", "cgcs2000", "works", "2026-06-04", "330", "200"),
    ("H-3", "hydrant.wall", "120.171", "30.251", "cgcs2000", "fails", "2026-03-04", "90", "100"),
]  # fmt: skip


@pytest.fixture
def export(program: Program, tmp_path: Path) -> Path:
    """The export of three assets."""
    program.data("import", table(tmp_path / "before.csv", HEAD, *ROWS))
    file = tmp_path / "export.csv"
    program.data("export", file)
    return file


def edited(file: Path, **change: Callable[[list[str]], list[str]]) -> Path:
    """The file with some columns changed."""
    with file.open(encoding="utf-8-sig", newline="") as read:
        head, *rows = csv.reader(read)
    columns = dict(zip(head, map(list, zip(*rows, strict=True)), strict=True))
    for name, change_of in change.items():
        columns[name] = change_of(columns[name])
    made = file.with_name("edited.csv")
    return table(made, [*columns], *zip(*columns.values(), strict=True))


def american(cells: list[str]) -> list[str]:
    days = (cell.split("-") for cell in cells)
    return [f"{int(month)}/{int(day)}/{year}" for year, month, day in days]


@pytest.mark.parametrize(("order", "changed"), [("md", False), ("dm", True)])
def test_the_dialogue_asks_whether_day_or_month_stands_first(
    program: Program, export: Path, answer: Answer, order: str, changed: bool
) -> None:
    file = edited(export, inspection_at=american)
    ran = answer(file, "which?", order, "y")
    assert ran.code == 0
    assert "inspection_at" in ran.out
    assert "5/3/2026" in ran.out
    before = export.read_text("utf-8")
    program.data("export", export)
    assert (export.read_text("utf-8") == before) is not changed
    again = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert (again["new"], again["unchanged"]) == (0, 3)


def test_days_that_show_their_order_are_not_asked_about(
    program: Program, export: Path, answer: Answer
) -> None:
    for change in (list, american):
        file = edited(export, inspection_at=lambda cells: change([f"{c[:8]}17" for c in cells]))  # noqa: B023
        assert answer(file).code == 0


def test_what_is_suggested_for_our_own_headings_keeps_everything(
    program: Program, export: Path
) -> None:
    file = edited(export, inspection_at=american)
    assert program("import", file).code == 3
    mapping = program.data("import", file, "--suggest")["mapping"]
    before = 'at = "inspection_at"'
    assert before in mapping
    rules = file.with_suffix(".toml")
    rules.write_text(
        mapping.replace(before, 'at = { column = "inspection_at", date = ["md"] }'), "utf-8"
    )
    data = program.data("import", file, "--mapping", rules)
    assert (data["new"], data["unchanged"]) == (0, 3)
    other = edited(export, inspection_at=american, owner=lambda cells: ["甲"] * len(cells))
    assert program.data("import", other, "--mapping", rules)["updated"] == 3


def test_what_is_suggested_for_our_own_headings_refuses_what_they_refuse(
    program: Program, export: Path
) -> None:
    with export.open(encoding="utf-8-sig", newline="") as read:
        head, *rows = csv.reader(read)
    file = table(
        export.with_name("more.csv"), [*head, "status"], *[[*row, "broken"] for row in rows]
    )
    rules = file.with_suffix(".toml")
    rules.write_text(program.data("import", file, "--suggest")["mapping"], "utf-8")
    bare, ruled = program("import", file), program("import", file, "--mapping", rules)
    assert (bare.code, ruled.code) == (3, 3)
    assert bare.out == ruled.out


@pytest.mark.parametrize(
    ("code", "now", "changed"),
    [
        ("0001", "1", True),
        ("1E3", "1000", True),
        ("12E30", "1.2E+31", True),
        ("1.20", "1.2", True),
        ("+5", "5", True),
        ("1", "0001", False),
        ("0001", "2", False),
        ("0001", "A1", False),
        ("A01", "A1", False),
        ("A01", "1", False),
    ],
)
def test_what_a_spreadsheet_makes_of_codes(code: str, now: str, changed: bool) -> None:
    assert spoiled(code, now) is changed


def test_a_uid_decides_and_a_spoiled_code_is_refused(program: Program, export: Path) -> None:
    file = edited(export, code=lambda cells: [cell.lstrip("0") for cell in cells])
    ran = program("import", file)
    assert ran.code == 3
    assert "0001" in ran.out
    assert "0002" in ran.out
    rows = program("import", file, "--json").json["data"]["rows"]
    assert [(row["code"], row["action"]) for row in rows] == [("1", "refused"), ("2", "refused")]
    meant = edited(export, code=lambda cells: [f"N{cell}" for cell in cells])
    assert program.data("import", meant)["updated"] == 3


def test_without_a_uid_noughts_are_named(program: Program, export: Path, tmp_path: Path) -> None:
    assert export.exists()
    bare = [(row[0].lstrip("0"), *row[1:]) for row in ROWS]
    far = [("2", row[1], "120.951", *row[3:]) for row in ROWS[1:2]]
    other = [("1", "crane", *row[2:]) for row in ROWS[:1]]
    for rows, named in ((bare, ["1", "2"]), (far, []), (other, [])):
        file = table(tmp_path / f"office-{len(rows)}-{rows[0][1]}.csv", HEAD, *rows)
        data = program.data("import", file, "--dry-run")
        assert [row["code"] for row in data["named"].get("noughts", [])] == named


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (("H-3", "0002", "0001"), ["H-3", "0001"]),
        (("0002", "H-3", "0001"), ["0002", "H-3", "0001"]),
        (("0001", "0002", "H-9"), []),
        (("0002", "0002", "H-3"), []),
    ],
)
def test_codes_that_change_hands_are_named(
    program: Program, export: Path, codes: tuple[str, ...], named: list[str]
) -> None:
    order = dict(zip(("0001", "0002", "H-3"), codes, strict=True))
    file = edited(export, code=lambda cells: [order[cell] for cell in cells])
    data = program.data("import", file, "--dry-run")
    assert sorted(row["code"] for row in data["named"].get("swapped", [])) == sorted(named)
    if named:
        assert "change hands" in program("import", file).err


def test_a_foreign_file_is_asked_too(program: Program, tmp_path: Path, answer: Answer) -> None:
    head = ("编号", "类型", "经度(CGCS2000)", "纬度(CGCS2000)", "状态", "检查日期")
    rows = [("H1", "地上式消火栓", "120.151", "30.251", "完好", "11/3/2026"),
            ("H2", "地上式消火栓", "120.161", "30.251", "完好", "2026-11-04")]  # fmt: skip
    file = table(tmp_path / "镇.csv", head, *rows)
    asked = program("import", file, "--json").json["data"]
    assert [one["topic"] for one in asked["questions"]] == ["days"]
    Path(asked["mapping_file"]).unlink()
    assert answer(file, "md", "y").code == 0
    found = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert found["unchanged"] == 2
