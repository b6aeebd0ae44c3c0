"""Rows of a unit over time: which days two of them share, and what a decision says of days.

A unit that was moved or renamed has one row for each time. What two levels say of it is held
against each other on the days that their rows share; a decision holds on those days alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.ids import new_uid
from hydrant.store.opened import raw_rows
from hydrant.store.opened.writer import Writer
from hydrant.store.sides.bundle_file import from_stored_json, stored_json
from hydrant.store.sides.package_state import rows_of_region
from hydrant.store.sql.state_sql import ALWAYS

#: A moment as it is stored.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Days(NamedTuple):
    """First moment of a time and first moment after it; stored text, None for no bound."""

    begins: str | None
    ends: str | None

    @property
    def are_none(self) -> bool:
        """Whether it holds no moment."""
        return (self.begins or "") >= (self.ends or ALWAYS)


class Said(NamedTuple):
    """What a side says of a column of a unit in a time."""

    days: Days
    value: object


def days_of(row: raw_rows.Row) -> Days:
    """When a row holds."""
    return Days(row["valid_from"], row["valid_until"])


def shared(one: Days, other: Days) -> Days | None:
    """The time that two times share; None where they share none."""
    begins = max(one.begins or "", other.begins or "") or None
    ends = min(one.ends or ALWAYS, other.ends or ALWAYS)
    found = Days(begins, None if ends == ALWAYS else ends)
    return None if found.are_none else found


def free_days(asked: Days, taken: Iterable[Days]) -> list[Days]:
    """The parts of a time that lie in none of some."""
    found, begins = list[Days](), asked.begins
    for one in sorted(taken, key=lambda days: days.begins or ""):
        before = shared(Days(begins, one.begins), asked) if one.begins else None
        if before is not None:
            found.append(before)
        if one.ends is None:
            return found
        begins = max(begins or "", one.ends)
    rest = Days(begins, asked.ends)
    return found if rest.are_none else [*found, rest]


def wish_text(said: Sequence[Said]) -> str:
    """What a side says of a unit otherwise than here, as the JSON text of a wish."""
    return json.dumps([[*one.days, stored_json(one.value)] for one in said])


def said_in(text: str | None) -> list[Said]:
    """What `wish_text` was made of; nothing of any other text."""
    found = None if text is None else json.loads(text)
    if not isinstance(found, list):
        return []
    return [Said(Days(begins, ends), from_stored_json(v)) for begins, ends, v in found]


def days_text(zone: ZoneInfo, said: Said, whole: Days) -> str:
    """What is said, and on which days where that is not on all of a time.

    Parameters
    ----------
    whole
        The time of the row that it is said of.
    """
    value = moment_text(zone, said.value)
    if said.days == whole or value != said.value:
        return value
    begins, ends = (moment_text(zone, end) if end else "–" for end in said.days)
    return f"{value} ({begins} … {ends})"


def moment_text(zone: ZoneInfo, said: object) -> str:
    """A stored moment as a local day, or with its time where it is not the first of one."""
    if not (isinstance(said, str) and _MOMENT.fullmatch(said)):
        return str(said)
    at = times.from_text(said).astimezone(zone)
    if at == times.start_of_day(at.date(), zone):
        return at.date().isoformat()
    return at.isoformat(sep=" ", timespec="seconds")


def put_on_days(writer: Writer, code: str, name: str, said: Iterable[Said]) -> None:
    """Let a column of a unit's rows say something on some days, and nothing new on any other."""
    for days, value in said:
        if name == "valid_until":
            _end(writer, code, value)
            continue
        for row in rows_of_region(writer.registry, code):
            common = shared(days, days_of(row))
            if common is not None and row[name] != value:
                raw_rows.update(writer, "region", _cut_out(writer, row, common), {name: value})


def _end(writer: Writer, code: str, ends: object) -> None:
    """Let a unit end at a moment: a row that begins later never held."""
    for row in rows_of_region(writer.registry, code):
        if row["valid_until"] is None or row["valid_until"] > str(ends):
            until = max(str(ends), row["valid_from"] or "")
            raw_rows.update(writer, "region", row, {"valid_until": until})
    last = rows_of_region(writer.registry, code)[-1]
    if last["valid_until"] is not None and last["valid_until"] < str(ends):
        raw_rows.update(writer, "region", last, {"valid_until": ends})


def _cut_out(writer: Writer, row: raw_rows.Row, days: Days) -> raw_rows.Row:
    """The row of some days within a row, which is cut up where it holds on others, too."""
    if days.begins != row["valid_from"]:
        row = _rest(writer, row, days.begins)
    if days.ends != row["valid_until"]:
        _rest(writer, row, days.ends)
        row = row | {"valid_until": days.ends}
    return row


def _rest(writer: Writer, row: raw_rows.Row, begins: str | None) -> raw_rows.Row:
    """End a row at a moment, and let another say the same from then on."""
    rest = row | {"uid": new_uid(), "valid_from": begins}
    rest |= {"recorded_at": times.to_text(writer.moment), "recorded_by": writer.actor}
    raw_rows.update(writer, "region", row, {"valid_until": begins})
    raw_rows.insert(writer, "region", rest)
    return rest
