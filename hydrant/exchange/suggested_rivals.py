"""Several columns that could all be the date, the pressure or the main: none is taken by guess."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Sequence
from typing import Any

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.cells import make_column
from hydrant.exchange.mapping import Mapping, mapping_of
from hydrant.exchange.suggested_columns import plain
from hydrant.exchange.suggestion import Choice, Line, Suggestion, examples
from hydrant.exchange.table import Table
from hydrant.exchange.whole_headings import fact_of, matching

#: Targets of which one value decides what an asset counts as, or in which figures it is.
RIVALLED = ("at", "static_kpa", "residual_kpa", "flow_l_s")
RIVALLED_FIELDS = ("built", "mains_dn_mm")
#: Measurements that differ by less are the same, rounded otherwise.
_ROUNDED = 0.02


def rivals(
    made: Suggestion,
    table: Table,
    target: str,
    headings: Sequence[str],
    *,
    part: str = "inspection",
) -> None:
    """Ask which column is meant where others that could be it say something else.

    What was proposed for the target stays only until somebody answers.
    """
    own = _line_of(made, target, part)
    if target not in (*RIVALLED, *RIVALLED_FIELDS) or own is None:
        return
    first = _values(table, target, own)
    others: list[tuple[Line, int, int]] = []
    for name in dict.fromkeys(
        matching(table, headings, made.used, compounds=True, fact=fact_of(part, target))
    ):
        other = _line_for(table, target, name, part)
        if other is None:
            continue
        apart = _apart(first, _values(table, target, other))
        if apart:
            others.append((other, len(apart), apart[0]))
            made.used.add(name)
    if not others:
        return
    names = (_column(own), *(_column(other) for other, _, _ in others))
    line, count = table.lines[others[0][2]], max(count for _, count, _ in others)
    facts = {"columns": names, "target": target, "count": count, "line": line}
    facts["cells"] = tuple(table.columns[name][others[0][2]].strip() for name in names[:2])
    made.add(part, None, "rivals", about=names[1], **facts)
    choices = [_choice(one, table, own) for one in (own, *(other for other, _, _ in others))]
    choices.append(Choice("-", Phrase("exchange.rival_none"), (), (str(own.toml),)))
    made.ask("rival", choices, **facts)


def _choice(one: Line, table: Table, own: Line) -> Choice:
    name, facts = _column(one), one.why.facts
    told = {"cells": examples(table.columns[name])}
    key = "exchange.rival_column"
    if "unit" in facts:
        key, told = "exchange.rival_in_unit", told | {"unit": str(facts["unit"])}
    why = Phrase("exchange.suggest_answered", {"value": name})
    return Choice(name, Phrase(key, dict(told)), (Line(one.part, one.toml, why),),
                  (str(own.toml),))  # fmt: skip


def _line_of(made: Suggestion, target: str, part: str) -> Line | None:
    wanted = f"{target} = "
    found = (one for one in made.lines if (one.toml or "").startswith(wanted))
    return next((one for one in found if one.part == part), None)


def read_alone(table: Table, target: str, name: str, part: str) -> list[Any] | None:
    """Values of a target if a column were the only one for it; None where it could not be."""
    one = _line_for(table, target, name, part)
    return None if one is None else _values(table, target, one)


def _line_for(table: Table, target: str, name: str, part: str) -> Line | None:
    """What would be proposed for a target if a column were the only one."""
    alone = Suggestion(used=set(table.columns) - {name})
    plain(alone, table, target, (), part=part, named=name)
    return _line_of(alone, target, part)


def _column(one: Line) -> str:
    return str(one.why.facts["column"])


def _values(table: Table, target: str, one: Line) -> list[Any]:
    rules: Mapping = mapping_of(tomllib.loads(f"[{one.part}]\n{one.toml}\n"), table.file)
    visit = one.part == "inspection"
    spec = (rules.inspection if visit else rules.fields)[target]
    return make_column(table, target, spec, zone=times.zone(), inspection=visit).values


def _apart(first: Sequence[Any], other: Sequence[Any]) -> list[int]:
    """Rows in which two columns say different things."""
    return [
        row for row, (one, two) in enumerate(zip(first, other, strict=True)) if differ(one, two)
    ]


def differ(one: Any, two: Any) -> bool:
    """Whether two values of a row contradict each other; what is not known contradicts nothing."""
    if one is None or two is None:
        return False
    if isinstance(one, dt.datetime) and isinstance(two, dt.datetime):
        zone = times.zone()
        return times.local_day(one, zone) != times.local_day(two, zone)
    return not math.isclose(one, two, rel_tol=_ROUNDED)
