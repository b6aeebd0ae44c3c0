"""Moves and visits of one asset and day of which nothing tells which came first.

Asked of what a transaction wrote, whoever wrote it: so it is told in whatever order they are
entered, and by whatever command.
"""

from __future__ import annotations

from typing import NamedTuple

from hydrant.store.ground.backend import Connection, one_row

#: A moment means itself, or any of its day where only that is known: the two spans meet.
_IN_DOUBT = """
m.event = 'relocated' AND m.confirmed AND m.withdrawn_at IS NULL AND i.withdrawn_at IS NULL
  AND m.at <= hydrant_latest(i.at) AND i.at <= hydrant_latest(m.at)
  AND (m.at <> hydrant_latest(m.at) OR i.at <> hydrant_latest(i.at))
"""
_WRITTEN = """
(SELECT fid FROM {table} WHERE fid > :{table}
 UNION SELECT fid FROM temp.touched WHERE entity = '{table}')
"""
_FOUND = f"""
SELECT a.uid, a.code, m.at, hydrant_latest(m.at), i.at, hydrant_latest(i.at), i.outcome FROM (
  SELECT i.fid AS visit, m.fid AS move FROM inspection i
  JOIN lifecycle m ON m.asset_uid = i.asset_uid
  WHERE i.fid IN {_WRITTEN.format(table="inspection")} AND {_IN_DOUBT}
  UNION SELECT i.fid, m.fid FROM lifecycle m JOIN inspection i ON i.asset_uid = m.asset_uid
  WHERE m.fid IN {_WRITTEN.format(table="lifecycle")} AND {_IN_DOUBT}
) pair JOIN inspection i ON i.fid = pair.visit JOIN lifecycle m ON m.fid = pair.move
JOIN asset a ON a.uid = i.asset_uid ORDER BY a.code, a.uid, i.at, i.fid
"""


class InDoubt(NamedTuple):
    """A visit and a move of one day.

    Attributes
    ----------
    asset
        Uid of the asset.
    code
        Its code; None for none.
    at
        When the visit was, stored text.
    move_by_day, visit_by_day
        Whether only the day is known of it.
    counts
        Whether the visit, whatever it found, counts as one at the new place; else only what it
        found wrong does.
    """

    asset: str
    code: str | None
    at: str
    move_by_day: bool
    visit_by_day: bool
    counts: bool

    @property
    def lacks(self) -> str:
        """Of what the time is not known: ``move``, ``visit`` or ``both``."""
        if self.move_by_day and self.visit_by_day:
            return "both"
        return "move" if self.move_by_day else "visit"


class Doubting:
    """What was there before a transaction wrote anything."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._newest = {table: self._last(table) for table in ("inspection", "lifecycle")}

    def _last(self, table: str) -> int:
        sql = f"SELECT coalesce(max(fid), 0) FROM {table}"
        return int(one_row(self._connection.execute(sql))[0])

    def found(self) -> list[InDoubt]:
        """Visits and moves in doubt of which at least one was written, by asset."""
        return [
            InDoubt(
                uid, code, visit, move != moved_by, visit != visit_by,
                outcome in ("fails", "not_found") or visit >= move,
            )
            for uid, code, move, moved_by, visit, visit_by, outcome
            in self._connection.execute(_FOUND, self._newest)
        ]  # fmt: skip
