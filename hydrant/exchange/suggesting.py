"""Proposes a mapping for a file: from its headings, its values and the schemas that are known."""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict

from hydrant import times
from hydrant.errors import HydrantError
from hydrant.exchange import (
    suggested_columns,
    suggested_key,
    suggested_kind,
    suggested_lifecycle,
    suggested_otherwise,
    suggested_place,
    suggested_rest,
    suggested_rivals,
    suggested_state,
)
from hydrant.exchange.fitting import fitted
from hydrant.exchange.heading_units import is_stated_figure
from hydrant.exchange.mapping import Mapping, load_mapping, mapping_names
from hydrant.exchange.rows import read_rows
from hydrant.exchange.suggestion import Suggestion, examples, words
from hydrant.exchange.summaries import summary_rows
from hydrant.exchange.table import COMMENTS, STRUCK, Table
from hydrant.exchange.toml_text import as_read, quoted
from hydrant.exchange.whole_headings import matching

#: Share of the rows that a known schema must read for the file to be of it.
_ENOUGH = 0.9


def suggest(
    table: Table,
    *,
    header_row: int,
    encoding: str | None = None,
    layer: str | None = None,
    crs: str | None = None,
    constants: dict[str, str] | None = None,
    source: str | None = None,
    top: dict[str, str] | None = None,
) -> Suggestion:
    """A mapping for a table, as lines with their reasons.

    Parameters
    ----------
    header_row
        Row in which the headings were found, counted from 1.
    encoding, layer
        With which the file was read, where they were stated.
    crs, source
        What somebody stated of the file; it is not asked for.
    constants
        Fields of every row that somebody stated.
    top
        Other keys of the mapping's top that somebody stated.
    """
    stated, said = constants or {}, top or {}
    for name in mapping_names():
        rules = load_mapping(name)
        kind = stated.get("kind")
        if fits(fitted(rules, table.columns), table) and reads(rules, table, crs=crs, kind=kind):
            told, changed = as_read(
                name,
                rules,
                header_row=header_row,
                encoding=encoding,
                stated={"crs": crs, "source": source, **said},
                constants=stated,
            )
            return Suggestion(name, told, changed=changed)
    table = _without_sums(table)
    # what is marked in one workbook need not be in the next: no field is read of it
    made = Suggestion(used={*COMMENTS, *STRUCK} & {*table.columns})
    if source is not None:
        made.add("", f"source = {quoted(source)}", "by_option", value=source)
    else:
        made.add("", f"source = {quoted(_stem(table.file))}", "source")
    if header_row > 1:
        made.add("", f"header_row = {header_row}", "header_row")
    for name, value in (("encoding", encoding), ("layer", layer)):
        if value is not None:
            made.add("", f"{name} = {quoted(value)}", "as_stated", value=value)
    for name, value in said.items():
        made.add("", f"{name} = {quoted(value)}", "by_option", value=value)
    suggested_place.place(made, table, crs=crs)
    _rows(made, table, stated)
    suggested_key.key(made, table)
    suggested_otherwise.otherwise(made, table)
    suggested_rest.rest(made, table)
    for column, count in table.repeated.items():
        made.add("", None, "repeated", column=column, count=count)
    _unused(made, table)
    if table.beside:
        made.add("", None, "beside", names=table.beside)
    return made


def _rows(made: Suggestion, table: Table, stated: Dict[str, str]) -> None:
    """What each row says of its asset and of a visit, but for what was stated of all of them."""
    stands = suggested_lifecycle.standing(made, table)
    for name, value in stated.items():
        made.add("fields", f"{name} = {{ constant = {quoted(value)} }}", "by_option", value=value)
    if "kind" not in stated:
        suggested_kind.kind(made, stands)
    suggested_lifecycle.lifecycle(made, table)
    suggested_state.outcome(made, table)
    for target, headings in words()["targets"].items():
        if target not in stated:
            suggested_columns.plain(made, table, target, headings)
            suggested_rivals.rivals(made, table, target, headings, part="fields")
    suggested_columns.packed_main(made, table)
    suggested_columns.units(made)


def _unused(made: Suggestion, table: Table) -> None:
    """Tell the columns of which nothing is taken."""
    remarked = {one.column for one in made.lines}
    for name in table.columns:
        if name not in made.used and name not in remarked:
            cells = examples(table.columns[name])
            key = "unused" if cells else "unused_empty"
            if cells and is_stated_figure(name):
                key = "stated_figure"
            made.add("", None, key, about=name, column=name, cells=cells)


def _without_sums(table: Table) -> Table:
    """The rows by which a mapping is proposed: sums, averages and examples say nothing of it."""
    headings = [*words()["targets"]["code"], *words()["targets"]["name"], *words()["kind_headings"]]
    named = [*matching(table, headings, set(), compounds=True)]
    remarks = [*matching(table, words()["targets"]["note"], set())]
    rest = table.without(summary_rows(table, named, remarks, {}))
    return rest if len(rest) else table


def reads(rules: Mapping, table: Table, *, crs: str | None = None, kind: str | None = None) -> bool:
    """Whether a mapping, tried on a table, takes nearly all of its rows."""
    try:
        rows = read_rows(
            table, fitted(rules, table.columns), crs=crs, kind=kind, region=None, zone=times.zone()
        )
    except HydrantError:
        return False  # the file as a whole is not what the schema says: no datum, no such unit
    return bool(rows.kept) and len(rows.problems) <= (1 - _ENOUGH) * len(rows.kept)


def fits(mapping: Mapping, table: Table) -> bool:
    """Whether a table has every heading that a mapping cannot do without."""
    present = table.columns
    spec = mapping.fields.get("kind")
    needed = [s for s in mapping.fields.values() if s.constant is None and not s.optional]
    choices = [s.alternatives or s.columns for s in needed]
    several = all(
        any(name in present for name in names) if spec.alternatives else set(names) <= set(present)
        for spec, names in zip(needed, choices, strict=True)
    )
    positions = all(any(n in present for n in names) for names in mapping.position.values())
    keys = all(name in present for name in mapping.key)
    told = (
        spec is None
        or spec.constant is not None
        or any(name in present for name in (*spec.columns, *spec.alternatives))
    )
    return several and positions and keys and told


def _stem(file: str) -> str:
    return re.sub(r"\W+", "-", file.partition(".")[0].lower()).strip("-") or "register"
