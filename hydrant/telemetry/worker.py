"""One of many pollers: reads the shard of gateways that a job names, holding each for itself.

A gateway belongs to a shard by its name alone, so workers whose knowledge of the registry differs
by a minute still agree; and whatever they think, the lock on each gateway decides who polls it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import RLock
from time import monotonic, sleep
from typing import Protocol
from zlib import crc32

from hydrant import times
from hydrant.errors import HydrantError, InputRefused
from hydrant.integrity.policy import Policy
from hydrant.store.facts.sensors import SensorRow, list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Server
from hydrant.store.ground.workers import REST_S
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import open_registry
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_care import resting
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.endpoint import parse
from hydrant.telemetry.poll import poll
from hydrant.telemetry.result import PollResult
from hydrant.telemetry.schedule import due

#: Gateways in a shard, where nobody says how many shards there are.
_SHARD_GATEWAYS = 100
#: The registry is looked at again after so long, s.
_LOOK_AGAIN_S = 60.0


class Holder(Protocol):
    """Whoever takes gateways for a worker; see `hydrant.store.server_work.guard`."""

    def lease(self) -> Callable[[], bool]:
        """Tells whether what is taken from now on has certainly been held without a break."""

    def take(self, names: Iterable[str]) -> set[str]:
        """Those gateways that nobody else polls."""

    def give_back(self, names: Iterable[str]) -> None:
        """Let others poll them."""


def shard_of(gateway: str, count: int) -> int:
    """Number of the shard, of so many, to which a gateway belongs."""
    return crc32(gateway.encode()) % count


def gateway_of(sensor: SensorRow) -> str:
    """Name of a sensor's gateway; its URL where that is wrong."""
    try:
        return parse(sensor.url).name
    except InputRefused:
        return sensor.url.partition("?")[0]


@dataclass(slots=True)
class Totals:
    """What a worker did so far; `held` counts gateways left to another worker."""

    jobs: int = 0
    answered: int = 0
    failed: int = 0
    stored: int = 0
    alarms_opened: int = 0
    alarms_cleared: int = 0
    held: int = 0
    broken_off: int = 0


@dataclass(slots=True)
class Field:
    """The registered sensors that can be called, read anew every minute."""

    place: Server
    _lock: RLock = field(default_factory=RLock)
    _read_at: float | None = None
    _sensors: dict[str, list[SensorRow]] = field(default_factory=dict)
    _policy: Policy | None = None

    def gateways(self) -> dict[str, list[SensorRow]]:
        """Sensors by the gateway behind which they are; lines of one machine are not among them."""
        with self._lock:
            self._refresh()
            return self._sensors

    def policy(self) -> Policy:
        """The registry's policy."""
        with self._lock:
            self._refresh()
            assert self._policy is not None  # noqa: S101  read just now
            return self._policy

    def _refresh(self) -> None:
        if self._read_at is not None and monotonic() - self._read_at < _LOOK_AGAIN_S:
            return
        with open_registry(self.place) as registry:
            rows, self._policy = list_sensors(registry), policy_of(registry)
        found: dict[str, list[SensorRow]] = {}
        for row in rows:
            if not row.waited_for and not row.url.startswith("serial:"):
                found.setdefault(gateway_of(row), []).append(row)
        self._sensors, self._read_at = found, monotonic()


class ShardPoller:
    """Polls shards for one worker.

    Parameters
    ----------
    holder
        Takes gateways for this worker.
    shards
        How many shards there are; None for one per hundred gateways.
    polled
        Told what each poll did.
    failed
        Told why a shard could not be polled.
    everything
        Whether sensors are read that are not due.
    lead_s
        What comes due within this time is read now, seconds: the next turn would be late for it.
    """

    def __init__(
        self,
        place: Server,
        holder: Holder,
        *,
        shards: int | None,
        polled: Callable[[PollResult], None],
        failed: Callable[[HydrantError], None],
        everything: bool = False,
        lead_s: float = 0.0,
        totals: Totals | None = None,
    ) -> None:
        self._place, self._holder, self._shards = place, holder, shards
        self._polled, self._failed, self._everything = polled, failed, everything
        self._lead = dt.timedelta(seconds=lead_s)
        self._field = Field(place)
        self._lock = RLock()
        self.totals = totals or Totals()

    def shards(self) -> int:
        """Number of shards of a cycle."""
        return self._shards or max(1, -(-len(self._field.gateways()) // _SHARD_GATEWAYS))

    def __call__(self, number: int, count: int) -> None:
        """Poll what is due of one shard."""
        try:
            self._poll(number, count)
        except HydrantError as error:
            self._failed(error)

    def _poll(self, number: int, count: int) -> None:
        found = self._field.gateways()
        mine = [name for name in found if shard_of(name, count) == number]
        rows = [row for name in mine for row in found[name]]
        with open_readings(readings_path(self._place)) as store:
            wanted = {gateway_of(row) for row in self._due(rows, store)}
            sure, taken = self._holder.lease(), self._holder.take(wanted)
            awaited = False
            try:
                # looked up again now that they are held: another may have read them just before
                chosen = self._due([row for name in taken for row in found[name]], store)
                awaited = bool(chosen)
                result = self._read(chosen, store, sure) if chosen else None
                awaited = not sure() or (result is not None and bool(result.unreached))
            finally:
                if awaited:  # broken off: a gateway may still be about to answer what it was asked
                    sleep(REST_S)
                self._holder.give_back(taken)
        self._tally(result, held=len(wanted) - len(taken))

    def _due(self, rows: list[SensorRow], store: Readings) -> list[SensorRow]:
        rest = resting(store)
        awake = [row for row in rows if row.uid not in rest]
        if self._everything:
            return awake
        attempts = store.attempts({row.asset_uid for row in awake})
        return due(awake, attempts, now=times.now() + self._lead)

    def _read(
        self, chosen: list[SensorRow], store: Readings, sure: Callable[[], bool]
    ) -> PollResult:
        longest_s = min((row.interval_s for row in chosen), default=None)
        return poll(
            chosen,
            store,
            policy=self._field.policy(),
            within_s=longest_s,
            may_send=sure,
        )

    def _tally(self, result: PollResult | None, *, held: int) -> None:
        self._count(jobs=1, held=held)
        if result is None:
            return
        run = result.run
        self._count(
            answered=run.answered, failed=run.failed, stored=run.stored,
            alarms_opened=run.opened, alarms_cleared=run.cleared,
            broken_off=len(result.unreached),
        )  # fmt: skip
        self._polled(result)

    def _count(self, **more: int) -> None:
        with self._lock:
            for name, number in more.items():
                setattr(self.totals, name, getattr(self.totals, name) + number)
