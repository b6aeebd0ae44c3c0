"""Headings that mean the same: wrapped in a cell, in another case, cut by a form of file."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection

#: Bytes of a column's name in a shapefile. Source: dBASE III file structure.
_SHORT = 10


def folded(heading: str) -> str:
    """A heading without what nobody sees: case, wide forms, breaks and doubled spaces."""
    return " ".join(unicodedata.normalize("NFKC", heading).casefold().split())


def finder(present: Collection[str], *, cut: bool = True) -> Callable[[str], str]:
    """What gives the heading of a file that is meant by a name.

    A name that stands there is itself; one that no heading, or more than one, is like stays as it
    is, to be named as missing.

    Parameters
    ----------
    cut
        Whether a name also means the heading that a shapefile would make of it.
    """
    counted = Counter(map(folded, present))
    by_fold = {folded(name): name for name in present if counted[folded(name)] == 1}
    short = cut and all(len(heading.encode()) <= _SHORT for heading in present)

    def find(name: str) -> str:
        if name in present:
            return name
        found = by_fold.get(folded(name))
        if found is None and short:
            found = by_fold.get(_cut(folded(name)))
        return name if found is None else found

    return find


def found_once(names: Collection[str], find: Callable[[str], str]) -> dict[str, str]:
    """Heading for each name; a heading that several names would share is none of theirs."""
    made = {name: find(name) for name in names}
    shared = Counter(made.values())
    return {n: h if n == h or shared[h] == 1 else n for n, h in made.items()}


def _cut(name: str) -> str:
    return name.encode()[:_SHORT].decode("utf-8", "ignore").strip()
