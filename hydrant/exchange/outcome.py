"""What an import is told on the command line, and what became of each row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from hydrant.errors import Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.left_standing import Standing
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.table import Table
from hydrant.exchange.visits import Decision, Visited

NEW, UPDATED, UNCHANGED, REFUSED, IGNORED = "new", "updated", "unchanged", "refused", "ignored"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about an import.

    Attributes
    ----------
    source_proposed
        The register that the mapping names is proposed by the file's name alone: the file may
        turn out to be the next delivery of another one.
    """

    crs: str | None = None
    kind: str | None = None
    region: str | None = None
    source: str | None = None
    duplicate_m: float = 10.0
    skip_bad: bool = False
    dry_run: bool = False
    accept_offset: bool = False
    axes: str | None = None
    areas: str | None = None
    lines: str | None = None
    source_proposed: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of each row.

    Attributes
    ----------
    actions
        One of new, updated, unchanged, refused, ignored per row of the file.
    problems
        Why a row was refused.
    of_others
        Fields that rows change of assets that this register did not name before, by row.
    headings
        Columns that fill a field, where they are called otherwise.
    duplicates
        Rows among new and updated that were flagged: row and the uid of the other asset.
    pairs
        The flagged pairs: row, other row or uid of the other asset, metres.
    same_code
        Flagged pairs of one number whose places are apart: row, other row or uid, metres.
    apart
        Rows flagged for their number alone, and the metres to the nearest that bears it.
    missing
        Assets that earlier deliveries of the register named and this one does not: uid and code.
    follows
        Uids of the deliveries that this one follows.
    continues
        Name of the file, where it was taken for the next delivery of a register of another name.
    fields
        Fields that an updated row changed.
    numbered
        Keys of rows that share theirs with an earlier row.
    placed
        Regions of new rows that stated none, by their outlines.
    misplaced
        Why the place of a row, or the region that it states, is doubtful.
    abroad
        What is to be said where no row lies in the country whose rules the policy holds.
    shifted
        Operations between datums that were used, each with its rows and their largest
        uncertainty in metres; None where it is not known.
    read
        What the file says row by row; kept only where nothing is to be written.
    crs
        Coordinate system of the positions as stated.
    overruled
        System that the file states, where somebody states another one, which counts.
    visits
        What becomes of the visit that a row of a known asset tells of.
    moved
        Rows that put a known asset somewhere else.
    moved_bad
        Those of them by which it fails there, and since when; None is the moment of the import.
    ended
        What is to be said of rows that give their asset a region that has ended.
    assets
        Uid of the known asset that a row means; a row of a new one is not in it.
    unjudged
        Rows that measured something and do not say whether the asset works.
    untold
        Rows that tell of a visit and not what came of it, so that none is recorded.
    unmeant
        Those of them whose state says something that the mapping takes for no outcome: that.
    undated
        Rows by which an asset works and that do not say since when: none of them repairs anything.
    contradicted
        Rows that work by their state and fail by another column, which counts: that column.
    remarks_unclear
        Rows beside whose new good visit a remark stands that is not understood: its column.
    not_known
        Rows that are not taken for working, as another column says that nobody knows: that column.
    noted
        Rows of an export of ours that bring a good visit beside a remark that says otherwise,
        where both were recorded elsewhere: its column.
    answers
        Columns that answer yes and no under headings that are not understood.
    hidden
        Rows that a spreadsheet does not show.
    commented
        Rows with comments on their cells.
    struck
        Rows with cells that are struck through.
    coloured
        Rows that a colour sets apart, and that colour.
    begun
        Rows that say of a known asset's commissioning what is not on record.
    gone
        Rows of known assets by which they were removed.
    ended_left_out
        Rows of unknown assets that are no more, without a day, or not yet: not taken in.
    ended_otherwise
        Rows that say of a known asset's end, or that it stands, what is not on record.
    ended_counted
        Rows whose asset is gone by a column, and that the mapping takes for defective.
    summaries
        Rows that sum others up and are left out.
    ended_mentioned
        Rows that stand although a column speaks of an end: that column.
    worse_elsewhere
        Rows of an export whose asset counts as worse where it comes from than the file tells.
    outdated
        Rows of our own export that say of their asset what was changed since: those fields.
    merged
        Rows of assets that were merged into others, of which only visits are taken.
    namesakes
        New rows with the code of an asset that was merged into another one elsewhere.
    held_on
        Refused rows of known assets that go on counting by a visit that found them working: the
        asset, what its row said, and since when.
    standing
        Rows that state no outcome and speak of a bad state of an asset that goes on counting as
        good by what is on record: the column.
    at_odds
        Rows that bring a visit by which their asset does not work, and of which one column says
        that it does and another that it does not: both.
    look_alike
        Rows whose code looks like another one, or holds signs that stand for others.
    copies
        Rows that say again what another one says, and are left out.
    spelled_alike
        Rows whose code is another spelling of one nearby, and that one.
    swapped
        Rows that give their asset a code which another asset of the file gives up.
    noughts
        New rows beside an asset whose code has other noughts before it.
    emptied
        Rows of our own export that tell of a bad state, and in which nothing stands where something
        is on record and stays: those fields.
    partly
        Rows of which cells say more than is read of them and nothing keeps: their columns.
    unread
        Headings of columns that were not read.
    """

    table: Table
    source: str
    actions: list[str]
    problems: dict[int, Problem]
    codes: list[Any]
    assumed_datum: bool
    duplicates: dict[int, str] = field(default_factory=dict)
    pairs: list[tuple[int, int | str, float]] = field(default_factory=list)
    same_code: list[tuple[int, int | str, float]] = field(default_factory=list)
    apart: dict[int, float] = field(default_factory=dict)
    missing: list[tuple[str, str | None]] = field(default_factory=list)
    follows: set[str] = field(default_factory=set)
    continues: str | None = None
    fields: dict[int, list[str]] = field(default_factory=dict)
    numbered: dict[int, str] = field(default_factory=dict)
    placed: dict[int, str] = field(default_factory=dict)
    misplaced: dict[int, Phrase] = field(default_factory=dict)
    abroad: Phrase | None = None
    shifted: list[tuple[str, int, float | None]] = field(default_factory=list)
    visits: dict[int, Decision] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    moved_bad: dict[int, dt.datetime | None] = field(default_factory=dict)
    ended: dict[int, Phrase] = field(default_factory=dict)
    assets: dict[int, str] = field(default_factory=dict)
    unjudged: list[int] = field(default_factory=list)
    untold: list[int] = field(default_factory=list)
    unmeant: dict[int, str] = field(default_factory=dict)
    undated: list[int] = field(default_factory=list)
    contradicted: dict[int, str] = field(default_factory=dict)
    remarks_unclear: dict[int, str] = field(default_factory=dict)
    not_known: dict[int, str] = field(default_factory=dict)
    noted: dict[int, str] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    hidden: list[int] = field(default_factory=list)
    commented: list[int] = field(default_factory=list)
    struck: list[int] = field(default_factory=list)
    coloured: dict[int, str] = field(default_factory=dict)
    begun: list[int] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    ended_left_out: list[int] = field(default_factory=list)
    ended_otherwise: list[int] = field(default_factory=list)
    ended_counted: list[int] = field(default_factory=list)
    ended_mentioned: dict[int, str] = field(default_factory=dict)
    worse_elsewhere: list[int] = field(default_factory=list)
    outdated: dict[int, list[str]] = field(default_factory=dict)
    merged: list[int] = field(default_factory=list)
    namesakes: list[int] = field(default_factory=list)
    held_on: dict[int, Standing] = field(default_factory=dict)
    standing: dict[int, str] = field(default_factory=dict)
    at_odds: dict[int, tuple[str, str]] = field(default_factory=dict)
    summaries: list[int] = field(default_factory=list)
    look_alike: list[int] = field(default_factory=list)
    copies: list[int] = field(default_factory=list)
    spelled_alike: dict[int, str] = field(default_factory=dict)
    swapped: list[int] = field(default_factory=list)
    noughts: list[int] = field(default_factory=list)
    emptied: dict[int, list[str]] = field(default_factory=dict)
    partly: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    read: ReadRows | None = None
    crs: str = ""
    overruled: str | None = None
    written: bool = False
    headings: dict[str, str] = field(default_factory=dict)
    of_others: dict[int, list[str]] = field(default_factory=dict)

    def count(self, action: str) -> int:
        """How many rows an action befell."""
        return self.actions.count(action)

    def visited(self, state: Visited) -> list[int]:
        """Rows whose visit is told to be something."""
        return [row for row, decision in self.visits.items() if decision.state is state]

    @property
    def notes_left(self) -> list[int]:
        """Rows whose visit is on record with another remark, which stays."""
        return sorted(row for row, one in self.visits.items() if one.note_left)

    @property
    def brought(self) -> set[int]:
        """Rows that bring a visit: of new assets, new or corrected ones of known assets."""
        return {
            *self.rows(NEW),
            *self.visited(Visited.NEW),
            *self.visited(Visited.CORRECTED),
        }

    def rows(self, action: str) -> list[int]:
        """Rows that an action befell."""
        count = self.actions.count(action)  # told much quicker than row by row
        if count in (0, len(self.actions)):
            return list(range(count))
        return [row for row, found in enumerate(self.actions) if found == action]
