"""What tells the rows of a register apart from one delivery to the next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from hydrant.errors import Phrase
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.suggested_values import date_format
from hydrant.exchange.suggestion import (
    Choice,
    Line,
    Suggestion,
    examples,
    folded,
    line,
    words,
)
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted

#: Share of the rows that must have a number of their own for a column to be the key.
_ENOUGH = 0.95
#: A number that so many rows bear, and such a share of them, stands for "no number".
_MANY, _MUCH = 5, 0.02
#: Share of different ones among the numbers of a register, however many rows lack theirs; so few
#: rows show nothing.
_OWN, _FEW = 0.8, 10
_CODE = re.compile(r'code = (?:\{ column = )?("(?:[^"\\]|\\.)*")')
#: Longest text that identifies anything.
_LONGEST = 100
_MOST_OFFERED = 6


def key(made: Suggestion, table: Table) -> None:
    """Propose the key: the column of numbers, else ask for another, else say there is none."""
    code = _code(made, table)
    if code is not None:
        cells = table.columns[code]
        none = _placeholders(cells)
        if none:
            told = ", ".join(map(quoted, none))
            made.add("", f"placeholder_codes = [{told}]", "placeholders", column=code, cells=told)
        own = _own_numbers(cells, none)
        if own >= _ENOUGH:
            _by_code(made, code, cells, none)
            return
    _without_code(made, table, code)


def _by_code(made: Suggestion, code: str, cells: Sequence[str], none: Sequence[str]) -> None:
    told = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in none]
    again = sum(count - 1 for count in Counter(told).values())
    without = len(cells) - len(told)
    if not without:
        # where some rows have no number the usual rule is right: number, else kind and place
        made.add("", f"key = [{quoted(code)}]", "key", column=code)
    else:
        made.add("", None, "key_by_code", column=code, count=without)
    if again:
        made.add("", None, "key_again", column=code, count=again)


def _without_code(made: Suggestion, table: Table, code: str | None) -> None:
    """Ask which other column tells rows apart; until then it is the place."""
    none: tuple[Line, ...] = (line("", None, "no_key"),)
    if code is not None:
        none = (line("", None, "key_too_few", column=code),)
    offered = [name for name in table.columns if _identifies(made, table, name)][:_MOST_OFFERED]
    made.lines += none
    if not offered:
        return
    choices = []
    for name in offered:
        toml = f"key = [{quoted(name)}]"
        chosen = [line("", toml, "key", column=name)]
        if code is None and name not in made.used:
            chosen.append(line("fields", f"code = {quoted(name)}", "code_by_key", column=name))
        label = Phrase(
            "exchange.key_numbered" if _counts(table.columns[name]) else "exchange.key_column",
            {"column": name, "cells": examples(table.columns[name])},
        )
        choices.append(Choice(name, label, tuple(chosen)))
    choices.append(Choice("-", Phrase("exchange.key_none")))
    made.ask("key", choices)


def _code(made: Suggestion, table: Table) -> str | None:
    told = (_CODE.match(one.toml) for one in made.lines if one.toml and one.part == "fields")
    name = next((match[1] for match in told if match), None)
    return None if name is None else next(c for c in table.columns if quoted(c) == name)


def _placeholders(cells: Sequence[str]) -> list[str]:
    """Codes that mean "no code": they say so, or it is the one that a great part of rows bears."""
    counted = Counter(cell.strip() for cell in cells if cell.strip())
    spoken = {*words()["nothing"], *words()["no_number"]}
    found = [code for code, count in counted.items() if count > 1 and code.lower() in spoken]
    rest = [(count, code) for code, count in counted.items() if code not in found]
    if rest and max(rest)[0] >= max(_MANY, _MUCH * len(cells)):
        found.append(max(rest)[1])
    return found


def repeats(cells: Sequence[str]) -> bool:
    """Whether a column says the same again and again, as no column of numbers does."""
    none = _placeholders(cells)
    told = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in none]
    filled = sum(bool(cell.strip()) for cell in cells)
    return filled > _FEW and len(set(told)) < max(_OWN * len(told), 1)


def _own_numbers(cells: Sequence[str], none: Sequence[str]) -> float:
    """Share of the rows with a number, that have one of their own."""
    told = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in none]
    if len(told) < len(cells) / 2:
        return 0.0
    return len(set(told)) / len(told)


def _identifies(made: Suggestion, table: Table, name: str) -> bool:
    """Whether every row has a short text of its own there that is no measurement and no place."""
    cells = table.columns[name]
    if any(not cell.strip() or len(cell) > _LONGEST for cell in cells):
        return False
    called = folded(name).replace(" ", "") in {w.replace(" ", "") for w in words()["key_headings"]}
    if not called and (name in _read_otherwise(made) or any(map(_is_prose, cells))):
        return False
    placed = any(one.part == "position" and quoted(name) in (one.toml or "") for one in made.lines)
    if placed or len(set(cells)) < len(cells) or len(cells) < 2:
        return False
    return called or not any(re.fullmatch(r"-?\d+[.,]\d+", cell.strip()) for cell in cells)


def _read_otherwise(made: Suggestion) -> set[str]:
    """Columns that are taken for something which changes while the asset stands, or is measured."""
    return {
        str(one.why.facts["column"])
        for one in made.lines
        if "column" in one.why.facts and (one.toml or "").partition(" = ")[0] not in ("", "code")
    }


def _is_prose(cell: str) -> bool:
    """Whether a cell is a day, or more words than a number of something has."""
    return (date_format([cell], ()) is not None and not cell.isdigit()) or cell.count(" ") > 2


def _counts(cells: Sequence[str]) -> bool:
    """Whether a column only counts the rows of this file."""
    return [cell.strip() for cell in cells] == [str(n) for n in range(1, len(cells) + 1)]


def key_of(rules: Mapping, table: Table) -> Phrase:
    """What recognises the rows of a file under a mapping, and what that means for the next."""
    columns = rules.key
    code = rules.fields.get("code")
    if not columns and code is not None:
        columns = code.columns
    if not columns:
        return Phrase("exchange.key_is_place")
    cells = zip(*map(table.column, columns), strict=True)
    told = Counter("|".join(part.strip() for part in parts) for parts in cells)
    again = sum(count - 1 for count in told.values())
    facts = {"columns": tuple(columns), "count": again}
    return Phrase("exchange.key_is_again" if again else "exchange.key_is", facts)
