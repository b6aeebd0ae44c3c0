"""Keeps whole what a proposed mapping reads in part: a name in which the kind is seen, a remark."""

from __future__ import annotations

from collections.abc import Sequence

from hydrant.exchange.cells import raw_cells
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
            rows = sorted({row for name in columns for row in found.pop(name)})
            _keep(made, table, part, whole, columns, rows)
    for column, rows in found.items():
        cells = _said(table, (column,), rows)
        made.add("", None, "partly", about=column, column=column, count=len(rows), cells=cells,
                 key=quoted(column))  # fmt: skip


def _keep(
    made: Suggestion, table: Table, part: str, whole: str, columns: list[str], rows: list[int]
) -> None:
    """The line that keeps columns whole, but for cells that say no more than what is read."""
    names = ", ".join(map(quoted, columns))
    toml = f"column = {names}"
    if len(columns) > 1:
        toml = f'columns = [{names}], join = " | "'
    more = {*rows}
    whole_cells = _joined(table, columns)
    plain = {cell.strip() for row, cell in enumerate(whole_cells) if row not in more}
    plain -= {"", *(whole_cells[row].strip() for row in rows)}
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
