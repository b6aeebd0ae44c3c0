"""A table read through a mapping: typed columns, positions, keys, and what is wrong where."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Column, Problem, make_column, raw_cells
from hydrant.exchange.contradicting import Weighed, contradicted
from hydrant.exchange.doubled_places import refuse_apart
from hydrant.exchange.ended import Ended, ended_rows
from hydrant.exchange.gone_words import remark_columns
from hydrant.exchange.kinds_stated import require_kind
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.measured import untold, without_outcome
from hydrant.exchange.osm_tags import STAGE, staged_headings
from hydrant.exchange.place_headings import otherwise_named, system_column, with_stated
from hydrant.exchange.placing_rules import Placing
from hydrant.exchange.positions import Positions, placed, require_order
from hydrant.exchange.stated_places import stated_places
from hydrant.exchange.summaries import summary_rows
from hydrant.exchange.table import Drawn, Table
from hydrant.exchange.wkt_cells import stated_in_wkt
from hydrant.store.ground.bulk_columns import Same
from hydrant.store.opened.bulk import POINT_COLUMNS

SEPARATOR = "\x1f"
#: Targets in whose columns a row may say that it is a sum of others.
_NAMED = ("code", "name", "kind")


@dataclass(slots=True, kw_only=True)
class ReadRows(Positions):
    """What a file says, row by row, before it meets the registry; with the rows' positions.

    Attributes
    ----------
    kept
        Indices of the rows that are not ignored.
    problems
        First problem of each refused row.
    keys
        External keys; as stated, until matching makes them unique.
    cells
        Raw cells that the mapping reads, joined, to see at a re-import what changed.
    used
        Headings of those cells.
    pair
        Headings of the two columns that the position is read from; None where it is otherwise.
    stated
        External keys as the file states them.
    keyless
        Rows to which the register gives no key.
    marked
        Rows of which a side file says that they share their key.
    numbered
        Keys of rows that share theirs with another row, by row.
    copies
        Rows of an asset that another row is taken for: they say it again, or are refused.
    unjudged
        Rows that measured something and do not say whether the asset works.
    untold
        Rows that tell of a visit and not what came of it, so that none is recorded.
    weighed
        What other columns say of rows that work by their state.
    ended
        Rows of assets that are no more, or not yet, by what is read.
    ended_counted
        Rows whose asset is gone by a column, and that the mapping takes for defective.
    summaries
        Rows that sum others up and are left out.
    ended_mentioned
        Rows that stand although a column speaks of an end, and that column.
    unread
        Headings of columns with cells that nothing asks for.
    """

    table: Table
    kept: list[int]
    fields: dict[str, list[Any]]
    inspection: dict[str, list[Any]]
    problems: dict[int, Problem]
    keys: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    used: tuple[str, ...] = ()
    pair: tuple[str, str] | None = None
    stated: list[str] = field(default_factory=list)
    keyless: set[int] = field(default_factory=set)
    marked: set[int] = field(default_factory=set)
    numbered: dict[int, str] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)
    unjudged: list[int] = field(default_factory=list)
    untold: list[int] = field(default_factory=list)
    weighed: Weighed = field(default_factory=Weighed)
    ended: dict[int, Ended] = field(default_factory=dict)
    ended_counted: list[int] = field(default_factory=list)
    ended_mentioned: dict[int, str] = field(default_factory=dict)
    summaries: list[int] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def accuracies(self, rows: Sequence[int]) -> Sequence[float | None]:
        """Uncertainty of the positions of some rows, metres; None where it is not known."""
        found = self.accuracy_m[rows]
        if len(found) and (found == found[0]).all():
            return Same(float(found[0]), len(found))
        return [None if np.isnan(value) else value for value in found.tolist()]

    @property
    def columns(self) -> tuple[str, ...]:
        """Headings of the cells, and of the coordinates of the file's own geometry."""
        return self.used if self.table.points is None else (*self.used, *POINT_COLUMNS)


def read_rows(
    table: Table,
    mapping: Mapping,
    *,
    crs: str | None,
    kind: str | None,
    region: str | None,
    zone: ZoneInfo,
    keys: Sequence[str] | None = None,
    placing: Placing | None = None,
    before: Collection[str] = (),
) -> ReadRows:
    """Read a table through a mapping.

    Parameters
    ----------
    crs, kind, region
        Given on the command line; they outrank the mapping.
    zone
        Local zone of the registry, for dates unless the mapping names one.
    keys
        External keys that a side file states; empty where it states none.
    placing
        What the command line says of positions besides; it outranks the mapping.
    before
        Datums that the source's positions were stated in when it came in before.

    Raises
    ------
    InputRefused
        The mapping names a column that is not there, or no kind or position is to be had.
    """
    local = times.zone(mapping.zone) if mapping.zone else zone
    decimal = mapping.decimal
    specs = dict(mapping.fields)
    if kind is not None:
        specs["kind"] = Spec(constant=kind)
    if region is not None:
        specs["region_code"] = Spec(constant=region)
    if "kind" not in specs:
        raise InputRefused("exchange.no_kind", file=table.file)
    kept = _kept(table, mapping)
    named = (name for target in _NAMED for name in specs.get(target, Spec()).columns)
    used = _used(mapping, specs)
    asked = {*used, *mapping.key, *mapping.ignore}
    open_ = [*remark_columns(table, mapping), *(n for n in table.columns if n not in asked)]
    sums = {*summary_rows(table, [*mapping.key, *named], open_, mapping.keep)}
    summaries = [row for row in kept if row in sums]
    kept = [row for row in kept if row not in sums] if summaries else kept
    problems: dict[int, Problem] = {}
    fields = {
        name: _take(make_column(table, name, spec, zone=local, decimal=decimal), problems)
        for name, spec in specs.items()
    }
    if "code" in fields and mapping.placeholder_codes:
        none = set(mapping.placeholder_codes)
        fields["code"] = [None if code in none else code for code in fields["code"]]
    inspection = {
        name: _take(
            make_column(table, name, spec, zone=local, inspection=True, decimal=decimal), problems
        )
        for name, spec in mapping.inspection.items()
    }
    unjudged = without_outcome(inspection, len(table))
    _refuse_future(inspection, fields, problems, local)
    require_kind(table, mapping, fields["kind"], problems)
    weighed = contradicted(table, mapping, fields, inspection, asked, problems)
    unjudged |= without_outcome(inspection, len(table)) if weighed.not_known else set()
    ended = ended_rows(table, mapping, inspection, fields.get("built"), problems, local)
    stated = _placing(table, mapping, placing, crs, before)
    places = _positioned(table, mapping, stated, problems, kept)
    rows = ReadRows(
        table=table, kept=kept, fields=fields, inspection=inspection, problems=problems,
        **{one.name: getattr(places, one.name) for one in dataclass_fields(places)},
    )  # fmt: skip
    rows.unjudged = [row for row in kept if row in unjudged]
    rows.ended = {row: ended.found[row] for row in kept if row in ended.found}
    rows.ended_counted = [row for row in kept if row in ended.counted]
    rows.ended_mentioned = {r: c for r, c in ended.mentioned.items() if r not in rows.ended}
    unknown, rows.weighed = weighed.not_known, weighed
    rows.untold = untold(inspection, mapping.inspection, (r for r in kept if r not in unknown))
    rows.used, rows.summaries = _with_weighed(used, table, mapping, weighed.questions), summaries
    if mapping.x is not None and mapping.y is not None and mapping.x_minutes is None:
        rows.pair = (mapping.x, mapping.y)
    rows.cells = _joined(table, rows.used)
    rows.unread = unread_columns(table, mapping, used=rows.used)
    _refuse_destroyed_keys(table, mapping, problems)
    _set_keys(table, mapping, rows)
    rows.marked = {row for row, told in enumerate(keys or ()) if told}
    wanted = set(kept)
    rows.problems = {row: problem for row, problem in problems.items() if row in wanted}
    return rows


def _take(column: Column, problems: dict[int, Problem]) -> list[Any]:
    for row, problem in column.problems.items():
        problems.setdefault(row, problem)
    return column.values


def _kept(table: Table, mapping: Mapping) -> list[int]:
    ignored: set[int] = set()
    for column, values in mapping.ignore.items():
        if mapping.ignore_optional and column not in table.columns:
            continue
        unwanted = set(values)
        cells = table.column(column)
        ignored.update(row for row, cell in enumerate(cells) if cell.strip() in unwanted)
    return [row for row in range(len(table)) if row not in ignored]


def _refuse_future(
    inspection: dict[str, list[Any]],
    fields: dict[str, list[Any]],
    problems: dict[int, Problem],
    local: ZoneInfo,
) -> None:
    """A date that has not come cannot be that of a visit: it would make anything fresh."""
    now = times.now()
    for name, column in (("at", inspection.get("at")), ("built", fields.get("built"))):
        for row, moment in enumerate(column or ()):
            if moment is not None and moment > now:
                day = times.local_day(moment, local).isoformat()
                why = Phrase("exchange.why_future", {"date": day})
                problems.setdefault(row, Problem(name, "", why))


def _used(mapping: Mapping, specs: Dict[str, Spec]) -> tuple[str, ...]:
    names: list[str] = []
    for spec in (*specs.values(), *mapping.inspection.values(), *mapping.lifecycle.values()):
        names.extend(spec.columns)
    names.extend(mapping.position_columns)
    return tuple(dict.fromkeys(names))


def _placing(
    table: Table,
    mapping: Mapping,
    placing: Placing | None,
    crs: str | None,
    before: Collection[str],
) -> Placing:
    stated = (placing or Placing()).over(Placing(crs)).over(mapping.placing)
    if stated.crs is None and table.crs is None and table.prescribed in before:
        # an earlier delivery of this source was read as its form says, so this one is, too
        return stated.over(Placing(table.prescribed))
    return stated


def _with_weighed(
    used: tuple[str, ...], table: Table, mapping: Mapping, questions: Sequence[str]
) -> tuple[str, ...]:
    """What is read and what is weighed against it: a change of either is a change of its row."""
    weighed = (name for name in (*mapping.otherwise, *questions) if name in table.columns)
    return tuple(dict.fromkeys((*used, *weighed)))


def unread_columns(
    table: Table, mapping: Mapping, *, used: Sequence[str] | None = None
) -> list[str]:
    """Headings of columns with cells that nothing asks for, titles and sheets that are not read.

    Parameters
    ----------
    used
        Headings that are read; None are those of the mapping alone.
    """
    asked = {*(_used(mapping, mapping.fields) if used is None else used), *mapping.key}
    asked |= mapping.ignore.keys() | mapping.otherwise.keys()
    # what a lifecycle prefix says is read in the column that is told from it, or named itself
    asked |= {*staged_headings(table.columns)} if STAGE in asked else {STAGE}
    system = system_column(table) if mapping.position_columns else None
    if system is not None:
        asked.add(system[1])
    return table.unread(asked)


def _joined(table: Table, used: Sequence[str]) -> list[str]:
    columns = [table.column(name) for name in used]
    if table.points is not None:
        columns += [[repr(value) for value in axis] for axis in table.points]
    return [SEPARATOR.join(parts) for parts in zip(*columns, strict=True)]


def _positioned(
    table: Table,
    mapping: Mapping,
    placing: Placing,
    problems: dict[int, Problem],
    kept: list[int],
) -> Positions:
    if mapping.x is not None and mapping.y is not None:
        require_order(table, mapping.x, mapping.y, placing)
        if mapping.own:
            refuse_apart(table, (mapping.x, mapping.y), problems)
    headings = mapping.position_columns
    if mapping.wkt is not None and mapping.x is None:
        placing = placing.over(Placing(stated_in_wkt(table.column(mapping.wkt), table.file)))
    own = problems if mapping.own else None
    placing = with_stated(table, headings, placing, own) if headings else placing
    drawn: dict[int, Drawn] = {}
    stated = stated_places(table, mapping, placing.crs or table.crs, problems, drawn)
    found = placed(table, stated, placing, drawn, problems, kept)
    if headings and placing.crs is not None:
        found.overruled = otherwise_named(table, headings, placing.crs) or found.overruled
    return found


def _refuse_destroyed_keys(table: Table, mapping: Mapping, problems: dict[int, Problem]) -> None:
    """A key of which a program left half would make one of many rows."""
    for name in mapping.key:
        column = make_column(table, "code", Spec(columns=(name,)), zone=times.zone())
        for row, problem in column.problems.items():
            problems.setdefault(row, replace(problem, field=name))


def _set_keys(table: Table, mapping: Mapping, rows: ReadRows) -> None:
    """External keys: the mapping's columns, else the code, else a digest of the position."""
    keys = [code or "" for code in rows.fields.get("code") or [None] * len(table)]
    if mapping.key:
        keys = [*raw_cells(table, Spec(columns=mapping.key, join="|"))]  # never the column itself
    none = "|" * (len(mapping.key) - 1)
    if "" in keys or none in keys:  # told much quicker than row by row
        rows.keyless = {row for row, key in enumerate(keys) if key in ("", none)}
    for row in rows.keyless:
        kind, x, y = rows.fields["kind"][row], float(rows.xs[row]), float(rows.ys[row])
        keys[row] = f"{kind}@{x!r},{y!r}"
    rows.keys, rows.stated = keys, list(keys)


def file_digest(content: bytes) -> str:
    """SHA-256 of an input file."""
    return hashlib.sha256(content).hexdigest()
