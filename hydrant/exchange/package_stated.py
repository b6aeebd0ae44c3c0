"""Regions and numbers that this level states itself: its own word stands, a difference is decided.

A difference in a region is one of its cells; of numbers see `hydrant.exchange.package_numbers`.
"""

from __future__ import annotations

from hydrant import times
from hydrant.exchange.package_regions import OwnRegions
from hydrant.store.opened import raw_rows
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import STATED, WHOLE, Wanted
from hydrant.store.regions.claims import PREFIX, key_of
from hydrant.store.sides import package_state
from hydrant.survey.settling import cells
from hydrant.survey.unit_days import Said, days_of, said_in, shared

_Cell = tuple[str, str, str]


class Disputes:
    """What a sender says otherwise than this level, of cells and of numbers.

    What somebody decided on stays decided until the sender says something else.
    """

    def __init__(self, writer: Writer, source: str) -> None:
        self._writer, self._source = writer, source
        self._raised: set[_Cell] = set()
        self._looked_at: set[tuple[str, str]] = set()

    def look_at(self, table: str, uid: str) -> None:
        """What the sender says of a row is compared anew."""
        self._looked_at.add((table, uid))

    def raise_cell(self, cell: _Cell, ours: str | None, theirs: str) -> bool:
        """Note a difference; whether it waits for somebody's decision."""
        self._raised.add(cell)
        registry = self._writer.registry
        if not self._settled(cell, theirs):
            wish = Wanted(self._source, ours, theirs, times.to_text(self._writer.moment))
            proposals.propose(self._writer, *cell, wish)
            proposals.dispute(self._writer, *cell, ours, reason="differ")
        return proposals.open_conflict(registry, *cell) is not None

    def _settled(self, cell: _Cell, theirs: str) -> bool:
        """Whether somebody decided while the sender, of whichever region, said the same."""
        decided = proposals.settled(self._writer.registry, *cell)
        key = key_of(self._source)
        return any(key_of(side) == key and said == theirs for side, said in decided.items())

    def close_others(self, regions: OwnRegions) -> None:
        """Close what the sender no longer says otherwise, and what is no longer others' to say."""
        registry = self._writer.registry
        for bundle, cell in proposals.wanted_by(registry, f"{PREFIX}%"):
            if key_of(bundle) == key_of(self._source):
                stays = cell in self._raised or self._differs(bundle, cell)
            else:
                stays = not (cell[2] == STATED and self._is_of(regions, bundle, cell))
            if not stays:
                self._close(bundle, cell)

    def _close(self, bundle: str, cell: _Cell) -> None:
        registry = self._writer.registry
        proposals.drop(self._writer, *cell, bundle)
        standing = proposals.open_conflict(registry, *cell)
        if standing is not None and not proposals.live(registry, *cell):
            proposals.close(self._writer, standing, standing["base"])

    def _is_of(self, regions: OwnRegions, bundle: str, cell: _Cell) -> bool:
        """Whether a number that another sender stated is of a region of this one."""
        text = self._wish(bundle, cell)
        return text is not None and regions.speaks_for(package_state.row_of(text)["region_code"])

    def _wish(self, bundle: str, cell: _Cell) -> str | None:
        wished = proposals.live(self._writer.registry, *cell)
        return next((wish.value for wish in wished if wish.bundle == bundle), None)

    def _differs(self, bundle: str, cell: _Cell) -> bool:
        """Whether a row that the package says nothing new of still says otherwise here."""
        table, uid, name = cell
        if name == STATED or (table, uid) in self._looked_at:
            return False
        if table == "region":
            return self._unit_differs(uid, name, said_in(self._wish(bundle, cell)))
        if name == WHOLE:  # it is not handed up any more, whatever stands here
            return True
        here = raw_rows.fetch(self._writer.registry, table, uid)
        return here is not None and cells(table, here).get(name) != self._wish(bundle, cell)

    def _unit_differs(self, uid: str, name: str, said: list[Said]) -> bool:
        """Whether a unit's row that the sender handed up still says otherwise on some days."""
        here = raw_rows.fetch(self._writer.registry, "region", uid)
        theirs = package_state.said(self._writer.registry, self._source, "region")
        if here is None or uid not in theirs:  # what both state is compared each time
            return False
        return any(
            row[name] != one.value and shared(one.days, days_of(row)) is not None
            for row in package_state.rows_of_region(self._writer.registry, here["code"])
            for one in said
        )
