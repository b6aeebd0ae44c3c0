"""Columns of a file and what they are taken for: kind, measurements, dates, plain fields."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange import suggested_key
from hydrant.exchange.cells import make_column
from hydrant.exchange.heading_units import DESIGN, is_stated_figure
from hydrant.exchange.mapping import Spec
from hydrant.exchange.measured import MEASURED
from hydrant.exchange.suggested_days import Dated, ask_order, ask_year
from hydrant.exchange.suggested_values import (
    UNITS_OFFERED,
    date_format,
    guessed_unit,
    likelier_unit,
    odd_cells,
    usual,
)
from hydrant.exchange.suggestion import (
    MOST_WORDS,
    Choice,
    Line,
    Suggestion,
    examples,
    line,
    share,
    words,
)
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted
from hydrant.exchange.whole_headings import fact_of, matching
from hydrant.units import known_units

#: Share of rows that must name a diameter, for their column to be of these.
_MOST = 0.6
#: So many of them are named.
_ODD_NAMED = 5
#: How signs beside hydrants tell the main: К-150 a ring, Т-100 a branch, H 100, DN 80.
#: Source: ГОСТ 12.4.026-2015, sign F09; DIN 4066.
_SIGN = r"^(?:[КТKT]|[HН]|DN|Ду|[ØøΦφ])\s*[-–]?\s*([4-9]\d|[1-9]\d{2}|1\d{3})$"
_RING, _BRANCH = r"^[КK]\s*[-–]?\s*\d", r"^[ТT]\s*[-–]?\s*\d"
#: Diameters that mains are made in, mm: a running number is none of them for long. Sources:
#: ISO 6708 (DN), ISO 4427-2 table 2 (outside diameters of polyethylene pipes).
_NOMINAL_MM = frozenset(
    (50, 63, 65, 75, 80, 90, 100, 110, 125, 140, 150, 160, 180, 200, 225, 250, 280, 300, 315, 350,
     355, 400, 450, 500, 560, 600, 630, 700, 710, 800, 900, 1000, 1100, 1200, 1400, 1500, 1600)
)  # fmt: skip
#: Why a cell is no number that could be kept: not whether it is one, but which.
_UNCLEAR = {"exchange.two_numbers", "units.unknown"}
#: Why a pressure is one that nobody can have read.
_ON_NO_GAUGE = "model.gauge"


def plain(
    made: Suggestion,
    table: Table,
    target: str,
    headings: Sequence[str],
    *,
    part: str = "fields",
    named: str | None = None,
) -> None:
    """One column for one target, by its heading, with what its values ask for.

    Parameters
    ----------
    named
        The one column that is to be looked at, whatever its heading.
    """
    found = matching(
        table, headings, made.used, compounds=target != "code", fact=fact_of(part, target)
    )
    for name in found if named is None else (named,):
        cells = table.columns[name]
        if not any(cell.strip() for cell in cells):
            continue
        if part == "inspection" and target in MEASURED and is_stated_figure(name):
            continue  # nobody measured it
        if target == "code" and suggested_key.repeats(cells):
            made.add(part, None, "code_repeats", about=name, column=name, cells=examples(cells))
            made.used.add(name)
            continue
        if target in ("at", "built"):
            _dated(made, table, target, name, part)
        elif target.endswith(("_kpa", "_l_s", "_mm", "_m3")):
            _measure(made, table, target, name, part)
        else:
            empty = odd_cells(cells, words()["nothing"])
            filled = f"{{ column = {quoted(name)}{_empty(empty)} }}" if empty else quoted(name)
            made.add(part, f"{target} = {filled}", "heading", column=name)
            made.used.add(name)
        return


def _dated(made: Suggestion, table: Table, target: str, name: str, part: str) -> None:
    cells = table.columns[name]
    nothing = words()["nothing"]
    empty = odd_cells(cells, nothing)
    form = date_format(cells, nothing)
    if form is not None:
        toml = f"{target} = {{ column = {quoted(name)}, date = [{quoted(form)}]{_empty(empty)} }}"
        made.add(part, toml, "dated", column=name, form=form)
        made.used.add(name)
        return
    spec = Spec(columns=(name,), empty=tuple(empty))
    found = make_column(table, target, spec, zone=times.zone(), inspection=part == "inspection")
    told = sum(bool(cell.strip()) for cell in cells)
    if len(found.problems) == told:
        dated = Dated(part, target, name, None, _empty(empty))
        why = "no_year" if told and ask_year(made, table, dated) else "date"
        made.add(part, None, why, about=name, column=name, cells=examples(cells))
        ask_order(made, table, [dated])
        return
    toml = f"{target} = {{ column = {quoted(name)}{_empty(empty)} }}"
    made.used.add(name)
    ask_order(made, table, [Dated(part, target, name, toml, _empty(empty))])
    if found.problems:
        ask_year(made, table, Dated(part, target, name, toml, _empty(empty)))
    if not found.problems:
        made.add(part, toml, "dates_mixed", column=name, cells=examples(cells))
        return
    rows = sorted(found.problems)
    odd = tuple(f"{table.lines[row]}: {cells[row].strip()}" for row in rows[:_ODD_NAMED])
    made.add(part, toml, "dates_odd", column=name, cells=odd, count=len(rows))


def _measure(made: Suggestion, table: Table, target: str, name: str, part: str) -> None:
    """A column of numbers: its unit, and the cells that mean "not known"."""
    cells = table.columns[name]
    unit, stated = guessed_unit(name, target, cells)
    if unit is None or (target == DESIGN and not stated):
        _unit_open(made, target, name, part)
        return
    spec = Spec(columns=(name,), unit=unit)
    found = make_column(table, target, spec, zone=times.zone(), inspection=part == "inspection")
    # a number below any gauge is an exact one: its rows are refused, and never taken for not known
    low = {row for row, problem in found.problems.items() if problem.why.key == _ON_NO_GAUGE}
    unread = [row for row in found.problems if row not in low]
    reasons = {found.problems[row].why.key for row in unread}
    odd = sorted({cells[row].strip() for row in unread})
    told = sum(bool(cell.strip()) for cell in cells)
    facts = {"column": name, "unit": unit, "usual": f"{usual(cells) or 0:g}"}
    likely = likelier_unit(target, unit, cells) if stated else None
    if likely is not None:
        made.add(part, None, "unit_doubtful", likely=likely, **facts)
    if reasons & _UNCLEAR or len(odd) > MOST_WORDS or len(unread) > 0.4 * told:
        made.add(part, None, "numbers_unclear", about=name, column=name, cells=" | ".join(odd[:3]))
        made.used.add(name)
        return
    toml = f"{target} = {{ column = {quoted(name)}, unit = {quoted(unit)}{_empty(odd)} }}"
    made.add(part, toml, "unit_stated" if stated else "unit_guessed", **facts)
    made.used.add(name)
    spoken = [cell for cell in odd if cell.lower() not in words()["nothing"]]
    if spoken:
        count = sum(cells[row].strip() in spoken for row in unread)
        made.add(
            part, None, "taken_as_unknown", column=name, cells=" | ".join(spoken[:5]), count=count
        )
    if low:
        shown = examples([cells[row] for row in sorted(low)])
        made.add(part, None, "on_no_gauge", column=name, cells=shown, count=len(low))
    zeros = found.values.count(0)
    if zeros and part == "inspection":
        made.add(part, None, "zeros", column=name, count=zeros)


def _unit_open(made: Suggestion, target: str, name: str, part: str) -> None:
    """Tell of a column whose unit is not known: that its size speaks for one is no reason."""
    internal = "kPa" if target.endswith("_kpa") else "L/s"
    known = ", ".join(known_units(internal))
    made.add(part, None, "unit_open", about=name, column=name, target=target, known=known)
    made.used.add(name)


def packed_main(made: Suggestion, table: Table) -> None:
    """The main's diameter, and whether it is a ring, of cells that say what signs say."""
    if any((one.toml or "").startswith("mains_dn_mm") for one in made.lines):
        return
    openings = [one.why.facts["column"] for one in made.lines if (one.toml or "")[:7] == "outlets"]
    for name, cells in table.columns.items():
        if name in openings or share(cells, _is_diameter) < _MOST:
            continue
        toml = f'mains_dn_mm = {{ column = {quoted(name)}, regex = {quoted(_SIGN)}, unit = "mm" }}'
        made.add("fields", toml, "sign", column=name, cells=examples(cells))
        made.used.add(name)
        if share(cells, lambda cell: re.search(f"{_RING}|{_BRANCH}", cell.strip())) >= _MOST:
            patterns = f'[[{quoted(_RING)}, "ring"], [{quoted(_BRANCH)}, "branch"]]'
            toml = f'mains_type = {{ column = {quoted(name)}, patterns = {patterns}, other = "" }}'
            made.add("fields", toml, "sign_network", column=name)
        return


def _is_diameter(cell: str) -> bool:
    """Whether a cell says what a sign at a hydrant says of a main that is made."""
    found = re.search(_SIGN, cell.strip())
    return found is not None and int(found[1]) in _NOMINAL_MM


def units(made: Suggestion) -> None:
    """Ask about units of measurements that are guesses by size."""
    guessed = [
        one
        for one in made.lines
        if one.part == "inspection" and one.why.key == "exchange.suggest_unit_guessed"
    ]
    if not guessed:
        return
    named = [
        Phrase(
            "exchange.unit_of",
            {
                "column": one.why.facts["column"],
                "unit": one.why.facts["unit"],
                "usual": one.why.facts["usual"],
            },
        )
        for one in guessed
    ]
    right = [
        line(one.part, one.toml, "unit_confirmed", column=one.why.facts["column"],
             unit=one.why.facts["unit"])
        for one in guessed
    ]  # fmt: skip
    drops = tuple(str(one.toml) for one in guessed)
    yes = Choice("y", Phrase("exchange.units_right"), tuple(right), drops)
    left = line("inspection", None, "units_left")
    no = Choice("n", Phrase("exchange.units_left_out"), (left,), drops)
    made.ask("units", [yes, no, *_other_units(guessed, drops)], units=tuple(named))


def _other_units(guessed: Sequence[Line], drops: tuple[str, ...]) -> list[Choice]:
    """Answers that state another unit for all pressures, or all flows, and leave the rest."""
    found = []
    for quantity, units_of in UNITS_OFFERED.items():
        concerned = [one for one in guessed if _target(one).endswith(quantity)]
        for unit in units_of if concerned else ():
            if all(one.why.facts["unit"] == unit for one in concerned):
                continue
            made = []
            for one in guessed:
                toml, told = str(one.toml), one.why.facts["unit"]
                if one in concerned:
                    toml = toml.replace(f"unit = {quoted(str(told))}", f"unit = {quoted(unit)}")
                    told = unit
                column = one.why.facts["column"]
                made.append(line(one.part, toml, "unit_confirmed", column=column, unit=told))
            label = Phrase(f"exchange.unit_of{quantity}", {"unit": unit})
            found.append(Choice(unit, label, tuple(made), drops))
    return found


def _target(one: Line) -> str:
    return str(one.toml).partition(" = ")[0]


def _empty(cells: Sequence[str]) -> str:
    return f", empty = [{', '.join(map(quoted, cells))}]" if cells else ""
