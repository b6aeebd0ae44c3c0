"""A table read through a mapping: typed columns, positions, keys, and what is wrong where."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Column, Problem, make_column, raw_cells
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.measured import without_outcome
from hydrant.exchange.stated_places import stated_places
from hydrant.exchange.table import Table
from hydrant.geo import datum

SEPARATOR = "\x1f"


@dataclass(slots=True)
class ReadRows:
    """What a file says, row by row, before it meets the registry.

    Attributes
    ----------
    kept
        Indices of the rows that are not ignored.
    problems
        First problem of each refused row.
    lons, lats
        Degrees in EPSG:4490, shape (n,); NaN where there is none.
    xs, ys
        Coordinates as stated.
    keys
        External keys, unique within the file.
    cells
        Raw cells that the mapping reads, joined, to see at a re-import what changed.
    used
        Headings of those cells.
    numbered
        Keys of rows that share theirs with an earlier row, by row.
    unjudged
        Rows that measured something and do not say whether the asset works.
    unread
        Headings of columns with cells that nothing asks for.
    """

    table: Table
    kept: list[int]
    fields: dict[str, list[Any]]
    inspection: dict[str, list[Any]]
    problems: dict[int, Problem]
    lons: Any
    lats: Any
    xs: Any
    ys: Any
    crs: datum.Crs
    assumed: bool
    keys: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    used: tuple[str, ...] = ()
    numbered: dict[int, str] = field(default_factory=dict)
    unjudged: list[int] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_rows(
    table: Table,
    mapping: Mapping,
    *,
    crs: str | None,
    kind: str | None,
    region: str | None,
    zone: ZoneInfo,
    keys: Sequence[str] | None = None,
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
    _require_kind(fields["kind"], problems)
    rows = _positioned(table, mapping, crs, problems, kept)
    rows.fields, rows.inspection = fields, inspection
    rows.unjudged = [row for row in kept if row in unjudged]
    rows.used = _used(mapping, specs)
    rows.cells = _joined(table, rows.used)
    asked = {*rows.used, *mapping.key, *mapping.ignore}
    rows.unread = [name for name, cells in table.columns.items()
                   if name not in asked and any(cells)]  # fmt: skip
    rows.unread += [*table.above, *table.beside]
    _refuse_destroyed_keys(table, mapping, problems)
    rows.keys = _keys(table, mapping, rows)
    if keys is not None:
        rows.keys = [told or made for told, made in zip(keys, rows.keys, strict=True)]
        rows.numbered |= {row: told for row, told in enumerate(keys) if told}
    rows.problems = {row: problem for row, problem in problems.items() if row in set(kept)}
    return rows


def _take(column: Column, problems: dict[int, Problem]) -> list[Any]:
    for row, problem in column.problems.items():
        problems.setdefault(row, problem)
    return column.values


def _kept(table: Table, mapping: Mapping) -> list[int]:
    ignored: set[int] = set()
    for column, values in mapping.ignore.items():
        unwanted = set(values)
        cells = table.column(column)
        ignored.update(row for row, cell in enumerate(cells) if cell.strip() in unwanted)
    return [row for row in range(len(table)) if row not in ignored]


def _require_kind(kinds: list[Any], problems: dict[int, Problem]) -> None:
    for row, kind in enumerate(kinds):
        if kind is None:
            problems.setdefault(row, Problem("kind", "", Phrase("exchange.why_no_kind")))


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


def _used(mapping: Mapping, specs: dict[str, Spec]) -> tuple[str, ...]:
    names: list[str] = []
    for spec in (*specs.values(), *mapping.inspection.values()):
        names.extend(spec.columns)
    names.extend(mapping.position_columns)
    return tuple(dict.fromkeys(names))


def _joined(table: Table, used: Sequence[str]) -> list[str]:
    columns = [table.column(name) for name in used]
    if table.points is not None:
        columns += [[repr(value) for value in axis] for axis in table.points]
    return [SEPARATOR.join(parts) for parts in zip(*columns, strict=True)]


def _positioned(
    table: Table,
    mapping: Mapping,
    crs: str | None,
    problems: dict[int, Problem],
    kept: list[int],
) -> ReadRows:
    stated = crs or mapping.crs or table.crs
    xs, ys = stated_places(table, mapping, stated, problems)
    assumed = stated is None
    x, y = np.array(xs, float), np.array(ys, float)
    if assumed:
        _require_datum(x, y, kept)
    system = datum.parse_crs(stated or "wgs84")
    lons, lats = np.full(len(x), np.nan), np.full(len(y), np.nan)
    _check_stated(x, y, system, problems)
    for row in np.flatnonzero(~(np.isfinite(x) & np.isfinite(y))):
        # a file's own geometry may say "NaN", which no comparison with a limit refuses
        stands = f"{x[row]:g} {y[row]:g}"
        why = Phrase("exchange.why_not_finite", {"value": stands})
        problems.setdefault(int(row), Problem("position", stands, why))
    good = np.array([row not in problems for row in range(len(x))], bool)
    if good.any():
        lons[good], lats[good] = datum.to_registry(x[good], y[good], system)
    for row in np.flatnonzero(good & ~((np.abs(lons) <= 180) & (np.abs(lats) <= 90))):
        _position_problem(problems, int(row), "geo.not_degrees", x, y, system.name)
    return ReadRows(table, kept, {}, {}, {}, lons, lats, x, y, system, assumed)


def _require_datum(x: Any, y: Any, kept: list[int]) -> None:
    rows = np.array(kept, int)
    box = datum.CHINA
    inside = (x[rows] >= box[0]) & (x[rows] <= box[2]) & (y[rows] >= box[1]) & (y[rows] <= box[3])
    if inside.any():
        row = int(rows[np.flatnonzero(inside)[0]])
        raise InputRefused("geo.no_datum", x=float(x[row]), y=float(y[row]))


def _check_stated(x: Any, y: Any, system: datum.Crs, problems: dict[int, Problem]) -> None:
    zero = (x == 0) & (y == 0)
    for row in np.flatnonzero(zero):
        _position_problem(problems, int(row), "geo.zero", x, y, system.name)
    if system.epsg in (4490, 4326, None):
        outside = ~((np.abs(x) <= 180) & (np.abs(y) <= 90)) & ~np.isnan(x)
        for row in np.flatnonzero(outside):
            key = datum.impossible_degrees(float(x[row]), float(y[row])) or "geo.not_degrees"
            _position_problem(problems, int(row), key, x, y, system.name)
        return
    for number in np.unique(x[~np.isnan(x) & ~zero] // 1_000_000):
        better = datum.other_zone_form(float(number * 1_000_000 + 500_000), system)
        if better is not None:
            for row in np.flatnonzero(x // 1_000_000 == number):
                facts = {"x": float(x[row]), "crs": system.name, "better": f"EPSG:{better}"}
                why = Phrase("geo.zone_form", facts)
                problems.setdefault(int(row), Problem("x", str(x[row]), why))


def _position_problem(
    problems: dict[int, Problem], row: int, key: str, x: Any, y: Any, crs: str
) -> None:
    facts = {"x": float(x[row]), "y": float(y[row]), "crs": crs}
    problems.setdefault(row, Problem("position", "", Phrase(key, facts)))


def _refuse_destroyed_keys(table: Table, mapping: Mapping, problems: dict[int, Problem]) -> None:
    """A key of which a program left half would make one of many rows."""
    for name in mapping.key:
        column = make_column(table, "code", Spec(columns=(name,)), zone=times.zone())
        for row, problem in column.problems.items():
            problems.setdefault(row, replace(problem, field=name))


def _keys(table: Table, mapping: Mapping, rows: ReadRows) -> list[str]:
    """External keys: the mapping's columns, else the code, else a digest of the position."""
    if mapping.key:
        keys = raw_cells(table, Spec(columns=mapping.key, join="|"))
    else:
        codes = rows.fields.get("code") or [None] * len(table)
        kinds = rows.fields["kind"]
        keys = [
            code or f"{kind}@{x!r},{y!r}"
            for code, kind, x, y in zip(
                codes, kinds, rows.xs.tolist(), rows.ys.tolist(), strict=True
            )
        ]
    if len(set(keys)) == len(keys):
        return keys
    seen: Counter[str] = Counter()
    numbered = []
    for key in keys:
        seen[key] += 1
        numbered.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
        if seen[key] > 1:
            rows.numbered[len(numbered) - 1] = numbered[-1]
    return numbered


def file_digest(content: bytes) -> str:
    """SHA-256 of an input file."""
    return hashlib.sha256(content).hexdigest()
