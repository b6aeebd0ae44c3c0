"""Reads a register's file with the mapping that explains it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

from hydrant.errors import InputRefused
from hydrant.exchange.mapping import Mapping, load_mapping
from hydrant.exchange.own_mapping import own_mapping
from hydrant.exchange.proposal_text import rules_of
from hydrant.exchange.readers import headed_at_each, read_headed, read_table
from hydrant.exchange.refused import is_side_file
from hydrant.exchange.rows import unread_columns
from hydrant.exchange.same_heading import folded
from hydrant.exchange.sheets_of_faults import with_bad_sheets
from hydrant.exchange.suggesting import suggest
from hydrant.exchange.table import Table


def read_register(
    file: Path, name: str | None, *, layer: str | None = None, encoding: str | None = None
) -> tuple[Table, Mapping]:
    """The table of a file, and how its columns are understood.

    Parameters
    ----------
    name
        Mapping by name or file; None takes the columns for OSM tags or our own.

    Raises
    ------
    InputRefused
        The file or the mapping cannot be read.
    """
    if name is None:
        table, _ = read_headed(file, encoding=encoding, layer=layer)
        table = with_bad_sheets(file, table, layer)
        return table, load_mapping("osm") if is_osm(table) else own_mapping(list(table.columns))
    rules = load_mapping(name)
    if is_side_file(file):
        # written here: UTF-8 with the headings in the first row, whatever the register was
        rules = replace(rules, encoding=None, header_row=1, layer=None)
    encoding, layer = encoding or rules.encoding, layer or rules.layer
    needed = {folded(name) for name in (*rules.key, *rules.position_columns)}
    try:
        table = read_table(file, encoding=encoding, header_row=rules.header_row, layer=layer)
    except InputRefused:
        _refuse_other_row(file, rules.header_row, needed, encoding=encoding, layer=layer)
        raise
    if not needed <= {*map(folded, table.columns)}:
        _refuse_other_row(file, rules.header_row, needed, encoding=encoding, layer=layer)
    return with_bad_sheets(file, table, layer), rules


def _refuse_other_row(
    file: Path, stated: int, needed: AbstractSet[str], *, encoding: str | None, layer: str | None
) -> None:
    """Refuse a file whose headings stand in another row than the mapping says.

    Raises
    ------
    InputRefused
        All headings of key and position stand in one of the other first rows.
    """
    try:
        for row, table in headed_at_each(file, encoding=encoding, layer=layer):
            if needed and row != stated and needed <= {*map(folded, table.columns)}:
                break
        else:
            return
    except InputRefused:  # no row further down can be read: what the mapping's own row says counts
        return
    raise InputRefused("exchange.headings_elsewhere", file=file, row=row, stated=stated)


def rules_of_ours(table: Table, file: Path, *, kind: str | None = None) -> Mapping | None:
    """The mapping of a file that needs none: our own headings, or OSM tags; else None.

    Parameters
    ----------
    kind
        Kind of every row, where it was stated.
    """
    if is_osm(table):
        return load_mapping("osm")
    if is_side_file(file) or is_ours(table, kind=kind):
        return own_mapping(list(table.columns))
    return None


def is_ours(table: Table, *, kind: str | None = None) -> bool:
    """Whether a file's headings are our own: they say the kind and the place of each row.

    Where the kind was stated, a proposal must find nothing more in the file than they say.
    """
    rules = own_mapping(list(table.columns))
    placed = bool(rules.position_columns) or table.points is not None
    if "kind" in rules.fields:
        return placed
    return placed and kind is not None and not _says_more(table, rules, kind)


def _says_more(table: Table, rules: Mapping, kind: str) -> bool:
    """Whether a proposal would read columns that are none of ours: a number, a state, a remark."""
    if not {*unread_columns(table, rules)} & {*table.columns}:
        return False
    made = suggest(table, header_row=1, constants={"kind": kind})
    read = {column for spec in rules.specs for column in spec.columns}
    return made.known is not None or any(
        not read.issuperset(one.columns) for one in rules_of(made, table.file).specs
    )


def is_osm(table: Table) -> bool:
    """Whether a table holds OSM tags rather than somebody's own columns."""
    return {"@id", "emergency"} <= set(table.columns)
