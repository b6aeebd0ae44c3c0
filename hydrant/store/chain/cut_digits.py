"""Finds the digits of numbers that were cut off as a former row was written down as JSON.

SQLite writes 15 of 17 digits. Whoever writes such a row himself could otherwise claim any former
row, as long as a number in it looks cut off.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from hydrant.model.values import Cell
from hydrant.store.chain.hashes import row_hash

#: Of the last digit written: half of it is rounding, the rest that not every SQLite rounds alike.
_SLACK = 0.75
#: Rows that are tried; three numbers would take seconds.
_MOST = 20_000


def found(table: str, values: Mapping[str, Cell], cut: Iterable[str], sealed: bytes) -> bool | None:
    """Whether a row has a hash with some digits or others; None where these are too many to try.

    Parameters
    ----------
    values
        By column, in the order of the table's columns.
    cut
        Columns whose numbers were cut off.
    """
    names = list(cut)
    choices = [list(_near(cast("float", values[name]))) for name in names]
    if math.prod(map(len, choices)) > _MOST:
        return None
    return any(
        row_hash(table, list({**values, **dict(zip(names, chosen, strict=True))}.values()))
        == sealed
        for chosen in itertools.product(*choices)
    )


def _near(value: float) -> Iterator[float]:
    """Numbers that are written with the same 15 digits."""
    yield value
    if value == 0 or not math.isfinite(value):
        return
    reach = _SLACK * 10.0 ** (math.floor(math.log10(abs(value))) - 14)
    for towards in (-math.inf, math.inf):
        near = math.nextafter(value, towards)
        while abs(near - value) <= reach and math.isfinite(near):
            yield near
            near = math.nextafter(near, towards)
