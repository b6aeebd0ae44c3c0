"""Recognises rows by the key their register gives them; those that share one by place and content.

The order of rows in a file decides nothing: a register may be sorted otherwise, or shortened.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from hydrant.exchange.mapping import Mapping as Rules
from hydrant.exchange.rows import SEPARATOR, ReadRows
from hydrant.geo.distance import distance_bearing, neighbours_within
from hydrant.store.opened import bulk
from hydrant.store.views import went_over
from hydrant.vocabulary import family_of

#: Things of one number within this distance are taken for one, if their kinds allow it.
SAME_THING_M = went_over.SAME_THING_M
#: Coordinates that differ by rounding only.
SAME_PLACE_M = 1.0
#: Keys of rows that bear none: what was made of their kind and position, or nothing.
_KEYLESS = re.compile(r"(\|*|[a-z._]+@[^@]*,[^@]*)(#\d+)?")
_NUMBERED = re.compile(r"(.*)#(\d+)", re.DOTALL)
#: The group of the rows that bear no key.
_NO_KEY = ""


def stem(key: str) -> str:
    """The key as its register states it, of one that was numbered; empty where it has none."""
    if _KEYLESS.fullmatch(key):
        return _NO_KEY
    twin = _NUMBERED.fullmatch(key)
    return key if twin is None else twin[1]


@dataclass(slots=True)
class _Group:
    """Rows and records of one key, of which it does not say which is which."""

    rows: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def recognise(
    rows: ReadRows, rules: Rules, states: Mapping[str, bulk.SourceState], known: bulk.Known
) -> dict[int, str]:
    """Assets that rows mean by their keys; each row's key becomes the one that its record has.

    Notes in `rows.numbered` the rows that share their key.

    Returns
    -------
    dict
        Row to uid; rows that the register did not name before are left out.
    """
    groups = _groups(rows, states)
    found: dict[int, str] = {}
    if not groups and not states:
        return found
    if states:
        found = _settled(rows, rules, states, known, groups)
        inside = {row for group in groups.values() for row in group.rows}
        for row in rows.kept:
            if row not in inside and rows.keys[row] in states:
                found[row] = rows.keys[row]
    _name_new(rows, groups, found, states)
    for row, key in found.items():
        rows.keys[row] = key
    shared = {row for group in groups.values() if len(group.rows) > 1 for row in group.rows}
    rows.numbered = {row: rows.keys[row] for row in sorted(shared | rows.marked)}
    return {row: states[key].asset_uid for row, key in found.items()}


def _groups(rows: ReadRows, states: Mapping[str, bulk.SourceState]) -> dict[str, _Group]:
    """Rows by keys that more than one row or record bears, or of which a side file says so."""
    stated = Counter([rows.keys[row] for row in rows.kept])
    groups: dict[str, _Group] = {}
    if not states and not rows.keyless and not rows.marked and len(stated) == len(rows.kept):
        return groups  # a register that is new, each of its rows with a key of its own
    for key in states:
        if (not key or "@" in key or key[0] in "|#") and _KEYLESS.fullmatch(key):
            groups.setdefault(_NO_KEY, _Group()).keys.append(key)
        elif (
            "#" in key and key not in stated and (twin := _NUMBERED.fullmatch(key))
            and twin[1] in stated
        ):  # fmt: skip
            groups.setdefault(twin[1], _Group()).keys.append(key)
    for row in rows.kept:
        key = rows.keys[row]
        if row in rows.keyless:
            groups.setdefault(_NO_KEY, _Group()).rows.append(row)
        elif stated[key] > 1 or row in rows.marked or key in groups:
            groups.setdefault(key, _Group()).rows.append(row)
    for key, group in groups.items():
        if key in states and key != _NO_KEY:
            group.keys.insert(0, key)
    return groups


@dataclass(slots=True)
class _Search:
    """What is still to be told apart, and what was found."""

    rows: ReadRows
    states: Mapping[str, bulk.SourceState]
    groups: Mapping[str, _Group]
    found: dict[int, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def take(self, row: int, key: str) -> None:
        """Let a row mean a record, if neither is taken yet."""
        if row not in self.found and key not in self.taken:
            self.found[row] = key
            self.taken.add(key)

    def left(self) -> Iterator[tuple[str, list[int], list[str]]]:
        """Groups with rows and records that are not taken yet."""
        for name, group in self.groups.items():
            open_rows = [row for row in group.rows if row not in self.found]
            open_keys = [key for key in group.keys if key not in self.taken]
            if open_rows and open_keys:
                yield name, open_rows, open_keys


def alike_by_content(
    rows: ReadRows,
    rules: Rules,
    states: Mapping[str, bulk.SourceState],
    found: Mapping[int, str],
) -> dict[int, str]:
    """Rows without a key that say of the thing what one record alone says, however far away.

    Parameters
    ----------
    found
        Uids of the rows that were recognised.

    Returns
    -------
    dict
        Row to the uid of the record's asset; nothing is taken for the same thing by it.
    """
    known = {*found.values()}
    here = [row for row in rows.kept if row in rows.keyless and row not in found]
    there = [key for key, one in states.items() if not stem(key) and one.asset_uid not in known]
    position = {*rules.position_columns, *bulk.POINT_COLUMNS}
    content = {name for spec in rules.fields.values() for name in spec.columns} - position
    pairs = _unique_pairs(_Search(rows, states, {}), here, there, content)
    return {row: states[key].asset_uid for row, key in pairs}


def _settled(
    rows: ReadRows,
    rules: Rules,
    states: Mapping[str, bulk.SourceState],
    known: bulk.Known,
    groups: Mapping[str, _Group],
) -> dict[int, str]:
    """Records of the rows of groups: the same words, else the same place, else the same content."""
    search = _Search(rows, states, groups)
    for _, here, there in search.left():
        spoken: dict[str, list[str]] = {}
        for key in reversed(there):
            spoken.setdefault(states[key].cells, []).append(key)
        for row in here:
            if said := spoken.get(rows.cells[row]):
                search.take(row, said.pop())
    position = {*rules.position_columns, *bulk.POINT_COLUMNS}
    _same_words(search, position)
    _nearest(search, known)
    content = {name for spec in rules.fields.values() for name in spec.columns} - position
    _same_content(search, known, content)
    return search.found


def _same_words(search: _Search, names: Collection[str]) -> None:
    """Rows of the very coordinates that a record states, where one alone states them."""
    for _, here, there in search.left():
        for row, key in _unique_pairs(search, here, there, names):
            search.take(row, key)


def _same_content(search: _Search, known: bulk.Known, names: Collection[str]) -> None:
    """Rows that say of the thing what one record alone says, elsewhere: it was moved.

    A row without a key is not looked for farther away than one thing can be told to lie.
    """
    places = dict(zip(known.uids, zip(known.lons, known.lats, strict=True), strict=True))
    for name, here, there in search.left():
        group = search.groups[name]
        if name != _NO_KEY and len(group.rows) < 2 and len(group.keys) < 2:
            continue  # nothing tells whether what they say distinguishes them from another
        open_rows, open_keys = set(here) - search.rows.marked, set(there)
        for row, key in _unique_pairs(search, group.rows, group.keys, names):
            place = places.get(search.states[key].asset_uid)
            near = name != _NO_KEY or _within(search.rows, row, place)
            if row in open_rows and key in open_keys and near:
                search.take(row, key)


def _within(rows: ReadRows, row: int, place: tuple[float, float] | None) -> bool:
    here = float(rows.lons[row]), float(rows.lats[row])
    if place is None or not np.isfinite(here).all():
        return False
    return distance_bearing(*here, *place)[0] <= SAME_THING_M


def _unique_pairs(
    search: _Search, here: list[int], there: list[str], names: Collection[str]
) -> list[tuple[int, str]]:
    """Rows and records that say the same in some columns and alone do so on either side."""
    rows, columns = search.rows, search.rows.columns
    wanted = [index for index, name in enumerate(columns) if name in names]
    if not wanted:
        return []
    ordered = [columns[index] for index in wanted]
    said: dict[tuple[str | None, ...], list[int]] = {}
    for row in here:
        cells = rows.cells[row].split(SEPARATOR)
        said.setdefault(tuple(cells[index] for index in wanted), []).append(row)
    told: dict[tuple[str | None, ...], list[str]] = {}
    for key in there:
        cells_of = search.states[key].cells_by_column()
        told.setdefault(tuple(cells_of.get(name) for name in ordered), []).append(key)
    return [
        (found[0], told[words][0])
        for words, found in said.items()
        if len(found) == 1 and len(told.get(words, ())) == 1
    ]


def _nearest(search: _Search, known: bulk.Known) -> None:
    """Rows that lie where a record's asset lies, the nearest first."""
    index = {uid: place for place, uid in enumerate(known.uids)}
    for reach, keyless in ((SAME_PLACE_M, True), (SAME_THING_M, False)):
        left = [one for one in search.left() if (one[0] == _NO_KEY) is keyless]
        here = [(row, n) for n, one in enumerate(left) for row in one[1]
                if np.isfinite(search.rows.lons[row])]  # fmt: skip
        there = [(key, n) for n, one in enumerate(left) for key in one[2]
                 if search.states[key].asset_uid in index]  # fmt: skip
        if not here or not there:
            continue
        places = [index[search.states[key].asset_uid] for key, _ in there]
        numbers = [n for _, n in (*here, *there)]
        pairs = [
            (metres, -_alike(search, here[one][0], there[other][0]), here[one][0], there[other][0])
            for metres, one, other in pairs_near(
                search.rows, [row for row, _ in here], known, places, numbers, reach
            )
        ]
        for _, _, row, key in sorted(pairs):
            search.take(row, key)


def _alike(search: _Search, row: int, key: str) -> int:
    """How many cells of a row say what a record said."""
    then = search.states[key].cells_by_column()
    now = zip(search.rows.columns, search.rows.cells[row].split(SEPARATOR), strict=True)
    return sum(then.get(name) == cell for name, cell in now)


def pairs_near(
    rows: ReadRows,
    here: list[int],
    known: bulk.Known,
    places: list[int],
    numbers: list[int],
    reach: float,
) -> list[tuple[float, int, int]]:
    """Rows and known assets of one number that may be one thing, the nearest first.

    Parameters
    ----------
    numbers
        Numbers of the rows' groups, then of the assets'.
    reach
        Largest distance, metres.

    Returns
    -------
    list
        Metres, and the places of both in `here` and `places`.
    """
    lons = np.concatenate([rows.lons[here], known.lons[places]])
    lats = np.concatenate([rows.lats[here], known.lats[places]])
    found = neighbours_within(lons, lats, np.array(numbers), reach)
    pairs, kinds = [], rows.fields["kind"]
    for one, other, metres in zip(*(part.tolist() for part in found), strict=True):
        if one >= len(here) or other < len(here):
            continue
        kind = kinds[here[one]]
        there = known.kinds[places[other - len(here)]]
        if kind is None or metres <= SAME_PLACE_M or family_of(kind) == family_of(there):
            pairs.append((round(metres, 1), one, other - len(here)))
    return sorted(pairs)


def _name_new(
    rows: ReadRows,
    groups: Mapping[str, _Group],
    found: Mapping[int, str],
    states: Collection[str],
) -> None:
    """Give rows that were not found keys of their own, where others bear theirs too."""
    fresh = [row for group in groups.values() for row in group.rows if row not in found]
    if not fresh:
        return
    inside = {row for group in groups.values() for row in group.rows}
    used = {rows.keys[row] for row in rows.kept if row not in inside} | set(states)
    stated = {rows.keys[row] for row in rows.kept}
    last: Counter[str] = Counter()
    for row in fresh:
        key = name = rows.keys[row]
        number = max(last[key], 1)
        while name in used or (name != key and name in stated):
            number += 1
            name = f"{key}#{number}"
        last[key] = number
        used.add(name)
        rows.keys[row] = name
