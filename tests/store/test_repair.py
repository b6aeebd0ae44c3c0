"""Each thing broken on purpose is found, explained, and derived anew on a copy."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hydrant.cli.db_faults import explained
from hydrant.exchange.sample import load_sample, sample_sensors
from hydrant.exchange.sample_devices import gateways, register
from hydrant.integrity.policy_reader import load_policy
from hydrant.resources import resource
from hydrant.store.care import mend_readings
from hydrant.store.care.check import Fault
from hydrant.store.care.repair import _facts
from hydrant.store.facts.sensors import list_sensors
from hydrant.store.file.migrate import create
from hydrant.store.ground import gpkg, proof
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.poll import poll
from hydrant.telemetry.simulator import serve
from hydrant.vocabulary import Language
from tests.conftest import SETTINGS, Program

#: What is done to the registry, and the finding that must name it.
BROKEN = {
    "no trigger of the map index": ("DROP TRIGGER rtree_asset_geom_insert", "check.trigger"),
    "no trigger that stamps": ("DROP TRIGGER stamp_asset", "check.trigger"),
    "no trigger that watches": ("DROP TRIGGER watch_asset_update", "check.watch"),
    "another trigger that watches": (
        "DROP TRIGGER watch_asset_update; CREATE TRIGGER watch_asset_update AFTER UPDATE ON asset "
        "BEGIN SELECT 1; END", "check.watch"),
    "another trigger that stamps": (
        "DROP TRIGGER stamp_asset; CREATE TRIGGER stamp_asset AFTER INSERT ON asset "
        "BEGIN SELECT 1; END", "check.other_trigger"),
    "no index": ("DROP INDEX ix_asset_code", "check.missing_index"),
    "an asset misplaced": (f"UPDATE {gpkg.RTREE} SET minx = 1, maxx = 2 WHERE id = 3",
                           "check.index"),
    "an asset not in the map index": (f"DELETE FROM {gpkg.RTREE} WHERE id = 3", "check.index"),
    "more in the map index": (f"INSERT INTO {gpkg.RTREE} VALUES (99999, 1, 1, 1, 1)",
                              "check.index_extra"),
    "no map index": (f"DROP TABLE {gpkg.RTREE}", "check.no_index"),
    "half a map index": (f"DROP TABLE {gpkg.RTREE}_rowid", "check.no_index"),
    "a damaged map index": (f"UPDATE {gpkg.RTREE}_rowid SET nodeno = nodeno + 7",
                            "check.index_file"),
    "a layer not listed": ("DELETE FROM gpkg_contents WHERE table_name = 'inspection'",
                           "check.contents"),
    "no geometry column": ("DELETE FROM gpkg_geometry_columns", "check.contents"),
    "no extension": ("DROP TABLE gpkg_extensions", "check.contents"),
    "no reference system": ("DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = 4490",
                            "check.contents"),
    "no styles": ("DELETE FROM layer_styles", "check.styles"),
    "no table of styles": ("DROP TABLE layer_styles", "check.styles"),
    "a mark left behind": ("INSERT INTO setting (key, value) VALUES ('writing', 'x')",
                           "check.writing"),
}  # fmt: skip
BROKEN_READINGS = {
    "no latest value": ("DELETE FROM latest WHERE rowid = 1", "check.latest"),
    "an older latest value": ("UPDATE latest SET at = '2020-01-01T00:00:00.000Z', value = 1",
                              "check.latest"),
    "no latest values": ("DELETE FROM latest", "check.latest"),
    "another state of alarms": ("UPDATE alarm_state SET active = NOT active", "check.alarm_state"),
    "no state of alarms": ("DELETE FROM alarm_state", "check.alarm_state"),
    "no index": ("DROP INDEX ix_reading_good", "check.missing_index"),
}  # fmt: skip
#: What nothing can tell, and the finding that stays.
LOST = {
    "a word nobody knows": ("UPDATE asset SET kind = 'boat' WHERE fid = 2", "check.word"),
    "a parent": ("PRAGMA foreign_keys = OFF; DELETE FROM asset WHERE uid = "
                 "(SELECT asset_uid FROM inspection)", "check.reference"),
    "a position": ("UPDATE asset SET geom = NULL WHERE fid = 2", "check.no_position"),
    "an audit entry": ("DELETE FROM change WHERE fid = 1", "check.audit"),
}  # fmt: skip


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample county, polled a few times."""
    folder = tmp_path_factory.mktemp("county")
    path = folder / "county.gpkg"
    create(path, settings=SETTINGS)
    sensors = sample_sensors()
    with serve(gateways(sensors)) as urls, open_registry(path, write=True) as registry:
        load_sample(registry)
        with transaction(registry, actor="t", origin="t") as writer:
            register(writer, sensors, urls)
        rows = [row for row in list_sensors(registry) if row.profile != "none"]
        with open_readings(readings_path(path)) as store:
            for _ in range(2):
                poll(rows, store, policy=load_policy("zhejiang"), recheck_s=0.0)
    return folder


@pytest.fixture
def program(county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    shutil.copytree(county, tmp_path / "mine")
    return Program(tmp_path / "mine" / "county.gpkg", capsys)


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        gpkg.register_functions(connection)
        yield connection


def broken(path: Path, statements: str) -> None:
    with raw(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.executescript(statements)


def facts(path: Path) -> str:
    with raw(path) as connection:
        return proof.digest_of(connection, _facts())


def test_a_sound_registry_is_called_so(program: Program) -> None:
    assert program.data("db", "check")["faults"] == []
    done = program.data("db", "check", "--repair")
    assert done["repaired"] is None
    assert len(list(program.db.parent.glob("*.gpkg"))) == 1


@pytest.mark.parametrize("what", BROKEN)
def test_found_explained_and_derived_anew(program: Program, what: str) -> None:
    statements, key = BROKEN[what]
    broken(program.db, statements)
    before, held = facts(program.db), program.db.read_bytes()
    _found_and_repaired(program, key)
    assert program.db.read_bytes() == held
    _put_in_place(program)
    assert facts(program.db) == before
    assert program("asset", "edit", "YUN-003", "--lon", 119.95, "--lat", 29.95, "--crs",
                   "cgcs2000").code == 0  # fmt: skip
    near = program.data("near", 119.95, 29.95, "--crs", "cgcs2000", "-n", 1)
    assert near["sources"][0]["code"] == "YUN-003"
    assert program.data("db", "check")["faults"] == []


@pytest.mark.parametrize("what", BROKEN_READINGS)
def test_readings_are_derived_anew(program: Program, what: str) -> None:
    statements, key = BROKEN_READINGS[what]
    path = program.db.with_suffix(".readings.db")
    with raw(path) as connection:
        held = proof.digest_of(connection, ["reading", "alarm"])
        were = _derived(connection)
        connection.executescript(statements)
    _found_and_repaired(program, key)
    _put_in_place(program)
    with raw(path) as connection:
        assert proof.digest_of(connection, ["reading", "alarm"]) == held
        assert _derived(connection) == were


def _derived(connection: sqlite3.Connection) -> tuple[object, ...]:
    latest = connection.execute("SELECT * FROM latest ORDER BY sensor_uid").fetchall()
    alarms = connection.execute(
        "SELECT sensor_uid, kind FROM alarm_state WHERE active ORDER BY 1, 2"
    ).fetchall()
    return latest, alarms


def test_latest_values_follow_from_readings_alone(county: Path, tmp_path: Path) -> None:
    """Deriving all of them gives what the polls had stored, counters included."""
    shutil.copy(county / "county.readings.db", tmp_path / "r.db")
    with raw(tmp_path / "r.db") as connection:
        were = _derived(connection)[0]
        quantities = dict(connection.execute("SELECT sensor_uid, quantity FROM latest"))
        connection.execute("DELETE FROM latest")
        mend_readings.mend(connection, quantities)
        assert _derived(connection)[0] == were


@pytest.mark.parametrize("what", LOST)
def test_what_nothing_can_tell_is_listed(program: Program, what: str) -> None:
    statements, key = LOST[what]
    unseen = "INSERT INTO setting (key, value) VALUES ('writing', 'x'); {}; {}"
    seen = "DELETE FROM setting WHERE key = 'writing'; DROP INDEX ix_asset_code"
    broken(program.db, unseen.format(statements, seen))
    before = facts(program.db)
    ran = program("db", "check", "--repair", "--json")
    assert ran.code == 1
    left = {fault["key"] for fault in ran.data["left"]}
    assert {found for found in left if not found.startswith("check.row_")} == {key}
    assert left != {key}  # whatever it is, the row is not as it was sealed
    assert facts(Path(ran.data["repaired"])) == before
    assert program("db", "restore", ran.data["repaired"]).code == 4
    assert program("db", "restore", ran.data["repaired"], "--anyway").code == 0


def _found_and_repaired(program: Program, key: str) -> None:
    checked = program("db", "check", "--json")
    assert checked.code == 1
    (fault,) = [fault for fault in checked.data["faults"] if fault["key"] == key][:1]
    assert fault["means"]
    assert fault["do"]
    for lang in Language:
        shown = " ".join(program("db", "check", lang=lang).out.split())
        line = explained(Fault(key, fault), "means", lang)
        assert line is not None
        assert "".join(line.split()) in "".join(shown.split())


def _put_in_place(program: Program) -> None:
    done = program.data("db", "check", "--repair")
    assert done["left"] == []
    program.data("db", "restore", done["repaired"])
    assert program.data("db", "check")["faults"] == []


def test_the_extent_is_computed_anew_though_it_is_no_finding(program: Program) -> None:
    """The standard calls it informative; a single asset added outside does not widen it."""
    extent = "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'asset'"
    with raw(program.db) as connection:
        were = connection.execute(extent).fetchone()
    broken(program.db, "UPDATE gpkg_contents SET min_x = 1, max_x = 2 WHERE table_name = 'asset'; "
                       "DROP INDEX ix_asset_code")  # fmt: skip
    with raw(Path(program.data("db", "check", "--repair")["repaired"])) as connection:
        assert connection.execute(extent).fetchone() == pytest.approx(were, abs=1e-4)


def test_every_finding_is_explained() -> None:
    told = json.loads(resource("data", "messages", "check.json").read_text("utf-8"))
    findings = {key for key in told if not key.startswith(("means_", "do_"))}
    assert findings
    for key in findings:
        assert f"means_{key}" in told
        assert f"do_{key}" in told


def test_damaged_storage_is_told_a_line_each(program: Program, tmp_path: Path) -> None:
    """SQLite's own words have line breaks in them, which no screen may show as they are."""
    rows = "".join(f"H{n},hydrant,{120 + n / 1000:.3f},30.2\n" for n in range(2000))
    file = tmp_path / "f.csv"
    file.write_text("code,kind,lon,lat\n" + rows, "utf-8")
    program.data("import", file, "--crs", "cgcs2000")
    with closing(sqlite3.connect(program.db)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_asset_code'"
        ).fetchone()
    with program.db.open("r+b") as raw:
        raw.seek((root - 1) * size + 8)  # the last child, file format section 1.6
        page = int.from_bytes(raw.read(4), "big")
        raw.seek((page - 1) * size + size // 2)
        raw.write(b"\0" * (size // 2))
    ran = program("db", "check")
    assert ran.code == 1
    assert "ix_asset_code" in ran.out or "page" in ran.out
    assert "�" not in ran.out
    assert "\n***" not in ran.out
