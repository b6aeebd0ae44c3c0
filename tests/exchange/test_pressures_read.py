"""Pressures of registers and visits: the unit of a heading is read, and no number is lost."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hydrant.exchange.suggestion import examples
from tests.conftest import Program, Ran
from tests.exchange.test_stranger import table
from tests.survey.test_round import visits

HEAD = ("水源编号", "类型", "经度", "纬度", "状态", "检查日期")
#: Heading, a cell in its unit that a main has, and one that is above nothing and on no gauge.
LOW = [
    ("静压(kPa)", "320", "5"), ("静压(MPa)", "0.32", "0.005"), ("静压(psi)", "45", "1"),
    ("静压(公斤)", "3.2", "0.05"), ("静压(m)", "32", "0.5"), ("静压(kPa)", "320", "5 kPa"),
    ("静压MPa", "0.32", "0.005"), ("动压(bar)", "2.8", "0.01"),
]  # fmt: skip
HEADINGS = [
    ("静压MPa", ".32", 320), ("静压kPa", "320", 320), ("压力MPa", ".32", 320),
    ("静水压力MPa", ".32", 320), ("水压公斤", "3.2", 313.8128), ("静压m", "32", 313.8128),
    ("栓口静压MPa", ".32", 320), ("静压，MPa", ".32", 320), ("压力bar", "3.2", 320),
    ("Druck (bar)", "3.2", 320), ("Druck, bar", "3.2", 320), ("Presión (bar)", "3.2", 320),
    ("Presión estática (kg/cm2)", "3.2", 313.8128), ("Pression (bar)", "3.2", 320),
    ("Pressure (psi)", "45", 310.264), ("давление, МПа", ".32", 320),
]  # fmt: skip


def register(path: Path, heading: str, *cells: str) -> Path:
    rows = [
        (f"H-{n}", "地上式消火栓", f"120.15{n}", "30.25", "完好", "2026-05-11", cell)
        for n, cell in enumerate(cells, start=1)
    ]
    return table(path, (*HEAD, heading), *rows)


def rules_of(program: Program, file: Path) -> tuple[Path, str]:
    said = program("import", file, "--crs", "wgs84", "--suggest").out
    path = file.with_suffix(".toml")
    path.write_text(said, "utf-8")
    return path, said


@pytest.mark.parametrize("more", [0, 3])
@pytest.mark.parametrize(("heading", "usual", "low"), LOW)
def test_an_exact_number_is_refused_and_not_taken_for_unknown(
    program: Program, tmp_path: Path, heading: str, usual: str, low: str, more: int
) -> None:
    file = register(tmp_path / "r.csv", heading, *[usual] * more, low)
    mapping, said = rules_of(program, file)
    (spec,) = [one for name, one in tomllib.loads(said)["inspection"].items() if "_kpa" in name]
    assert low not in spec.get("empty", [])
    assert low in next(one for one in said.splitlines() if "any gauge" in one)
    ran = program("import", file, "--mapping", mapping, "--skip-bad", "--json")
    assert (ran.data["new"], ran.data["refused"]) == (more, 1)
    (row,) = [one for one in ran.data["rows"] if one["action"] == "refused"]
    assert "less than any gauge shows" in row["reason"]


@pytest.mark.parametrize("cell", ["<10", "约5", "5-10"])
def test_what_is_not_exact_is_told_and_taken_for_unknown(
    program: Program, tmp_path: Path, cell: str
) -> None:
    file = register(tmp_path / "r.csv", "静压(kPa)", "320", "310", "5", cell)
    mapping, said = rules_of(program, file)
    assert tomllib.loads(said)["inspection"]["static_kpa"]["empty"] == [cell]
    assert f"no exact number ({examples([cell])})" in said
    ran = program("import", file, "--mapping", mapping, "--skip-bad", "--json")
    assert (ran.data["new"], ran.data["refused"]) == (3, 1)


def test_a_pressure_of_none_is_measured(program: Program, tmp_path: Path) -> None:
    file = register(tmp_path / "r.csv", "静压(kPa)", "320", "0")
    mapping, said = rules_of(program, file)
    assert "empty" not in tomllib.loads(said)["inspection"]["static_kpa"]
    assert program.data("import", file, "--mapping", mapping)["new"] == 2


@pytest.mark.parametrize(("heading", "cell", "kpa"), HEADINGS)
def test_a_heading_states_its_unit_with_brackets_or_without(
    program: Program, tmp_path: Path, heading: str, cell: str, kpa: float
) -> None:
    file = register(tmp_path / "r.csv", heading, cell)
    mapping, _ = rules_of(program, file)
    program.data("import", file, "--mapping", mapping)
    (visit,) = visits(program, "H-1")
    assert visit["static_kpa"] == pytest.approx(kpa, rel=1e-4)


@pytest.mark.parametrize("heading", ["工作压力MPa", "设计静压MPa", "Betriebsdruck (bar)"])
def test_a_stated_pressure_is_not_measured(program: Program, tmp_path: Path, heading: str) -> None:
    _, said = rules_of(program, register(tmp_path / "r.csv", heading, "1.6"))
    assert "_kpa" not in str(tomllib.loads(said).get("inspection"))


def visited(program: Program, path: Path, heading: str, cell: str) -> Ran:
    """Import a good visit of a hydrant with a pressure beside it."""
    program.data("asset", "add", "H-1", "--kind", "hydrant.pillar", "--lon", 120.15, "--lat", 30.25,
                 "--crs", "wgs84")  # fmt: skip
    head = ("编号", "日期", "结果", heading)
    file = table(path, head, ("H-1", "2026-05-11", "完好", cell))
    return program("survey", "import", file, "--json")


@pytest.mark.parametrize(
    ("heading", "cell", "kpa"), [one for one in HEADINGS if one[0] != "栓口静压MPa"]
)
def test_a_file_of_visits_is_read_by_the_same_headings(
    program: Program, tmp_path: Path, heading: str, cell: str, kpa: float
) -> None:
    ran = visited(program, tmp_path / "v.csv", heading, cell)
    assert ran.code == 0, ran
    assert ran.data["unread"] == []
    (visit,) = visits(program, "H-1")
    assert visit["static_kpa"] == pytest.approx(kpa, rel=1e-4)


@pytest.mark.parametrize(("heading", "cell"), [("静压MPa", "0.005"), ("压力kPa", "5"),
                                              ("Druck (bar)", "0.05")])  # fmt: skip
def test_no_visit_is_recorded_beside_a_pressure_of_no_gauge(
    program: Program, tmp_path: Path, heading: str, cell: str
) -> None:
    ran = visited(program, tmp_path / "v.csv", heading, cell)
    assert ran.code != 0
    assert visits(program, "H-1") == []
