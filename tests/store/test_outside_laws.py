"""Whatever another program does to the rows: each edit is in force or listed, none is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hydrant.model.geopoint import encode_point
from hydrant.store.care.check import check
from hydrant.store.ground.backend import column_names
from hydrant.store.opened.outside import edits_wait
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.outside import reviews
from hydrant.store.proofs.audit import verify
from hydrant.store.proofs.verifying import verify as hold
from hydrant.survey.outside_review import listed, reject
from hydrant.survey.outside_triage import take_in
from tests.conftest import Program
from tests.store.outside import other_program

EXAMPLES = int(os.environ.get("HYDRANT_OUTSIDE_EXAMPLES", "40"))
N = 4

texts = st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["", "works", "fails"]))
numbers = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-9, 9))
points = st.one_of(
    st.none(),
    st.binary(max_size=30),
    st.builds(encode_point, st.floats(119.99, 120.02), st.floats(-100, 100)),
    st.builds(lambda d: encode_point(120 + d, 30.2), st.floats(0, 0.01)),
)
COLUMNS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "asset": {
        "code": texts, "kind": st.sampled_from(["hydrant", "crane", "x", ""]), "owner": texts,
        "service": st.sampled_from(["municipal", "private", "-"]), "mains_dn_mm": numbers,
        "truck_slots": numbers, "geom": points, "orig_x": numbers, "note": texts, "uid": texts,
        "region_code": texts,
    },
    "inspection": {
        "outcome": st.sampled_from(["works", "fails", "ok"]), "at": texts, "static_kpa": numbers,
        "note": texts, "asset_uid": texts, "checks": texts, "uid": texts,
    },
    "defect": {"severity": st.sampled_from(["remark", "blocking", "?"]), "cleared_at": texts,
               "note": texts, "cost": numbers},
}  # fmt: skip


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str, int, dict[str, Any]]:
    table = draw(st.sampled_from(sorted(COLUMNS)))
    action = draw(st.sampled_from(["insert", "update", "update", "delete"]))
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS[table])), min_size=1, max_size=3))
    values = {name: draw(COLUMNS[table][name]) for name in names}
    return table, action, draw(st.integers(1, N)), values


@pytest.fixture
def base(program: Program, tmp_path: Path) -> Path:
    file = tmp_path / "f.csv"
    rows = [f"H{n},hydrant,{120 + n / 1000:.3f},30.2" for n in range(1, N + 1)]
    file.write_text("code,kind,lon,lat\n" + "\n".join(rows) + "\n", "utf-8")
    program.data("import", file, "--crs", "cgcs2000")
    for n in range(1, N + 1):
        program.data("survey", "record", f"H{n}", "--outcome", "fails" if n % 2 else "works")
        program.data("defect", "open", f"H{n}", "leak", "--severity", "blocking")
    path: Path = program.db
    return path


def apply(path: Path, wanted: list[tuple[str, str, int, dict[str, Any]]]) -> set[tuple[str, int]]:
    """Do as wanted; the rows that were deleted, whose numbers new ones may bear by now."""
    gone = set()
    with other_program(path) as connection:
        for table, action, number, values in wanted:
            names = list(values)
            try:
                if action == "insert":
                    marks = ", ".join("?" * len(names))
                    connection.execute(
                        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
                        list(values.values()),
                    )
                elif action == "update":
                    setting = ", ".join(f"{name} = ?" for name in names)
                    connection.execute(
                        f"UPDATE {table} SET {setting} WHERE fid = {number}", list(values.values())
                    )
                else:
                    done = connection.execute(f"DELETE FROM {table} WHERE fid = {number}")
                    if done.rowcount:
                        gone.add((table, number))
            except sqlite3.IntegrityError:
                continue  # the file itself forbids it
    return gone


def rows(registry: Registry | sqlite3.Connection, table: str) -> dict[int, dict[str, Any]]:
    connection = registry.connection if isinstance(registry, Registry) else registry
    found = connection.execute(f"SELECT * FROM {table}")
    names = column_names(found)
    return {row[0]: dict(zip(names, row, strict=True)) for row in found}


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(edits(), min_size=1, max_size=8))
@example(wanted=[  # the new visit takes the number of the one that is gone
    ("inspection", "delete", N, {}),
    ("inspection", "insert", 1, {"asset_uid": "", "outcome": "works"}),
])  # fmt: skip
def test_every_edit_stands_or_waits(
    base: Path, wanted: list[tuple[str, str, int, dict[str, Any]]]
) -> None:
    path = base.with_name("edited.gpkg")
    shutil.copy(base, path)
    with other_program(path) as connection:
        before = {table: rows(connection, table) for table in COLUMNS}
    gone = apply(path, wanted)
    with other_program(path) as connection:
        edited = {table: rows(connection, table) for table in COLUMNS}
    with open_registry(path, write=True) as registry:
        take_in(registry)
        assert edits_wait(registry) == 0
        waiting = {(r.entity, r.uid, r.field) for r in reviews.waiting(registry)}
        whole = {(entity, uid) for entity, uid, name in waiting if name == "*"}
        for table, columns in COLUMNS.items():
            after = rows(registry, table)
            by_key = {row["uid"]: row for row in after.values()}
            for fid, row in before[table].items():
                now = by_key[row["uid"]]  # nothing that was there is gone
                if (table, fid) in gone:
                    assert {**now, "fid": fid} == row
                    assert (table, row["uid"]) in whole
                    continue
                for name in columns:
                    wish = edited[table][fid][name]
                    field = "position" if name in ("geom", "orig_x") else name
                    if now[name] != wish and wish != row[name]:
                        listed_so = (table, row["uid"], field) in waiting
                        meant = wish == "" and now[name] is None  # empty text is nothing
                        moved = name == "orig_x" and now["geom"] != row["geom"]
                        assert listed_so or meant or moved, (table, name, wish, now[name])
            added = {
                fid for fid in edited[table] if fid not in before[table] or (table, fid) in gone
            }
            kept = by_key.keys() - {row["uid"] for row in before[table].values()}
            refused = [
                review
                for review in reviews.waiting(registry)
                if review.entity == table and review.field == "*" and review.value is not None
            ]
            assert len(added) == len(kept) + len(refused)
        assert [fault.key for fault in check(registry)] == []
        assert verify(registry) == []
        assert hold(registry, advance=lambda _: None).findings == []
        listed(registry)
        stable = {table: rows(registry, table) for table in COLUMNS}
        assert take_in(registry).rows == 0
        with transaction(registry, actor="t", origin="t") as writer:
            for review in reviews.waiting(registry):
                reject(writer, review)
        assert {table: rows(registry, table) for table in COLUMNS} == stable
    path.unlink()
