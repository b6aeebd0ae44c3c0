"""What units belonged to on one day or another: figures of former days are of what lay there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hydrant import times
from hydrant.store.opened.registry import Registry

_ROWS = "SELECT code, parent_code, valid_from FROM region"


@dataclass(frozen=True, slots=True)
class Ever:
    """Parents of units on all days, by code.

    Attributes
    ----------
    now
        What each unit belongs to at this moment; of one that has not begun, later.
    """

    parents: Mapping[str, set[str]]
    now: Mapping[str, str | None]

    def above(self, code: str | None) -> set[str]:
        """A unit and all that it lay in on one day or another."""
        return _reached(self.parents, () if code is None else (code,))

    def below(self, codes: Iterable[str]) -> set[str]:
        """Some units and all that lay in one of them on one day or another."""
        children: dict[str, set[str]] = defaultdict(set)
        for code, parents in self.parents.items():
            for parent in parents:
                children[parent].add(code)
        return _reached(children, codes)


def load_ever(registry: Registry) -> Ever:
    """The regions of a registry on all days."""
    parents: dict[str, set[str]] = defaultdict(set)
    now: dict[str, str | None] = {}
    moment = times.to_text(times.now())
    rows = registry.connection.execute(_ROWS).fetchall()
    # those that begin later stand first, in reverse, so that the row of today comes last
    for code, parent, _ in sorted(rows, key=lambda row: _order(row[2], moment)):
        parents[code] |= set() if parent is None else {parent}
        now[code] = parent
    return Ever(parents, now)


def _order(begins: str | None, moment: str) -> tuple[bool, str]:
    return (begins or "") <= moment, begins or ""


def _reached(ways: Mapping[str, set[str]], codes: Iterable[str]) -> set[str]:
    found, waiting = set[str](), list(codes)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += ways.get(code, ())
    return found
