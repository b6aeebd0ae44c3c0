"""What a row of a package must be like to be taken in."""

from __future__ import annotations

from hydrant import times
from hydrant.errors import HydrantError, Phrase
from hydrant.store.opened import raw_rows
from hydrant.survey import clock
from hydrant.survey.row_rules import problem_of

#: Stands for what a sender keeps to itself.
_WITHHELD = {"url": "push://withheld", "unit_id": 0, "profile": "withheld", "interval_s": 1}
_TIMES = ("recorded_at", "valid_from", "valid_until", "at", "replaced_at", "withdrawn_at")


def at_one_time(one: raw_rows.Row, other: raw_rows.Row) -> bool:
    """Whether two requirements hold at one time."""
    first = max(one["valid_from"] or "", other["valid_from"] or "")
    last = min(one["valid_until"] or "9999", other["valid_until"] or "9999")
    return first < last


def problem_in(table: str, row: raw_rows.Row) -> Phrase | None:
    """What forbids a row; a sender without positions is believed as its own registry is."""
    for name in _TIMES:
        if row.get(name):
            try:
                times.from_text(row[name])
            except (HydrantError, ValueError):
                return Phrase("survey.refused_time", {"field": name, "value": row[name]})
    if table == "asset" and row.get("geom") is None:
        return _without_place(row)
    if table == "sensor":  # how it is reached stays below
        stated = {name: value for name, value in row.items() if value not in (None, "")}
        row = row | _WITHHELD | stated
    return problem_of(table, row, now=times.now() + clock.SLACK)


def _without_place(row: raw_rows.Row) -> Phrase | None:
    """What else forbids an asset that has no position."""
    return problem_of("asset_version", row, now=times.now() + clock.SLACK)
