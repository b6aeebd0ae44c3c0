"""What has to be done adds up to the distance to 100 %, and goes to whoever has the duty."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hydrant.report.todo_files import file_name
from hydrant.store.opened.transactions import transaction
from tests.conftest import Program


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    regions = tmp_path / "regions.csv"
    regions.write_text(
        "code,name_zh,name_en,level,parent_code\n330199,县,County,county,\n"
        "330199001,甲镇,A,township,330199\n330199001201,丙村,C,village,330199001\n",
        "utf-8",
    )
    program.data("region", "import", regions)
    assets = tmp_path / "assets.csv"
    assets.write_text(
        "code,kind,lon,lat,region,service,owner,maintainer,supervisor\n"
        "OK,hydrant.pillar,120.10,30.2,330199001,municipal,O,Water Co,S\n"
        "BAD,hydrant.pillar,120.11,30.2,330199001,municipal,O,Water Co,S\n"
        "OLD,hydrant.pillar,120.12,30.2,330199001,municipal,O,=cmd(),S\n"
        "NEW,hydrant.pillar,120.13,30.2,330199001,municipal,O,,S\n"
        "POND,intake.pond,120.14,30.2,330199001201,rural,O,Village,S\n",
        "utf-8",
    )
    program.data("import", assets, "--crs", "wgs84")
    program.data("require", "set", "330199001", "hydrant", 6, "--from", "2020-01-01")
    program.data("require", "set", "330199001201", "intake", 2, "--from", "2020-01-01")
    program.data("survey", "record", "OK", "--outcome", "works")
    program.data("survey", "record", "BAD", "--outcome", "works", "--defect", "damaged")
    program.data("survey", "record", "OLD", "--outcome", "works", "--at", "2020-05-01")
    return program


def listed(program: Program, name: str, *words: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = program.data("todo", "--list", name, *words)["list"]
    return rows


def test_every_list(county: Program) -> None:
    assert [(r["kind"], r["missing"]) for r in listed(county, "shortfall")] == [
        ("hydrant", 2),
        ("intake", 1),
    ]
    assert [(r["code"], r["severity"]) for r in listed(county, "defects")] == [("BAD", "blocking")]
    assert [r["code"] for r in listed(county, "overdue")] == ["OLD"]
    assert {(r["code"], r["way"]) for r in listed(county, "unverified")} == {
        ("OLD", "visit"),
        ("NEW", "visit"),
        ("POND", "visit"),
    }
    assert [(r["code"], r["vacant"]) for r in listed(county, "duties")] == [("NEW", ["maintainer"])]
    (village,) = listed(county, "villages")
    assert (village["region"], village["missing"], village["intact"]) == ("330199001201", 1, 0)
    incomplete = {r["code"]: r["missing_fields"] for r in listed(county, "records")}
    assert incomplete == {"NEW": ["maintainer", "check"], "POND": ["check"]}
    for list_name in ("defects", "duties"):  # not the same as a holder with nothing to do
        ran = county("todo", "--list", list_name, "--for", "Nobody")
        assert (ran.code, "Nobody" in ran.err) == (3, True)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_fails_without_a_named_defect_is_somebody_s_repair(
    county: Program, tmp_path: Path, lang: str
) -> None:
    """As many as the steps to 100 % count, each with why, for who maintains it."""
    county.data("survey", "record", "OLD", "--outcome", "fails")
    county.data("survey", "record", "NEW", "--outcome", "not_found")
    county.data("survey", "record", "POND", "--outcome", "works", "--static-kpa", 10)
    rows = listed(county, "repairs")
    told = {row["code"]: row["reason"] for row in rows}
    assert told.keys() == {"BAD", "OLD", "NEW"} | ({"POND"} if "POND" in told else set())
    assert told["OLD"] != told["NEW"] != told["BAD"]
    steps = county.data("todo")["distance"]
    assert sum(step["count"] for step in steps if step["work"] == "repair") == len(rows)
    assert {row["code"] for row in listed(county, "repairs", "--for", "Water Co")} == {"BAD"}
    shown = county("todo", "--list", "repairs", lang=lang).out
    assert all(code in shown for code in told)
    county.data("todo", "--out", tmp_path / "td", "--csv")
    assert "BAD" in "".join(file.read_text("utf-8-sig")
                            for file in (tmp_path / "td").glob("*repair*.csv"))  # fmt: skip


def test_what_stands_in_a_village_is_not_what_was_built_towards_its_number(
    county: Program,
) -> None:
    """Sources of other kinds and services are there, and cover nothing of it."""
    village = "330199001201"
    for number in range(2):
        county.data("asset", "add", f"V{number}", "--kind", "well", "--lon", 120.2, "--lat",
                    30.2 + number / 10, "--crs", "wgs84", "--region", village)  # fmt: skip
    county.data("require", "set", village, "tank", 1, "--from", "2020-01-01")
    (row,) = listed(county, "villages")
    before = {name: row[name] for name in ("existing", "required", "built", "missing")}
    assert before["existing"] >= 2
    assert before["required"] - before["built"] == before["missing"]
    assert before["built"] < before["existing"]
    for lang, heading in (("en", "sources"), ("zh", "实有水源")):
        assert heading in county("todo", "--list", "villages", lang=lang).out


def test_distance_adds_up_to_what_the_rates_lack(county: Program) -> None:
    data = county.data("todo", "--cost", "build:hydrant=18000", "--cost", "repair:hydrant=3000.5")
    report = county.data("integrity")["total"]
    counts = dict.fromkeys(("build", "repair", "verify"), 0)
    for step in data["distance"]:
        counts[step["work"]] += step["count"]
    assert counts == {
        "build": report["completeness"]["shortfall"],
        "repair": report["working_order"]["defective"],
        "verify": report["working_order"]["stale"] + report["working_order"]["untested"],
    }
    costs = {(s["work"], s["kind"]): s["cost"] for s in data["distance"]}
    assert costs["build", "hydrant"] == 36000
    assert costs["repair", "hydrant.pillar"] == 3000.5
    assert costs["build", "intake"] is None
    for lang in ("zh", "en"):
        assert "36,000" in county("todo", "--cost", "build:hydrant=18000", lang=lang).out
    assert county("todo", "--cost", "paint:hydrant=1").code == 2


def test_a_finished_project_whose_hydrant_is_not_built(county: Program) -> None:
    from hydrant.model.tables import Asset, Lifecycle  # noqa: PLC0415
    from hydrant.store.opened.registry import open_registry  # noqa: PLC0415

    with (
        open_registry(county.db, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        for code, project, events in (
            ("P1", "Ring road", ["planned"]),
            ("P2", "Ring road", ["planned", "under_construction", "commissioned"]),
            ("P3", "Harbour", ["planned"]),
        ):
            asset = Asset(kind="hydrant.pillar", code=code, region_code="330199001",
                          geom=(120.2, 30.2))  # fmt: skip
            writer.add(asset)
            writer.flush()
            for event in events:
                writer.add(Lifecycle(asset_uid=asset.uid, event=event, project=project))
    assert [(r["code"], r["sign"]) for r in listed(county, "planned")] == [("P1", "sibling")]
    both = listed(county, "planned", "--finished", "Harbour")
    assert [(r["code"], r["sign"]) for r in both] == [("P1", "sibling"), ("P3", "stated")]


def test_files_for_every_holder_are_safe(county: Program, tmp_path: Path) -> None:
    out = tmp_path / "todo"
    files = [Path(name) for name in county.data("todo", "--out", out)["files"]]
    assert all(path.parent == out and path.is_file() for path in files)
    book = openpyxl.load_workbook(next(p for p in files if p.stem == "Water Co"))
    assert book.sheetnames == ["未消除缺陷"] or "Open defects" in book.sheetnames
    tables = county.data("todo", "--out", out, "--csv")["files"]
    cells = [
        cell
        for name in tables
        for row in csv.reader(Path(name).read_text("utf-8-sig").splitlines())
        for cell in row
    ]
    assert "'=cmd()" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize("words", ["../../etc/passwd", "C:\\x", "a/b", "...", "\x00", "消防"])
def test_names_stay_in_their_folder(words: str) -> None:
    name = file_name(words)
    assert name
    assert Path("x", name).resolve().parent == Path("x").resolve()
