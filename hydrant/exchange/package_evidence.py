"""The evidence of sensors that a package brings: checked with its facts, kept beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_rules import RowNote
from hydrant.model.values import Record
from hydrant.store.facts.merging import present_key
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.kept_evidence import keep_evidence, lost_evidence
from hydrant.store.readings.sensor_evidence import DAILY, pressure_limits
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE
from hydrant.survey.clock import SLACK

#: No quantity that a sensor gives is beyond it in its internal unit (kPa, L/s, m, °C).
_MOST = 100_000.0
_YEARS = 30


def check_evidence(package: PackageFile, zone: ZoneInfo) -> None:
    """Refuse evidence that could not be kept, before the facts are stored.

    Parameters
    ----------
    zone
        Of the registry that takes it: what decides on a day is told by the sender's days.

    Raises
    ------
    InputRefused
        It is damaged, its day is none or has not come, its days begin at other moments than
        here, a time or a value cannot be, or rows of one sensor lie apart.
    """
    told = package.manifest
    until = times.end_of_day(_day_of(package, zone), zone)
    before, seen = None, set()
    for number, row in enumerate(package.rows(EVIDENCE), 1):
        sensor = row["sensor_uid"]
        if sensor != before and sensor in seen:
            raise InputRefused("exchange.package_damaged", file=package.path, member=EVIDENCE)
        before = sensor
        seen.add(sensor)
        wrong = _wrong(row, until if told.version > 1 else times.now() + SLACK)
        if wrong is not None:
            field, why = wrong
            raise InputRefused(
                "exchange.package_row", file=package.path, member=EVIDENCE, row=number,
                field=field, why=why,
            )  # fmt: skip


def _day_of(package: PackageFile, zone: ZoneInfo) -> dt.date:
    """Its day; refuses a calendar with other days, and then a day to come."""
    told = package.manifest
    day, theirs = times.parse_date(told.as_of), times.zone(told.zone)
    if not _same_days(theirs, zone):
        raise InputRefused(
            "exchange.package_zone", file=package.path, theirs=told.zone, ours=zone.key
        )
    if times.start_of_day(day, theirs) > times.now() + SLACK:
        raise InputRefused("exchange.package_ahead", file=package.path, date=told.as_of)
    return day


def _same_days(one: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether local days begin at the same moments in two zones, in the years up to now."""
    last = times.now().date()
    days = (last - dt.timedelta(days=count) for count in range(-1, _YEARS * 366))
    return one.key == other.key or all(
        times.start_of_day(day, one) == times.start_of_day(day, other) for day in days
    )


def _wrong(row: Record, until: dt.datetime) -> tuple[str, Phrase] | None:
    """The field of a row that cannot be, and why."""
    ends = [row["at"]] if row["until"] is None else [row["at"], row["until"]]
    try:
        moments = [times.from_text(text) for text in ends]
    except (HydrantError, ValueError):
        return "at", Phrase("survey.refused_time", {"field": "at", "value": " – ".join(ends)})
    if len(ends) > 1 and moments[1] < moments[0]:
        return "until", Phrase("exchange.package_backwards", {"at": ends[0], "until": ends[1]})
    if moments[0] >= until:
        return "at", Phrase("exchange.package_late", {"at": ends[0]})
    values = [row["value"]]
    if row["word"] == DAILY:
        values = [value for _, value in row["series"]]
        last = max((after for after, _ in row["series"]), default=0)
        if (late := moments[0] + dt.timedelta(milliseconds=last)) >= until:
            return "series", Phrase("exchange.package_late", {"at": times.to_text(late)})
    odd = next((value for value in values if value is not None and abs(value) > _MOST), None)
    return None if odd is None else ("value", Phrase("exchange.package_value", {"value": odd}))


def keep_evidence_of(
    registry: Registry, package: PackageFile, refused: Mapping[str, object], *, back: bool = False
) -> int:
    """Keep the evidence of sensors that are the sender's; how much of it is new here.

    Parameters
    ----------
    refused
        Keys of sensors and alarms that are not (see `package_own.foreign_rows`).
    back
        Whether what it does not tell any more counts no longer: it goes back behind a later one,
        or somebody let it withdraw that.
    """
    rows = _present(registry, package, refused)
    sensors = (row["uid"] for row in package.rows("sensor") if row["uid"] not in refused)
    return keep_evidence(
        registry, rows, until=_complete_until(package), back=sensors if back else ()
    )


def lost_notes(
    registry: Registry, package: PackageFile, refused: Mapping[str, object], *, accept: bool
) -> list[RowNote]:
    """What is said of sensors of which an earlier package told more than this one does.

    Raises
    ------
    InputRefused
        There are some, and they are not to be accepted.
    """
    lost = _lost(registry, package, refused)
    if not lost:
        return []
    plates = {row["uid"]: row["code"] or row["uid"] for row in package.rows("asset")}
    named = {row["uid"]: plates.get(row["asset_uid"]) for row in package.rows("sensor")}
    if not accept:
        raise InputRefused(
            "exchange.package_unheard", file=package.path, sensors=len(lost),
            count=sum(lost.values()), first=named[min(lost)],
        )  # fmt: skip
    return [
        RowNote(
            EVIDENCE, uid, "withdrawn", Phrase("exchange.package_lost", {"count": n}), named[uid]
        )
        for uid, n in sorted(lost.items())
    ]


def _lost(
    registry: Registry, package: PackageFile, refused: Mapping[str, object]
) -> dict[str, int]:
    """How many readings and alarms are lost, by sensor; of one that is gone, with the sensor."""
    until = _complete_until(package)
    if until is None:
        return {}
    sensors = {
        row["uid"]: row["valid_until"]
        for row in package.rows("sensor")
        if row["uid"] not in refused
    }
    least = min(pressure_limits(policy_of(registry)), default=0)
    rows = package.rows(EVIDENCE)
    return lost_evidence(registry, rows, until=until, sensors=sensors, least=least)


def _complete_until(package: PackageFile) -> str | None:
    """Before which moment it tells all evidence of its sensors; of the first version none did."""
    told = package.manifest
    end = times.end_of_day(times.parse_date(told.as_of), times.zone(told.zone))
    return None if told.version == 1 else times.to_text(end)


def _present(
    registry: Registry, package: PackageFile, refused: Mapping[str, object]
) -> Iterator[Record]:
    """Evidence that is the sender's, of assets under the keys they have here."""
    here: dict[str, str] = {}
    for row in package.rows(EVIDENCE):
        asset = row["asset_uid"]
        if row["sensor_uid"] in refused or row["uid"] in refused:
            continue
        if asset not in here:
            here[asset] = present_key(registry, asset)
        yield row | {"asset_uid": here[asset]}
