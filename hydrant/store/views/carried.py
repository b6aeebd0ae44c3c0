"""A block in which the registry says of its assets only what a row of an exported file says.

The parts of `hydrant.store.sql.state_sql` and the one rule then give what whoever has the file
alone finds, by the same words as here; nothing is told twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry
from hydrant.store.sql.state_sql import FIRST_COMMISSIONING, STAGE, STAGE_SINCE, last_decisive

_NOTHING = "x.fid IS NULL"
_OWN = "FROM main.asset a WHERE a.uid = x.asset_uid"
#: What of each table goes out with an asset; the visits first: which of them is the last follows
#: from the moves, which do not go out.
_CARRIED = {
    "inspection": f"x.fid = (SELECT {last_decisive('i.fid')} {_OWN})",
    "lifecycle": f"x.fid = (SELECT {FIRST_COMMISSIONING} {_OWN})",
    "defect": _NOTHING,
}

#: Numbers of events that a file states come after all that the table has.
_BEYOND = 1 << 62


@contextmanager
def as_carried(
    registry: Registry, cut: Cut, uids: Sequence[str], *, visits: bool = True
) -> Iterator[None]:
    """Hide what of some assets a file does not hold; other assets are not to be asked for.

    Parameters
    ----------
    visits
        Whether the form of the file holds the last decisive visit and the commissioning.
    """
    connection = registry.connection
    bound = {"end": cut.end, "known": cut.known, "wanted": json.dumps(list(uids))}
    staged = _staged(registry, bound) if visits else []
    try:
        for table, kept in _CARRIED.items():
            connection.execute(
                f"CREATE TEMP TABLE {table} AS SELECT x.* FROM main.{table} x WHERE x.asset_uid IN "
                f"(SELECT value FROM json_each(:wanted)) AND {kept if visits else _NOTHING}",
                bound,
            )
            connection.execute(f"CREATE INDEX temp.ix_carried_{table} ON {table} (asset_uid)")
        connection.executemany(
            "INSERT INTO temp.lifecycle (fid, asset_uid, event, at, confirmed, recorded_at) "
            "VALUES (?, ?, ?, ?, TRUE, '')",
            [(_BEYOND + number, *row) for number, row in enumerate(staged)],
        )
        yield
    finally:
        for table in _CARRIED:
            connection.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _staged(registry: Registry, bound: Mapping[str, object]) -> list[tuple[str, str, str | None]]:
    """Assets whose rows say that they are planned, under construction or suspended: since when."""
    found = registry.connection.execute(
        f"SELECT a.uid, {STAGE}, {STAGE_SINCE} FROM main.asset a "
        f"WHERE a.uid IN (SELECT value FROM json_each(:wanted)) AND {STAGE} IS NOT NULL",
        bound,
    )
    return [(uid, stage, since) for uid, stage, since in found.fetchall()]
