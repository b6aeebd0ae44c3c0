"""Readings page by page, by sensor and time, so that millions pass through little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hydrant.store.ground.backend import one_row
from hydrant.store.readings.readings import Readings

_PAGE = 50_000
_EARLIEST, _LATEST = "0001-01-02T00:00:00.000Z", "9999-12-30T00:00:00.000Z"
# the rows after a key, which the index of sensor and time gives without sorting
_AFTER = """
SELECT sensor_uid, asset_uid, at, value, quality, reason FROM reading
WHERE (sensor_uid, at) > (?, ?) AND at >= ? AND at < ? AND sensor_uid >= ? AND sensor_uid <= ?
ORDER BY sensor_uid, at LIMIT ?
"""


class ReadingRow(NamedTuple):
    """A stored reading; the time is stored text."""

    sensor_uid: str
    asset_uid: str
    at: str
    value: float | None
    quality: int
    reason: str | None


def reading_pages(
    readings: Readings,
    *,
    sensors: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    page: int = _PAGE,
) -> Iterator[list[ReadingRow]]:
    """Pages of readings by sensor and time.

    Parameters
    ----------
    sensors
        Uids of those wanted; None for all.
    since, until
        First moment and the one before which it ends, as stored text.
    """
    spans = [("", "\U0010ffff")] if sensors is None else [(uid, uid) for uid in sorted(sensors)]
    for first, last in spans:
        key = ("", _EARLIEST)
        while True:
            found = readings.connection.execute(
                _AFTER, (*key, since or _EARLIEST, until or _LATEST, first, last, page)
            ).fetchall()
            if found:
                yield [ReadingRow(*row) for row in found]
                key = (found[-1][0], found[-1][2])
            if len(found) < page:
                break


def summed_hours(readings: Readings) -> int:
    """How many hours of readings were summed up and dropped (``db retain``)."""
    count: int = one_row(readings.connection.execute("SELECT count(*) FROM reading_hour"))[0]
    return count


def quantities(readings: Readings) -> dict[str, str]:
    """Quantity of every sensor that was ever read, by its uid."""
    return dict(readings.connection.execute("SELECT sensor_uid, quantity FROM latest").fetchall())
