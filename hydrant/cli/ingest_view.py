"""How taking readings in is told: counts, a line for every one refused, every alarm by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.cli.frame import Note, Settings
from hydrant.cli.poll_view import alarm_note
from hydrant.cli.screen import Screen
from hydrant.errors import Phrase
from hydrant.exchange.reading_file import SentReading
from hydrant.messages import text
from hydrant.store.readings.alarm_spans import Span
from hydrant.store.readings.sent_readings import Held
from hydrant.telemetry.intake import Contradiction, Intake, Sent
from hydrant.units import QUANTITY_UNIT

EXIT_REFUSED = 3
_SHOWN = 20

Refused = Sequence[tuple[int, Phrase]]


def ingest_data(
    settings: Settings, intake: Intake, refused: Refused, names: Mapping[str, str], zone: ZoneInfo
) -> dict[str, Any]:
    """What scripts rely on."""
    rows = [
        {"line": line, "action": "refused", "reason": text(why.key, settings.lang, **why.facts)}
        for line, why in refused
    ]
    for action, found in (("contradicts", intake.contradicted), ("corrected", intake.corrected)):
        rows += [_contradiction(settings, one, action, names, zone) for one in found]
    rows += [
        {"line": one.line, "action": "no_value",
         "value": one.said,
         "reason": text(f"telemetry.reason_{one.measured.reason}", settings.lang)}
        for one in intake.unusable
    ]  # fmt: skip
    stored, corrected = intake.stored, len(intake.corrected)
    turned_down = len(refused) + len(intake.contradicted)
    return {
        "read": stored + intake.known + corrected + turned_down,
        "stored": stored,
        "known": intake.known,
        "corrected": corrected,
        "refused": turned_down,
        "contradicted": len(intake.contradicted),
        "no_value": len(intake.unusable),
        "before_sensor": len(intake.early),
        "alarms_opened": sum(change.opened for change in intake.transitions),
        "alarms_cleared": sum(change.cleared for change in intake.transitions),
        "alarms_withdrawn": len(intake.withdrawn),
        "rows": sorted(rows, key=lambda row: row["line"]),
    }


def show_ingest(screen: Screen, data: Mapping[str, Any]) -> None:
    """Print the counts."""
    screen.line("cli_ingest.done", **{k: data[k] for k in ("read", "stored", "known", "refused")})
    if data["corrected"]:
        screen.line("cli_ingest.corrected", corrected=data["corrected"])
    opened, cleared = data["alarms_opened"], data["alarms_cleared"]
    if opened or cleared:
        screen.line("cli_poll.alarms", opened=opened, cleared=cleared)


def notes_of(
    intake: Intake, refused: Refused, names: Mapping[str, str], zone: ZoneInfo, file: str
) -> tuple[Note, ...]:
    """A line for each that was not taken and for each alarm: cron mails what is printed here."""
    told = [*refused, *((one.sent.line, _why(one, names, zone)) for one in intake.contradicted)]
    told.sort(key=lambda one: one[0])
    lines = [
        Note.of("cli_ingest.refused", file=file, line=line, why=why) for line, why in told[:_SHOWN]
    ]
    if len(told) > _SHOWN:
        lines.append(Note.of("cli_ingest.more", file=file, count=len(told) - _SHOWN))
    lines += [*_without_value(intake.unusable), *_early(intake.early, names, zone)]
    alarms = [alarm_note(change, names) for change in intake.transitions]
    return (*lines, *alarms, *_withdrawn(intake.withdrawn, names, zone))


def _without_value(unusable: Sequence[Sent]) -> Iterable[Note]:
    """How many readings gave no value, by reason, with the first line of each."""
    lines: dict[str, list[Sent]] = {}
    for one in unusable:
        lines.setdefault(str(one.measured.reason), []).append(one)
    for reason, found in lines.items():
        first = min(found, key=lambda one: one.line)
        why = Phrase(f"telemetry.reason_{reason}")
        facts = {"line": first.line, "why": why, "value": first.said or "–"}
        yield Note.of("cli_ingest.without_value", count=len(found), **facts)


def commas_of(commas: Sequence[SentReading]) -> Iterable[Note]:
    """Numbers that were sent with a decimal comma, and what the first was taken for."""
    if commas:
        first = commas[0]
        facts = {"line": first.line, "value": first.said, "number": f"{first.value:.10g}"}
        yield Note.of("cli_ingest.commas", count=len(commas), **facts)


def _early(early: Sequence[Sent], names: Mapping[str, str], zone: ZoneInfo) -> Iterable[Note]:
    """How many readings are older than their sensor, which is no evidence of its asset then."""
    found: dict[str, list[Sent]] = {}
    for one in early:
        found.setdefault(one.sensor.uid, []).append(one)
    for uid, sent in found.items():
        since = times.stored_local_text(sent[0].sensor.since, zone)
        yield Note.of("cli_ingest.early", count=len(sent), asset=names.get(uid, uid), since=since)


def _withdrawn(spans: Iterable[Span], names: Mapping[str, str], zone: ZoneInfo) -> Iterable[Note]:
    for span in spans:
        yield Note.of(
            "cli_ingest.withdrawn",
            asset=names.get(span.sensor_uid, span.sensor_uid),
            at=times.stored_local_text(span.confirmed, zone),
            what=Phrase(f"cli_alarm.kind_{span.kind}"),
        )


def _contradiction(
    settings: Settings,
    one: Contradiction,
    action: str,
    names: Mapping[str, str],
    zone: ZoneInfo,
) -> dict[str, Any]:
    why = _why(one, names, zone, corrected=action == "corrected")
    return {
        "line": one.sent.line,
        "action": action,
        "reason": text(why.key, settings.lang, **why.facts),
        "sensor": one.sent.sensor.uid,
        "at": one.sent.key[1],
        "value": one.sent.measured.value,
        "held": one.held.value,
    }


def _why(
    one: Contradiction, names: Mapping[str, str], zone: ZoneInfo, *, corrected: bool = False
) -> Phrase:
    sensor = one.sent.sensor
    says = Held(one.sent.measured.value, 0, one.sent.measured.reason)
    return Phrase(
        "cli_ingest.took_the_place" if corrected else "cli_ingest.contradicts",
        {
            "asset": names.get(sensor.uid, sensor.uid),
            "quantity": Phrase(f"vocabulary.quantity.{sensor.quantity}"),
            "at": times.local_text(one.sent.at, zone),
            "value": _value(says, sensor.quantity),
            "held": _value(one.held, sensor.quantity),
            "sensor": sensor.uid,
        },
    )


def _value(held: Held, quantity: str) -> str | Phrase:
    if held.value is None:
        return Phrase("cli_ingest.no_value", {"why": Phrase(f"telemetry.reason_{held.reason}")})
    return f"{held.value:.6g} {QUANTITY_UNIT[quantity]}"
