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


def refuse_row_numbers(registry: Registry, *names: str) -> None:
    """Refuse a registry, or a bundle, in which a row has such a number.

    Parameters
    ----------
    names
        The tables that are looked at; all where none is named.

    Raises
    ------
    StoreError
        It names the table and the number.
    """
    found = registry.connection.execute(_asked(names)).fetchone()
    if found is not None:
        raise StoreError("store.number_end", table=found[0], row=found[1])


@cache
def _asked(names: tuple[str, ...]) -> str:
    numbered = (name for name, table in SQLModel.metadata.tables.items() if "fid" in table.columns)
    each = " UNION ALL ".join(
        f"SELECT '{name}' AS name, {which}(fid) AS number FROM {name}"
        for name in names or sorted(numbered)
        for which in ("min", "max")
    )
    return f"SELECT name, number FROM ({each}) ends WHERE number NOT BETWEEN -{MOST} AND {MOST}"
