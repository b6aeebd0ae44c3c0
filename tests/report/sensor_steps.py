"""What happens to sensors in a drawn history, through the doors that the commands use."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.inputs import SensorInput
from hydrant.store.facts.sensors import SensorRow, add_sensor, end_sensor, list_sensors
from hydrant.store.ground.location import readings_path
from hydrant.store.readings import retention
from hydrant.store.readings.readings_alarms import close_alarms
from hydrant.store.readings.readings_care import resume, suspend
from hydrant.store.readings.readings_file import open_readings
from hydrant.store.readings.retention import retain
from hydrant.telemetry.intake import take_in
from hydrant.telemetry.pushed import evaluate
from hydrant.telemetry.record import Recorder
from hydrant.telemetry.sent import Sent
from hydrant.telemetry.setup import PUSHED, PUSHED_VERSION

if TYPE_CHECKING:
    from hydrant.store.opened.writer import Writer
    from tests.report.histories import World

#: Minutes between the readings of one sensor.
PACE = dt.timedelta(minutes=15)
#: Since before anything that a history tells of.
EVER = (800, 12)
#: Pressures in kPa, one after the other: good, low once, low for good, low and well again, at the
#: limit of a hydrant and beside it; None where the sensor had none.
SAID: tuple[tuple[float | None, ...], ...] = (
    (300.0,),
    (300.0, 300.0),
    (80.0,),
    (80.0, 80.0),
    (80.0, 80.0),
    (80.0, 80.0, 90.0),
    (80.0, 80.0, 300.0),
    (80.0, 80.0, 300.0, 300.0),
    (300.0, 80.0, 300.0),
    (80.0, None, 80.0),
    (300.0, None),
    (140.0,),
    (139.9, 139.9),
    (120.0, 120.0, 250.0),
)
said = st.sampled_from(SAID)
which = st.integers(0, 7)


def operations(dated: Any) -> tuple[Any, ...]:
    """What may happen to a sensor, each a strategy; `dated` draws moments."""
    perhaps = st.one_of(st.none(), dated)
    return (
        st.tuples(st.just("fit"), which, st.sampled_from((None, None, EVER)) | dated),
        st.tuples(st.just("unfit"), which, perhaps),
        st.tuples(st.just("rest"), which, st.booleans()),
        st.tuples(st.just("rehang"), which, which),
        st.tuples(st.just("poll"), which, said),
        st.tuples(st.just("push"), which, dated, said),
        st.tuples(st.just("push"), which, dated, said),
        st.tuples(st.just("send"), which, dated, said),
        st.tuples(st.just("sum_up"), dated),
    )


def fit(world: World, writer: Writer, number: int, since: Any) -> None:
    """Register a sensor that sends by itself; ``--from`` a moment, if one is given."""
    asset = world.asset(number)
    _fit(world, writer, asset, f"push://meter-{len(world.sensors)}", since)


def _fit(world: World, writer: Writer, asset: Any, url: str, since: Any) -> None:
    entered = SensorInput(profile=PUSHED, url=url, unit_id=1, interval_s=900)
    writer.flush()
    try:
        row = add_sensor(
            writer, asset, entered, profile_version=PUSHED_VERSION, parameters={},
            since=world.moment(since) if since else None,
        )  # fmt: skip
    except InputRefused:
        return
    world.sensors.append(row.uid)


def _meant(world: World, number: int) -> SensorRow | None:
    """A sensor in use: one of the asset with that number, else any."""
    world.registry.session.flush()
    rows = {row.uid: row for row in list_sensors(world.registry)}
    found = [rows[uid] for uid in world.sensors if uid in rows]
    own = [row for row in found if row.asset_uid == world.asset(number).uid]
    found = own or found
    return found[number % len(found)] if found else None


def unfit(world: World, writer: Writer, number: int, at: Any) -> None:
    """Take a sensor off, now or at an earlier moment; its alarms end."""
    if (row := _meant(world, number)) is not None:
        _end(world, writer, row, world.moment(at) if at else None)


def _end(world: World, writer: Writer, row: SensorRow, at: dt.datetime | None) -> bool:
    try:
        end_sensor(writer, row.uid, at=at)
    except InputRefused:
        return False
    writer.flush()
    with open_readings(readings_path(world.registry.path)) as store:
        close_alarms(store, row.uid)
    return True


def rehang(world: World, writer: Writer, number: int, other: int) -> None:
    """Take a device off and put it on another asset, or on the same one anew."""
    row = _meant(world, number)
    if row is not None and _end(world, writer, row, None):
        _fit(world, writer, world.asset(other), row.url, None)


def rest(world: World, writer: Writer, number: int, out: bool) -> None:
    """Take a sensor out of service for a while, or put it back."""
    del writer
    if (row := _meant(world, number)) is not None:
        with open_readings(readings_path(world.registry.path)) as store:
            if out:
                suspend(store, row.uid, by="t", why=None)
            else:
                resume(store, row.uid)


def poll(world: World, writer: Writer, number: int, values: tuple[float | None, ...]) -> None:
    """Ask a sensor again and again, a poll each time."""
    del writer
    if (row := _meant(world, number)) is not None:
        for value in values:
            _record(world, row, [(None, value)])
            world.clock.moment += PACE


def push(
    world: World, writer: Writer, number: int, dated: Any, values: tuple[float | None, ...]
) -> None:
    """Take in what a sensor sends, the last value of a moment that may be long past."""
    del writer
    row, last = _meant(world, number), world.moment(dated)
    if row is not None and last <= world.clock.moment:
        times_of = [last - PACE * back for back in range(len(values))][::-1]
        _record(world, row, list(zip(times_of, values, strict=True)))


def _record(
    world: World, row: SensorRow, values: list[tuple[dt.datetime | None, float | None]]
) -> None:
    policy = load_policy(world.registry.policy)
    with open_readings(readings_path(world.registry.path)) as store:
        recorder = Recorder(store, sensors=1, policy=policy)
        for at, value in values:
            recorder.add(row, evaluate(row, value, None), None, at=at)
        recorder.finish()


def send(
    world: World, writer: Writer, number: int, dated: Any, values: tuple[float | None, ...]
) -> None:
    """As `push`, in a file: what older readings say of alarms is told anew."""
    row, last = _meant(world, number), world.moment(dated)
    if row is None or last > world.clock.moment:
        return
    writer.flush()
    times_of = [last - PACE * back for back in range(len(values))][::-1]
    said_now = [
        Sent(line, row, at, evaluate(row, value, None))
        for line, (at, value) in enumerate(zip(times_of, values, strict=True), 1)
        if value is not None
    ]
    every = list_sensors(world.registry, disabled=True)
    policy = load_policy(world.registry.policy)
    with open_readings(readings_path(world.registry.path)) as store:
        take_in(store, said_now, every, policy=policy, by="t")


def sum_up(world: World, writer: Writer, dated: Any) -> None:
    """Let readings before a day give way to hourly figures."""
    del writer
    if world.sensors and world.moment(dated) < times.now():
        with open_readings(readings_path(world.registry.path)) as store:
            retain(store, since=world.moment(dated).date())


def sum_all(world: World, writer: Writer, dated: Any) -> None:
    """As `sum_up` in the first version, which summed up the hours of alarms, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "_KEPT", "(1 = 0)")
        sum_up(world, writer, dated)


DOORS: dict[str, Any] = {
    "fit": fit,
    "unfit": unfit,
    "rest": rest,
    "rehang": rehang,
    "poll": poll,
    "push": push,
    "send": send,
    "sum_up": sum_up,
    "sum_all": sum_all,
}

_FULL = {"static_kpa": 300.0, "flow_l_s": 31.0, "residual_kpa": 150.0, "level_m": 2.0}
_POOR = {"static_kpa": 99.0, "flow_l_s": 5.0, "residual_kpa": 40.0}
_LOW, _GOOD = (80.0, 80.0), (300.0, 300.0)
#: Sensors and crews at one moment, or close by; `True` stands for the moment of the scene.
SCENES: tuple[tuple[tuple[Any, ...], ...], ...] = (
    (("fit", EVER), ("visit", "works", True, _FULL), ("push", True, _LOW)),
    (("fit", EVER), ("visit", "works", True, _POOR), ("push", True, _GOOD)),
    (("fit", EVER), ("visit", "works", True, {}), ("push", True, _GOOD)),
    (("fit", True), ("visit", "works", True, {}), ("push", True, (300.0,))),
    (("fit", True), ("visit", "works", True, {}), ("push", True, _LOW)),
    (
        *(("fit", EVER), ("push", True, _LOW)),
        *(("fit", EVER), ("visit", "works", True, {})),
    ),
    # a crew comes while the alarm is open, and the sensor reads on, low or well
    (
        *(("fit", EVER), ("poll", _LOW), ("visit", "works", (None, 0, 12), _FULL)),
        ("poll", (90.0,)),
    ),
    (("fit", EVER), ("poll", _LOW), ("visit", "works", (None, 0, 18), _FULL)),
    (("fit", EVER), ("visit", "works", True, _FULL), ("poll", _LOW), ("poll", _GOOD)),
    (("fit", EVER), ("poll", _LOW), ("visit", "works", True, _FULL), ("poll", (150.0,))),
    # at the limit after what a crew found below it the day before, and just below
    (("fit", EVER), ("visit", "works", (None, -1, 12), {"static_kpa": 99.0}),
     ("push", (None, 0, 9), (140.0, 140.0))),
    (("fit", EVER), ("visit", "works", (None, -1, 12), {"static_kpa": 99.0}),
     ("push", (None, 0, 9), (140.0, 139.9))),
    # late and out of order
    (("fit", EVER), ("visit", "works", True, {}), ("poll", (300.0,)), ("push", True, _LOW)),
    (
        *(("fit", EVER), ("visit", "works", True, {}), ("push", True, _LOW)),
        ("push", (None, -5, 12), _GOOD),
    ),
    (("fit", EVER), ("push", True, (300.0,)), ("visit", "fails", True, {})),
    # taken off, put aside, hung elsewhere
    (("fit", EVER), ("visit", "works", True, _FULL), ("push", True, _LOW), ("unfit", None)),
    (("fit", EVER), ("visit", "works", True, _FULL), ("push", True, _LOW), ("unfit", True)),
    (("fit", EVER), ("visit", "works", True, {}), ("push", True, _GOOD), ("unfit", True)),
    (("fit", EVER), ("visit", "works", True, {}), ("rest", True), ("push", True, _LOW)),
    (("fit", EVER), ("push", True, _LOW), ("rest", True), ("visit", "works", True, {})),
    (
        *(("fit", EVER), ("visit", "works", True, {}), ("push", True, _LOW)),
        *(("rehang", 1), ("poll", _GOOD)),
    ),
    (("fit", EVER), ("push", True, _LOW), ("move", True), ("visit", "works", True, {})),
    (("fit", EVER), ("visit", "works", True, {}), ("push", True, _GOOD), ("move", True)),
    (("fit", EVER), ("visit", "works", True, {}), ("push", True, _LOW), ("sum_up", (None, 1, 0))),
    (("fit", EVER), ("visit", "works", True, {}), ("push", True, (80.0, 300.0)),
     ("sum_up", (None, 1, 0))),
    (("fit", EVER), ("push", True, _GOOD), ("edit", True, {"kind": "tank"})),
    (("fit", EVER), ("visit", "works", True, {}), ("push", True, _LOW),
     ("edit", True, {"kind": "crane"})),
    # another kind from the next day on, which has no limit
    (("fit", EVER), ("visit", "works", True, {}), ("push", True, _LOW),
     ("edit", (None, 1, 12), {"kind": "tank"})),
    (("fit", EVER), ("visit", "works", True, _POOR), ("push", True, _GOOD),
     ("edit", (None, 1, 12), {"kind": "tank"})),
    # good before it stood there, after what a crew found
    (("fit", True), ("visit", "works", (None, -6, 12), {"static_kpa": 99.0}),
     ("push", (None, -5, 12), _GOOD)),
)  # fmt: skip
#: Scenes that follow each other a day apart: what was told late was not known before.
SEQUELS: tuple[tuple[tuple[tuple[Any, ...], ...], ...], ...] = (
    # good readings that arrived a day after they were made
    (
        (("fit", EVER), ("visit", "works", (None, -1, 9), {"static_kpa": 99.0})),
        (("push", (None, -2, 12), _GOOD),),
    ),
    # good ones that end an alarm: a low one had renewed it after what a crew measured
    (
        (("fit", EVER), ("visit", "works", (None, -2, 12), _FULL), ("send", (None, -1, 10), _LOW),
         ("visit", "works", (None, -1, 12), _FULL), ("send", (None, -1, 13), (90.0,))),
        (("send", (None, -2, 11), _GOOD),),
    ),
    # low when it was taken off; it sent on elsewhere, and the hour of that is summed up
    (
        (("fit", EVER), ("visit", "works", (None, -2, 12), _FULL),
         ("push", (None, 0, 1), (80.0, 80.0, *5 * (300.0,))), ("unfit", True)),
        (("sum_all", True),),
    ),
    # low a day ago after what a crew measured; nobody knew it, for it arrived today, and so did an
    # end of it
    *(
        (
            (("fit", EVER), ("visit", "works", (None, -2, 12), _FULL)),
            ((door, (None, -2, 12), _LOW),),
            ((door, (None, -2, 12), _GOOD),),
        )
        for door in ("push", "send")
    ),
)  # fmt: skip
#: In a scene the last value of these says no moment, although it may be ``True``.
FLAGGED = frozenset({"rest"})
