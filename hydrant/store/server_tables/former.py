"""A former row as PostgreSQL's ``to_jsonb`` tells it, as the store would read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TypeAlias

from hydrant import times
from hydrant.model.geopoint import encode_point, from_ewkb
from hydrant.model.reading_columns import MOMENTS
from hydrant.model.values import Cell
from hydrant.store.ground.raw_columns import columns, kinds

#: What PostgreSQL's JSON has for a column: digits of numbers are kept as text.
_Json: TypeAlias = str | int | float | None


def former_row(table: str, stored: Mapping[str, _Json]) -> list[Cell]:
    """Values by the order of the table's columns; digits of numbers are exact."""
    held, moments = kinds(table), MOMENTS.get(table, ())
    return [
        _moment(stored.get(name)) if name in moments else _value(stored.get(name), held[name])
        for name in columns(table)
    ]


def _moment(value: _Json) -> str | None:
    return None if value is None else times.to_text(dt.datetime.fromisoformat(str(value)))


def _value(value: _Json, held: tuple[type, ...]) -> Cell:
    if value is None:
        return None
    if held == (bytes,):
        value = str(value)
        if value.startswith("\\x"):
            return bytes.fromhex(value[2:])
        point = from_ewkb(value)
        return None if point is None else encode_point(*point)
    if float in held:
        return float(value)
    return int(value) if held == (int,) else value
