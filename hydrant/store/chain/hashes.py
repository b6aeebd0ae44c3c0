"""Hashes of rows and of audit entries: the same for the same facts on both stores.

A row's text is its table, the names of its columns that are not null, and their values as a
JSON list. Null columns are left out, so a column that a later version adds changes no hash; the
file-local number is left out, so a row that was moved is recognised.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from json.encoder import encode_basestring
from typing import Any

from sqlmodel import SQLModel

from hydrant.store import raw_columns

#: What the first entry of a chain is chained to.
GENESIS = "0" * 64
#: Bytes of SHA-256 that are kept of a row: forging a row takes 2^160 tries.
HASH_BYTES = 20
#: What is not sealed: the seals themselves (they are chained), the schema's version, what other
#: programs' triggers write until it is taken in, and what sources said (a digest of that stands
#: in the audit log, which is sealed).
_UNSEALED = ("seal", "seal_block", "migration", "outside_edit", "source_record")


@cache
def sealed_tables() -> tuple[str, ...]:
    """Names of the tables whose rows are sealed."""
    return tuple(sorted(set(SQLModel.metadata.tables) - set(_UNSEALED)))


def canonical(value: object) -> str:
    """JSON text of a value that is always the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def chain_hash(previous: str, fields: tuple[Any, ...]) -> str:
    """SHA-256 of an entry's fields and of the entry before it."""
    return hashlib.sha256(
        f"{previous}\n{canonical(list(fields))}".encode("utf-8", "surrogateescape")
    ).hexdigest()


def row_hash(table: str, row: Sequence[Any]) -> bytes:
    """Hash of one row, its columns in the order of `raw_columns.columns`."""
    names = raw_columns.columns(table)
    filled = [(n, _encoded(v)) for n, v in zip(names, row, strict=True) if v is not None]
    text = ",".join(value for _, value in filled)
    return _digest(_head(table, tuple(name for name, _ in filled)) + text)


def row_hashes(table: str, rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """Hashes of many rows, column by column; equal to `row_hash` of each."""
    names = raw_columns.columns(table)
    columns = list(zip(*rows, strict=True))
    found = [b""] * len(rows)
    for empty, places in _by_pattern(columns, len(rows)):
        kept = [i for i in range(len(names)) if i not in empty]
        head = _head(table, tuple(names[i] for i in kept))
        texts = [_column([columns[i][p] for p in places]) for i in kept]
        for place, text in zip(places, map(",".join, zip(*texts, strict=True)), strict=True):
            found[place] = _digest(head + text)
    return found


def _by_pattern(
    columns: list[tuple[Any, ...]], count: int
) -> Iterator[tuple[set[int], Sequence[int]]]:
    """Places of the rows in which the same columns are null, with these columns."""
    nulls = [column.count(None) for column in columns]
    empty = {i for i, number in enumerate(nulls) if number == count}
    mixed = [i for i, number in enumerate(nulls) if 0 < number < count]
    if not mixed:
        yield empty, range(count)
        return
    patterns: dict[tuple[bool, ...], list[int]] = {}
    flags = zip(*([value is None for value in columns[i]] for i in mixed), strict=True)
    for place, pattern in enumerate(flags):
        patterns.setdefault(pattern, []).append(place)
    for pattern, places in patterns.items():
        yield empty | {i for i, null in zip(mixed, pattern, strict=True) if null}, places


@cache
def _head(table: str, names: tuple[str, ...]) -> str:
    return f"{table}\n{','.join(names)}\n"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[:HASH_BYTES]


def _column(values: list[Any]) -> list[str]:
    kinds = set(map(type, values))
    if kinds == {str}:
        # both stores must be able to hold it: see `copying`
        if any("\x00" in value for value in values):
            values = [value.replace("\x00", "\x1d") for value in values]
        return list(map(encode_basestring, values))
    if kinds == {float}:
        return list(map(float.__repr__, values))
    return list(map(_encoded, values))


def _encoded(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value.replace("\x00", "\x1d"))
    if isinstance(value, bytes):
        return f"X'{value.hex().upper()}'"
    return float.__repr__(value) if isinstance(value, float) else str(int(value))
