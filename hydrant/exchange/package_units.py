"""Units that both levels state: held against each other row by row, on the days that rows share.

What this level states itself stands; a difference is decided, and holds on those days alone. Of
days of which nobody else says anything the sender's word is taken: the assets of a unit that was
handed over need to know where it lay before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo

from hydrant.errors import Phrase
from hydrant.exchange.package_rules import RowNote
from hydrant.exchange.package_stated import Disputes
from hydrant.ids import new_uid
from hydrant.store.opened import raw_rows
from hydrant.store.opened.writer import Writer
from hydrant.store.sides import package_state
from hydrant.store.sides.bundle_file import stored_json
from hydrant.survey.unit_days import (
    Days,
    Said,
    days_of,
    days_text,
    free_days,
    moment_text,
    shared,
    wish_text,
)

#: What is compared of a unit on each day, and when it ends.
OF_UNIT = ("name_zh", "name_en", "level", "parent_code")
ENDS = "valid_until"

_Cell = tuple[str, str]


class Units:
    """Rows of a package's units that are new here, until all of one unit are known.

    Parameters
    ----------
    own
        Keys of rows that its sender handed up before: it may say otherwise of their days.
    """

    def __init__(self, writer: Writer, disputes: Disputes, own: Collection[str]) -> None:
        self._writer, self._disputes, self._own = writer, disputes, own
        self._told: dict[str, list[raw_rows.Row]] = defaultdict(list)
        self._asked: dict[str, list[tuple[raw_rows.Row, Collection[str]]]] = defaultdict(list)
        self._new: set[str] = set()
        self.unchanged = 0

    def tell(self, row: raw_rows.Row) -> None:
        """A row that the package has of a unit."""
        self._told[row["code"]].append(row)

    def add(self, row: raw_rows.Row) -> None:
        """A row that stands under no key of its own here."""
        self._asked[row["code"]].append((row, (*OF_UNIT, ENDS)))
        self._new.add(row["uid"])

    def compare(self, row: raw_rows.Row, names: Collection[str]) -> None:
        """Columns of a row that both levels changed."""
        self._asked[row["code"]].append((row, names))

    def settle(self, notes: list[RowNote]) -> list[raw_rows.Row]:
        """Note what is to be decided; rows to take, under a key of their own where in part."""
        taken: list[raw_rows.Row] = []
        for code, asked in self._asked.items():
            line = package_state.rows_of_region(self._writer.registry, code)
            found = list(self._differing(asked, line))
            notes += found
            new = [row for row, _ in asked if row["uid"] in self._new]
            fresh = [part for row in new for part in self._free(row, line)]
            self.unchanged += max(0, len(new) - len(fresh) - len(found))
            taken += fresh
        return taken

    def _free(self, row: raw_rows.Row, line: list[raw_rows.Row]) -> Iterator[raw_rows.Row]:
        """A row on the days of which nothing is said here; an end that stands here stands."""
        ended = line[-1]["valid_until"] if line and line[-1]["uid"] not in self._own else None
        within = shared(days_of(row), Days(None, ended))
        for days in [] if within is None else free_days(within, map(days_of, line)):
            if days == days_of(row):
                yield row
            else:
                yield row | {"uid": new_uid(), "valid_from": days.begins, ENDS: days.ends}

    def _differing(
        self, asked: list[tuple[raw_rows.Row, Collection[str]]], line: list[raw_rows.Row]
    ) -> Iterator[RowNote]:
        wishes: dict[_Cell, list[Said]] = defaultdict(list)
        for row, names in asked:
            for here in line:
                for name, one in self._said_otherwise(row, here, line, names):
                    wishes[here["uid"], name].append(one)
        by_uid = {here["uid"]: here for here in line}
        for (uid, name), said in wishes.items():
            here = by_uid[uid]
            said.sort(key=lambda one: one.days.begins or "")
            cell = ("region", uid, name)
            if self._disputes.raise_cell(cell, stored_json(here[name]), wish_text(said)):
                yield _note(self._writer.registry.zone, here, name, said)

    def _said_otherwise(
        self,
        row: raw_rows.Row,
        here: raw_rows.Row,
        line: list[raw_rows.Row],
        names: Collection[str],
    ) -> Iterator[tuple[str, Said]]:
        common = shared(days_of(row), days_of(here))
        for name in names if common is not None else ():
            if name != ENDS and row[name] is not None and row[name] != here[name]:
                yield name, Said(common or days_of(row), row[name])
        last = max(self._told[row["code"]], key=lambda one: one["valid_from"] or "")
        both_last = row["uid"] == last["uid"] and here is line[-1]
        ends = row[ENDS]
        if ENDS in names and both_last and ends is not None and ends != here[ENDS]:
            between = sorted((ends, here[ENDS] or "~"))
            yield ENDS, Said(Days(between[0], here[ENDS] and between[1]), ends)


def _note(zone: ZoneInfo, here: raw_rows.Row, name: str, said: list[Said]) -> RowNote:
    there = "; ".join(days_text(zone, one, days_of(here)) for one in said)
    stands = "–" if here[name] is None else moment_text(zone, here[name])
    facts = {"code": here["code"], "field": name, "here": stands, "there": there}
    why = Phrase("exchange.package_region", facts)
    return RowNote("region", here["uid"], "conflict", why, here["code"])
