"""`import hydrant`: what it offers, loaded when used, and saying what the commands say."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, assert_type

import pytest

import hydrant
from hydrant.shapes import IntegrityData, PollData
from tests.conftest import TWO_TOWNSHIPS, Program

ASSETS = """code,kind,lon,lat,region,service
A1,hydrant.pillar,120.1,30.2,330199001,municipal
A2,hydrant.pillar,120.101,30.2,330199001,municipal
B1,intake.river,120.2,30.2,330199002,rural
"""


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    """Two townships with what they must have, and a file of three assets."""
    (tmp_path / "regions.csv").write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", tmp_path / "regions.csv")
    (tmp_path / "assets.csv").write_text(ASSETS, "utf-8")
    program.data("require", "set", "330199001", "hydrant", 3, "--from", "2021-01-01")
    return program


def place(program: Program) -> str:
    """What a program would pass: a path or a URL with everything in it."""
    return str(getattr(program.db, "url", program.db))


def plain(data: Any) -> Any:
    found = json.loads(json.dumps(data))
    found.pop("computed_at", None)
    return found


def test_everything_offered_is_there() -> None:
    assert set(dir(hydrant)) == set(hydrant.__all__)
    for name in hydrant.__all__:
        assert getattr(hydrant, name) is not None
    with pytest.raises(AttributeError, match="no_such"):
        hydrant.no_such  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("line", "loaded"),
    [
        ("import hydrant", set()),
        ("import hydrant; hydrant.HydrantError", {"hydrant.errors"}),
    ],
)
def test_importing_loads_nothing(line: str, loaded: set[str]) -> None:
    script = (
        f"import sys; before = set(sys.modules); {line}\n"
        "print(*sorted(n for n in set(sys.modules) - before if n.startswith('hydrant.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == loaded


@pytest.mark.parametrize("store", ["file", "server"], indirect=True)
def test_results_are_those_of_the_commands(county: Program, tmp_path: Path) -> None:
    with hydrant.open_registry(place(county), write=True, by="Wang") as registry:
        done = registry.import_file(tmp_path / "assets.csv", crs="wgs84")
        assert (done.read, done.new, done.refused, done.written) == (3, 3, 0, True)
        assert registry.record("A1", "works", at="2026-05-04T09:30", static_kpa=250)
        assert not registry.record("A1", "works", at="2026-05-04T09:30", static_kpa=250)
        assert registry.record("A2", "fails", defects=["leak"])
    with hydrant.open_registry(place(county)) as registry:
        figures = registry.figures("330199", as_of="2026-06-30", policy="gb")
        assert_type(figures, IntegrityData)
        told = county.data("integrity", "330199", "--as-of", "2026-06-30", "--policy", "gb")
        assert plain(figures) == plain(told)
        for code in ("A1", "A2", "B1"):
            assert plain(registry.explain(code)) == plain(county.data("explain", code))
        near = registry.near(120.1, 30.2, crs="wgs84", count=2, working=True)
        line = ("near", 120.1, 30.2, "-n", 2, "--working", "--crs", "wgs84")
        assert plain({"sources": near})["sources"] == county.data(*line)["sources"]
        polled = registry.poll(everything=True)
        assert_type(polled, PollData)
        assert (polled["sensors"], polled["failures"]) == (0, [])
    changes = county.data("audit", "log", "-n", 50)["changes"]
    assert {"import assets.csv", "python"} <= {change["origin"] for change in changes}
    assert {change["actor"] for change in changes if change["origin"] == "python"} == {"Wang"}
    assert county("audit", "verify").code == 0


def test_refused_rows_are_told_and_nothing_is_written(county: Program, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(f"{ASSETS}X9,hydrant,0,0,330199001,municipal\n", "utf-8")
    with hydrant.open_registry(county.db, write=True) as registry:
        done = registry.import_file(tmp_path / "bad.csv", crs="wgs84")
        (row,) = done.rows
        assert (done.new, done.refused, done.written) == (3, 1, False)
        assert (row.line, row.code) == (5, "X9")
        assert row.reason
        assert not registry.import_file(tmp_path / "assets.csv", crs="wgs84", dry_run=True).written
    assert county.data("asset", "list")["assets"] == []


def test_what_cannot_be_recorded_is_refused(county: Program, tmp_path: Path) -> None:
    with hydrant.open_registry(county.db, write=True) as registry:
        registry.import_file(tmp_path / "assets.csv", crs="wgs84")
        with pytest.raises(ValueError, match="sleeps"):
            registry.record("A1", "sleeps")
        with pytest.raises(hydrant.InputRefused) as refused:
            registry.record("A1", "works", at="2999-01-01")
        assert refused.value.key == "survey.future"
        with pytest.raises(hydrant.InputRefused, match="NOPE"):
            registry.record("NOPE", "works")
    with hydrant.open_registry(county.db) as registry:
        for write in (
            lambda: registry.record("A1", "works"),
            lambda: registry.import_file(tmp_path / "assets.csv", crs="wgs84"),
        ):
            with pytest.raises(ValueError, match="write=True"):
                write()
    assert county.data("asset", "show", "A1")["inspections"] == 0


def test_remarks_are_warnings_each_time(county: Program) -> None:
    county.data("region", "succeed", "330199002", "330199001", "--at", "2026-02-01")
    with hydrant.open_registry(county.db) as registry:
        for _ in range(2):
            with pytest.warns(hydrant.ResultWarning, match="330199002") as told:
                registry.figures("330199002")
            (remark,) = (w.message for w in told if isinstance(w.message, hydrant.ResultWarning))
            assert remark.key == "cli_integrity.ended"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            registry.figures("330199001")


def test_what_is_in_doubt_is_told_when_it_is_written(county: Program, tmp_path: Path) -> None:
    with hydrant.open_registry(county.db, write=True) as registry:
        registry.import_file(tmp_path / "assets.csv", crs="wgs84")
    county.data("asset", "event", "A1", "relocated", "--at", "2026-03-10")
    with hydrant.open_registry(county.db, write=True) as registry:
        with pytest.warns(hydrant.ResultWarning, match="which came first"):
            registry.record("A1", "works", at="2026-03-10")
        (doubt,) = registry.in_doubt
        assert isinstance(doubt, hydrant.InDoubt)
        assert (doubt.code, doubt.lacks) == ("A1", "both")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            registry.record("A1", "works", at="2026-03-11")  # what was told is not told again
        assert len(registry.in_doubt) == 1


def test_a_registry_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(hydrant.StoreError), hydrant.open_registry(tmp_path / "none.gpkg"):
        pass
