"""Where a file's rows lie: columns of the position, and what its numbers refer to."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence

from hydrant.errors import Phrase
from hydrant.exchange.doubled_places import Pair, rival_pairs, rows_apart
from hydrant.exchange.packed_degrees import may_be_packed
from hydrant.exchange.placing_rules import ANGLES
from hydrant.exchange.suggested_values import usual
from hydrant.exchange.suggestion import (
    Choice,
    Line,
    Suggestion,
    folded,
    line,
    matching,
    share,
    words,
)
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted
from hydrant.geo import datum
from hydrant.geo.text_forms import parse_number, parse_pair, parse_wkt
from hydrant.geo.zones import codes_of_zone

#: Share of the rows that must look like what a column is taken for.
_ENOUGH = 0.9
_DEGREES = {"x": 180.0, "y": 90.0}
#: Datums that headings name, and their names here.
_NAMED = (
    (re.compile(r"wgs-?84"), "wgs84"),
    (re.compile(r"cgcs-?2000|国家2000|2000坐标系?"), "cgcs2000"),
    (re.compile(r"gcj-?02|火星|高德|amap"), "gcj02"),
    (re.compile(r"bd-?09|百度|baidu"), "bd09"),
)
#: Datums of degrees inside China, in the order in which they are offered.
DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
#: Metres north of the equator of places that have an easting of six digits beside.
_NORTHINGS = (1_000_000.0, 10_000_000.0)


def place(made: Suggestion, table: Table, *, crs: str | None = None) -> None:
    """Propose the columns of the position and their system.

    Parameters
    ----------
    crs
        The system, where somebody stated it.
    """
    if table.points is not None:
        _geometry(made, table, crs)
        return
    pair = _two_columns(made, table) or _one_column(made, table)
    if pair is None:
        made.add("position", None, "no_position")
        return
    stated = crs or _stated(made, table)
    if stated is None:
        _system(made, *pair)
    elif crs is None:
        made.add("", f"crs = {quoted(stated)}", "datum_named", crs=stated)
        _order(made, *pair)
    else:
        made.add("", f"crs = {quoted(crs)}", "by_option", value=crs)
        _order(made, *pair)


def _geometry(made: Suggestion, table: Table, crs: str | None) -> None:
    stated = crs or table.crs
    if stated is not None:
        made.add("", f"crs = {quoted(stated)}", "geometry", crs=stated)
        return
    xs, ys = ([n for n in axis if n is not None] for axis in table.points or ((), ()))
    if not xs or not ys:
        made.add("position", None, "no_position")
        return
    _system(made, statistics.median(xs), statistics.median(ys))


def _two_columns(made: Suggestion, table: Table) -> tuple[float, float] | None:
    found = {}
    plain = {name: _without_datum(folded(name)) for name in table.columns}
    counted = Counter(plain.values())
    kept = {name: _kept(plain, counted, name) for name in table.columns}
    bare = Table(table.file, {kept[name]: cells for name, cells in table.columns.items()}, ())
    named = {short: name for name, short in kept.items()}
    for axis, headings in words()["position"].items():
        for short in matching(bare, headings, set()):
            name = named[short]
            if name in made.used:
                continue
            if share(table.columns[name], lambda c: parse_number(c) is not None) >= _ENOUGH:
                found[axis] = name
                break
    if len(found) < 2:
        return None
    for axis, name in found.items():
        made.add("position", f"{axis} = {quoted(name)}", "axis", column=name)
        made.used.add(name)
    _ask_which(made, table, (found["x"], found["y"]))
    _ask_angles(made, table, (found["x"], found["y"]))
    x, y = (usual(table.columns[found[axis]]) for axis in ("x", "y"))
    return None if x is None or y is None else (x, y)


def _ask_which(made: Suggestion, table: Table, pair: Pair) -> None:
    """Ask which pair holds where others are headed as coordinates too and lie elsewhere."""
    apart = {other: rows_apart(table, pair, other) for other in rival_pairs(table, pair)}
    others = [other for other, rows in apart.items() if rows]
    if not others:
        return
    pairs = [pair, *others]
    names = tuple(dict.fromkeys(name for one in pairs for name in one))
    first = min(apart[other][0] for other in others)
    shown = tuple(_cells(table, one, first) for one in pairs)
    facts: dict[str, object] = {
        "columns": names,
        "count": max(map(len, apart.values())),
        "line": table.lines[first],
        "target": "position",
        "cells": shown,
    }
    made.used |= set(names)
    made.add("position", None, "rivals", about=names[1], **facts)
    told = _lines(pair)
    drops = tuple(str(one.toml) for one in told)
    choices = [
        Choice(", ".join(one), Phrase("exchange.rival_column", {"cells": cells}),
               tuple(_lines(one)), drops)
        for one, cells in zip(pairs, shown, strict=True)
    ]  # fmt: skip
    nowhere = (line("position", None, "no_position"),)
    choices.append(Choice("-", Phrase("exchange.rival_none"), nowhere, drops))
    made.ask("rival", choices, **facts)


def _ask_angles(made: Suggestion, table: Table, pair: Pair) -> None:
    """Ask whether degrees are decimal where every one of them may bear minutes and seconds."""
    xs, ys = ([n for c in table.columns[name] if (n := parse_number(c)) is not None]
              for name in pair)  # fmt: skip
    if not may_be_packed(xs, ys):
        return
    facts = {"x": f"{xs[0]:g}", "y": f"{ys[0]:g}"}
    made.add("", None, "packed", **facts)
    choices = [
        Choice(word, Phrase(f"exchange.angles_{word}", dict(facts)),
               (line("", f"angles = {quoted(word)}", "answered", value=word),))
        for word in ANGLES
    ]  # fmt: skip
    made.ask("packed", choices, **facts)


def _cells(table: Table, pair: Pair, row: int) -> str:
    return ", ".join(table.columns[name][row].strip() for name in pair)


def _lines(pair: Pair) -> list[Line]:
    return [
        line("position", f"{axis} = {quoted(name)}", "answered", value=name)
        for axis, name in zip(("x", "y"), pair, strict=True)
    ]


def _kept(plain: dict[str, str], counted: Counter[str], name: str) -> str:
    """The heading without the name of a datum, where no other column has that heading."""
    short = plain[name]
    return short if short and counted[short] == 1 and short not in plain else name


def _without_datum(heading: str) -> str:
    for pattern, _ in _NAMED:
        heading = pattern.sub("", heading)
    return heading.strip()


def _one_column(made: Suggestion, table: Table) -> tuple[float, float] | None:
    for name, cells in table.columns.items():
        if share(cells, lambda c: parse_wkt(c) is not None) >= _ENOUGH:
            made.add("position", f"wkt = {quoted(name)}", "wkt", column=name)
            made.used.add(name)
            return next(pair for cell in cells if (pair := parse_wkt(cell)) is not None)
        if share(cells, lambda c: parse_pair(c) is not None) >= _ENOUGH:
            pairs = [pair for cell in cells if (pair := parse_pair(cell)) is not None]
            return _paired(made, name, pairs)
    return None


def _paired(
    made: Suggestion, name: str, pairs: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """One column with both numbers: which comes first is told by size, else by the heading."""
    first = max(abs(pair[0]) for pair in pairs)
    second = max(abs(pair[1]) for pair in pairs)
    plain = folded(name)
    latitude_first = second > 90.0 or (
        first <= 90.0 and not re.match(r"(lon|lng|经|долг|経|x)", plain)
    )
    order = "latlon" if latitude_first else "lonlat"
    made.add("position", f"{order} = {quoted(name)}", order, column=name, cell=f"{pairs[0]}")
    made.used.add(name)
    x, y = pairs[0]
    return (y, x) if latitude_first else (x, y)


def _stated(made: Suggestion, table: Table) -> str | None:
    """The datum that the headings of the position name, where they name one."""
    named = set()
    for name in table.columns:
        if any(one.part == "position" and quoted(name) in (one.toml or "") for one in made.lines):
            plain = folded(name)
            named.add(next((crs for pattern, crs in _NAMED if pattern.search(plain)), None))
    return named.pop() if len(named) == 1 else None


def _system(made: Suggestion, x: float, y: float) -> None:
    if abs(x) > _DEGREES["x"] or abs(y) > _DEGREES["y"]:
        _projected(made, x, y)
    elif datum.in_china(x, y):
        made.add("", None, "datum")
        made.ask("datum", [_crs_choice(name) for name in DATUMS], x=f"{x:g}", y=f"{y:g}")
    else:
        made.add("", 'crs = "wgs84"', "wgs84")


def _crs_choice(name: str) -> Choice:
    stated = line("", f"crs = {quoted(name)}", "answered", value=name)
    return Choice(name, Phrase(f"exchange.datum_{name}"), (stated,))


def _order(made: Suggestion, x: float, y: float) -> float:
    """The easting of a pair of metres; north first is stated where the digits leave no doubt."""
    if any((one.toml or "").startswith("axes = ") for one in made.lines):
        return y if _is_northing(x) else x
    if _is_northing(x) and y // datum.ZONE_UNIT in datum.ZONES:
        made.add("", 'axes = "ne"', "north_first", x=f"{x:.0f}", y=f"{y:.0f}")
        return y
    return x


def _is_northing(value: float) -> bool:
    return _NORTHINGS[0] <= value < _NORTHINGS[1]


def _projected(made: Suggestion, x: float, y: float) -> None:
    easting = _order(made, x, y)
    number = int(easting // datum.ZONE_UNIT)
    if number not in datum.ZONES:
        made.add("", None, "projected", x=f"{x:.0f}", y=f"{y:.0f}")
        made.ask("system", x=f"{x:.0f}", y=f"{y:.0f}")
        return
    codes = codes_of_zone(number)
    told = f'crs = "EPSG:{codes[0]}"'
    made.add("", told, "zone", x=f"{easting:.0f}")
    choices = []
    for code, name in zip(codes, ("cgcs2000", "xian80", "beijing54"), strict=True):
        stated = line("", f'crs = "EPSG:{code}"', "answered", value=f"EPSG:{code}")
        choices.append(Choice(f"EPSG:{code}", Phrase(f"exchange.zone_{name}"), (stated,), (told,)))
    # x and y as they stand, for whoever answers with another system
    north = x if easting == y else y
    made.ask("zone", choices, x=f"{easting:.0f}", y=f"{north:.0f}", number=number)
