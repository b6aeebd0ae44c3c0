"""Many inserts that change what is there already: by way of a stage, in rounds.

A statement may meet one row once only, but the store's meaning is one after the other: of rows
with the same key the first goes in the first round, the second in the second. Within a round
rows are taken in the order of their keys, so that two writers never wait for each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import psycopg

from hydrant.model.values import Row
from hydrant.store.server.adapt import plain

_HEAD = re.compile(
    r"^\s*INSERT INTO (?P<table>\w+)\s*\((?P<columns>[^)]*)\)\s*VALUES\s*\(", re.DOTALL
)
_REST = re.compile(r"\s*ON CONFLICT \((?P<key>[^)]*)\) DO UPDATE ", re.DOTALL)
_MARK = re.compile(r"\?(\d+)")


@dataclass(frozen=True, slots=True)
class Upsert:
    """An insert with numbered values and what it does to rows that are there.

    Attributes
    ----------
    typed
        For each number the column into which it goes as it is.
    key
        Numbers of the values that tell one row from another, counted from 0.
    """

    table: str
    columns: str
    values: str
    rest: str
    typed: dict[int, str]
    key: tuple[int, ...]

    def run(self, raw: psycopg.Connection[Row], rows: Iterable[Sequence[object]]) -> int:
        """Run it for each row; how many rows it wrote."""
        names = ", ".join(f"p{number}" for number in sorted(self.typed))
        made = ", ".join(f"{self.typed[number]} AS p{number}" for number in sorted(self.typed))
        seen: Counter[Row] = Counter()
        with raw.transaction():
            raw.execute(
                f"CREATE TEMP TABLE stage_upsert ON COMMIT DROP AS SELECT {made}, 0 AS round "
                f"FROM {self.table} WHERE false"
            )
            with raw.cursor().copy(f"COPY stage_upsert ({names}, round) FROM STDIN") as copy:
                for row in self._in_rounds(rows, seen):
                    copy.write_row(row)
            rounds = max(seen.values(), default=0)
            written = sum(self._round(raw, number) for number in range(rounds))
            raw.execute("DROP TABLE stage_upsert")
        return written

    def _in_rounds(
        self, rows: Iterable[Sequence[object]], seen: Counter[Row]
    ) -> Iterator[list[object]]:
        for row in rows:
            key = tuple(row[place] for place in self.key)
            yield [*map(plain, row), seen[key]]
            seen[key] += 1

    def _round(self, raw: psycopg.Connection[Row], number: int) -> int:
        order = ", ".join(f"p{place + 1}" for place in self.key)
        return raw.execute(
            f"INSERT INTO {self.table} ({self.columns}) SELECT {self.values} FROM stage_upsert "
            f"WHERE round = {number} ORDER BY {order} {self.rest}"
        ).rowcount


@cache
def as_upsert(sql: str) -> Upsert | None:
    """The statement as an upsert, where it is one of which every value is numbered."""
    head = _HEAD.match(sql)
    if head is None:
        return None
    values = list(_split(sql[head.end() :]))
    inside = ",".join(values)
    rest = sql[head.end() + len(inside) + 1 :]
    found = _REST.match(rest)
    columns = [name.strip() for name in head["columns"].split(",")]
    typed = {
        int(mark[1]): column
        for value, column in zip(values, columns, strict=True)
        if (mark := _MARK.fullmatch(value.strip()))
    }
    numbers = {int(number) for number in _MARK.findall(inside)}
    as_they_are = bool(numbers) and numbers == set(typed) == set(range(1, len(typed) + 1))
    if found is None or _MARK.search(rest) or not as_they_are:
        return None
    places = {column: number - 1 for number, column in typed.items()}
    key = tuple(places[name.strip()] for name in found["key"].split(","))
    listed = _MARK.sub(r"p\1", inside)
    return Upsert(head["table"], ", ".join(columns), listed, rest.strip(), typed, key)


def _split(text: str) -> Iterator[str]:
    """Values up to the closing bracket, split at their commas."""
    depth, start = 0, 0
    for place, sign in enumerate(text):
        if sign == ")" and depth == 0:
            yield text[start:place]
            return
        if sign == "," and depth == 0:
            yield text[start:place]
            start = place + 1
        depth += (sign == "(") - (sign == ")")
