"""A system that nobody states is measured against assets of the same numbers, never assumed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from hydrant.geo import china
from hydrant.geo.fit import fitting
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

Turn = Callable[[Any, Any], tuple[Any, Any]]
LONS, LATS = 120.15 + np.arange(6) / 70, 30.25 + np.arange(6) ** 2 / 900


def projected(code: int) -> Turn:
    turn = Transformer.from_crs(4490, code, always_xy=True)
    return turn.transform


def north_first(lons: Any, lats: Any) -> tuple[Any, Any]:
    east, north = projected(4549)(lons, lats)
    return north, east


SYSTEMS: list[tuple[Turn, str, str]] = [
    (china.wgs84_to_gcj02, "gcj02", "en"),
    (lambda x, y: china.gcj02_to_bd09(*china.wgs84_to_gcj02(x, y)), "bd09", "en"),
    (projected(4549), "EPSG:4549", "en"),
    (north_first, "EPSG:4549", "ne"),
    (projected(4528), "EPSG:4528", "en"),
    (projected(3857), "EPSG:3857", "en"),
    (projected(32651), "EPSG:32651", "en"),
]


@pytest.mark.parametrize(("turn", "crs", "axes"), SYSTEMS)
def test_the_system_that_was_used_fits_best(turn: Turn, crs: str, axes: str) -> None:
    best, *_ = fitting(*turn(LONS, LATS), LONS, LATS)
    assert (best.crs, best.axes) == (crs, axes)
    assert best.metres < 1


def test_nothing_fits_by_chance() -> None:
    x, y = projected(4549)(LONS, LATS)
    assert fitting(x[:2], y[:2], LONS[:2], LATS[:2]) == []
    assert fitting(x, y + 5000, LONS, LATS) == []
    assert fitting(x[::-1], y, LONS, LATS) == []
    assert fitting(LONS, LATS + 1, LONS, LATS) == []


def on_record(program: Program, folder: Path) -> None:
    rows = [
        (f"A{n}", "hydrant", f"{x}", f"{y}")
        for n, (x, y) in enumerate(zip(LONS, LATS, strict=True))
    ]
    file = table(folder / "known.csv", ("code", "kind", "lon", "lat"), *rows)
    program.data("import", file, "--crs", "cgcs2000")


def strange(folder: Path, turn: Turn, head: tuple[str, ...]) -> Path:
    xs, ys = turn(LONS, LATS)
    rows = [
        (f"A{n}", "hydrant", f"{x:.7f}", f"{y:.7f}")
        for n, (x, y) in enumerate(zip(xs, ys, strict=True))
    ]
    return table(folder / "new.csv", head, *rows)


@pytest.mark.parametrize("store", ["file", "server"], indirect=True)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refusal_names_what_fits_and_takes_nothing(
    program: Program, tmp_path: Path, lang: str
) -> None:
    file = strange(tmp_path, china.wgs84_to_gcj02, ("code", "kind", "lon", "lat"))
    ran = program("import", file, lang=lang)
    assert ran.code == 3
    plain = ran.err
    on_record(program, tmp_path)
    ran = program("import", file, lang=lang)
    assert ran.code == 3
    assert ran.err.startswith(plain.strip()[:40])
    assert "6" in ran.err.removeprefix(plain.strip()[:40])
    assert "gcj02" in ran.err.replace(plain.strip(), "")
    assert program.data("import", file, "--crs", "gcj02")["new"] == 0


@pytest.mark.parametrize(("turn", "crs", "axes"), [SYSTEMS[0], SYSTEMS[2], SYSTEMS[5]])
def test_a_stranger_is_told_before_the_question(
    program: Program, answer: Answer, tmp_path: Path, turn: Turn, crs: str, axes: str
) -> None:
    on_record(program, tmp_path)
    file = strange(tmp_path, turn, ("Nummer", "Typ", "x", "y"))
    ran = answer(file, crs, "y")
    assert ran.code == 0, ran
    question = ran.out.index("gcj02" if crs == "gcj02" else "EPSG")
    assert crs in ran.out[: question + 20]
    assert "6 rows" in ran.out[: question + 20]
    assert (program.data("asset", "list")["assets"][0]["code"], axes) == ("A0", "en")


def test_numbers_that_repeat_are_no_pairs(program: Program, tmp_path: Path) -> None:
    on_record(program, tmp_path)
    xs, ys = china.wgs84_to_gcj02(LONS, LATS)
    rows = [("A1", "hydrant", f"{x:.6f}", f"{y:.6f}") for x, y in zip(xs, ys, strict=True)]
    file = table(tmp_path / "new.csv", ("code", "kind", "lon", "lat"), *rows)
    ran = program("import", file, "--json")
    assert ran.json["messages"][0]["key"] == "geo.no_datum"
