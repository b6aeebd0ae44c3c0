"""The mapping of a file with our own headings, written out so that it can be changed."""

from __future__ import annotations

from collections.abc import Mapping as Dict

from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.rows import unread_columns
from hydrant.exchange.suggested_days import DATED, Dated, ask_order
from hydrant.exchange.suggestion import Suggestion
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted


def own_suggestion(
    table: Table, rules: Mapping, *, constants: Dict[str, str], top: Dict[str, str | int]
) -> Suggestion:
    """Our own mapping of a table as lines, and what its dates leave open.

    Parameters
    ----------
    rules
        The own mapping of its headings.
    constants
        Fields that were stated for every row, and their values.
    top
        Keys of the mapping's top that were stated, and their values.
    """
    made = Suggestion(own=True)
    _top(made, rules, top)
    for axis in ("x", "y", "wkt"):
        column = getattr(rules, axis)
        if column is not None:
            made.add("position", f"{axis} = {quoted(column)}", "own_column", column=column)
    for name, value in constants.items():
        made.add("fields", f"{name} = {{ constant = {quoted(value)} }}", "by_option", value=value)
    read = {name: spec for name, spec in rules.fields.items() if name not in constants}
    dated = _lines(made, "fields", read)
    dated += _lines(made, "inspection", rules.inspection)
    dated += _lines(made, "lifecycle", rules.lifecycle)
    ask_order(made, table, dated)
    for name in unread_columns(table, rules):
        made.add("", None, "own_unread", about=name, column=name)
    return made


def _top(made: Suggestion, rules: Mapping, top: Dict[str, str | int]) -> None:
    made.add("", "own = true", "own")
    for name, value in top.items():
        told = quoted(value) if isinstance(value, str) else str(value)
        made.add("", f"{name} = {told}", "by_option", value=value)
    if rules.key:
        told = ", ".join(map(quoted, rules.key))
        made.add("", f"key = [{told}]", "own_key", column=rules.key[0])
    for column, means in rules.otherwise.items():
        made.add("", f'otherwise.{quoted(column)} = "{means}"', "own_column", column=column)


def _lines(made: Suggestion, part: str, specs: Dict[str, Spec]) -> list[Dated]:
    """Add a line for each target; those of days."""
    dated = []
    for target, spec in specs.items():
        column, toml = spec.columns[0], f"{target} = {quoted(spec.columns[0])}"
        if target in DATED:
            dated.append(Dated(part, target, column, toml))
        made.add(part, toml, "own_date" if target in DATED else "own_column", column=column)
    return dated
