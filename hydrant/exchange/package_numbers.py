"""Required numbers of a package held against those that this level states itself.

One that takes in the same asset as a number stated here waits as a whole. What was decided is
decided for the number that was told then: what gave way to it meets every other one anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hydrant.errors import Phrase
from hydrant.exchange.package_rules import RowNote, again_notes
from hydrant.exchange.package_stated import Disputes
from hydrant.store.opened import raw_rows
from hydrant.store.opened.writer import Writer
from hydrant.store.outside.proposals import STATED
from hydrant.store.sides import package_state
from hydrant.store.sql.state_sql import ALWAYS
from hydrant.survey.numbers import gave_way, hold_again, stated_against
from hydrant.survey.unit_days import Days

#: What a number is of, and how many: another one was not decided for.
_MEANS = ("count", "kind", "service")


class Numbers:
    """Numbers of one sender, as its package is taken."""

    def __init__(self, writer: Writer, disputes: Disputes, source: str) -> None:
        self._writer, self._disputes, self._source = writer, disputes, source

    def stands(self, row: raw_rows.Row, own: Collection[str], notes: list[RowNote]) -> bool:
        """Whether this level states itself what a new number is of; notes what is to be decided.

        Parameters
        ----------
        own
            Keys of numbers that are its sender's, or nobody's any more.
        """
        stated = stated_against(self._writer.registry, row, own)
        if stated:
            notes += self._notes(row, stated[0])
        return bool(stated)

    def _notes(self, row: raw_rows.Row, here: raw_rows.Row) -> Iterator[RowNote]:
        cell = ("requirement", row["uid"], STATED)
        if not self._disputes.raise_cell(cell, None, package_state.row_text(row)):
            return
        why = Phrase(
            "exchange.package_required",
            {"region": row["region_code"], "here": here["count"], "there": row["count"]},
        )
        yield RowNote("requirement", row["uid"], "conflict", why, row["region_code"])

    def undecided(self, here: raw_rows.Row, taken: raw_rows.Row) -> list[str]:
        """Columns of a number that nobody decided on as they are told now.

        Parameters
        ----------
        here
            The number as it stands.
        taken
            What its sender alone changed.
        """
        registry = self._writer.registry
        if taken.get("withdrawn_at") is not None:
            return []
        other = [name for name in _MEANS if name in taken]
        found = other if other and gave_way(registry, here, self._source) else []
        until = taken.get("valid_until", here["valid_until"])
        if (until or ALWAYS) > (here["valid_until"] or ALWAYS):
            own = package_state.said(registry, self._source, "requirement")
            if stated_against(registry, here | taken, own):
                found = [*found, "valid_until"]
        return found

    def again(self, here: raw_rows.Row, taken: raw_rows.Row) -> list[RowNote]:
        """Let what gave way to a number hold again on days on which that holds no more.

        Parameters
        ----------
        here
            The number as it stood before `taken` was written.
        """
        freed = None
        if taken.get("withdrawn_at") is None:
            until = taken.get("valid_until")
            if until is None or until >= (here["valid_until"] or ALWAYS):
                return []
            freed = Days(until, here["valid_until"])
        rows = hold_again(self._writer, here, self._source, freed)
        return again_notes(self._writer.registry.zone, rows)
