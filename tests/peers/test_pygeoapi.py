"""What is published is read by GDAL's client of OGC API Features from pygeoapi, on both stores."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hydrant.ids import new_uid
from hydrant.store.ground.place import Server
from hydrant.store.sql.public_columns import COLUMNS
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from tests.conftest import Program, missing
from tests.server import Cluster

pytestmark = pytest.mark.peer

ROOT = Path(__file__).parents[2]
PYGEOAPI = ROOT / ".venv-peers" / "pygeoapi" / "bin" / "pygeoapi"
SECRET = "王五 13800000000"
BOX = ("120.0045", "30.1", "120.0205", "30.3")


def filled(program: Program, folder: Path) -> None:
    """Fifty assets; the facts that must not come out hold a name and a phone number."""
    file = folder / "f.csv"
    rows = [f"H{n},hydrant.pillar,{120 + n / 1000:.3f},30.2,150,{SECRET},{SECRET}"
            for n in range(50)]  # fmt: skip
    file.write_text("code,kind,lon,lat,mains_dn_mm,owner,note\n" + "\n".join(rows), "utf-8")
    program.data("import", file, "--crs", "cgcs2000")
    program.data("asset", "add", "P1", "--kind", "well", "--lon", 120.2, "--lat", 30.2, "--crs",
                 "cgcs2000", "--service", "private")  # fmt: skip
    program.data("asset", "retire", "H49")
    program.data("survey", "record", "H1", "--outcome", "works", "--by", SECRET, "--note", SECRET)
    program.data("survey", "record", "H2", "--outcome", "works", "--at", "2025-01-05T08:00:00Z")
    program.data("defect", "open", "H2", "no_water", "--severity", "blocking")
    program.data("survey", "record", "H3", "--outcome", "fails", "--at", "2025-03-01T08:00:00Z")
    device = SimulatedUnit(load_profile("keller-33x"), lambda: {"p1": 320.0})
    with serve([SimulatedGateway({1: device})]) as (url,):
        program.data("sensor", "add", "H4", "--profile", "keller-33x", "--url", url, "--unit", 1)
        assert program.data("poll")["answered"] == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path, url: str) -> Iterator[None]:
    """pygeoapi with the configuration in a folder, on loopback."""
    api = folder / "openapi.yml"
    environment = {k: v for k, v in os.environ.items()
                   if not k.startswith(("GDAL_", "OGR_", "PROJ_", "PYTHON"))}  # fmt: skip
    environment |= {"PYGEOAPI_CONFIG": str(folder / "pygeoapi.yml"), "PYGEOAPI_OPENAPI": str(api)}
    subprocess.run([PYGEOAPI, "config", "validate", "-c", folder / "pygeoapi.yml"], check=True,
                   env=environment, capture_output=True)  # fmt: skip
    made = subprocess.run([PYGEOAPI, "openapi", "generate", folder / "pygeoapi.yml",
                           "--output-file", api], env=environment, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert made.returncode == 0, made.stderr
    log = folder / "serve.log"
    with log.open("w") as out:
        running = subprocess.Popen([PYGEOAPI, "serve"], env=environment, stdout=out, stderr=out)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}/conformance?f=json", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                assert running.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.2)
        yield
    finally:
        running.terminate()
        running.wait(20)


def features(ogr2ogr: str, url: str, target: Path, *more: str) -> list[dict[str, Any]]:
    """Every feature of the collection as GDAL's client sees it."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("GDAL_", "OGR_", "CPL_"))
    }
    done = subprocess.run(
        [ogr2ogr, "-f", "GeoJSON", target, f"OAPIF:{url}", "water_sources", "-oo",
         "PAGE_SIZE=20", *more], capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    loaded = json.loads(target.read_text("utf-8"))["features"]
    return sorted(loaded, key=lambda feature: str(feature["properties"]["code"]))


def shown(feature: dict[str, Any]) -> dict[str, Any]:
    """Its attributes without the number that a file adds, times as moments.

    A file tells local time with its offset or a local day, a server moments of its own type.
    """
    found = {k: v for k, v in feature["properties"].items() if k not in ("fid", "id")}
    return {
        name: _moment(str(value)) if name.endswith("_at") and value else value
        for name, value in found.items()
    }


def _moment(text: str) -> str:
    spelled = text.replace("/", "-").replace(" ", "T")
    spelled += ":00" if re.search(r"[+-]\d\d$", spelled[10:]) else ""
    moment = dt.datetime.fromisoformat(spelled)
    if moment.tzinfo is None:  # a day, or what GDAL gives of a moment in UTC
        local = ZoneInfo("Asia/Shanghai") if len(spelled) == 10 else dt.UTC
        moment = moment.replace(tzinfo=local)
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


@pytest.fixture
def pygeoapi() -> None:
    if not PYGEOAPI.exists():
        missing("pygeoapi is not installed; bash .ci/run installs it in .venv-peers")


def read(
    program: Program, folder: Path, ogr2ogr: str, *, login: str = "web"
) -> list[dict[str, Any]]:
    """What the client sees of a registry; a box holds what it must, and no secret comes out."""
    url = f"http://127.0.0.1:{free_port()}"
    program.data("db", "publish", folder, "--url", url, "--login", login)
    with served(folder, url):
        everything = features(ogr2ogr, url, folder / "all.geojson")
        inside = features(ogr2ogr, url, folder / "box.geojson", "-spat", *BOX)
    assert [f["properties"]["code"] for f in inside] == sorted(f"H{n}" for n in range(5, 21))
    assert SECRET not in (folder / "all.geojson").read_text("utf-8")
    for path in folder.iterdir():
        assert SECRET.encode() not in path.read_bytes(), path
    return everything


def test_both_stores_serve_the_same(
    pygeoapi: None, program: Program, database: Server, postgres: Cluster, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], peer: Callable[[str], str],
) -> None:  # fmt: skip
    ogr2ogr = peer("ogr2ogr")
    filled(program, tmp_path)
    postgres.drop(database.url.rpartition("/")[2])
    postgres.database(database.url.rpartition("/")[2])
    program.data("db", "copy", program.db, database)
    office = Program(Server(database.url), capsys)
    refused = office("db", "publish", tmp_path / "none", "--json")
    assert (refused.code, refused.json["messages"][0]["key"]) == (4, "server.not_public")
    login = f"w_{new_uid()[-12:]}"
    office.data("db", "roles", login, "--as", "public")
    try:
        from_file = read(program, tmp_path / "f", ogr2ogr)
        from_server = read(office, tmp_path / "s", ogr2ogr, login=login)
        only_the_view(database, login)
    finally:
        postgres.run(f'DROP ROLE "{login}"')
    assert len(from_file) == len(from_server) == 49
    assert list(map(shown, from_file)) == list(map(shown, from_server))
    assert [f["geometry"]["coordinates"] for f in from_file] == [
        pytest.approx(f["geometry"]["coordinates"], abs=1e-9) for f in from_server
    ]
    assert set(shown(from_server[0])) <= set(COLUMNS)
    by_code = {f["properties"]["code"]: f["properties"] for f in from_server}
    assert (by_code["H2"]["last_outcome"], by_code["H2"]["blocking_defects"]) == ("works", 1)
    assert (by_code["H3"]["last_outcome"], by_code["H3"]["mains_dn_mm"]) == ("fails", 150)
    assert by_code["H4"]["pressure_kpa"] == pytest.approx(320, abs=0.5)
    assert by_code["H5"].get("last_outcome") is None


def only_the_view(database: Server, login: str) -> None:
    """The published login reads the view by its index, and nothing else."""
    psycopg = pytest.importorskip("psycopg")
    url = database.url.replace("postgres@", f"{login}@")
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("asset", "inspection", "change", "sensor", "setting", "proposal"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM hydrant.{table}")
        connection.execute("SET enable_seqscan TO off")
        plan = connection.execute(
            "EXPLAIN SELECT count(*) FROM hydrant_public.water_source WHERE ST_Intersects("
            "ST_MakeEnvelope(120, 30, 120.1, 30.1, 4326), geom)"
        ).fetchall()
    assert any("ix_asset_geom_public" in line for (line,) in plan), plan
