"""What a row of a package must be like to be taken in, and what is said of those that are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from hydrant import times
from hydrant.errors import HydrantError, Phrase
from hydrant.store.opened import raw_rows
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE
from hydrant.survey import clock
from hydrant.survey.row_rules import problem_of
from hydrant.survey.unit_days import moment_text

#: Stands for what a sender keeps to itself.
_WITHHELD = {"url": "push://withheld", "unit_id": 0, "profile": "withheld", "interval_s": 1}
_TIMES = ("recorded_at", "valid_from", "valid_until", "at", "replaced_at", "withdrawn_at")


@dataclass(frozen=True, slots=True)
class RowNote:
    """A row of which something must be said.

    It is a ``conflict``, ``refused``, ``withdrawn``, ``kept``, or holds ``again``.

    Attributes
    ----------
    name
        What it is of, where it no longer stands here to be looked up.
    """

    table: str
    uid: str
    what: str
    why: Phrase
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody lets a package do: each is refused unless it is asked for.

    Attributes
    ----------
    withdrawals
        Take out what it no longer tells.
    older
        Take it though a later one of its registry was taken.
    replacing
        Let its registry speak for its region in place of others that handed it up.
    """

    withdrawals: bool = False
    older: bool = False
    replacing: bool = False


NOTHING = Allowed()


@dataclass(slots=True)
class TakenPackage:
    """What became of a package's rows."""

    source: str
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    evidence: int = 0
    rows: list[RowNote] = field(default_factory=list)
    written: bool = False

    @property
    def evidence_lost(self) -> int:
        """How many readings and alarms of sensors are no longer told."""
        return sum(int(str(row.why.facts["count"])) for row in self.rows if row.table == EVIDENCE
                   and row.what == "withdrawn")  # fmt: skip

    def count(self, what: str) -> int:
        """How many rows something is said of."""
        return sum(row.what == what for row in self.rows)


def count_of(foreign: Mapping[str, Mapping[str, Phrase]]) -> int:
    """How many rows are not the sender's."""
    return sum(len(rows) for rows in foreign.values())


def notes_of(
    foreign: Mapping[str, Mapping[str, Phrase]], names: Mapping[str, str]
) -> list[RowNote]:
    """What is said of rows that are not the sender's.

    Parameters
    ----------
    names
        What they are of, by their keys, as the package says.
    """
    return [
        RowNote(table, uid, "refused", why, names.get(uid))
        for table, rows in foreign.items()
        for uid, why in rows.items()
    ]


def again_notes(zone: ZoneInfo, rows: Iterable[raw_rows.Row]) -> list[RowNote]:
    """What is said of numbers of this level that hold again, and on which days."""
    return [
        RowNote(
            *("requirement", row["uid"], "again"),
            Phrase(
                "exchange.package_again",
                {
                    "kind": row["kind"],
                    "number": row["count"],
                    "begins": moment_text(zone, row["valid_from"] or "–"),
                    "ends": moment_text(zone, row["valid_until"] or "–"),
                },
            ),
            row["region_code"],
        )
        for row in rows
    ]


def ends_first(
    table: str, rows: Iterable[raw_rows.Row], before: Collection[str]
) -> Iterable[raw_rows.Row]:
    """Numbers in the order in which they are taken: those that may end come first.

    What holds again once one is withdrawn or ends earlier is held against all that are new.

    Parameters
    ----------
    before
        Keys of those that an earlier package told.
    """
    if table != "requirement":
        return rows
    return sorted(rows, key=lambda row: (row.get("withdrawn_at") is None, row["uid"] not in before))


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
