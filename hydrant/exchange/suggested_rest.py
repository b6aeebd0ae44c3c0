"""Keeps whole what a proposed mapping reads in part: a name in which the kind is seen, a remark."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hydrant import times
from hydrant.exchange.cells import make_column, raw_cells
from hydrant.exchange.mapping import Spec
from hydrant.exchange.partly import partly_read
from hydrant.exchange.proposal_text import rules_of
from hydrant.exchange.suggestion import MOST_WORDS, Suggestion, examples
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted

#: Where the whole of a cell goes of which a target reads a part.
_WHOLE = {"kind": ("fields", "name"), "outcome": ("inspection", "note")}


def rest(made: Suggestion, table: Table) -> None:
    """Keep such cells whole where a field is free for them, and tell the others."""
    rules = rules_of(made, table.file)
    found = partly_read(table, rules)
    for target, (part, whole) in _WHOLE.items():
        taken = rules.fields if part == "fields" else rules.inspection
        spec = taken.get(target, Spec())
        columns = [name for name in spec.columns if name in found]
        if columns and whole not in taken:
            said, kept = {row for n in columns for row in found[n]}, _kept(table, target, spec)
            if said & kept:
                _keep(made, table, (part, whole), columns, sorted(said & kept), said)
            for name in columns:
                del found[name]  # each word for no outcome is told by itself
    for column, rows in found.items():
        cells = _said(table, (column,), rows)
        made.add("", None, "partly", about=column, column=column, count=len(rows), cells=cells,
                 key=quoted(column))  # fmt: skip


def _kept(table: Table, target: str, spec: Spec) -> set[int]:
    """Rows that have what keeps the whole: a remark stands with a visit, and none without one."""
    if target != "outcome":
        return {*range(len(table))}
    read = make_column(table, target, spec, zone=times.zone(), inspection=True)
    return {row for row, outcome in enumerate(read.values) if outcome is not None}


def _keep(
    made: Suggestion,
    table: Table,
    into: tuple[str, str],
    columns: list[str],
    rows: list[int],
    said: Collection[int],
) -> None:
    """The line that keeps columns whole, but for cells that say no more than what is read.

    Parameters
    ----------
    rows
        Those that it keeps.
    said
        All that say more.
    """
    part, whole = into
    names = ", ".join(map(quoted, columns))
    toml = f"column = {names}"
    if len(columns) > 1:
        toml = f'columns = [{names}], join = " | "'
    whole_cells = _joined(table, columns)
    plain = {cell.strip() for row, cell in enumerate(whole_cells) if row not in said}
    plain -= {"", *(whole_cells[row].strip() for row in said)}
    empty = f", empty = [{', '.join(map(quoted, sorted(plain)))}]"
    told = toml + empty * (0 < len(plain) <= MOST_WORDS)
    filled = names if told == f"column = {names}" else f"{{ {told} }}"
    cells = _said(table, columns, rows)
    made.add(part, f"{whole} = {filled}", f"kept_whole_{part}",
             columns=tuple(columns), count=len(rows), cells=cells)  # fmt: skip


def _said(table: Table, columns: Sequence[str], rows: Sequence[int]) -> str:
    cells = _joined(table, columns)
    return examples([cells[row] for row in rows])


def _joined(table: Table, columns: Sequence[str]) -> list[str]:
    return raw_cells(table, Spec(columns=tuple(columns), join=" | "))
