"""Sensors as evidence: what is good, what is low, what was known when, and whose readings."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hydrant import times
from hydrant.ids import new_uid
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.tables import Asset, Sensor
from hydrant.store.care import copying
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import pressure_limit_kpa, sensor_facts
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.readings.readings_file import open_readings
from hydrant.store.readings.retention import retain
from hydrant.store.sql.newest_readings import newest
from hydrant.store.sql.readings_schema import CHANGES
from tests.conftest import Program

POLICY = load_policy("zhejiang")
LIMIT = pressure_limit_kpa(POLICY, "hydrant.pillar") or 0.0
START = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
#: Moments are minutes from the start; nothing happens later than this one.
LAST = 12
DAY = dt.date(2026, 6, 1)


def moment(minute: int) -> str:
    return times.to_text(START + dt.timedelta(minutes=minute))


class Read(NamedTuple):
    at: int
    value: float
    quality: int
    late: int


class Alarm(NamedTuple):
    at: int
    until: int | None
    late: int
    withdrawn: int | None = None


class Told(NamedTuple):
    """All that is known of one sensor."""

    reads: tuple[Read, ...]
    alarms: tuple[Alarm, ...] = ()
    since: int | None = None
    until: int | None = None


minutes = st.integers(0, LAST)
reads = st.builds(
    Read, minutes, st.sampled_from([60.0, LIMIT - 1, LIMIT, 300.0]), st.sampled_from([0, 0, 1]),
    st.sampled_from([0, 0, 3]),
)  # fmt: skip


@st.composite
def alarms(draw: st.DrawFn) -> Alarm:
    at = draw(minutes)
    return Alarm(at, draw(st.none() | st.integers(at + 1, LAST + 1)), draw(st.sampled_from([0, 3])))


tellings = st.builds(
    Told,
    st.lists(reads, max_size=6, unique_by=lambda read: read.at).map(tuple),
    st.lists(alarms(), max_size=2).map(tuple),
    st.none() | st.integers(0, 5),
    st.none() | st.integers(6, LAST),
)


def expected(told: Told, known: int) -> tuple[int | None, int | None]:
    """The newest low and the newest good moment, by the rules as they are written down."""
    since = -1 if told.since is None else told.since
    until = LAST + 100 if told.until is None else told.until
    seen = [r for r in told.reads if r.quality == 0 and r.at + r.late <= known]
    standing = [r for r in seen if since <= r.at < until]
    good = [r.at for r in standing if r.value >= LIMIT]
    lows = []
    for alarm in told.alarms:
        if alarm.at + alarm.late > known:
            continue
        over = alarm.until is not None and alarm.until + alarm.late <= known
        end = min(alarm.until if over and alarm.until is not None else LAST + 100, until)
        valid = [r.at for r in seen if r.at < end]
        at = max(alarm.at, *valid, alarm.at)
        if since <= at < until:
            lows.append(at)
    return (max(lows) if lows else None), (max(good) if good else None)


def verdict(low: int | None, good: int | None) -> bool | None:
    """Whether the newest of both is low; low wins a tie."""
    if low is None and good is None:
        return None
    return (-1 if low is None else low) >= (-1 if good is None else good)


def put(registry: Registry, told: Told) -> None:
    """Replace what is known of the only sensor."""
    (uid, asset) = one_row(registry.connection.execute("SELECT uid, asset_uid FROM sensor"))
    since, until = (None if m is None else moment(m) for m in (told.since, told.until))
    registry.connection.execute(
        "UPDATE sensor SET valid_from = ?, valid_until = ?, recorded_at = ?",
        (since, until, moment(-1)),
    )
    with open_readings(readings_path(registry.path)) as store:
        for table in ("reading", "alarm", "reading_hour", "latest"):
            store.connection.execute(f"DELETE FROM {table}")
        store.keep(
            [
                (uid, asset, moment(r.at), r.value, r.quality, None, None, None,
                 moment(r.at + r.late) if r.late else None)
                for r in told.reads
            ]
        )  # fmt: skip
        for alarm in told.alarms:
            store.connection.execute(
                "INSERT INTO alarm (uid, sensor_uid, asset_uid, kind, confirmed_at, cleared_at, "
                "recorded_at, cleared_recorded_at, withdrawn_at) "
                "VALUES (?, ?, ?, 'low_pressure', ?, ?, ?, ?, ?)",
                (
                    *(new_uid(), uid, asset, moment(alarm.at)),
                    None if alarm.until is None else moment(alarm.until),
                    moment(alarm.at + alarm.late) if alarm.late else None,
                    moment(alarm.until + alarm.late) if alarm.late and alarm.until else None,
                    None if alarm.withdrawn is None else moment(alarm.withdrawn),
                ),
            )


def told_at(registry: Registry, known: int | None = None) -> bool | None:
    """Whether the newest evidence of sensors is low at the end of the day."""
    at = None if known is None else START + dt.timedelta(minutes=known)
    facts = sensor_facts(registry, Cut(DAY, registry.zone, at), POLICY)
    if not facts.pressures:
        return None
    return max((fact.at, fact.low) for fact in facts.pressures)[1]


@pytest.fixture
def sensed(registry: Registry) -> Registry:
    """A registry with one sensor on one hydrant."""
    with transaction(registry, actor="t", origin="t") as writer:
        asset = Asset(code="A", kind="hydrant.pillar", geom=None, service="municipal")
        writer.add(asset)
        writer.flush()
        writer.add(
            Sensor(asset_uid=asset.uid, quantity="pressure", profile="pushed", url="push://d",
                   unit_id=1, interval_s=900)
        )  # fmt: skip
    registry.connection.execute("UPDATE asset SET recorded_at = ?", (moment(-1),))
    return registry


calm = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@calm
@given(tellings, minutes | st.none())
# a sensor taken off under an open alarm; cleared by good ones; a crew's value is another's matter
@example(Told((Read(3, 60.0, 0, 0),), (Alarm(3, 8, 0),), 0, 8), None)
@example(Told((Read(3, 300.0, 0, 0), Read(4, 300.0, 0, 0)), (Alarm(1, 4, 0),)), None)
def test_facts_are_those_of_the_rule(sensed: Registry, told: Told, known: int | None) -> None:
    put(sensed, told)
    assert told_at(sensed, known) == verdict(*expected(told, LAST + 50 if known is None else known))


@calm
@given(tellings, reads)
def test_a_reading_below_the_limit_alone_changes_nothing_for_the_better(
    sensed: Registry, told: Told, more: Read
) -> None:
    put(sensed, told)
    before = told_at(sensed)
    if any(read.at == more.at for read in told.reads):
        return
    put(sensed, told._replace(reads=(*told.reads, more._replace(value=LIMIT - 0.5))))
    assert told_at(sensed) == before or told_at(sensed) is True


@calm
@given(tellings, alarms())
def test_more_low_evidence_never_makes_it_better(sensed: Registry, told: Told, more: Alarm) -> None:
    put(sensed, told)
    before = told_at(sensed)
    put(sensed, told._replace(alarms=(*told.alarms, more)))
    assert not (before is True and told_at(sensed) is not True)


@calm
@given(tellings, minutes, st.lists(reads, max_size=3))
def test_what_arrives_later_was_not_known_before(
    sensed: Registry, told: Told, known: int, later: list[Read]
) -> None:
    put(sensed, told)
    before = told_at(sensed, known)
    moments = {read.at for read in told.reads}
    late = {r.at: r._replace(late=known - r.at + 1) for r in later
            if r.at <= known and r.at not in moments}  # fmt: skip
    opened = tuple(Alarm(at, None, read.late) for at, read in late.items())
    put(sensed, told._replace(reads=(*told.reads, *late.values()), alarms=told.alarms + opened))
    assert told_at(sensed, known) == before


@calm
@given(tellings)
def test_taking_a_sensor_off_now_proves_nothing_better(sensed: Registry, told: Told) -> None:
    told = told._replace(until=None)
    put(sensed, told)
    before = told_at(sensed)
    ended = tuple(a if a.until is not None else a._replace(until=LAST + 1) for a in told.alarms)
    put(sensed, told._replace(until=LAST + 1, alarms=ended))
    assert told_at(sensed) == before


@calm
@given(tellings)
def test_summing_up_proves_nothing_better(sensed: Registry, told: Told) -> None:
    put(sensed, told)
    before = told_at(sensed)
    with open_readings(readings_path(sensed.path)) as store:
        retain(store, since=DAY + dt.timedelta(days=2))
    after = told_at(sensed)
    # an hour is no finer than an hour; it may say less, but good only where all of it was
    values = [read.value for read in told.reads if read.quality == 0]
    if after is False:
        assert before is False or min(values) >= LIMIT


@calm
@given(tellings)
# a renewal, the clearing and what came after it in one hour
@example(Told((Read(3, 60.0, 0, 0), Read(9, 300.0, 0, 0)), (Alarm(1, 8, 0),), 0, 8))
@example(Told((Read(3, 60.0, 0, 0), Read(9, 60.0, 0, 0)), (Alarm(1, 8, 0),)))
def test_summing_up_makes_no_low_pressure_older(sensed: Registry, told: Told) -> None:
    """So no crew's good pressure comes to be the newer of the two."""

    def newest_of(*, low: bool) -> str:
        facts = sensor_facts(sensed, Cut(DAY, sensed.zone, None), POLICY)
        return max((fact.at for fact in facts.pressures if fact.low is low), default="")

    put(sensed, told)
    low, good = newest_of(low=True), newest_of(low=False)
    with open_readings(readings_path(sensed.path)) as store:
        retain(store, since=DAY + dt.timedelta(days=2))
    assert newest_of(low=False) <= good
    assert newest_of(low=True) >= low or low < good


#: Minutes between moments that lie hours apart, so that summing up has whole hours to sum.
STEP = 20
spread = st.integers(0, 30).map(lambda n: n * STEP)
arrivals = st.sampled_from([0, 0, 0, STEP, 4 * STEP, 12 * STEP])
spread_reads = st.lists(
    st.builds(Read, spread, st.sampled_from([60.0, LIMIT, 300.0]), st.sampled_from([0, 0, 1]),
              arrivals),
    max_size=12, unique_by=lambda read: read.at,
).map(tuple)  # fmt: skip


@st.composite
def spread_alarms(draw: st.DrawFn) -> Alarm:
    at, late = draw(spread), draw(arrivals)
    until = draw(st.none() | st.integers(1, 20).map(lambda n: at + n * STEP))
    gone = draw(st.none() | st.none() | st.integers(1, 20).map(lambda n: at + late + n * STEP))
    return Alarm(at, until, late, gone)


@settings(calm, max_examples=25)
@given(
    spread_reads, st.lists(spread_alarms(), max_size=2).map(tuple),
    st.none() | spread, st.none() | spread, st.integers(1, 4),
)  # fmt: skip
# renewed by a reading beside which a late one arrived; renewed, then cleared by late ones
@example((Read(600, 80.0, 0, 0), Read(620, 85.0, 0, 240), Read(640, 90.0, 0, 0)),
         (Alarm(610, None, 0),), None, None, 1)  # fmt: skip
@example((Read(0, 80.0, 0, 0), Read(20, 300.0, 0, 300), Read(80, 90.0, 0, 0),
          Read(100, 90.0, 0, 300)), (Alarm(0, 20, 280), Alarm(0, None, 0, 300)),
         None, None, 1)  # fmt: skip
def test_summing_up_makes_no_figure_better_at_any_moment_at_which_it_was_known(
    sensed: Registry,
    found: tuple[Read, ...],
    confirmed: tuple[Alarm, ...],
    since: int | None,
    until: int | None,
    days: int,
) -> None:
    """What alarms prove stays exact, also what they proved before later readings came."""
    put(sensed, Told(found, confirmed, since, until))

    def newest_at(known: int) -> tuple[str, str]:
        at = START + dt.timedelta(minutes=known)
        facts = sensor_facts(sensed, Cut(DAY, sensed.zone, at), POLICY)
        low, good = (
            max((fact.at for fact in facts.pressures if fact.low is is_low), default="")
            for is_low in (True, False)
        )
        return low, good

    moments = range(-1, 1000, 5 * STEP // 2)
    before = [newest_at(known) for known in moments]
    with open_readings(readings_path(sensed.path)) as store:
        retain(store, since=DAY + dt.timedelta(days=days))
    for (low, good), (low_now, good_now) in zip(before, map(newest_at, moments), strict=True):
        assert good_now <= good
        assert low_now >= low


def test_many_sensors_are_asked_for_at_once(sensed: Registry) -> None:
    with open_readings(readings_path(sensed.path)) as store:
        rows = [(f"s{n:04}", "a", moment(m), 200.0 + m, 0, None, None, None, None)
                for n in range(500) for m in (1, 2)]  # fmt: skip
        store.keep(rows)
        asked = [f"s{n:04}" for n in range(600)]
        found = newest(store.connection, asked, end=moment(2), known=moment(9))
        assert found == {f"s{n:04}": moment(1) for n in range(500)}
        assert newest(store.connection, asked, end=moment(9), known=moment(9), least=203.0) == {}


# what people do, through the program


@pytest.fixture
def hydrant(program: Program) -> Program:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000")  # fmt: skip
    program.data("survey", "record", "A", "--outcome", "works", "--at", "2026-01-05T09:00")
    stand(program, since="2026-01-01")
    return program


def stand(program: Program, *, since: str, device: str = "d") -> str:
    added = program.data("sensor", "add", "A", "--profile", "pushed", "--url", f"push://{device}",
                         "--unit", 1, "--from", since)  # fmt: skip
    return str(added["sensor"]["uid"])


def send(program: Program, folder: Path, *values: tuple[str, float]) -> None:
    assert send_code(program, folder, *values) == 0


def send_code(program: Program, folder: Path, *values: tuple[str, float]) -> int:
    return push_code(program, folder, *((f"2026-01-{at}:00+08:00", value) for at, value in values))


def push(program: Program, folder: Path, *values: tuple[str, float], device: str = "d") -> None:
    assert push_code(program, folder, *values, device=device) == 0


def push_code(program: Program, folder: Path, *values: tuple[str, float], device: str = "d") -> int:
    file = folder / "r.jsonl"
    rows = [{"device": device, "at": at, "value": value} for at, value in values]
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return program("ingest", file).code


def condition(program: Program, *extra: object) -> Any:
    found = program.data("explain", "A", "--as-of", "2026-01-20", *extra)
    return found["condition"], found["reason"]


LOW = (("10T08:00", 80.0), ("10T08:10", 81.0))


def crew_measures(program: Program, at: str, kpa: float) -> None:
    program.data("survey", "record", "A", "--outcome", "works", "--static-kpa", kpa, "--at",
                 f"2026-01-{at}")  # fmt: skip


def test_a_crew_holds_until_the_next_valid_reading_under_an_open_alarm(
    hydrant: Program, tmp_path: Path
) -> None:
    send(hydrant, tmp_path, *LOW)
    assert condition(hydrant)[0] == "defective"
    crew_measures(hydrant, "11T09:00", 300)
    assert condition(hydrant)[0] == "intact"
    send(hydrant, tmp_path, ("11T09:30", 150.0))  # not far enough above to clear the alarm
    assert condition(hydrant)[0] == "defective"
    send(hydrant, tmp_path, ("11T09:40", 300.0), ("11T09:50", 300.0))
    assert condition(hydrant)[0] == "intact"


@pytest.mark.parametrize("ended", ["remove", "suspend", "shelve"])
def test_what_was_proved_stays_whatever_becomes_of_the_sensor(
    hydrant: Program, tmp_path: Path, ended: str
) -> None:
    send(hydrant, tmp_path, *LOW)
    if ended == "shelve":
        (alarm,) = [a for a in hydrant.data("alarm", "list")["alarms"] if "low" in a["kind"]]
        hydrant.data("alarm", "shelve", alarm["uid"], "--hours", 4)
    else:
        hydrant.data("sensor", ended, "A")
    assert condition(hydrant)[0] == "defective"
    crew_measures(hydrant, "12T09:00", 300)
    assert condition(hydrant)[0] == "intact"


def test_from_and_until_bound_what_counts(hydrant: Program, tmp_path: Path) -> None:
    hydrant.data("sensor", "remove", "A", "--at", "2026-01-08")
    stand(hydrant, since="2026-01-10T08:05")
    crew_measures(hydrant, "06T09:00", 100)
    refused = send_code(hydrant, tmp_path, ("10T08:00", 300.0))  # it stood nowhere then
    assert refused == 3
    assert condition(hydrant)[0] == "defective"
    send(hydrant, tmp_path, ("10T08:20", 300.0))
    assert condition(hydrant)[0] == "intact"
    shown = hydrant.data("sensor", "list", "A", "--all")["sensors"]
    spans = sorted((s["from"], s["until"] or "", s["enabled"]) for s in shown)
    assert spans == [
        ("2025-12-31T16:00:00.000Z", "2026-01-07T16:00:00.000Z", False),
        ("2026-01-10T00:05:00.000Z", "", True),
    ]

    def equipped(day: str) -> Any:
        return hydrant.data("integrity", "--as-of", day)["sensors"]["equipped"]

    assert [equipped(f"2026-01-{day}") for day in ("07", "09", "11")] == [1, 0, 1]


def test_moments_that_cannot_be_are_refused(hydrant: Program) -> None:
    ahead = times.to_text(times.now() + dt.timedelta(days=2))
    assert hydrant("sensor", "remove", "A", "--at", ahead).code == 3
    refused = hydrant("sensor", "remove", "A", "--at", "2025-12-01")
    assert refused.code == 3
    assert "2026-01-01 00:00" in refused.err
    assert hydrant("sensor", "add", "A", "--profile", "pushed", "--url", "push://e", "--unit", 1,
                   "--from", ahead).code == 3  # fmt: skip


def test_a_saved_figure_holds_whatever_comes_later(hydrant: Program, tmp_path: Path) -> None:
    hydrant.data("integrity", "--as-of", "2026-01-20", "--save")
    known = times.to_text(times.now())
    send(hydrant, tmp_path, *LOW)
    assert condition(hydrant)[0] == "defective"
    assert condition(hydrant, "--known-at", known)[0] == "intact"
    assert hydrant("assessment", "verify").code == 0
    low = times.to_text(times.now())
    hydrant.data("integrity", "--as-of", "2026-01-20", "--save")
    hydrant.data("sensor", "remove", "A", "--at", "2026-01-10T08:00")  # it stood elsewhere by then
    assert condition(hydrant)[0] == "intact"
    assert condition(hydrant, "--known-at", low)[0] == "defective"
    stand(hydrant, since="2026-01-01", device="other")
    assert hydrant("assessment", "verify").code == 0
    trend = hydrant.data("trend", "--from", "2026-01-09", "--to", "2026-01-11", "--every", "day",
                         "--known-at", low)["dates"]  # fmt: skip
    assert [day["working_order"]["defective"] for day in trend] == [0, 1, 1]


def test_a_pressure_is_held_against_the_limit_of_what_stood_there_then(
    hydrant: Program, tmp_path: Path
) -> None:
    """What an asset became, or was corrected to, later on says nothing of the day asked for."""
    send(hydrant, tmp_path, *LOW)
    known = times.to_text(times.now())
    hydrant.data("asset", "edit", "A", "--kind", "tank", "--from", "2026-02-01")
    assert condition(hydrant)[0] == "defective"
    assert hydrant.data("explain", "A", "--as-of", "2026-02-02")["condition"] == "intact"
    hydrant.data("asset", "edit", "A", "--kind", "hydrant.wall", "--from", "2026-03-01")
    assert condition(hydrant)[0] == "defective"
    assert hydrant.data("explain", "A", "--as-of", "2026-02-02")["condition"] == "intact"
    assert hydrant.data("explain", "A", "--as-of", "2026-03-02")["condition"] == "defective"
    for day in ("2026-01-20", "2026-02-02", "2026-03-02"):
        found = hydrant.data("explain", "A", "--as-of", day, "--known-at", known)
        assert found["condition"] == "defective"
        total = hydrant.data("integrity", "--as-of", day, "--known-at", known)["total"]
        assert total["working_order"]["defective"] == 1


def test_a_late_reading_hides_no_renewal_of_an_alarm_once_readings_are_summed_up(
    hydrant: Program, tmp_path: Path
) -> None:
    send(hydrant, tmp_path, ("09T08:00", 300.0), ("10T10:00", 300.0))
    send(hydrant, tmp_path, ("10T10:15", 80.0), ("10T10:30", 80.0))
    crew_measures(hydrant, "10T10:40", 300)
    send(hydrant, tmp_path, ("10T10:45", 90.0))
    hydrant.data("integrity", "--as-of", "2026-01-20", "--save")
    known = times.to_text(times.now())
    send(hydrant, tmp_path, ("10T10:20", 85.0))
    late = times.to_text(times.now())
    send(hydrant, tmp_path, ("10T11:10", 300.0), ("10T11:20", 300.0), ("12T08:00", 300.0))
    cleared = condition(hydrant)
    assert condition(hydrant, "--known-at", known)[0] == "defective"
    summed = hydrant.data("db", "retain", "--days", 1)
    assert (summed["dropped"], summed["kept"]) == (1, 8)
    assert "8 readings stay in full" in hydrant("db", "retain", "--days", 1).out
    for moment_known in (known, late):
        assert condition(hydrant, "--known-at", moment_known)[0] == "defective"
    assert condition(hydrant) == cleared
    assert hydrant("assessment", "verify").code == 0


FIGURES = (
    ("integrity",), ("explain", "A"), ("near", "120.1", "30.1"), ("todo",),
    ("supply", "120.1", "30.1", "--flow", "1"), ("compare", "2026-01-09"),
    ("trend", "--from", "2026-01-09", "--every", "year"), ("integrity", "--save"), ("db", "check"),
)  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_missing_readings_are_said_beside_every_figure(
    hydrant: Program, tmp_path: Path, lang: str
) -> None:
    def keys(*words: str) -> list[str]:
        ran = hydrant(*words, "--json", lang=lang)
        return [m["level"] for m in ran.json["messages"] if m["key"] == "cli_sensed.missing"]

    assert [keys(*words) for words in FIGURES] == [["warning"]] * len(FIGURES)
    assert hydrant.data("integrity")["sensors"]["readings"] == "missing"
    page = tmp_path / "r.html"
    assert hydrant("report", page, lang=lang).code == 0
    word = "Evidence of sensors is missing" if lang == "en" else "缺少传感器依据"
    assert word in page.read_text("utf-8")
    features = tmp_path / "r.geojson"
    assert hydrant("report", features, lang=lang).code == 0
    told = json.loads(features.read_text("utf-8"))
    assert told["readings"] == "missing"
    assert [word in remark for remark in told["remarks"]] == [True]
    hydrant("todo", "--out", tmp_path / "lists", lang=lang)
    sheets = [s for f in (tmp_path / "lists").glob("*.xlsx") for s in openpyxl.load_workbook(f)]
    assert sheets
    assert all(word in str(sheet["A2"].value) for sheet in sheets)
    send(hydrant, tmp_path, *LOW)
    assert [keys(*words) for words in FIGURES] == [[]] * len(FIGURES)
    assert hydrant.data("integrity")["sensors"]["readings"] == "present"
    assert hydrant.data("integrity", "--as-of", "2025-01-01")["sensors"]["readings"] is None


@pytest.mark.file_only
def test_readings_of_others_are_none_of_ours(hydrant: Program, tmp_path: Path) -> None:
    send(hydrant, tmp_path, *LOW)
    readings = hydrant.db.with_suffix(".readings.db")
    with open_readings(readings) as store:
        for table in ("latest", "reading", "alarm"):
            store.connection.execute(f"UPDATE {table} SET sensor_uid = 'of another registry'")
    assert hydrant.data("integrity")["sensors"]["readings"] == "missing"


@pytest.mark.file_only
def test_a_poll_of_a_copy_hides_no_former_sensor(hydrant: Program, tmp_path: Path) -> None:
    send(hydrant, tmp_path, *LOW)
    hydrant.data("sensor", "remove", "A", "--at", "2026-01-11")
    stand(hydrant, since="2026-01-12")
    hydrant.db.with_suffix(".readings.db").unlink()
    send(hydrant, tmp_path, ("13T08:00", 300.0))
    assert hydrant.data("integrity")["sensors"]["readings"] == "missing"


@pytest.mark.file_only
def test_a_link_is_the_file_it_leads_to(hydrant: Program, tmp_path: Path) -> None:
    send(hydrant, tmp_path, *LOW)
    (tmp_path / "desk").mkdir()
    link = tmp_path / "desk" / "short.gpkg"
    link.symlink_to(hydrant.db)
    direct = hydrant.db
    hydrant.db = link
    assert condition(hydrant)[0] == "defective"
    send(hydrant, tmp_path, ("10T09:00", 82.0))
    assert [p.name for p in tmp_path.rglob("*.readings.db")] == [f"{direct.stem}.readings.db"]
    hydrant.data("db", "backup", tmp_path / "kept.gpkg")
    assert (tmp_path / "kept.readings.db").is_file()


def test_evidence_goes_with_the_sensor_when_two_become_one(
    hydrant: Program, tmp_path: Path
) -> None:
    send(hydrant, tmp_path, *LOW)
    hydrant.data("asset", "add", "B", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000")  # fmt: skip
    hydrant.data("survey", "record", "B", "--outcome", "works", "--at", "2026-01-05T09:00")
    ran = hydrant("duplicates", "merge", "B", "A", "--json")
    assert ran.code == 0, ran
    found = hydrant.data("explain", "B", "--as-of", "2026-01-20")
    assert found["condition"] == "defective"
    assert "alarm" in {fact["fact"] for fact in found["facts"]}
    hydrant.data("defect", "propose", "--after", 1)
    assert [d["asset"] for d in hydrant.data("defect", "list")["defects"]] == ["B"]
    assert {a["asset"] for a in hydrant.data("alarm", "list")["alarms"]} == {"B"}


PAST = ("compare", "trend")


def judging(program: Program, folder: Path, *, past: bool = True) -> set[bool]:
    """What each command that judges says: whether readings are missing."""
    asked = [words for words in FIGURES if past or words[0] not in PAST]
    words = (*asked, ("db", "backup", str(folder / f"{new_uid()}.gpkg")))
    told = [program(*each, "--json").json["messages"] for each in words]
    (health,) = [
        check["state"] for check in program("health", "--json").data["checks"]
        if check["name"] == "readings"
    ]  # fmt: skip
    said = [any(m["key"] == "cli_sensed.missing" for m in messages) for messages in told]
    return {*said, health == "warning"}


@pytest.mark.file_only
def test_a_copy_without_readings_says_so_until_each_sensor_has_proven_something(
    hydrant: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stand(hydrant, since="2026-01-01", device="e")
    send(hydrant, tmp_path, *LOW)
    assert judging(hydrant, tmp_path) == {False}
    assert condition(hydrant)[0] == "defective"
    (tmp_path / "elsewhere").mkdir()
    copy = Program(tmp_path / "elsewhere" / "other.gpkg", capsys)
    shutil.copy(hydrant.db, copy.db)
    assert judging(copy, tmp_path) == {True}
    # neither late values, nor one low sample, nor a poll proves what became of it
    send(copy, tmp_path, ("14T08:00", 300.0))
    push(copy, tmp_path, (times.to_text(times.now()), LIMIT - 1))
    copy("poll")
    assert judging(copy, tmp_path) == {True}
    push(copy, tmp_path, (times.to_text(times.now()), 300.0))
    assert judging(copy, tmp_path) == {True}
    push(copy, tmp_path, (times.to_text(times.now()), 300.0), device="e")
    assert judging(copy, tmp_path, past=False) == {False}
    # what they said before the store was made stays unknown
    assert judging(copy, tmp_path) == {False, True}
    assert copy.data("integrity", "--as-of", "2026-01-20")["sensors"]["readings"] == "missing"
    # one that is registered beside this store lacks nothing
    stand(copy, since="2026-01-01", device="f")
    assert judging(copy, tmp_path, past=False) == {False}


def test_what_a_store_lacks_is_taken_along(
    hydrant: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(hydrant, tmp_path, *LOW)
    hydrant.data("db", "copy", hydrant.db, tmp_path / "copy.gpkg")
    copy = Program(tmp_path / "copy.gpkg", capsys)
    assert judging(copy, tmp_path) == {False}
    copy.db.with_suffix(".readings.db").unlink()
    send(copy, tmp_path, *LOW)
    copy.data("db", "copy", copy.db, tmp_path / "second.gpkg")
    second = Program(tmp_path / "second.gpkg", capsys)
    assert judging(second, tmp_path) == {True}


def test_a_copy_holds_every_table_of_readings() -> None:
    """All but the mark of whose they are: a copy has its own."""
    written = {name for text in CHANGES for name in re.findall(r"CREATE TABLE (\w+)", text)}
    # tables that were built anew got their names back
    written = {name for name in written if not name.startswith("numbered_")}
    assert written == {*copying._READINGS, "reading", "belonging"}


def test_evidence_without_a_latest_value_is_copied_too(
    hydrant: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As what counties hand up: the last good reading and the alarms, and nothing of a poll."""
    send(hydrant, tmp_path, *LOW, ("12T08:00", 300.0))
    with open_readings(readings_path(hydrant.db)) as store, store.transaction():
        store.connection.execute("DELETE FROM latest")
        store.connection.execute("UPDATE reading SET reason = 'handed_up'")
    before = condition(hydrant)
    hydrant.data("db", "copy", hydrant.db, tmp_path / "copy.gpkg")
    copy = Program(tmp_path / "copy.gpkg", capsys)
    assert condition(copy) == before
    with open_readings(readings_path(copy.db)) as store:
        assert store.connection.execute("SELECT count(*) FROM reading").fetchone() == (3,)


def alarms_of(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.data("alarm", "list", "--all")["alarms"]
    return [alarm for alarm in found if alarm["kind"] == "low_pressure"]


def test_an_alarm_ends_with_its_sensor(hydrant: Program, tmp_path: Path) -> None:
    send(hydrant, tmp_path, *LOW)
    uid = hydrant.data("sensor", "remove", "A", "--at", "2026-01-11T09:00")["sensor"]
    (alarm,) = alarms_of(hydrant)
    assert (alarm["cleared_at"], alarm["proves_nothing"]) == ("2026-01-11T01:00:00.000Z", None)
    told = hydrant.data("asset", "history", "A")["history"]
    (ended,) = [fact for fact in told if fact["fact"] == "alarm_cleared"]
    assert (ended["at"], ended["by"]) == ("2026-01-11T09:00:00+08:00", "sensor remove")
    assert condition(hydrant)[0] == "defective"
    # moved to before the alarm, and back again: nothing is lost by a mistake
    hydrant.data("sensor", "remove", uid, "--at", "2026-01-10T08:05")
    assert [a["proves_nothing"] for a in alarms_of(hydrant)] == ["after_sensor"]
    told = hydrant.data("asset", "history", "A")["history"]
    assert [fact["fact"] for fact in told if fact["fact"].startswith("alarm")] == ["alarm"]
    assert "taken off before" in hydrant("alarm", "list", "--all").out
    assert condition(hydrant)[0] == "intact"
    moved = hydrant("sensor", "remove", uid, "--at", "2026-01-12")
    assert "moved from 2026-01-10T08:05:00+08:00 to 2026-01-12" in moved.out
    assert condition(hydrant)[0] == "defective"


def test_the_end_of_a_removed_sensor_moves_only_where_a_moment_is_stated(hydrant: Program) -> None:
    uid = hydrant.data("sensor", "remove", "A", "--at", "2026-01-11")["sensor"]
    again = hydrant("sensor", "remove", uid)
    assert (again.code, again.err.count("2026-01-11")) == (3, 1)
    for verb in ("resume", "suspend", "remove", "test"):
        refused = hydrant("sensor", verb, "A")
        assert refused.code == 3
        assert "no longer read (until 2026-01-11)" in refused.err
    assert "There is no sensor" in hydrant("sensor", "resume", "B").err


def test_an_alarm_of_readings_older_than_the_sensor_says_that_it_proves_nothing(
    hydrant: Program, tmp_path: Path
) -> None:
    hydrant.data("sensor", "remove", "A", "--at", "2026-01-02")
    hydrant.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://n", "--unit", 1)
    then = [times.now() - dt.timedelta(minutes=minutes) for minutes in (20, 10)]
    push(hydrant, tmp_path, *((times.to_text(at), 80.0) for at in then), device="n")
    (alarm,) = alarms_of(hydrant)
    assert (alarm["state"], alarm["proves_nothing"]) == ("open", "before_sensor")
    assert "proves nothing" in hydrant("alarm", "list").out
    assert "不作为依据" in hydrant("explain", "A", lang="zh").out
    # what it says from now on is evidence, and renews the alarm
    push(hydrant, tmp_path, (times.to_text(times.now()), 80.0), device="n")
    assert [alarm["proves_nothing"] for alarm in alarms_of(hydrant)] == [None]
    assert hydrant.data("explain", "A")["condition"] == "defective"


def test_a_history_without_readings_says_so(hydrant: Program) -> None:
    ran = hydrant("asset", "history", "A", "--json")
    assert "cli_sensed.missing" in [message["key"] for message in ran.json["messages"]]


def test_readings_of_a_suspension_are_told_to_prove_nothing(
    hydrant: Program, tmp_path: Path
) -> None:
    hydrant.data("sensor", "suspend", "A")
    file = tmp_path / "r.csv"
    now = times.to_text(times.now())
    file.write_text(f"device,at,value\nd,{now},80\nd,2026-01-10T08:00,300\n", "utf-8")
    ran = hydrant("ingest", file)
    assert "1 reading was measured while the sensor was out of service" in ran.err
    again = hydrant("ingest", file, "--json")
    assert (again.data["known"], again.data["out_of_service"]) == (2, 0)


def test_a_suspension_by_mistake_is_withdrawn(hydrant: Program, tmp_path: Path) -> None:
    def sent(*values: float) -> None:
        for value in values:
            push(hydrant, tmp_path, (times.to_text(times.now()), value))

    def now(*extra: object) -> str:
        return str(hydrant.data("explain", "A", *extra)["condition"])

    assert hydrant("sensor", "resume", "A", "--withdraw", "--reason", "none").code == 3
    crew_measures(hydrant, "06T09:00", 300)
    hydrant.data("sensor", "suspend", "A", "--why", "the one across the road was meant")
    sent(80.0, 81.0)
    assert now() == "intact"
    before = times.to_text(times.now())
    assert hydrant("sensor", "resume", "A", "--withdraw").code == 2
    back = hydrant("sensor", "resume", "A", "--withdraw", "--reason", "wrong hydrant", "--json")
    assert (back.code, back.data["readings"]) == (0, 2)
    assert any("low pressure" in message["text"] for message in back.json["messages"])
    assert now() == "defective"
    assert now("--known-at", before) == "intact"
    (alarm,) = alarms_of(hydrant)
    assert (alarm["state"], alarm["proves_nothing"]) == ("open", None)
    assert hydrant("sensor", "list", "A").err == ""
    # what was withdrawn is shown as other withdrawn facts are
    (rest,) = [f for f in hydrant.data("asset", "history", "A")["history"]
               if f["fact"] == "sensor_rest"]  # fmt: skip
    assert rest["values"]["note"] == "the one across the road was meant"
    assert rest["values"]["withdrawn_why"] == "wrong hydrant"
    assert rest["values"]["valid_until"][:10] == rest["values"]["withdrawn_at"][:10]
    (told,) = hydrant.data("sensor", "list", "--all")["sensors"]
    assert [one["withdrawn_why"] for one in told["rests"]] == ["wrong hydrant"]
    for lang in ("en", "zh"):
        assert "wrong hydrant" in hydrant("sensor", "list", "--all", lang=lang).err
        assert "wrong hydrant" in hydrant("asset", "history", "A", lang=lang).out
    # once; and an earlier suspension stays what it was
    assert hydrant("sensor", "resume", "A", "--withdraw", "--reason", "again").code == 3
    sent(300.0, 300.0)
    assert now() == "intact"
    assert now("--known-at", before) == "intact"
    assert hydrant("db", "check").code == 0
