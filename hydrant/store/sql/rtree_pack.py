"""Builds the whole R-tree at once, far faster than a quarter of a million inserts.

Nodes are filled by sort-tile-recursion (Leutenegger et al., ICDE 1997) and written into the
index's shadow tables in the form of SQLite's R*Tree module (its documentation, section 5):
a node is a blob of a 2-byte depth (root only), a 2-byte number of cells, and cells of an
8-byte id and four 4-byte floats, all big-endian.
"""

from __future__ import annotations

import sqlite3
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hydrant.model.geopoint import decode_point
from hydrant.model.values import Numbers
from hydrant.store.ground.bulk_columns import insert_columns
from hydrant.store.ground.gpkg import RTREE

_CELLS = 51
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", (4,))])
_NODE_BYTES = 4 + _CELLS * _CELL.itemsize
_ROOT = 1

_Ids: TypeAlias = "NDArray[np.intp | np.int64]"
_Cells: TypeAlias = NDArray[np.void]


def repack(
    connection: sqlite3.Connection, first: int, new_lons: Numbers, new_lats: Numbers
) -> None:
    """Build the R-tree anew, from the points just written and those before.

    Parameters
    ----------
    first
        Number of the first row that was just written; the others follow it.
    new_lons, new_lats
        Degrees, shape (n,).
    """
    old_ids, old_lons, old_lats = _points_before(connection, first)
    ids = np.concatenate([old_ids, np.arange(first, first + len(new_lons))])
    lons = np.concatenate([old_lons, new_lons])
    lats = np.concatenate([old_lats, new_lats])
    try:
        pack(connection, ids, lons, lats)
    except sqlite3.DatabaseError:
        # a build of SQLite in defensive mode protects the shadow tables: the slow way then
        connection.execute(f"DELETE FROM {RTREE}")
        connection.executemany(
            f"INSERT INTO {RTREE} VALUES (?, ?, ?, ?, ?)",
            zip(*(part.tolist() for part in (ids, lons, lons, lats, lats)), strict=True),
        )


def _points_before(connection: sqlite3.Connection, first: int) -> tuple[_Ids, Numbers, Numbers]:
    """Row numbers, lon and lat of the assets written before a row."""
    ids, points = [], []
    for fid, geom in connection.execute("SELECT fid, geom FROM asset WHERE fid < ?", (first,)):
        point = decode_point(geom)
        if point is not None:
            ids.append(fid)
            points.append(point)
    array = np.array(points, float).reshape(-1, 2)
    return np.array(ids, np.int64), array[:, 0], array[:, 1]


def pack(connection: sqlite3.Connection, ids: _Ids, lons: Numbers, lats: Numbers) -> None:
    """Replace the index by one over these points; inside the caller's transaction.

    Parameters
    ----------
    ids
        Row numbers (fid), shape (n,).
    lons, lats
        Degrees, shape (n,).

    Raises
    ------
    sqlite3.DatabaseError
        The connection is in defensive mode; the caller then inserts row by row.
    """
    order = _tiles(lons, lats)
    cells = np.zeros(len(order), _CELL)
    cells["id"] = ids[order]
    cells["box"] = _outward(lons[order], lats[order])
    levels: list[_Cells] = [cells]
    numbers: list[list[int]] = []
    following = _ROOT + 1
    while len(levels[-1]) > _CELLS:
        count = -(-len(levels[-1]) // _CELLS)
        numbers.append(list(range(following, following + count)))
        following += count
        levels.append(_parents(levels[-1], numbers[-1]))
    numbers.append([_ROOT])
    _write(connection, levels, numbers)


def _tiles(lons: Numbers, lats: Numbers) -> _Ids:
    """Order of the points in which every run of 51 is a compact tile."""
    slabs = max(1, int(np.ceil(np.sqrt(len(lons) / _CELLS))))
    by_lon = np.argsort(lons, kind="stable")
    slab = np.empty(len(lons), np.int64)
    per_slab = max(1, -(-len(lons) // (slabs * _CELLS)) * _CELLS)
    slab[by_lon] = np.arange(len(lons)) // per_slab
    return np.lexsort((lats, slab))


def _outward(lons: Numbers, lats: Numbers) -> NDArray[np.float32]:
    """Boxes (minx, maxx, miny, maxy) in single precision that surely hold the points."""
    low = np.float32(-np.inf)
    high = np.float32(np.inf)
    x, y = lons.astype(np.float32), lats.astype(np.float32)
    return np.stack(
        [
            np.where(x > lons, np.nextafter(x, low), x),
            np.where(x < lons, np.nextafter(x, high), x),
            np.where(y > lats, np.nextafter(y, low), y),
            np.where(y < lats, np.nextafter(y, high), y),
        ],
        axis=1,
    )


def _parents(cells: _Cells, numbers: list[int]) -> _Cells:
    starts = np.arange(0, len(cells), _CELLS)
    parents = np.zeros(len(starts), _CELL)
    parents["id"] = numbers
    box = cells["box"].astype(np.float32)
    for column, reduce in ((0, np.minimum), (1, np.maximum), (2, np.minimum), (3, np.maximum)):
        parents["box"][:, column] = reduce.reduceat(box[:, column], starts)
    return parents


def _write(connection: sqlite3.Connection, levels: list[_Cells], numbers: list[list[int]]) -> None:
    for table in ("node", "parent", "rowid"):
        connection.execute(f"DELETE FROM {RTREE}_{table}")
    depth = len(levels) - 1
    for level, (cells, nodes) in enumerate(zip(levels, numbers, strict=True)):
        head = depth if level == depth else 0
        blobs = []
        for index, node in enumerate(nodes):
            part = cells[index * _CELLS : (index + 1) * _CELLS]
            data = head.to_bytes(2, "big") + len(part).to_bytes(2, "big") + part.tobytes()
            blobs.append((node, data.ljust(_NODE_BYTES, b"\x00")))
        connection.executemany(f"INSERT INTO {RTREE}_node VALUES (?, ?)", blobs)
        owner = np.repeat(nodes, _CELLS)[: len(cells)]
        keys = cells["id"].astype(np.int64)
        rising = np.argsort(keys)
        table, key = ("rowid", "rowid") if level == 0 else ("parent", "nodeno")
        other = "nodeno" if level == 0 else "parentnode"
        links = {key: keys[rising].tolist(), other: owner[rising].tolist()}
        insert_columns(connection, f"{RTREE}_{table}", links)
