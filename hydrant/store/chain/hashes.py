"""Hashes of rows and of audit entries: the same for the same facts on both stores.

A row's text is its table, the names of its columns that are not null, and their values as a
JSON list. Null columns are left out, so a column that a later version adds changes no hash; the
file-local number is left out, so a row that was moved is recognised.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
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
    """Hashes of many rows; equal to `row_hash` of each."""
    if not rows:
        return []
    values = dict(zip(raw_columns.columns(table), zip(*rows, strict=True), strict=True))
    return column_hashes(table, values, len(rows))


def column_hashes(table: str, values: Mapping[str, Sequence[Any]], count: int) -> list[bytes]:
    """Hashes of rows that are given as columns by name; absent columns are null.

    Values must be as the store gives them back: numbers of the column's type, times as text.
    """
    filled = {
        name: values[name]
        for name in raw_columns.columns(table)
        if name in values and values[name].count(None) < count
    }
    mixed = [column for column in filled.values() if None in column]
    if not mixed:
        return _alike(table, filled, count)
    found = [b""] * count
    for places in _by_pattern(mixed):
        here = {name: [column[p] for p in places] for name, column in filled.items()}
        here = {name: column for name, column in here.items() if column[0] is not None}
        for place, digest in zip(places, _alike(table, here, len(places)), strict=True):
            found[place] = digest
    return found


def as_stored(
    table: str, values: Mapping[str, Sequence[Any]], count: int
) -> dict[str, Sequence[Any]] | None:
    """Columns of new rows as the store will give them back; None where that cannot be told."""
    whole: dict[str, Sequence[Any]] = {
        n: [v] * count for n, v in raw_columns.defaults(table).items() if n not in values
    }
    for name, column in values.items():
        held = raw_columns.kinds(table)[name]
        types = set(map(type, column)) - {type(None)}
        if float in held and types and types != {float} and types <= {float, int}:
            whole[name] = [None if value is None else float(value) for value in column]
        elif all(kind in held or (kind is bool and int in held) for kind in types):
            whole[name] = list(column)
        else:
            return None
    return whole


def _by_pattern(columns: list[Sequence[Any]]) -> Iterable[list[int]]:
    """Places of the rows in which the same columns are null."""
    patterns: dict[tuple[bool, ...], list[int]] = {}
    flags = zip(*([value is None for value in column] for column in columns), strict=True)
    for place, pattern in enumerate(flags):
        patterns.setdefault(pattern, []).append(place)
    return patterns.values()


def _alike(table: str, values: Mapping[str, Sequence[Any]], count: int) -> list[bytes]:
    """Hashes of rows that have the same columns; what all have in common is written once."""
    parts, pieces = [], []
    for column in values.values():
        if column.count(column[0]) == count and len(set(map(type, column))) == 1:
            pieces.append(_encoded(column[0]).replace("%", "%%"))
        else:
            pieces.append("%s")
            parts.append(_column(column))
    form = _head(table, tuple(values)).replace("%", "%%") + ",".join(pieces)
    if not parts:
        return [_digest(form % ())] * count
    return list(map(_digest, map(form.__mod__, zip(*parts, strict=True))))


@cache
def _head(table: str, names: tuple[str, ...]) -> str:
    return f"{table}\n{','.join(names)}\n"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[:HASH_BYTES]


def _column(values: Sequence[Any]) -> list[str]:
    kinds = set(map(type, values))
    if kinds == {str}:
        # both stores must be able to hold it: see `copying`
        if "\x00" in "".join(values):
            values = [value.replace("\x00", "\x1d") for value in values]
        return list(map(encode_basestring, values))
    if kinds == {bytes}:
        return [f"X'{value.hex()}'" for value in values]
    if kinds == {float}:
        texts = list(map(float.__repr__, values))
        return texts if "-0.0" not in texts else [_encoded(value) for value in values]
    return list(map(_encoded, values))


def _encoded(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value.replace("\x00", "\x1d"))
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    # SQLite gives 0.0 back where -0.0 was written
    return float.__repr__(value + 0.0) if isinstance(value, float) else str(int(value))
