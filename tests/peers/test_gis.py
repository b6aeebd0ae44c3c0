"""Other GIS programs accept the registry, and what they change in it is found."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from tests.conftest import Program, missing

pytestmark = pytest.mark.peer

ROOT = Path(__file__).parents[2]
VALIDATOR = ROOT / ".venv-peers" / "osgeo_utils" / "samples" / "validate_gpkg.py"


@pytest.fixture
def used(program: Program, tmp_path: Path) -> Program:
    """A registry filled by import, survey and poll."""
    file = tmp_path / "f.csv"
    rows = [f"H{n},hydrant.pillar,{120 + n / 1000:.3f},30.2" for n in range(40)]
    file.write_text("code,kind,lon,lat\n" + "\n".join(rows) + "\n", "utf-8")
    program.data("import", file, "--crs", "cgcs2000")
    program.data("survey", "record", "H1", "--outcome", "works", "--static-kpa", 320)
    program.data("asset", "edit", "H2", "--owner", "水务公司")
    device = SimulatedUnit(load_profile("keller-33x"), lambda: {"p1": 95.0})
    with serve([SimulatedGateway({1: device})]) as (url,):
        program.data("sensor", "add", "H1", "--profile", "keller-33x", "--url", url, "--unit", 1)
        assert program.data("poll")["answered"] == 1
    return program


def run(*words: object) -> str:
    # reading foreign files here forbids drivers, which children would inherit
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PROJ_", "GDAL_", "OGR_"))}
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, env=own
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_ogrinfo_reads_it_without_a_warning(used: Program, peer: Callable[[str], str]) -> None:
    said = run(peer("ogrinfo"), "-so", used.db, "asset")
    assert "Geometry: Point" in said
    assert "Feature Count: 40" in said
    assert "China Geodetic Coordinate System 2000" in said
    assert "Extent: (120.0000" in said, said
    # GDAL 3.6 says of every 1.4 file that it may support it only partially
    assert said.count("Warning") == said.count("v1.4.0") <= 1, said
    assert "ERROR" not in said


def test_validator_accepts_it(used: Program) -> None:
    python = "/usr/bin/python3"
    if not VALIDATOR.is_file() or not Path(python).exists():
        missing(
            "GDAL's validate_gpkg.py is not installed; apt-get install python3-gdal, and "
            "bash .ci/run installs it in .venv-peers"
        )
    done = subprocess.run(
        [python, str(VALIDATOR), "--extra", str(used.db)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(VALIDATOR.parents[2])},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_point_moved_with_ogr2ogr_is_found_at_its_new_place(
    used: Program, peer: Callable[[str], str], tmp_path: Path
) -> None:
    moved = tmp_path / "moved.gpkg"
    run(peer("ogr2ogr"), "-f", "GPKG", moved, used.db, "asset", "-preserve_fid")
    move = "UPDATE asset SET geom = MakePoint(121.5, 29.8, 4490) WHERE code = 'H7'"
    run(peer("ogrinfo"), moved, "-dialect", "INDIRECT_SQLITE", "-sql", move)
    run(peer("ogr2ogr"), "-update", "-upsert", used.db, moved, "asset", "-preserve_fid")
    (source,) = used.data("near", 121.5, 29.8, "--crs", "cgcs2000", "--within", 50)["sources"]
    assert source["code"] == "H7"
    assert used.data("near", 120.007, 30.2, "--crs", "cgcs2000", "--within", 5)["sources"] == []
    assert used.data("db", "check")["faults"] == []


def test_point_moved_with_ogrinfo_sql(used: Program, peer: Callable[[str], str]) -> None:
    run(peer("ogrinfo"), used.db, "-dialect", "INDIRECT_SQLITE", "-sql",
        "UPDATE asset SET geom = MakePoint(121.6, 29.8, 4490) WHERE code = 'H8'")  # fmt: skip
    (source,) = used.data("near", 121.6, 29.8, "--crs", "cgcs2000", "--within", 50)["sources"]
    assert source["code"] == "H8"


def test_row_added_elsewhere_gets_a_key(
    used: Program, peer: Callable[[str], str], tmp_path: Path
) -> None:
    csv = tmp_path / "new.csv"
    csv.write_text("code,kind,x,y\nQ1,hydrant,121.7,29.8\n", "utf-8")
    run(peer("ogr2ogr"), "-append", "-update", used.db, csv, "-nln", "asset", "-oo",
        "X_POSSIBLE_NAMES=x", "-oo", "Y_POSSIBLE_NAMES=y", "-a_srs", "EPSG:4490",
        "-sql", "SELECT code, kind FROM new")  # fmt: skip
    (source,) = used.data("near", 121.7, 29.8, "--crs", "cgcs2000", "--within", 50)["sources"]
    assert source["code"] == "Q1"
    assert len(source["uid"]) == 36
    assert used.data("integrity")["total"]["working_order"]["untested"] == 40
    with sqlite3.connect(used.db) as connection:
        (who,) = connection.execute("SELECT recorded_by FROM asset WHERE code = 'Q1'").fetchone()
    connection.close()
    assert who == "external"


def test_hydrant_deleted_with_gdal_comes_back_with_its_inspections(
    used: Program, peer: Callable[[str], str]
) -> None:
    run(peer("ogrinfo"), used.db, "-sql", "DELETE FROM asset WHERE code = 'H1'")
    (change,) = used.data("audit", "outside")["changes"]
    assert (change["asset"], change["action"]) == ("H1", "delete")
    shown = used.data("asset", "show", "H1")
    assert shown["inspections"] == 1
    assert used.data("db", "check")["faults"] == []


def test_edits_with_gdal_are_in_the_audit_log(used: Program, peer: Callable[[str], str]) -> None:
    for code, setting in (("H3", "owner = 'GDAL'"), ("H4", "kind = 'pillar'")):
        run(peer("ogrinfo"), used.db, "-dialect", "INDIRECT_SQLITE", "-sql",
            f"UPDATE asset SET {setting} WHERE code = '{code}'")  # fmt: skip
    (change,) = used.data("audit", "outside")["changes"]
    assert (change["asset"], change["field"]) == ("H4", "kind")
    (entry,) = [c for c in used.data("audit", "log", "H3")["changes"] if c["action"] == "update"]
    assert (entry["origin"], entry["after"]) == ("outside edit", '{"owner":"GDAL"}')
    assert used.data("asset", "show", "H3")["asset"]["owner"] == "GDAL"
