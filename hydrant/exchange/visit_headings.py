"""Headings of a file of visits: ours, those that registers have, and parts of an outcome.

Of an outcome that is the group of several columns (检查情况 above 出水 and 阀门) each is a part.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from hydrant.exchange.fault_words import speaks_of_fault
from hydrant.exchange.heading_units import is_stated_figure, unit_in
from hydrant.exchange.objecting import asks_good, asks_name, asks_something
from hydrant.exchange.same_heading import finder
from hydrant.exchange.suggestion import words
from hydrant.exchange.table import Table, is_unnamed
from hydrant.exchange.two_rows import groups_of
from hydrant.exchange.whole_headings import matching

#: Headings that mean the same, ours first.
HEADINGS = {
    "code": ("code", "uid", "编号"),
    "at": ("at", "date", "时间", "日期"),
    "outcome": ("outcome", "结果"),
    "inspector": ("inspector", "by", "检查人"),
    "static_kpa": ("static_kpa", "静压kPa"),
    "residual_kpa": ("residual_kpa", "动压kPa"),
    "flow_l_s": ("flow_l_s", "流量L/s"),
    "level_m": ("level_m", "水位m"),
    "lift_m": ("lift_m", "吸水高度m"),
    "defects": ("defects", "缺陷"),
    "note": ("note", "备注"),
}
REQUIRED = ("code", "at", "outcome")
#: Internal unit of each measurement.
UNITS = {
    "static_kpa": "kPa", "residual_kpa": "kPa", "flow_l_s": "L/s", "level_m": "m", "lift_m": "m"
}  # fmt: skip


def visit_headings(table: Table) -> dict[str, str]:
    """Headings that are read, by what is read of them: ours, else those that registers have."""
    find = finder(table.columns, cut=False)
    read: dict[str, str] = {}
    for name, known in HEADINGS.items():
        own = next((h for h in map(find, known) if h in table.columns), None)
        if own is not None:
            read[name] = own
    asked = words()["inspection"]
    more = {**asked, "code": words()["targets"]["code"], "note": words()["targets"]["note"]}
    for name in (name for name in HEADINGS if name not in read):
        found = matching(table, more.get(name, ()), {*read.values()})
        fits = (h for h in found if name not in UNITS or _is_measured(h, UNITS[name]))
        heading = next(fits, None)
        if heading is not None:
            read[name] = heading
    parts = [] if "outcome" in read else _prefixed(table, {*read.values()})
    if parts:
        read["outcome"] = parts[0]
    return read


def outcome_parts(table: Table, read: Mapping[str, str]) -> list[str]:
    """Headings that together say the outcome: the one that is read, or each part of its group."""
    own = read["outcome"]
    parts = _prefixed(table, {heading for name, heading in read.items() if name != "outcome"})
    return parts if own in parts else [own]


def outcome_asks(table: Table, read: Mapping[str, str]) -> bool:
    """Whether the heading of the outcome, or each of its parts, is a question whose yes is good."""
    parts = outcome_parts(table, read)
    if parts != [read["outcome"]] or parts[0] in _prefixed(table, set()):
        return all(asks_good(part.partition(" ")[2]) for part in parts)
    return parts[0] in matching(table, words()["yes_means_works"], set(), compounds=True)


def with_parts(table: Table) -> Table:
    """The table, with the group of an outcome before the headings of its parts.

    Nothing changes where another heading is that of the outcome, or where a heading of the group
    names a fault: a tick below it may mean either.
    """
    read = visit_headings(table)
    if "outcome" in read or not table.storeys:
        return table
    others = {*read.values()}
    named: dict[str, str] = {}
    for heading, group in zip(table.columns, groups_of(*table.storeys), strict=False):
        bare = heading.removeprefix(f"{group} ")
        if not (group and heading not in others and _is_outcome(group)) or is_unnamed(heading):
            continue
        if _is_fault(bare):
            return table
        if _is_part(bare):
            named[heading] = f"{group} {bare}"
    columns = {named.get(heading, heading): cells for heading, cells in table.columns.items()}
    return replace(table, columns=columns) if len(columns) == len(table.columns) else table


def _prefixed(table: Table, others: Collection[str]) -> list[str]:
    """Headings of the parts of an outcome, of its first group."""
    found: dict[str, list[str]] = {}
    for heading in (heading for heading in table.columns if heading not in others):
        group, _, bare = heading.partition(" ")
        if bare and _HAN.search(heading) and _is_outcome(group) and _is_part(bare):
            found.setdefault(group, []).append(heading)
    return next(iter(found.values()), [])


#: Headings of other scripts part their words with blanks, too.
_HAN = re.compile("[\u4e00-\u9fff]")


@lru_cache(maxsize=1024)
def _is_outcome(group: str) -> bool:
    table = Table("", {group: []}, [])
    own = [*map(finder(table.columns, cut=False), HEADINGS["outcome"])]
    return group in own or any(matching(table, words()["inspection"]["outcome"], set()))


def _is_part(bare: str) -> bool:
    """Whether a heading in the group of an outcome asks for something good, or names a thing."""
    return asks_good(bare) or not (asks_something(bare) or asks_name(bare) or _is_fault(bare))


def _is_fault(bare: str) -> bool:
    return not asks_something(bare) and speaks_of_fault(bare)


def _is_measured(heading: str, internal: str) -> bool:
    """Whether a heading is of what was measured, in a unit that is known if it states one."""
    unit = unit_in(heading, internal)
    return not is_stated_figure(heading) and (unit is None or unit.name is not None)
