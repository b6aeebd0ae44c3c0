"""Columns go in as rows, however many share a statement and whatever they have in common."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from hydrant.store.ground.bulk_columns import Same, constants_once, insert_columns


@pytest.mark.parametrize("count", [1, 49, 50, 51, 20_000, 20_007])
def test_every_row_is_there_once_in_its_order(count: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (fid INTEGER PRIMARY KEY, who TEXT, x REAL, note TEXT)")
    notes = [None if n % 3 else f"n{n}" for n in range(count)]
    told: list[int] = []
    insert_columns(
        connection,
        "t",
        {
            "note": notes,
            "who": ["us"] * count,
            "fid": range(1, count + 1),
            "x": np.arange(count) / 8,
        },
        told.append,
    )
    rows = connection.execute("SELECT fid, who, x, note FROM t ORDER BY fid").fetchall()
    assert rows == [(n + 1, "us", n / 8, notes[n]) for n in range(count)]
    assert sum(told) == count


def test_rows_that_have_all_in_common_go_in_too() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a TEXT, b INTEGER)")
    insert_columns(connection, "t", {"a": Same("x", 120), "b": [None] * 120})
    assert connection.execute("SELECT a, b, count(*) FROM t").fetchall() == [("x", None, 120)]


def test_an_error_leaves_nothing_after_the_transaction_is_rolled_back() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t (a INTEGER UNIQUE)")
    connection.execute("BEGIN")
    with pytest.raises(sqlite3.IntegrityError):
        insert_columns(connection, "t", {"a": [*range(70), 3]})
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_triggers_keep_their_own_way_with_conflicts() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a INTEGER)")
    connection.execute("CREATE TABLE seen (a INTEGER UNIQUE)")
    connection.execute("INSERT INTO seen VALUES (7)")
    connection.execute(
        "CREATE TRIGGER see AFTER INSERT ON t BEGIN INSERT OR REPLACE INTO seen VALUES (NEW.a); END"
    )
    insert_columns(connection, "t", {"a": [*range(60)]})
    assert connection.execute("SELECT count(*) FROM seen").fetchone() == (60,)


def test_what_only_seems_the_same_is_not_written_once() -> None:
    told = constants_once(
        {"numbers": [1, True, 1.0], "same": [2, 2, 2], "ends": [1, 2, 1], "none": []}
    )
    assert told["numbers"] == [1, True, 1.0]
    assert told["ends"] == [1, 2, 1]
    assert isinstance(told["same"], Same)
    assert list(told["same"][1:]) == [2, 2]
