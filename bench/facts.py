"""A registry of a million assets and five million dated facts, and peers that count it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from hydrant.store.file.migrate import create
from hydrant.store.opened.registry import open_registry

#: 90 counties, as Zhejiang has.
_FACTS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
"""
_ASSETS = (
    _FACTS
    + """
INSERT INTO asset (uid, recorded_at, recorded_by, code, kind, service, region_code, valid_from)
SELECT printf('a%010d', i), '2024-01-01T00:00:00.000Z', 'bench', printf('H%07d', i),
  CASE WHEN i % 10 = 0 THEN 'intake.river' ELSE 'hydrant.pillar' END,
  CASE WHEN i % 50 = 0 THEN 'private' ELSE 'municipal' END, printf('33%04d', i % 90),
  '2020-01-01T00:00:00.000Z' FROM n
"""
)
_VISITS = (
    _FACTS
    + """
INSERT INTO inspection (uid, recorded_at, recorded_by, asset_uid, at, outcome, static_kpa)
SELECT printf('i%d-%010d', :turn, i), '2025-12-01T00:00:00.000Z', 'bench', printf('a%010d', i),
  strftime('%Y-%m-%dT%H:%M:%fZ', '2022-01-01', ((i * 7919 + :turn * 104729) % 1400) || ' days'),
  CASE WHEN (i * 31 + :turn) % 23 = 0 THEN 'fails'
    WHEN (i * 17 + :turn) % 41 = 0 THEN 'not_testable' ELSE 'works' END,
  CASE WHEN (i + :turn) % 2 = 0 THEN 100 + (i * 13) % 300 END FROM n
"""
)
_DEFECTS = (
    _FACTS
    + """
INSERT INTO defect (uid, recorded_at, recorded_by, asset_uid, code, severity, state, found_at,
  cleared_at)
SELECT printf('d%010d', i), '2025-12-01T00:00:00.000Z', 'bench', printf('a%010d', i), 'damaged',
  CASE WHEN i % 3 = 0 THEN 'blocking' ELSE 'anomaly' END, 'confirmed',
  strftime('%Y-%m-%dT%H:%M:%fZ', '2023-01-01', ((i * 331) % 900) || ' days'),
  CASE WHEN i % 5 > 0 THEN
    strftime('%Y-%m-%dT%H:%M:%fZ', '2023-01-01', ((i * 331) % 900 + 30) || ' days') END FROM n
"""
)
_EVENTS = (
    _FACTS
    + """
INSERT INTO lifecycle (uid, recorded_at, recorded_by, asset_uid, event, at, confirmed)
SELECT printf('l%010d', i), '2024-01-01T00:00:00.000Z', 'bench', printf('a%010d', i),
  CASE WHEN i % 97 = 0 THEN 'removed' WHEN i % 53 = 0 THEN 'suspended' ELSE 'commissioned' END,
  strftime('%Y-%m-%dT%H:%M:%fZ', '2020-06-01', ((i * 11) % 700) || ' days'), 1 FROM n
"""
)

#: What somebody would write by hand for this one policy and day, on the same file: the classes
#: of policy zhejiang by county.
BY_HAND = """
SELECT county, class, count(*) FROM (
  SELECT a.region_code AS county, CASE
    WHEN l.event = 'removed' THEN NULL
    WHEN l.event = 'suspended' THEN 'defective'
    WHEN EXISTS (SELECT 1 FROM defect d WHERE d.asset_uid = a.uid AND d.severity = 'blocking'
      AND d.state = 'confirmed' AND d.found_at < :end
      AND (d.cleared_at IS NULL OR d.cleared_at >= :end)) THEN 'defective'
    WHEN i.outcome IN ('fails', 'not_found') THEN 'defective'
    WHEN a.kind LIKE 'hydrant%' AND (SELECT s.static_kpa FROM inspection s
      WHERE s.asset_uid = a.uid AND s.static_kpa IS NOT NULL AND s.effective_at < :end
      ORDER BY s.effective_at DESC LIMIT 1) < 140 THEN 'defective'
    WHEN i.outcome IS NULL THEN 'untested'
    WHEN i.effective_at >= :fresh THEN 'intact' ELSE 'stale' END AS class
  FROM asset a
  LEFT JOIN lifecycle l ON l.fid = (SELECT fid FROM lifecycle e WHERE e.asset_uid = a.uid
    AND e.at < :end ORDER BY e.at DESC LIMIT 1)
  LEFT JOIN inspection i ON i.fid = (SELECT fid FROM inspection v WHERE v.asset_uid = a.uid
    AND v.outcome IN ('works', 'fails', 'not_found') AND v.effective_at < :end
    ORDER BY v.effective_at DESC LIMIT 1)
  WHERE a.service <> 'private')
WHERE class IS NOT NULL GROUP BY county, class
"""

#: The same question to DuckDB over Parquet files of the same rows.
DUCK = """
WITH last AS (
  SELECT asset_uid, arg_max(outcome, "at") FILTER (WHERE outcome IN ('works', 'fails', 'not_found')) AS o,
    max("at") FILTER (WHERE outcome IN ('works', 'fails', 'not_found')) AS seen,
    arg_max(static_kpa, "at") FILTER (WHERE static_kpa IS NOT NULL) AS kpa
  FROM read_parquet('{folder}/inspection.parquet') WHERE "at" < '{end}' GROUP BY asset_uid),
event AS (
  SELECT asset_uid, arg_max(event, "at") AS e FROM read_parquet('{folder}/lifecycle.parquet')
  WHERE "at" < '{end}' GROUP BY asset_uid),
broken AS (
  SELECT DISTINCT asset_uid FROM read_parquet('{folder}/defect.parquet')
  WHERE severity = 'blocking' AND found_at < '{end}'
    AND (cleared_at IS NULL OR cleared_at >= '{end}'))
SELECT region_code, CASE WHEN e = 'suspended' OR broken.asset_uid IS NOT NULL
    OR o IN ('fails', 'not_found') OR (kind LIKE 'hydrant%' AND kpa < 140) THEN 'defective'
  WHEN o IS NULL THEN 'untested' WHEN seen >= '{fresh}' THEN 'intact' ELSE 'stale' END AS class,
  count(*)
FROM read_parquet('{folder}/asset.parquet') a LEFT JOIN last ON last.asset_uid = a.uid
LEFT JOIN event ON event.asset_uid = a.uid LEFT JOIN broken ON broken.asset_uid = a.uid
WHERE service <> 'private' AND coalesce(e, '') <> 'removed' GROUP BY ALL
"""


def registry_with_facts(path: Path, count: int) -> Path:
    """A registry of so many assets and five times as many facts; made once."""
    if path.exists():
        return path
    create(path, settings={"policy": "zhejiang", "zone": "Asia/Shanghai"})
    with open_registry(path, write=True) as registry:
        connection = registry.connection
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute(_ASSETS, {"count": count})
        for turn in range(3):
            connection.execute(_VISITS, {"count": count, "turn": turn})
        connection.execute(_DEFECTS, {"count": count})
        connection.execute(_EVENTS, {"count": count})
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    return path


def by_hand_s(path: Path, end: str, fresh: str) -> tuple[float, dict[str, int]]:
    """Seconds of the statement, and how many assets each class has."""
    started = time.perf_counter()
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA cache_size = -65536")
        rows = connection.execute(BY_HAND, {"end": end, "fresh": fresh}).fetchall()
    finally:
        connection.close()
    return time.perf_counter() - started, _classes(rows)


def duck_s(path: Path, folder: Path, end: str, fresh: str) -> tuple[float, dict[str, int]]:
    """Seconds of DuckDB on Parquet, its files made once and not counted."""
    import duckdb  # noqa: PLC0415  the benchmark alone has it

    _to_parquet(path, folder)
    started = time.perf_counter()
    with duckdb.connect() as connection:
        rows = connection.execute(DUCK.format(folder=folder, end=end, fresh=fresh)).fetchall()
    return time.perf_counter() - started, _classes(rows)


def _classes(rows: list[tuple[Any, ...]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for _, name, count in rows:
        found[name] = found.get(name, 0) + count
    return found


def _to_parquet(path: Path, folder: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415  as above
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns = {
        "asset": "uid, region_code, kind, service",
        "inspection": "asset_uid, at, outcome, static_kpa",
        "defect": "asset_uid, severity, found_at, cleared_at",
        "lifecycle": "asset_uid, event, at",
    }
    connection = sqlite3.connect(path)
    for table, names in columns.items():
        target = folder / f"{table}.parquet"
        if target.exists():
            continue
        rows = connection.execute(f"SELECT {names} FROM {table}").fetchall()
        arrays = [pa.array(values) for values in zip(*rows, strict=True)]
        pq.write_table(pa.table(arrays, names=names.split(", ")), target)
    connection.close()
