"""When a sensor is read next; pure.

A device that nobody answers for is asked ever more rarely, each gateway and unit by itself, as
a circuit breaker does: it never costs the others more than its one timeout in a cycle, and
after a long outage hardly that. What is asked together rests together, because the rest depends
on the gateway and the length of the outage alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from zlib import crc32

from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings import Attempt

#: A sensor is due a little early, so that the jitter of cron never skips a turn; within that
#: span the gateways are spread.
_EARLY_SHARE, _EARLY_MOST_S = 0.1, 30.0
#: So many silent attempts in a row are taken for chance; from then on the rest doubles.
PATIENCE = 2
#: Longest rest, s: whatever was mended is noticed within the hour.
LONGEST_REST_S = 3600.0


def due(
    sensors: Iterable[SensorRow], attempts: Mapping[str, Attempt], *, now: dt.datetime
) -> list[SensorRow]:
    """Sensors whose time has come."""
    return [sensor for sensor in sensors if wait_s(sensor, attempts, now=now) <= 0]


def wait_s(sensor: SensorRow, attempts: Mapping[str, Attempt], *, now: dt.datetime) -> float:
    """Seconds until a sensor is due; zero or less when it is."""
    last = attempts.get(sensor.uid)
    # a time yet to come was written before the clock was set back: the sensor must not rest
    if last is None or last.at > now:
        return 0.0
    gateway = sensor.url.partition("?")[0]
    early = min(sensor.interval_s * _EARLY_SHARE, _EARLY_MOST_S)
    spread = early * _share(gateway)
    rest = rest_s(sensor.interval_s, last.failures, gateway)
    return rest - early + spread - (now - last.at).total_seconds()


def rest_s(interval_s: float, failures: int, gateway: str) -> float:
    """Seconds between two attempts after so many silent ones in a row.

    The interval until patience ends, then doubled each time up to an hour (or the interval, if
    that is longer), with up to a tenth more, so that gateways that failed together do not come
    back together.
    """
    if failures <= PATIENCE:
        return interval_s
    longest = max(LONGEST_REST_S, interval_s)
    doubled = min(longest, interval_s * 2.0 ** min(failures - PATIENCE, 30))
    return doubled * (1.0 + 0.1 * _share(f"{gateway}#{failures}"))


def _share(text: str) -> float:
    """A fraction of one that looks like chance but is always the same for a text."""
    return crc32(text.encode()) / 2**32
