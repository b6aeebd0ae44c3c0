"""What goes out comes back as it was, and other programs read it."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant.cli.main import run
from hydrant.model.tables import Asset, Inspection, Lifecycle
from hydrant.safe_text import marked, unmarked
from hydrant.store.evidence.evidence import today
from hydrant.store.file.migrate import create
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.views.export_rows import export_rows
from hydrant.vocabulary import KINDS, Structure, family_of
from tests.conftest import Program

words = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters="=+-@' "), min_size=1,
    max_size=12,
).map(str.strip).filter(bool)  # fmt: skip
number = st.floats(0.1, 100).map(lambda value: round(value, 3))
#: None that may be in another unit.
kpa = st.floats(10, 1000).map(lambda value: round(value, 3))
#: Days that were stated without a time, and times close to a local midnight and a year's end.
moments = st.sampled_from(
    [
        dt.datetime(2023, 12, 31, 16, tzinfo=dt.UTC),
        dt.datetime(2023, 12, 31, 15, 59, 59, 999000, tzinfo=dt.UTC),
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        dt.datetime(1990, 7, 1, 15, tzinfo=dt.UTC),  # midnight, in a summer with summer time
    ]
)
assets = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "lon": st.floats(118, 123).map(lambda value: round(value, 7)),
            "lat": st.floats(27, 31).map(lambda value: round(value, 7)),
            "name": st.none() | words,
            "address": st.none() | words,
            "owner": st.none() | words,
            "note": st.none() | words,
            "structure": st.none() | st.sampled_from(list(Structure)),
            "access_lane": st.none() | st.booleans(),
            "truck_slots": st.none() | st.integers(0, 20),
            "begun": st.none()
            | st.fixed_dictionaries(
                {
                    "at": st.none() | moments,
                    "project": st.none() | words,
                    "consent": st.none() | words,
                    "funding": st.none() | words,
                    "cost": st.none() | st.floats(0, 1e7).map(lambda value: round(value, 2)),
                }
            ).filter(lambda begun: any(value is not None for value in begun.values())),
            "lift_drought_m": st.none() | number,
            "visit": st.none()
            | st.fixed_dictionaries(
                {
                    "outcome": st.sampled_from(["works", "fails", "not_found"]),
                    "at": st.none() | moments,
                    "static_kpa": st.none() | kpa,
                    "flow_l_s": st.none() | number,
                    "inspector": st.none() | words,
                }
            ),
        }
    ),
    min_size=1,
    max_size=4,
)


@given(st.text())
def test_marking_is_undone(text: str) -> None:
    assert unmarked(marked(text)) == text
    assert not str(marked(text)).startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg", "kml", "gpx"])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(described=assets)
def test_what_goes_out_comes_back(
    tmp_path_factory: pytest.TempPathFactory, form: str, described: list[dict[str, Any]]
) -> None:
    first, second = out_and_in(tmp_path_factory.mktemp("out"), form, described)
    assert rows(second) == rows(first)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(described=assets)
def test_what_osm_has_tags_for_comes_back(
    tmp_path_factory: pytest.TempPathFactory, described: list[dict[str, Any]]
) -> None:
    first, second = out_and_in(tmp_path_factory.mktemp("out"), "osm", described)
    tagged = ("code", "name", "owner", "note")
    for before, after in zip(rows(first), rows(second), strict=True):
        assert {name: after[name] for name in tagged} == {name: before[name] for name in tagged}
        assert (after["lon"], after["lat"]) == (before["lon"], before["lat"])
        # a kind without a tag of its own comes back as its family, never as another kind;
        # the scheme has one tag for hydrants and cranes, and one for intakes and wells
        family = {"crane": "hydrant", "well": "intake"}.get(family_of(before["kind"]))
        assert before["kind"].startswith(after["kind"]) or after["kind"] == family
        # that a mapper saw it says nothing about whether it gives water; that it does not is told
        bad = before["inspection_outcome"] in ("fails", "not_found")
        told = (before["inspection_outcome"],) if bad else (None, "fails")
        assert after["inspection_outcome"] in told


def out_and_in(folder: Path, form: str, described: list[dict[str, Any]]) -> tuple[Path, Path]:
    """A registry of what is described, and one made of its export."""
    first, second, file = folder / "a.gpkg", folder / "b.gpkg", folder / f"assets.{form}"
    for path in (first, second):
        create(path, settings={"policy": "zhejiang", "zone": "Asia/Shanghai"})
    with (
        open_registry(first, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        for number, entry in enumerate(described):
            facts = {k: v for k, v in entry.items() if k not in ("lon", "lat", "visit", "begun")}
            asset = Asset(code=f"H{number}", geom=(entry["lon"], entry["lat"]), **facts)
            writer.add(asset)
            writer.flush()
            if entry["begun"] is not None:
                writer.add(Lifecycle(asset_uid=asset.uid, event="commissioned", **entry["begun"]))
            if entry["visit"] is not None:
                writer.add(Inspection(asset_uid=asset.uid, **entry["visit"]))
    assert run(["export", str(file), "--db", str(first), "--json"]) == 0
    crs = [] if form == "osm" else ["--crs", "cgcs2000"]  # OSM is in WGS 84, and says so
    assert run(["import", str(file), *crs, "--db", str(second), "--json"]) == 0
    return first, second


def rows(path: Path) -> list[dict[str, Any]]:
    with open_registry(path) as registry:
        found = list(export_rows(registry, today(registry), regions=None, kind=None))
    plain = [{name: value for name, value in row.items() if name != "uid"} for row in found]
    return sorted(plain, key=lambda row: str(row["code"]))


@pytest.fixture
def filled(program: Program) -> Program:
    for code, kind in (("A", "hydrant.pillar"), ("B", "intake.pond"), ("C", "tank")):
        program.data("asset", "add", code, "--kind", kind, "--lon", 120.1, "--lat", 30.2,
                     "--crs", "cgcs2000", "--owner", "=cmd()")  # fmt: skip
    program.data("asset", "retire", "C", "--at", "2025-01-01")
    program.data("survey", "record", "A", "--outcome", "works", "--flow-l-s", 20)
    return program


@pytest.mark.peer
@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg", "kml", "gpx", "osm"])
def test_gdal_reads_every_form(
    filled: Program, tmp_path: Path, peer: Callable[[str], str], form: str
) -> None:
    file = tmp_path / f"out.{form}"
    assert filled.data("export", file)["assets"] == 2  # what was removed does not go out
    layer = {"gpx": ["waypoints"], "osm": ["points"]}.get(form, [])
    # what our own GDAL leaves out, theirs may read
    theirs = {name: value for name, value in os.environ.items() if not name.endswith("_SKIP")}
    said = subprocess.run(
        [peer("ogrinfo"), "-al", "-so", str(file), *layer], capture_output=True, text=True,
        check=True, env=theirs,
    ).stdout  # fmt: skip
    assert "Feature Count: 2" in said or form in ("osm", "xlsx"), said


def test_osm_bears_the_scheme_and_is_never_uploaded(filled: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.osm"
    filled.data("export", file)
    root = parse(file).getroot()
    assert root.get("upload") == "never"
    tags = [{tag.get("k"): tag.get("v") for tag in node} for node in root]
    assert [t["emergency"] for t in tags] == ["fire_hydrant", "fire_water_pond"]
    assert tags[0]["fire_hydrant:type"] == "pillar"
    assert tags[0]["flow_rate"] == "1200 l/min"


def test_refusals(filled: Program, tmp_path: Path) -> None:
    assert filled("export", tmp_path / "out.doc").code == 3
    assert filled("export", filled.db).code == 3
    assert filled("export", tmp_path / "nowhere" / "out.csv").code == 4
    assert filled("export", tmp_path / "none.csv", "--kind", "crane").code == 3
    again = tmp_path / "twice.geojson"
    filled.data("export", again)
    filled.data("export", again)  # a file of ours may be written again
    assert len(json.loads(again.read_text("utf-8"))["features"]) == 2
    for lang, word in (("zh", "已写入"), ("en", "written to")):
        assert word in filled("export", again, lang=lang).out


def test_what_a_file_does_not_hold_is_named(filled: Program, tmp_path: Path) -> None:
    """A low pressure of another visit, and OpenStreetMap's tags, which tell of no visit."""
    assert filled.data("export", tmp_path / "out.csv")["better_there"] == []
    filled.data("survey", "record", "A", "--outcome", "not_testable", "--static-kpa", 80)
    told = filled("export", tmp_path / "out.csv", "--json")
    (row,) = told.data["better_there"]
    assert (row["code"], row["here"], row["reason"], row["there"]) == (
        "A", "defective", "static_below", "intact",
    )  # fmt: skip
    assert told.data["overstated"] == 1
    for lang, words in (("en", "A (by the file: intact;"), ("zh", "A（文件中：完好")):
        assert words in filled("export", tmp_path / "out.xlsx", lang=lang).err
    assert filled.data("export", tmp_path / "pond.csv", "--kind", "intake")["overstated"] == 0
    (row,) = filled.data("export", tmp_path / "out.osm")["better_there"]
    assert row["there"] == "untested"


STAGES = [("planned", None), ("planned", "2026-03-01"), ("under_construction", "2026-03-01"),
          ("suspended", "2026-03-01")]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "stage", "day"),
    [*(("csv", *one) for one in STAGES),
     *((form, *STAGES[-1]) for form in ("xlsx", "geojson", "gpkg", "kml", "gpx"))],
)  # fmt: skip
def test_what_is_planned_or_suspended_comes_back_as_that(
    program: Program, tmp_path: Path, form: str, stage: str, day: str | None
) -> None:
    for code in ("A1", "A2"):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", "16.1", "--lat", "47.1",
                     "--built", "2020-01-01")  # fmt: skip
        program.data("survey", "record", code, "--outcome", "works", "--at", "2026-01-05")
    if day is None:
        program.data("asset", "add", "A3", "--kind", "hydrant", "--lon", "16.2",
                     "--lat", "47.1")  # fmt: skip
        program.data("asset", "event", "A3", stage)
    else:
        program.data("asset", "event", "A2", stage, "--at", day)
    figures = program.data("integrity")["total"]["working_order"]
    file = tmp_path / f"out.{form}"
    program.data("export", file)
    # in the same registry nothing changes
    again = program.data("import", file)
    assert (again["updated"], again["new"], again["refused"], again["named"]) == (0, 0, 0, {})
    other = tmp_path / "other.gpkg"
    program.data("init", "--db", other, "--no-regions")
    taken = program.data("import", file, "--db", other)
    assert (taken["new"], taken["ignored"]) == (again["unchanged"], 0)
    assert program.data("integrity", "--db", other)["total"]["working_order"] == figures
    # what became of it since is not taken back by the older file
    code = "A3" if day is None else "A2"
    back = "resumed" if stage == "suspended" else "commissioned"
    program.data("asset", "event", code, back, *(() if day is None else ("--at", "2026-04-01")))
    told = program.data("import", file)
    assert [row["code"] for row in told["named"]["ended_otherwise"]] == [code]


@pytest.mark.parametrize(("stage", "day"), STAGES[1:])
def test_a_map_is_not_told_of_a_source_that_is_none(
    program: Program, tmp_path: Path, stage: str, day: str
) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant.pillar", "--lon", "16.1", "--lat", "47.1")
    program.data("asset", "event", "A1", stage, "--at", day)
    program.data("export", tmp_path / "out.osm")
    assert 'k="emergency"' not in (tmp_path / "out.osm").read_text("utf-8")
    data = program.data("import", tmp_path / "out.osm", "--mapping", "osm")
    assert (data["read"], data["ignored"]) == (1, 1)
