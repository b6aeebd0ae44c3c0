"""Where a file's rows lie: the columns of the position, and what its numbers refer to."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Sequence

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.doubled_places import Pair, rival_pairs, rows_apart
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.packed_degrees import unpacked
from hydrant.exchange.place_headings import (
    angles_in,
    axis_rank,
    refuse_other_system,
    stated_in,
    system_in,
)
from hydrant.exchange.placing_rules import MINUTES, PACKED
from hydrant.exchange.suggested_parts import Parts, degrees_of, parts_of
from hydrant.exchange.suggested_system import angles, ask_turned, refer
from hydrant.exchange.suggestion import (
    Choice,
    Line,
    Question,
    Suggestion,
    folded,
    line,
    share,
    words,
)
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted
from hydrant.geo.angles import coordinate
from hydrant.geo.pasted import Written, pair_in_cell
from hydrant.geo.system_agreement import at_odds
from hydrant.geo.text_forms import parse_number, parse_wkt

#: Share of the rows that must look like what a column is taken for, and where its heading asks for
#: it; so many of the others are named.
_ENOUGH, _MOST, _ODD_NAMED = 0.9, 0.5, 5
#: Headings of one column with both numbers.
_BOTH = re.compile(
    r"坐标|座標|位置|经纬|經緯|定位|coord|position|location|lat ?(?:lon|lng)|l(?:on|ng) ?lat|gps"
)
#: Headings of such a column that say which number comes first.
_FIRST = re.compile(r"l[aon]|纬|緯|经|經|широт|долг|経|x|y")
#: That a heading names another system than was stated.
_ANOTHER = 2


def place(made: Suggestion, table: Table, *, crs: str | None = None) -> None:
    """Propose the columns of the position and their system.

    Parameters
    ----------
    crs
        The system, where somebody stated it.

    Raises
    ------
    InputRefused
        Headings name another system than was stated.
    """
    if table.points is not None:
        _geometry(made, table, crs)
        return
    parts = parts_of(table, made.used)
    if parts is not None:
        _in_parts(made, table, parts, crs)
        return
    pair = _two_columns(made, table, crs)
    if pair is not None:
        for axis, name in zip(("x", "y"), pair, strict=True):
            made.add("position", f"{axis} = {quoted(name)}", "axis", column=name)
            _name_odd(made, table, name, _is_coordinate)
        made.used |= set(pair)
        if not _ask_which(made, table, pair, crs):
            referred(made, table, pair, crs=crs)
    elif not _one_column(made, table, crs):
        _name_headed(made, table)
        made.add("position", None, "no_position")


def referred(
    made: Suggestion, table: Table, pair: Pair, *, crs: str | None, ordered: bool = False
) -> None:
    """Propose how the numbers of two columns are read, and what they refer to.

    Parameters
    ----------
    ordered
        Whether somebody said in which order they stand.
    """
    named = _named(made, table, pair, crs)
    xs, ys = _degrees_of(table, pair)
    if not ordered and ask_turned(made, xs, ys):
        return
    usual = [statistics.median(axis) for axis in (xs, ys) if axis]
    if len(usual) < 2:
        made.add("position", None, "no_position")
        return
    if all(abs(value) <= 180 for value in usual):
        bare = [[n for c in table.columns[name] if (n := parse_number(c)) is not None]
                for name in pair]  # fmt: skip
        angles(made, pair, *bare)
    x, y = reversed(usual) if _turned(made) and max(usual) <= 180 else usual
    refer(made, x, y, crs=crs, named=named)


def again(made: Suggestion, table: Table, rules: Mapping, *, crs: str | None) -> None:
    """Go on with columns that are settled, once it was said in which order they stand."""
    if rules.x_minutes is None and rules.x is not None and rules.y is not None:
        referred(made, table, (rules.x, rules.y), crs=crs, ordered=True)
        return
    parts = parts_of(table, ())
    if parts is not None:
        xs, ys = degrees_of(table, parts)
        x, y = (ys, xs) if _turned(made) else (xs, ys)
        named = _named(made, table, parts.headings, crs)
        refer(made, statistics.median(x), statistics.median(y), crs=crs, named=named)


def _turned(made: Suggestion) -> bool:
    return any(one.toml == 'axes = "ne"' for one in made.lines)


def _named(
    made: Suggestion, table: Table, headings: Sequence[str], crs: str | None
) -> tuple[str, str] | None:
    found = stated_in(table, headings)
    made.used |= {found[1]} if found is not None and found[1] not in headings else set()
    if found is not None and crs is not None:
        refuse_other_system(table.file, found, crs)
    return found


def _degrees_of(table: Table, pair: Pair) -> tuple[list[float], list[float]]:
    """Numbers of a pair, as degrees where the headings say that minutes stand behind them."""
    xs, ys = _numbers_of(table, pair)
    told = {angles_in(name) for name in pair}
    if len(told) == 1 and (word := told.pop()) in (PACKED, MINUTES):
        return unpacked(xs, word)[0], unpacked(ys, word)[0]
    return xs, ys


def _numbers_of(table: Table, pair: Pair) -> tuple[list[float], list[float]]:
    """The numbers of rows that have both, zeros left out."""
    cells = zip(table.columns[pair[0]], table.columns[pair[1]], strict=True)
    read = ((coordinate(x), coordinate(y)) for x, y in cells)
    told = [(x, y) for x, y in read if x and y]
    return [x for x, _ in told], [y for _, y in told]


def _geometry(made: Suggestion, table: Table, crs: str | None) -> None:
    if crs is not None:
        made.add("", f"crs = {quoted(crs)}", "geometry", crs=crs)
        return
    if table.crs is not None:  # the next delivery may state another: none is written down
        made.add("", None, "geometry", crs=table.crs)
        return
    xs, ys = ([n for n in axis if n is not None] for axis in table.points or ((), ()))
    if not xs or not ys:
        made.add("position", None, "no_position")
        return
    refer(made, statistics.median(xs), statistics.median(ys), crs=None, named=None)


def _in_parts(made: Suggestion, table: Table, parts: Parts, crs: str | None) -> None:
    for key, name in parts.by_key():
        made.add("position", f"{key} = {quoted(name)}", "axis_part", column=name)
        made.used.add(name)
    named = _named(made, table, parts.headings, crs)
    xs, ys = degrees_of(table, parts)
    if not ask_turned(made, xs, ys):
        refer(made, statistics.median(xs), statistics.median(ys), crs=crs, named=named)


def _two_columns(made: Suggestion, table: Table, crs: str | None) -> Pair | None:
    """The two columns headed as coordinates that hold them: the best known, of one system."""
    found = {}
    for axis, known in words()["position"].items():
        ranks = {name: axis_rank(name, known) for name in table.columns if name not in made.used}
        headed = [name for name, rank in ranks.items() if rank is not None]
        found[axis] = [
            name
            for name in sorted(headed, key=lambda one: (_against(one, crs), ranks[one] or 0))
            if share(table.columns[name], _is_coordinate) >= _MOST
        ]
    if not found["x"] or not found["y"]:
        return None
    x = found["x"][0]
    same = [y for y in found["y"] if system_in(y) == system_in(x)]
    return x, (same or found["y"])[0]


def _against(heading: str, crs: str | None) -> int:
    """Whether a heading names the stated system (0), none (1) or another one."""
    system = system_in(heading)
    if crs is None or system is None:
        return int(crs is not None)
    return _ANOTHER if at_odds(system, crs) else 0


def _ask_which(made: Suggestion, table: Table, pair: Pair, crs: str | None) -> bool:
    """Ask which pair holds where others are headed as coordinates too and lie elsewhere.

    One whose headings name another system than was stated is not meant.
    """
    against = _against(pair[0], crs)
    if against == _ANOTHER:
        _named(made, table, pair, crs)  # it is refused
    rivals = [other for other in rival_pairs(table, pair) if _against(other[0], crs) <= against]
    apart = {other: rows_apart(table, pair, other) for other in rivals}
    others = [other for other, rows in apart.items() if rows]
    if not others:
        return False
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
    made.questions.append(Question("rival", facts, tuple(choices), pairs=tuple(pairs)))
    return True


def _cells(table: Table, pair: Pair, row: int) -> str:
    return ", ".join(table.columns[name][row].strip() for name in pair)


def _lines(pair: Pair) -> list[Line]:
    return [
        line("position", f"{axis} = {quoted(name)}", "answered", value=name)
        for axis, name in zip(("x", "y"), pair, strict=True)
    ]


def _name_headed(made: Suggestion, table: Table) -> None:
    """Name the cells of columns that are headed as coordinates and hold none."""
    for known in words()["position"].values():
        for name, cells in table.columns.items():
            if axis_rank(name, known) is not None and any(cells):
                _name_odd(made, table, name, _is_coordinate)


def _is_coordinate(cell: str) -> bool:
    return coordinate(cell) is not None


def _name_odd(made: Suggestion, table: Table, name: str, good: Callable[[str], bool]) -> None:
    """Name the cells of a column of the position that are none, whose rows are refused."""
    cells = table.columns[name]
    rows = [row for row, cell in enumerate(cells) if cell.strip() and not good(cell)]
    if rows:
        odd = tuple(f"{table.lines[row]}: {cells[row].strip()}" for row in rows[:_ODD_NAMED])
        facts = {"column": name, "cells": odd, "count": len(rows)}
        made.add("position", None, "places_odd", about=name, **facts)


def _one_column(made: Suggestion, table: Table, crs: str | None) -> bool:
    for name, cells in table.columns.items():
        enough = _MOST if _BOTH.search(folded(name)) else _ENOUGH
        if share(cells, lambda c: parse_wkt(c) is not None) >= enough:
            made.add("position", f"wkt = {quoted(name)}", "wkt", column=name)
            made.used.add(name)
            x, y = next(point for cell in cells if (point := parse_wkt(cell)) is not None)
            refer(made, x, y, crs=crs, named=_named(made, table, [name], crs))
            return True
        if share(cells, lambda c: _pair(c) is not None) >= enough:
            pairs = [pair for cell in cells if (pair := _pair(cell)) is not None]
            _paired(made, table, name, pairs, crs)
            _name_odd(made, table, name, lambda c: _pair(c) is not None)
            return True
    return False


def _pair(cell: str) -> Written | None:
    try:
        return pair_in_cell(cell)
    except InputRefused:
        return None  # refused by cell, by whatever it is read


def _paired(
    made: Suggestion, table: Table, name: str, pairs: Sequence[Written], crs: str | None
) -> None:
    """One column with both numbers: which comes first is told by size, else by the heading."""
    bare = [pair for pair in pairs if not pair.labelled]
    first = max((abs(pair.first) for pair in bare), default=0.0)
    second = max((abs(pair.second) for pair in bare), default=0.0)
    plain = folded(name)
    latitude_first = second > 90.0 or (
        first <= 90.0 and not re.match(r"(lon|lng|经|經|долг|経|x)", plain)
    )
    shown = f"{(pairs[0].first, pairs[0].second)}"
    lines = [
        line("position", f"{order} = {quoted(name)}", order, column=name, cell=shown)
        for order in ("latlon", "lonlat")
    ]
    guess = lines[0 if latitude_first else 1]
    made.lines.append(guess)
    if bare and max(first, second) <= 90.0 and not _FIRST.match(plain):
        choices = [
            Choice(order, Phrase(f"exchange.order_{order}"), (one,), (str(guess.toml),))
            for order, one in zip(("latlon", "lonlat"), lines, strict=True)
        ]
        made.ask("order", choices, column=name, cell=shown)
    made.used.add(name)
    told = [pair.in_order(latitude_first=latitude_first) for pair in pairs]
    unsigned = [pair.in_order(latitude_first=latitude_first) for pair in bare if not pair.signed]
    x, y = told[0]
    if abs(x) <= 180 and abs(y) <= 180:
        angles(made, [name], [one[0] for one in unsigned], [one[1] for one in unsigned])
    refer(made, x, y, crs=crs, named=_named(made, table, [name], crs))
