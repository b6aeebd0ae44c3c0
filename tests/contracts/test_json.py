"""What ``--json`` prints, held against the published schemas."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hydrant.file_shapes import FILES
from hydrant.resources import resource
from hydrant.shapes import OUTPUTS
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from tests.conftest import TWO_TOWNSHIPS, Program, Ran


def validator(name: str) -> Draft202012Validator:
    schema = json.loads(resource("schemas", f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def held(name: str, data: Any) -> None:
    plain = json.loads(json.dumps(data, default=str))  # TOML has dates of its own
    errors = [error.message for error in validator(name).iter_errors(plain)]
    assert not errors, errors


def enveloped(ran: Ran) -> dict[str, Any]:
    """The envelope of a run; the whole of stdout, and nothing on stderr."""
    assert ran.out.count("\n") == 1
    assert ran.err == ""
    held("envelope", ran.json)
    assert ran.json["exit_code"] == ran.code
    return ran.json


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    """A county with two townships, requirements, three hydrants and a failed one."""
    regions = tmp_path / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    assets = tmp_path / "assets.csv"
    assets.write_text(
        "code,kind,lon,lat,region,service\n"
        "A1,hydrant.pillar,120.1,30.2,330199001,municipal\n"
        "A2,hydrant.pillar,120.101,30.2,330199001,municipal\n"
        "B1,intake.river,120.2,30.2,330199002,rural\n"
        "P1,hydrant,120.3,30.2,330199002,private\n",
        "utf-8",
    )
    program.data("import", assets, "--crs", "wgs84")
    program.data("require", "set", "330199001", "hydrant", 3, "--from", "2021-01-01")
    program.data("survey", "record", "A1", "--outcome", "works")
    program.data("survey", "record", "A2", "--outcome", "fails")
    return program


def test_schemas_are_sound() -> None:
    for name in (*OUTPUTS, *FILES):
        validator(name)


@pytest.mark.parametrize(
    "line",
    [
        ("integrity", "330199", "--json"),
        ("asset", "list", "--json"),
        ("asset", "show", "NOPE", "--json"),
        ("nonsense", "--json"),
        ("near", "x", "y", "--json"),
        ("db", "check", "--json"),
        ("poll", "--json"),
        ("policy", "list", "--json"),
        ("config", "show", "--json"),
    ],
)
def test_every_end_has_an_envelope(county: Program, line: tuple[str, ...]) -> None:
    enveloped(county(*line))


def test_import(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text(
        "code,kind,lon,lat\nA,hydrant,120,30\nA2,hydrant,120.00001,30\nB,hydrant,0,0\n", "utf-8"
    )
    ran = program("import", file, "--crs", "wgs84", "--json")
    data = enveloped(ran)["data"]
    held("import", data)
    assert (ran.code, data["refused"], data["duplicates"]) == (3, 1, 2)
    data = program.data("import", file, "--crs", "wgs84", "--skip-bad")
    held("import", data)
    names = ("new", "updated", "unchanged", "refused", "ignored")
    assert data["read"] == sum(data[name] for name in names)


@pytest.mark.parametrize(
    "rows",
    [
        "A,hydrant,16.1,47.1,ok\n",
        "A,x,120.1,30.1,\n",
        "A,hydrant,0,0,\n",
        "A,hydrant,30.1,120.1,\n",
    ],
)
def test_proposal(program: Program, tmp_path: Path, rows: str) -> None:
    file = tmp_path / "f.csv"
    file.write_text("ident,type,longitude,latitude,status\n" + rows, "utf-8")
    ran = program("import", file, "--json")
    assert ran.code == 3
    held("proposal", enveloped(ran)["data"])


def test_near(county: Program) -> None:
    data = county.data("near", 120.1, 30.2, "-n", 3, "--crs", "wgs84")
    held("near", data)
    assert [source["code"] for source in data["sources"]] == ["A1", "A2", "B1"]
    assert data["sources"][1]["bearing_deg"] == pytest.approx(90, abs=0.2)
    working = county.data("near", 120.1, 30.2, "-n", 3, "--working", "--crs", "wgs84")
    assert [source["code"] for source in working["sources"]] == ["A1"]


def test_supply(county: Program) -> None:
    county.data("asset", "edit", "A1", "--set", "design_flow_l_s=20")
    county.data("survey", "record", "A2", "--outcome", "works", "--flow-l-s", 15)
    county.data("survey", "record", "B1", "--outcome", "works")
    for flow, code in ((10, 0), (30, 1)):
        ran = county("supply", 120.1, 30.2, "--within", 20_000, "--flow", flow, "--json")
        held("supply", enveloped(ran)["data"])
        assert (ran.code, ran.data["enough"]) == (code, code == 0)
    assert [source["code"] for source in ran.data["not_counted"]] == ["A1"]
    held("near", county.data("near", 120.1, 30.2, "-n", 3))


def test_integrity(county: Program) -> None:
    for extra in ((), ("--by", "maintainer"), ("--list", "shortfall"), ("--explain",), ("--save",)):
        held("integrity", county.data("integrity", "330199", *extra))
    data = county.data("integrity", "330199", "--by", "township")
    total = data["total"]
    assert total["completeness"] == {
        "required": 3, "built": 2, "met": 2, "shortfall": 1, "percent": 66.66,
        "raw_percent": 66.66, "units_without_requirement": 1, "numbers_lacking": 1,
        "units": [{"region": "330199002", "name": "B", "kind": None, "service": None}],
    }  # fmt: skip
    assert total["working_order"] == {
        "existing": 3, "intact": 1, "stale": 0, "defective": 1, "untested": 1, "unmeasured": 3,
        "percent": 33.33, "low": 33.33, "high": 66.66,
    }  # fmt: skip
    assert [group["key"] for group in data["groups"]] == ["330199001", "330199002"]
    by_owner = county.data("integrity", "330199", "--by", "owner")
    assert all(group["completeness"] is None for group in by_owner["groups"])


def test_poll(county: Program) -> None:
    held("poll", county.data("poll"))
    device = SimulatedUnit(load_profile("keller-33x"), lambda: {"p1": 95.0})
    with serve([SimulatedGateway({1: device})]) as (url,):
        for code, unit in (("A1", 1), ("A2", 2)):
            county.data("sensor", "add", code, "--profile", "keller-33x", "--url",
                        f"{url}?timeout=0.2", "--unit", unit)  # fmt: skip
        data = county.data("poll")
    held("poll", data)
    assert (data["sensors"], data["answered"], data["failed"]) == (2, 1, 1)
    assert (data["stored"], data["alarms_opened"]) == (3, 1)
    assert [failure["reason"] for failure in data["failures"]] == ["timeout"]


@pytest.mark.parametrize(
    ("schema", "folder"),
    [("mapping", ("data", "mappings")), ("policy", ("data", "policies")), ("driver", ("drivers",))],
)
def test_shipped_files_fit_their_schemas(schema: str, folder: tuple[str, ...]) -> None:
    files = sorted(resource(*folder).glob("*.toml"))
    assert files
    for path in files:
        held(schema, tomllib.loads(path.read_text(encoding="utf-8")))
