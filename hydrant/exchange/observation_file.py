"""A file of observations: one row a visit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from hydrant.close_words import folded as folded_word
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.exchange.destroyed import refuse_destroyed
from hydrant.exchange.heading_units import unit_in
from hydrant.exchange.left_standing import meant, what_was_said
from hydrant.exchange.moments import moment_reader
from hydrant.exchange.partly import beside_states
from hydrant.exchange.quantities import quantity_of
from hydrant.exchange.refused import is_side_file, reasons_in, restored
from hydrant.exchange.same_heading import folded
from hydrant.exchange.sheets_of_faults import listed_as_bad
from hydrant.exchange.summaries import summary_rows
from hydrant.exchange.table import Table
from hydrant.exchange.visit_headings import (
    HEADINGS,
    REQUIRED,
    UNITS,
    outcome_asks,
    outcome_parts,
    visit_headings,
)
from hydrant.exchange.visit_notes import Beside, beside_visits
from hydrant.exchange.visit_words import outcome_said
from hydrant.geo.numbers import marks_of, number_of
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.naming import with_close
from hydrant.store.opened.registry import Registry
from hydrant.survey.form import load_form
from hydrant.survey.record import Observation, check_observation
from hydrant.vocabulary import Outcome

#: What says that a visit found no defect.
_NO_DEFECT = {"", "-", "--", "/", "no", "nil", "none", "无", "無", "没有"}
#: Refused rows for whose codes others that may be meant are looked up.
_HELPED = 50
#: What counts of several parts of an outcome; what is not understood comes behind the first two.
_WORST_FIRST = (Outcome.FAILS, Outcome.NOT_FOUND, None, Outcome.NOT_TESTABLE, Outcome.WORKS)
_NOT_UNDERSTOOD = 2
_MEASURED = ("static_kpa", "residual_kpa", "flow_l_s", "level_m", "lift_m")


@dataclass(frozen=True, slots=True)
class ReadObservations:
    """What a file of observations holds.

    Attributes
    ----------
    observations
        In the file's order, and their rows.
    problems
        Why other rows are refused.
    unread
        What was not read.
    beside
        What other columns say of visits that found an asset working.
    refused
        Uid of the asset that a refused row means, where it means one, and what the row said.
    sums
        Rows that sum others up, which are left out.
    """

    observations: list[tuple[Asset, Observation]]
    rows: list[int]
    problems: dict[int, Phrase]
    unread: list[str]
    beside: Beside = field(default_factory=Beside)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)
    sums: list[int] = field(default_factory=list)


def read_observations(
    registry: Registry,
    table: Table,
    *,
    known: Callable[[Asset, Observation], bool] = lambda *_: False,
) -> ReadObservations:
    """Observations of a table.

    Parameters
    ----------
    known
        Whether an observation is on record already: then what it says is no news.

    Raises
    ------
    InputRefused
        The table has no columns for code, day or outcome.
    """
    if is_side_file(Path(table.file)):
        table, _ = restored(table)
    read = visit_headings(table)
    lacking = [HEADINGS[name] for name in REQUIRED if name not in read]
    if lacking:
        names = tuple(f"{own} ({zh})" for own, *_, zh in lacking)
        facts = {"file": table.file, "lacking": names, "known": tuple(table.columns)}
        raise InputRefused("exchange.no_visit_columns", **facts)
    readers = _readers(registry, table, read)
    parts = outcome_parts(table, read)
    deciding = _deciding(table, parts, readers)
    outcomes = [table.columns[part][row].strip() for row, part in enumerate(deciding)]
    made: dict[int, tuple[Asset, Observation]] = {}
    problems: dict[int, Phrase] = {}
    sums = summary_rows(table, [read["code"]], (), {})
    for row in (row for row in range(len(table)) if row not in {*sums}):
        cells = {name: table.columns[heading][row].strip() for name, heading in read.items()}
        cells["outcome"] = outcomes[row]
        try:
            made[row] = _observation(registry, cells, readers)
        except _CellRefused as wrong:
            named = {**read, "outcome": deciding[row]}
            problems[row] = wrong.why(named, registry if len(problems) < _HELPED else None)
        except HydrantError as error:
            field = str(error.facts.get("field"))
            why = Phrase(error.key, error.facts)
            problems[row] = why if field not in read else _of_column(read[field], field, why)
    beside = _beside(table, read, made, parts)
    listed = _listed_as_bad(table, table.columns[read["code"]], made)
    for row, why in (listed | beside.problems).items():
        if row in made and not known(*made[row]):
            problems[row] = why
            del made[row]
    refused = _refused(registry, table.columns[read["code"]], outcomes, problems)
    unread = [name for name in table.unread({*read.values(), *parts}) if name != reasons_in(table)]
    return ReadObservations([*made.values()], [*made], problems, unread, beside, refused, sums)


def _listed_as_bad(
    table: Table, codes: Sequence[str], made: Mapping[int, tuple[Asset, Observation]]
) -> dict[int, Phrase]:
    """Why visits that found nothing wrong are refused, where another sheet lists their asset."""
    good = (row for row, (_, seen) in made.items() if seen.outcome is Outcome.WORKS)
    found = {
        row: listed_as_bad(table, codes[row].strip(), works=True)
        for row in good
        if not made[row][1].defects
    }
    return {row: why for row, why in found.items() if why is not None}


def _refused(
    registry: Registry,
    codes: Sequence[str],
    outcomes: Sequence[str],
    problems: Mapping[int, Phrase],
) -> dict[int, tuple[str, str]]:
    assets = meant(registry, {row: [codes[row].strip()] for row in problems})
    return {
        row: (uid, what_was_said([outcomes[row]], problems[row])) for row, uid in assets.items()
    }


def _deciding(table: Table, parts: Sequence[str], read: _Readers) -> list[str]:
    """Of each row the heading whose cell says its outcome: of several parts that of the worst."""
    if len(parts) == 1:
        return [parts[0]] * len(table)

    def weight(cell: str) -> int:
        try:
            return _WORST_FIRST.index(read.outcome(cell.strip()))
        except InputRefused:  # may be bad, and is less than a fault that is plain
            return _NOT_UNDERSTOOD

    cells = zip(*(table.columns[part] for part in parts), strict=True)
    return [min(zip(map(weight, row), parts, strict=True), key=itemgetter(0))[1] for row in cells]


def _beside(
    table: Table,
    read: Mapping[str, str],
    made: Mapping[int, tuple[Asset, Observation]],
    parts: Collection[str],
) -> Beside:
    seen = [made[row][1] if row in made else None for row in range(len(table))]
    values = {
        name: [None if one is None else getattr(one, name) for one in seen]
        for name in ("outcome", "at", *_MEASURED)
        if name in read
    }
    described = [row for row, one in enumerate(seen) if one is not None and one.defects]
    return beside_visits(table, read, values, asked=parts, described=described)


@dataclass(frozen=True, slots=True)
class _Readers:
    """What makes values of the cells of a table, by what is read of its columns."""

    moment: Callable[[str], dt.datetime]
    outcome: Callable[[str], Outcome]
    quantities: dict[str, Callable[[str], float]]

    def quantity(self, name: str, cells: Mapping[str, str]) -> float | None:
        """A measurement in its internal unit; None where nothing was measured."""
        cell = cells.get(name)
        return self.quantities[name](cell) if cell else None


def _readers(registry: Registry, table: Table, read: Mapping[str, str]) -> _Readers:
    asks = outcome_asks(table, read)
    return _Readers(
        moment_reader((), set(table.columns[read["at"]]), registry.zone, mapped=False),
        lambda cell: outcome_said(cell, yes=asks),
        {name: _quantity(table, name, read[name]) for name in _MEASURED if name in read},
    )


def _quantity(table: Table, name: str, heading: str) -> Callable[[str], float]:
    """What reads a measurement; of a heading that is not ours the unit is stated or refused."""
    marks = marks_of(set(table.columns[heading]), dot=table.dot)
    found = unit_in(heading, UNITS[name])
    unit = None if found is None else found.name
    own = unit is not None or folded(heading) in map(folded, HEADINGS[name])

    def read(cell: str) -> float:
        number = number_of(cell, marks)
        if number and not own:
            raise InputRefused("exchange.visit_no_unit", column=heading, value=cell)
        return quantity_of(cell, marks, UNITS[name], unit)

    return read


class _CellRefused(Exception):
    """A cell that cannot be read, by what is read of its column."""

    def __init__(self, name: str, error: HydrantError) -> None:
        super().__init__(name)
        self.name, self.error = name, error

    def why(self, read: Mapping[str, str], registry: Registry | None) -> Phrase:
        """The reason with the column; codes that may be meant where a registry is given."""
        error = self.error
        if registry is not None and isinstance(error, InputRefused):
            error = with_close(registry, error)
        key, facts = error.key, error.facts
        if self.name in UNITS and key in ("exchange.not_number", "exchange.not_exact"):
            key = "exchange.visit_number"
        if "column" in facts:
            return Phrase(key, facts)
        return _of_column(read[self.name], self.name, Phrase(key, facts))


def _of_column(column: str, name: str, why: Phrase) -> Phrase:
    """A reason with the column that it is about, whose name in the registry it need not say."""
    facts = {**why.facts}
    if facts.get("field") == name:
        return Phrase(why.key, facts | {"field": column})
    value = {"value": facts["value"]} if "value" in facts else {}
    return Phrase("exchange.visit_cell", {"column": column, "why": why, **value})


@contextmanager
def _cell(name: str) -> Iterator[None]:
    try:
        yield
    except HydrantError as error:
        raise _CellRefused(name, error) from None


def _observation(
    registry: Registry, cells: dict[str, str], read: _Readers
) -> tuple[Asset, Observation]:
    for name, cell in cells.items():
        with _cell(name):
            refuse_destroyed(cell, code=name == "code")
            if not cell and name in ("code", "at"):
                raise InputRefused(f"exchange.visit_no_{name}")
    with _cell("code"):
        asset = find_asset(registry, cells["code"])
    with _cell("outcome"):
        outcome = read.outcome(cells["outcome"])
    with _cell("at"):
        at = read.moment(cells["at"])
    with _cell("defects"):
        defects = tuple(dict.fromkeys(_defects(cells.get("defects", ""))))
    measured: dict[str, float | None] = {}
    for name in _MEASURED:
        with _cell(name):
            measured[name] = read.quantity(name, cells)
    seen = Observation(
        outcome=outcome,
        at=at,
        inspector=cells.get("inspector") or None,
        note=_remark(cells),
        defects=defects,
        static_kpa=measured["static_kpa"],
        residual_kpa=measured["residual_kpa"],
        flow_l_s=measured["flow_l_s"],
        level_m=measured["level_m"],
        lift_m=measured["lift_m"],
    )
    check_observation(seen, registry.zone)
    return asset, seen


def _defects(cell: str) -> Iterator[str]:
    """Codes of the defects that a cell names; a name may itself hold what parts several."""
    if folded_word(cell) in _NO_DEFECT:
        return
    form = load_form()
    known = {folded_word(word) for one in form.defects.values() for word in one.words}
    for piece in filter(None, map(str.strip, re.split("[;；\n]", cell))):
        parts = [piece] if folded_word(piece) in known else re.split("[、,，]", piece)
        yield from (form.defect(part.strip()).code for part in parts if part.strip())


def _remark(cells: Mapping[str, str]) -> str | None:
    """The remark of a visit, with what its outcome says besides, as 不出水：阀门坏 does."""
    more = beside_states(cells["outcome"])
    return "; ".join(filter(None, (cells.get("note"), cells["outcome"] if more else None))) or None
