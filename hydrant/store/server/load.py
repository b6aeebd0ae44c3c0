"""Many rows at once: plain inserts go in by COPY, those that skip known rows by way of a stage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

import psycopg

from hydrant.model.values import Row
from hydrant.store.server.adapt import plain
from hydrant.store.server.sql import translate
from hydrant.store.server.upsert import as_upsert

#: Fewer rows than this go one by one: COPY and a stage have their cost, too.
LEAST = 8

_INSERT = re.compile(
    r"^\s*INSERT (?P<ignore>OR IGNORE )?INTO (?P<table>[\w.]+)\s*(?:\((?P<columns>[^)]*)\))?\s*"
    r"VALUES\s*\((?P<values>[^()]*)\)\s*(?P<rest>ON CONFLICT .*)?$",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Insert:
    """An insert of which every value is bound or fixed; `fixed` has None where one is bound."""

    table: str
    columns: tuple[str, ...]
    fixed: tuple[str | None, ...]
    conflict: str

    @property
    def numbered(self) -> bool:
        """Whether it gives rows their numbers, which the server then must not give again."""
        return any(name.strip('"') == "fid" for name in self.columns)

    def rows(self, rows: Iterable[Sequence[object]]) -> Iterator[list[object]]:
        """Whole rows, fixed values in their places."""
        if all(value is None for value in self.fixed):
            for row in rows:
                yield [plain(value) for value in row]
            return
        for row in rows:
            bound = iter(row)
            yield [plain(next(bound)) if value is None else value for value in self.fixed]


@cache
def _as_insert(sql: str) -> _Insert | None:
    found = _INSERT.match(sql)
    if found is None:
        return None
    values = [value.strip() for value in found["values"].split(",")]
    fixed: list[str | None] = []
    for place, value in enumerate(values, start=1):
        if value in ("?", f"?{place}"):
            fixed.append(None)
        elif re.fullmatch(r"'[^']*'|\d+|true|false", value):
            fixed.append(value.strip("'"))
        else:
            return None
    conflict = "ON CONFLICT DO NOTHING" if found["ignore"] else (found["rest"] or "").strip()
    if "DO UPDATE" in conflict:
        return None
    columns = tuple(c.strip() for c in (found["columns"] or "").split(",") if c.strip())
    table = found["table"].replace("temp.", "pg_temp.")
    return _Insert(table, columns, tuple(fixed), conflict)


def run(raw: psycopg.Connection[Row], sql: str, rows: Iterable[Sequence[object]]) -> int:
    """Run a statement for each row; how many rows it wrote."""
    waiting = iter(rows)
    first = list(islice(waiting, LEAST))
    insert = _as_insert(sql)
    if len(first) == LEAST and (upsert := as_upsert(sql)) is not None:
        return upsert.run(raw, chain(first, waiting))
    if len(first) < LEAST or insert is None:
        written = _one_by_one(raw, sql, chain(first, waiting))
        if insert is not None and first and insert.numbered:
            after_fids(raw, insert.table)
        return written
    whole = insert.rows(chain(first, waiting))
    if insert.conflict or _guarded(raw, insert.table):
        return _staged(raw, insert, whole)
    written = _copy(raw, insert.table, insert.columns, whole)
    if insert.numbered:
        after_fids(raw, insert.table)
    return written


def _guarded(raw: psycopg.Connection[Row], table: str) -> bool:
    """Whether row security holds for this user: COPY is then refused, an insert is not."""
    found = raw.execute("SELECT row_security_active(%s)", (table,)).fetchone()
    return found is not None and bool(found[0])


def _one_by_one(raw: psycopg.Connection[Row], sql: str, rows: Iterable[Sequence[object]]) -> int:
    statement = translate(sql)
    bound = [statement.bound(row) for row in rows]
    cursor = psycopg.ClientCursor(raw)
    if bound:
        cursor.executemany(statement.text, bound)
    return max(cursor.rowcount, 0)


def _copy(
    raw: psycopg.Connection[Row],
    table: str,
    columns: tuple[str, ...],
    rows: Iterable[Sequence[object]],
) -> int:
    listed = f" ({', '.join(columns)})" if columns else ""
    cursor = psycopg.Cursor(raw)
    with cursor.copy(f"COPY {table}{listed} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return cursor.rowcount


def _staged(raw: psycopg.Connection[Row], insert: _Insert, rows: Iterable[Sequence[object]]) -> int:
    listed = ", ".join(insert.columns)
    stage = f"stage_{insert.table.rpartition('.')[2]}"
    with raw.transaction():
        raw.execute(
            f"CREATE TEMP TABLE {stage} ON COMMIT DROP AS "
            f"SELECT {listed} FROM {insert.table} WHERE false"
        )
        _copy(raw, stage, insert.columns, rows)
        written = raw.execute(
            f"INSERT INTO {insert.table} ({listed}) SELECT {listed} FROM {stage} {insert.conflict}"
        ).rowcount
        raw.execute(f"DROP TABLE {stage}")
        if insert.numbered:
            after_fids(raw, insert.table)
    return written


def after_fids(raw: psycopg.Connection[Row], table: str) -> None:
    """Let the next number of a table come after those that were given."""
    if not table.startswith("pg_temp."):
        raw.execute("SELECT hydrant.after_numbers(%s)", (table,))
