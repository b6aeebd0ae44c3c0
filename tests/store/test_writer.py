from __future__ import annotations

import datetime as dt
import json
import sqlite3
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from hydrant.errors import InputRefused, StoreError
from hydrant.model.geopoint import decode_point, encode_point
from hydrant.model.tables import Asset, AssetVersion, Inspection
from hydrant.store.care.check import check
from hydrant.store.facts.assets import edit_asset, find_asset
from hydrant.store.ground.backend import one_row
from hydrant.store.opened import versions
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.versions import versions_of
from hydrant.store.proofs import audit
from tests.conftest import Program


def add(registry: Registry, **values: Any) -> Asset:
    asset = Asset(**({"kind": "hydrant", "geom": (120.1, 30.2)} | values))
    with transaction(registry, actor="crew", origin="test") as writer:
        writer.add(asset)
    return asset


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_point_round_trip(lon: float, lat: float) -> None:
    assert decode_point(encode_point(lon, lat)) == (lon, lat)


def test_point_of_other_programs() -> None:
    # big-endian WKB behind an envelope, as some writers prefer
    blob = b"GP\x00\x02" + struct.pack(">i", 4490) + struct.pack(">4d", 1, 1, 2, 2)
    blob = b"GP\x00" + bytes([0b00000010]) + blob[4:]
    blob += b"\x00" + struct.pack(">Idd", 1, 120.5, 30.5)
    assert decode_point(blob) == (120.5, 30.5)
    assert decode_point(b"GP\x00\x11" + b"\x00" * 30) is None  # marked empty
    assert decode_point(None) is None


def test_every_fact_has_an_audit_entry_in_its_transaction(registry: Registry) -> None:
    asset = add(registry, code="A1")
    (entry,) = audit.log(registry, asset_uid=asset.uid, limit=9)
    assert entry["actor"] == "crew"
    assert json.loads(str(entry["after"]))["code"] == "A1"


def test_failure_leaves_neither_fact_nor_entry(registry: Registry) -> None:
    def fail_after_adding() -> None:
        with transaction(registry, actor="a", origin="t") as writer:
            writer.add(Asset(kind="hydrant", geom=(120.0, 30.0)))
            writer.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_adding()
    assert registry.connection.execute("SELECT count(*) FROM asset").fetchone() == (0,)
    assert registry.connection.execute("SELECT count(*) FROM change").fetchone() == (0,)


def test_revision_keeps_the_former_row(registry: Registry) -> None:
    asset = add(registry, code="A1", owner="old")
    since = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    with transaction(registry, actor="a", origin="t") as writer:
        former = versions.revise(writer, asset, since=since, owner="new")
    assert former["owner"] == "old"
    (version,) = registry.session.exec(select(AssetVersion)).all()
    assert (version.owner, version.valid_until, version.lon) == ("old", since, 120.1)
    assert asset.valid_from == since


def test_correction_keeps_no_former_row(registry: Registry) -> None:
    asset = add(registry, owner="typo")
    with transaction(registry, actor="a", origin="t") as writer:
        versions.revise(writer, asset, since=None, owner="right")
    assert registry.session.exec(select(AssetVersion)).all() == []


def test_unchanged_values_write_nothing(registry: Registry) -> None:
    asset = add(registry, owner="x")
    with transaction(registry, actor="a", origin="t") as writer:
        assert versions.revise(writer, asset, since=dt.datetime.now(dt.UTC), owner="x") == {}
    assert len(audit.log(registry, asset_uid=None, limit=9)) == 1


@pytest.mark.file_only
def test_index_follows_the_table(registry: Registry) -> None:
    asset = add(registry)
    with transaction(registry, actor="a", origin="t") as writer:
        writer.update(asset, geom=(121.0, 29.0))
    assert check(registry) == []
    registry.connection.execute("DELETE FROM asset")
    assert registry.connection.execute("SELECT count(*) FROM rtree_asset_geom").fetchone() == (0,)


@pytest.mark.file_only
def test_check_names_an_asset_the_index_misses(registry: Registry) -> None:
    add(registry, code="A1")
    registry.connection.execute("DELETE FROM rtree_asset_geom")
    assert [(f.key, f.facts) for f in check(registry)] == [("check.index", {"asset": "A1"})]


@pytest.mark.file_only
def test_check_finds_orphans_and_unknown_words(registry: Registry) -> None:
    asset = add(registry)
    with transaction(registry, actor="a", origin="t") as writer:
        writer.add(Inspection(asset_uid=asset.uid, outcome="works"))
    registry.connection.execute("PRAGMA foreign_keys = OFF")
    registry.connection.execute("UPDATE inspection SET asset_uid = 'gone', outcome = 'maybe'")
    assert {fault.key for fault in check(registry)} == {"check.reference", "check.word"}


def test_changed_audit_entry_is_named(registry: Registry) -> None:
    add(registry, code="A1")
    add(registry, code="A2")
    add(registry, code="A3")
    assert audit.verify(registry) == []
    uids = [row[0] for row in registry.connection.execute("SELECT uid FROM change ORDER BY fid")]
    registry.connection.execute("UPDATE change SET actor = 'other' WHERE uid = ?", (uids[1],))
    assert audit.verify(registry) == [uids[1]]
    registry.connection.execute("DELETE FROM change WHERE uid = ?", (uids[1],))
    assert audit.verify(registry) == [uids[2]]


@pytest.mark.file_only
def test_second_writer_is_told_to_wait(
    registry_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hydrant.store.ground.connection.BUSY_TIMEOUT_MS", 50)
    other = sqlite3.connect(registry_path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError) as caught, open_registry(registry_path, write=True):
        pass
    assert caught.value.key == "store.locked"
    other.close()


def test_times_are_stored_as_geopackage_wants_them(registry: Registry) -> None:
    asset = add(registry)
    with transaction(registry, actor="a", origin="t") as writer:
        writer.add(
            Inspection(
                asset_uid=asset.uid,
                outcome="works",
                at=dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=8))),
            )
        )
    (text,) = one_row(registry.connection.execute("SELECT at FROM inspection"))
    assert text == "2024-01-01T19:04:05.000Z"


def test_outside_tools_may_leave_keys_out(registry: Registry) -> None:
    registry.connection.execute(
        "INSERT INTO asset (code, geom) VALUES ('Q1', ?)", (encode_point(120.0, 30.0),)
    )
    uid, kind, by = one_row(registry.connection.execute("SELECT uid, kind, recorded_by FROM asset"))
    assert len(uid) == 36
    assert (kind, by) == ("hydrant", "external")


def test_a_row_held_across_a_refused_change_is_read_again(program: Program) -> None:
    """Otherwise the next change keeps as former values what others have long changed."""
    program.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120, "--lat", 30,
                 "--crs", "cgcs2000")  # fmt: skip
    with open_registry(program.db, write=True) as registry:
        held = find_asset(registry, "H1")
        with suppress(InputRefused), transaction(registry, actor="a", origin="o") as writer:
            edit_asset(writer, held, {"owner": "never"}, {}, since=writer.moment)
            raise InputRefused("store.no_asset", code="H2", file=program.db)
        assert held.owner is None
        program.data("asset", "edit", "H1", "--owner", "theirs")
        with transaction(registry, actor="a", origin="o") as writer:
            edit_asset(writer, held, {"builder": "ours"}, {}, since=writer.moment)
        former, last = versions_of(registry, held)
        assert [row.owner for row in (former, last, held)] == [None, "theirs", "theirs"]
        assert (former.valid_until, last.valid_until) == (last.valid_from, held.valid_from)
    assert program.data("db", "check")["faults"] == []
