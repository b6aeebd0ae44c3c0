"""Hashes of rows and of audit entries: the same for the same facts on both stores.

A row's text is its table, the names of its columns that are not null, and their values as a
JSON list. Null columns are left out, so a column that a later version adds changes no hash; the
file-local number is left out, so a row that was moved is recognised.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from json.encoder import encode_basestring
from typing import cast

from hydrant.model.values import Cell
from hydrant.store.ground import raw_columns
from hydrant.store.ground.bulk_columns import Same

#: What the first entry of a chain is chained to.
GENESIS = "0" * 64
#: Bytes of SHA-256 that are kept of a row: forging a row takes 2^160 tries.
HASH_BYTES = 20
#: What is not sealed: the seals themselves (they are chained), the schema's version, what other
#: programs' triggers write until it is taken in, and what sources said (a digest of that stands
#: in the audit log, which is sealed).
_UNSEALED = ("seal", "seal_block", "migration", "outside_edit", "source_record")


_NONE = type(None)
#: Made once: `json.dumps` would make it anew for each value.
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
#: What JSON writes otherwise than it is.
_ESCAPED = re.compile(r'[\x00-\x1f\\"]')


@cache
def sealed_tables() -> tuple[str, ...]:
    """Names of the tables whose rows are sealed."""
    from hydrant.model import modelled  # noqa: PLC0415  a poll needs no models

    return tuple(sorted(modelled.names() - set(_UNSEALED)))


def canonical(value: object) -> str:
    """JSON text of a value that is always the same for the same value."""
    return _JSON.encode(value)


def chain_hash(previous: str, fields: Sequence[object]) -> str:
    """SHA-256 of an entry's fields and of the entry before it."""
    return hashlib.sha256(
        f"{previous}\n{canonical(list(fields))}".encode("utf-8", "surrogateescape")
    ).hexdigest()


def entry_hash(previous: str, fields: Sequence[object], login: str | None) -> str:
    """Hash of an audit entry; one without a login is hashed as those of the time before it."""
    return chain_hash(previous, fields if login is None else (*fields, login))


def row_hash(table: str, row: Sequence[Cell]) -> bytes:
    """Hash of one row, its columns in the order of `raw_columns.columns`."""
    names = raw_columns.columns(table)
    filled = [(n, _encoded(v)) for n, v in zip(names, row, strict=True) if v is not None]
    text = ",".join(value for _, value in filled)
    return _digest(_head(table, tuple(name for name, _ in filled)) + text)


def row_hashes(table: str, rows: Sequence[Sequence[Cell]]) -> list[bytes]:
    """Hashes of many rows; equal to `row_hash` of each."""
    if not rows:
        return []
    values = dict(zip(raw_columns.columns(table), zip(*rows, strict=True), strict=True))
    return column_hashes(table, values, len(rows))


def column_hashes(table: str, values: Mapping[str, Sequence[Cell]], count: int) -> list[bytes]:
    """Hashes of rows that are given as columns by name; absent columns are null.

    Values must be as the store gives them back: numbers of the column's type, times as text.
    """
    types = {name: _types(values[name]) for name in raw_columns.columns(table) if name in values}
    filled = {name: values[name] for name, kinds in types.items() if kinds != {_NONE}}
    mixed = [column for name, column in filled.items() if _NONE in types[name]]
    if not mixed:
        return _alike(table, filled, types, count)
    found = [b""] * count
    for places in _by_pattern(mixed):
        here = {name: [column[p] for p in places] for name, column in filled.items()}
        here = {name: column for name, column in here.items() if column[0] is not None}
        left = {name: types[name] - {_NONE} for name in here}
        for place, digest in zip(places, _alike(table, here, left, len(places)), strict=True):
            found[place] = digest
    return found


def _types(column: Sequence[Cell]) -> set[type]:
    return {type(column.value)} if isinstance(column, Same) else set(map(type, column))


def as_stored(
    table: str, values: Mapping[str, Sequence[Cell]], count: int
) -> dict[str, Sequence[Cell]] | None:
    """Columns of new rows as the store will give them back; None where that cannot be told."""
    whole: dict[str, Sequence[Cell]] = {
        n: Same(v, count) for n, v in raw_columns.defaults(table).items() if n not in values
    }
    for name, column in values.items():
        stored = _stored(raw_columns.kinds(table)[name], column)
        if stored is None:
            return None
        whole[name] = stored
    return whole


def _stored(held: tuple[type, ...], column: Sequence[Cell]) -> Sequence[Cell] | None:
    if isinstance(column, Same):
        value = _stored(held, [column.value])
        return None if value is None else Same(value[0], len(column))
    types = _types(column) - {_NONE}
    if float in held and types and types != {float} and types <= {float, int}:
        return [None if value is None else float(value) for value in column]
    if all(kind in held or (kind is bool and int in held) for kind in types):
        return column
    return None


def _by_pattern(columns: list[Sequence[Cell]]) -> Iterable[list[int]]:
    """Places of the rows in which the same columns are null."""
    patterns: dict[tuple[bool, ...], list[int]] = {}
    flags = zip(*([value is None for value in column] for column in columns), strict=True)
    for place, pattern in enumerate(flags):
        patterns.setdefault(pattern, []).append(place)
    return patterns.values()


def _alike(
    table: str,
    values: Mapping[str, Sequence[Cell]],
    types: Mapping[str, set[type]],
    count: int,
) -> list[bytes]:
    """Hashes of rows that have the same columns; what all have in common is written once.

    Parameters
    ----------
    types
        Of the values of each column; more than there are only cost time.
    """
    parts, pieces = [], []
    for name, column in values.items():
        if isinstance(column, Same) or _says_one_thing(column, count):
            pieces.append(_encoded(column[0]).replace("%", "%%"))
        else:
            piece, texts = _column(column, types[name])
            pieces.append(piece)
            parts.append(texts)
    form = _head(table, tuple(values)).replace("%", "%%") + ",".join(pieces)
    if not parts:
        return [_digest(form % ())] * count
    sha256, made = hashlib.sha256, form.__mod__
    return [
        sha256(made(row).encode("utf-8", "surrogateescape")).digest()[:HASH_BYTES]
        for row in zip(*parts, strict=True)
    ]


def _says_one_thing(column: Sequence[Cell], count: int) -> bool:
    if column[-1] != column[0]:
        return False
    return column.count(column[0]) == count and len(set(map(type, column))) == 1


@cache
def _head(table: str, names: tuple[str, ...]) -> str:
    return f"{table}\n{','.join(names)}\n"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[:HASH_BYTES]


def _column(values: Sequence[Cell], kinds: set[type]) -> tuple[str, Sequence[Cell]]:
    """What stands in a row's text for a column, and what is put in there row by row."""
    if kinds == {str}:
        texts = cast("Sequence[str]", values)
        together = "".join(texts)
        if _ESCAPED.search(together) is None:
            return '"%s"', values
        # both stores must be able to hold it: see `copying`
        if "\x00" in together:
            texts = [text.replace("\x00", "\x1d") for text in texts]
        return "%s", list(map(encode_basestring, texts))
    if kinds == {bytes}:
        return "X'%s'", [value.hex() for value in cast("Sequence[bytes]", values)]
    # 0.0 is found where -0.0 is, which SQLite gives back without its sign
    if kinds == {float} and 0.0 not in values:
        return "%r", values
    return "%s", list(map(_encoded, values))


def _encoded(value: Cell) -> str:
    if isinstance(value, str):
        return encode_basestring(value.replace("\x00", "\x1d"))
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, float):
        return float.__repr__(value + 0.0)  # SQLite gives 0.0 back where -0.0 was written
    if value is None:
        raise TypeError("a column without a value has no text")
    return str(int(value))
