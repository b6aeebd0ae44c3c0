"""What the readings store knows that counts as evidence, and how many sensors are alive.

A valid reading at or above the limit is good. One below it says nothing by itself; what the alarm
rules confirmed is low, and stays so whatever becomes of the sensor.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from hydrant import times
from hydrant.integrity.policy import Policy
from hydrant.store.evidence.evidence import Cut, SensorPressure
from hydrant.store.evidence.sensor_spans import Standing, standings
from hydrant.store.ground.backend import Connection, one_row
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.belonging import of_another
from hydrant.store.readings.readings_file import view_readings
from hydrant.store.readings.sensor_evidence import HANDED_UP
from hydrant.store.sql.newest_readings import ANY, in_cut_hour, newest
from hydrant.vocabulary import Quantity

#: A sensor that has not answered for so many of its intervals is offline (devices: k = 3).
_INTERVALS = 3
#: Low-pressure alarms known at the moment, the newest first, each with when its end was known.
_ALARMS = """
SELECT sensor_uid, confirmed_at, cleared_at, coalesce(cleared_recorded_at, cleared_at) FROM alarm
WHERE kind = 'low_pressure' AND confirmed_at < ? AND coalesce(recorded_at, confirmed_at) <= ?
  AND coalesce(withdrawn_at, '~') > ?
ORDER BY confirmed_at DESC, uid DESC
"""


@dataclass(frozen=True, slots=True)
class AtHand:
    """Whether the readings of a registry's sensors are at hand.

    A store that was made after a sensor was put on record lacks what the sensor said before: the
    registry was moved or copied without its readings. What the sensor has proven since then
    decides all the same.

    Attributes
    ----------
    sensors
        Sensors on record on their assets at the date, and former ones.
    without
        Those of which the store holds no reading and no alarm, or none of value: recorded before
        the store was made, they have proven nothing since.
    missing
        Whether evidence may be missing: no sensor has any readings, one that is no longer read
        has none, or one is older than the store. A new sensor beside others may not have been
        asked yet.
    foreign
        Whether the file of readings that stands there is another registry's.
    lacking
        Keys of the sensors that are `without`.
    """

    sensors: int = 0
    without: int = 0
    missing: bool = False
    foreign: bool = False
    lacking: frozenset[str] = frozenset()

    @property
    def word(self) -> str | None:
        """``present`` or ``missing``; None where there are no sensors."""
        if not self.sensors:
            return None
        return "missing" if self.missing else "present"


@dataclass(frozen=True, slots=True)
class SensorFacts:
    """Sensors as evidence at a date.

    Attributes
    ----------
    pressures
        Low pressures that alarms confirmed, and the newest good ones.
    equipped, online
        Uids of assets that carried a sensor, and of those whose sensor answered in time.
    at_hand
        Whether the readings are there.
    """

    pressures: list[SensorPressure] = field(default_factory=list)
    equipped: set[str] = field(default_factory=set)
    online: set[str] = field(default_factory=set)
    at_hand: AtHand = AtHand()


def pressure_limit_kpa(policy: Policy, kind: str) -> float | None:
    """Static pressure that a kind of asset must have; None where the policy states none."""
    limit = policy.limit_for("static_kpa", kind)
    return None if limit is None else limit.value


def sensor_facts(registry: Registry, cut: Cut, policy: Policy) -> SensorFacts:
    """Sensors of a registry and what their readings say by a date, by what was known."""
    sensors = standings(registry, cut)
    equipped = {sensor.asset_uid for sensor in sensors if sensor.carried}
    with _readings_at(registry, cut, sensors) as told:
        if told is None:
            return SensorFacts(equipped=equipped, at_hand=_nothing(registry, sensors))
        pressures = list(told.proven(policy))
        at_hand = told.at_hand(pressures)
        return SensorFacts([p for _, p in pressures], equipped, told.online(), at_hand)


@contextmanager
def _readings_at(
    registry: Registry, cut: Cut, sensors: list[Standing]
) -> Iterator[_ReadingsAt | None]:
    """What the readings store tells of sensors; None where there are none, or no store."""
    if not sensors:
        yield None
        return
    with view_readings(readings_path(registry.path)) as store:
        yield None if store is None else _ReadingsAt(store.connection, cut, sensors)


def _nothing(registry: Registry, sensors: list[Standing]) -> AtHand:
    lacking = frozenset(s.uid for s in sensors if s.carried or s.ended)
    count = len(lacking)
    foreign = count > 0 and of_another(readings_path(registry.path))
    return AtHand(count, count, missing=count > 0, foreign=foreign, lacking=lacking)


def _at_hand(sensors: list[Standing], left: list[Standing], *, missing: bool) -> AtHand:
    lacking = frozenset(sensor.uid for sensor in left)
    return AtHand(len(sensors), len(left), missing=missing, lacking=lacking)


class _ReadingsAt:
    """What the readings store tells of some sensors at a cut."""

    def __init__(self, connection: Connection, cut: Cut, sensors: Iterable[Standing]) -> None:
        self._connection, self._cut = connection, cut
        self._sensors = {sensor.uid: sensor for sensor in sensors}
        self._valid = self._newest(self._sensors.values(), ANY)
        self._alarms = self._known_alarms()

    def online(self) -> set[str]:
        """Assets with a sensor that gave a valid reading within a few of its intervals."""
        end = times.from_text(min(self._cut.end, self._cut.known))
        moment = min(times.now(), end)
        since: dict[int, str] = {}
        found = set()
        for uid, at in self._valid.items():
            sensor = self._sensors[uid]
            if sensor.interval_s not in since:
                span = dt.timedelta(seconds=_INTERVALS * sensor.interval_s)
                since[sensor.interval_s] = times.to_text(moment - span)
            if sensor.carried and at >= since[sensor.interval_s]:
                found.add(sensor.asset_uid)
        return found

    def proven(self, policy: Policy) -> Iterator[tuple[Standing, SensorPressure]]:
        """The newest good and the newest low pressure of each sensor, where there are any."""
        by_limit: dict[float, list[Standing]] = defaultdict(list)
        for sensor in self._sensors.values():
            limit = pressure_limit_kpa(policy, sensor.kind)
            if sensor.quantity == Quantity.PRESSURE and limit is not None:
                by_limit[limit].append(sensor)
        for limit, sensors in by_limit.items():
            good = self._newest(sensors, limit)
            for sensor in sensors:
                for pressure in self._of(sensor, good.get(sensor.uid)):
                    yield sensor, pressure

    def _of(self, sensor: Standing, good: str | None) -> Iterable[SensorPressure]:
        low = self._low(sensor, good or "")
        if low is not None:
            yield SensorPressure(sensor.asset_uid, low, low=True)
        if good is not None:
            yield SensorPressure(sensor.asset_uid, good, low=False)

    def _low(self, sensor: Standing, good: str) -> str | None:
        """When the pressure was last known to be low, unless a good one came later anyway.

        Every valid reading before an alarm's end renews it: the pressure had not yet returned.
        """
        last: str | None = None
        for confirmed, ended in self._alarms.get(sensor.uid, ()):
            bound = min(ended, sensor.until)
            # all that an alarm proves lies before its end
            if bound <= max(good, last or ""):
                continue
            at = max(confirmed, self._valid_before(sensor, bound) or "")
            if sensor.stood(at):
                last = max(at, last or "")
        return last

    def _valid_before(self, sensor: Standing, bound: str) -> str | None:
        ask, known = self._connection, self._cut.known
        at = self._valid.get(sensor.uid, "")
        if at >= bound:
            at = newest(ask, [sensor.uid], end=bound, known=known).get(sensor.uid, "")
        cut = in_cut_hour(ask, sensor.uid, end=bound, known=known)
        return max(at, "" if cut is None else cut[0]) or None

    def _newest(self, sensors: Iterable[Standing], least: float) -> dict[str, str]:
        """Newest valid reading of each sensor while it stood on its asset."""
        asked = {sensor.uid: sensor for sensor in sensors}
        end, known = self._cut.end, self._cut.known
        found = newest(self._connection, asked, end=end, known=known, least=least)
        for uid, at in list(found.items()):
            until = asked[uid].until
            if at >= until:
                # it went on sending when it stood there no longer
                one = newest(self._connection, [uid], end=until, known=known, least=least)
                found[uid] = one.get(uid, "")
        return {uid: at for uid, at in found.items() if at and asked[uid].stood(at)}

    def _known_alarms(self) -> Mapping[str, list[tuple[str, str]]]:
        """By sensor: when each alarm was confirmed, and its end; of an open one, the cut's."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        end, known = self._cut.end, self._cut.known
        for uid, confirmed, cleared, told in self._connection.execute(_ALARMS, (end, known, known)):
            over = cleared is not None and told <= known
            found[uid].append((confirmed, min(cleared, end) if over else end))
        return found

    def at_hand(self, proven: Iterable[tuple[Standing, SensorPressure]]) -> AtHand:
        """Whether the store holds what these sensors said, given what they have proven."""
        sensors = [s for s in self._sensors.values() if s.carried or s.ended]
        held = self._held(sensors)
        born = self._connection.execute("SELECT born_at FROM birth").fetchone()
        if held.missing or born is None:
            return held
        since = {sensor.uid for sensor, pressure in proven if pressure.at >= born[0]}
        # what says nothing of pressure is no evidence, only heard or not
        silent = {
            s.uid for s in sensors if s.quantity != Quantity.PRESSURE
            and self._valid.get(s.uid, "") >= born[0]
        }  # fmt: skip
        left = [
            s for s in sensors if s.recorded < born[0] and s.uid not in since | silent
            and not (s.uid not in self._tried and self._from_below(s.uid))
        ]  # fmt: skip
        return _at_hand(sensors, left, missing=bool(left))

    def _held(self, sensors: list[Standing]) -> AtHand:
        held = self._tried | self._valid.keys() | self._alarms.keys()
        left = [s for s in sensors if s.uid not in held]
        # what came from below has no latest value; few are left to be looked for one by one
        if len(left) == len(sensors) or any(s.ended for s in left):
            left = [s for s in left if not self._holds(s.uid)]
        missing = bool(left) and (len(left) == len(sensors) or any(s.ended for s in left))
        return _at_hand(sensors, left, missing=missing)

    @cached_property
    def _tried(self) -> set[str]:
        """Sensors that were asked or sent here; of those from below there is no latest value."""
        return {uid for (uid,) in self._connection.execute("SELECT sensor_uid FROM latest")}

    def _from_below(self, uid: str) -> bool:
        """Whether the evidence of a sensor was handed up: it is whole, as of then."""
        (found,) = one_row(
            self._connection.execute(
                "SELECT EXISTS (SELECT 1 FROM reading WHERE sensor_uid = ? AND reason = ?) "
                "OR EXISTS (SELECT 1 FROM alarm WHERE sensor_uid = ? AND limit_value IS NULL "
                "AND kind = 'low_pressure')",
                (uid, HANDED_UP, uid),
            )
        )
        return bool(found)

    def _holds(self, uid: str) -> bool:
        (found,) = one_row(
            self._connection.execute(
                "SELECT EXISTS (SELECT 1 FROM reading WHERE sensor_uid = ?) "
                "OR EXISTS (SELECT 1 FROM alarm WHERE sensor_uid = ?)",
                (uid, uid),
            )
        )
        return bool(found)
