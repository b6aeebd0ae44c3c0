"""Refuses to write beside a row whose number no registry comes to by counting.

After the last number that there is a file gives out random ones, and what is read in the order of
the numbers (the audit log, imports) has a wrong end for ever.
"""

from __future__ import annotations

from functools import cache

from sqlmodel import SQLModel

from hydrant.errors import StoreError
from hydrant.model import books, tables  # noqa: F401  the tables are known once imported
from hydrant.store.opened.registry import Registry

#: Half of what can be counted: no registry gets there.
MOST = 2**62


def refuse_row_numbers(registry: Registry) -> None:
    """Refuse a transaction where a row has such a number.

    Raises
    ------
    StoreError
        It names the table and the number.
    """
    found = registry.connection.execute(_asked()).fetchone()
    if found is not None:
        raise StoreError("store.number_end", table=found[0], row=found[1])


@cache
def _asked() -> str:
    names = sorted(
        name for name, table in SQLModel.metadata.tables.items() if "fid" in table.columns
    )
    each = " UNION ALL ".join(
        f"SELECT '{name}' AS name, {which}(fid) AS number FROM {name}"
        for name in names
        for which in ("min", "max")
    )
    return f"SELECT name, number FROM ({each}) ends WHERE number NOT BETWEEN -{MOST} AND {MOST}"
