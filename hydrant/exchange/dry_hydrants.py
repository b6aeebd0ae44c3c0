"""Dry hydrants: points of suction, not hydrants without water, though the words are nearly one.

A remark that is nothing but the name of that kind says nothing beside an asset of the kind. Beside
a hydrant on mains it may say that no water came, so it is not understood there, also where another
row names its kind so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.plain_words import folded_text
from hydrant.exchange.remarks import harmless
from hydrant.exchange.table import Table
from hydrant.vocabulary import Structure

_NAME = re.compile(
    r"\b(?:an? |the )?dry[ -](?:fire )?hydrants?\b|\btrockenhydrant\w*|\bhydrant \w*sec\b"
    r"|干式(?:消火栓|消防栓|取水口|取水栓|栓)?|旱栓"
)
#: Targets whose cells say of what kind an asset is.
_OF_KIND = ("kind", "structure", "name")


def names_dry(text: str) -> bool:
    """Whether a text holds the name of that kind."""
    plain = folded_text(text)
    return _NAME.search(plain) is not None or Structure.DRY_HYDRANT.value in plain


def is_name_alone(text: str) -> bool:
    """Whether a text is nothing but that name, and what says nothing bad."""
    plain = folded_text(text)
    if _NAME.search(plain) is None:
        return False
    rest = _NAME.sub(" ", plain).strip(" ,;.()-")
    return not rest or harmless(rest)


def of_that_kind(table: Table, mapping: Mapping, rows: Collection[int]) -> set[int]:
    """Of some rows those whose asset is of that kind, by its kind, structure or name."""
    specs = [mapping.fields.get(name, Spec()) for name in _OF_KIND]
    columns = [table.columns[n] for spec in specs for n in spec.columns if n in table.columns]
    if any(spec.constant and names_dry(spec.constant) for spec in specs):
        return {*rows}
    dry = {cell for column in columns for cell in {*column} if names_dry(cell)}
    return {row for row in rows if any(column[row] in dry for column in columns)} if dry else set()


def unclear_beside(
    table: Table, mapping: Mapping, cells: Sequence[str], rows: Sequence[int], unclear: list[int]
) -> list[int]:
    """Of rows that work those whose remark is not understood, with that name read by the kind.

    Parameters
    ----------
    rows
        Rows that are taken for working.
    unclear
        Those of them whose remark is not understood as it stands.
    """
    names = {cell for cell in {*cells} if is_name_alone(cell)}
    if not names:
        return unclear
    named = [row for row in rows if cells[row] in names]
    meant = of_that_kind(table, mapping, named)
    return sorted({*unclear, *named} - meant)
