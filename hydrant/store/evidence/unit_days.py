"""On which days a unit lay in a region, by what each of two levels says of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_tree import Ever

#: First moment of a time and first moment after it; stored text, None for no bound.
Span = tuple[str | None, str | None]
ALWAYS: Span = (None, None)
_LAST = "~"  # after every stored moment
#: Of a package's record: units that lay in its region on all days, and others with their days.
THROUGHOUT, OTHERS = "units_throughout", "units"
_HELD = """
SELECT region_code FROM asset UNION SELECT region_code FROM asset_version
UNION SELECT region_code FROM requirement WHERE withdrawn_at IS NULL
"""


#: Columns of a region or a succession, by name.
UnitRow = Mapping[str, str | None]
#: Code of a unit and of one of its successors.
Heir = tuple[str, str]


class Lay(NamedTuple):
    """Times at which a unit lay in a region, and at which it lay elsewhere or had ended."""

    within: list[Span]
    outside: list[Span]


class Units:
    """The units of a registry, or of a package, over time.

    Parameters
    ----------
    rows
        Rows of regions: ``code``, ``parent_code``, ``valid_from``, ``valid_until``.
    successors
        Successions: code of a unit, and of one that took over from it.
    parent
        What a unit belongs to now.
    """

    def __init__(
        self,
        rows: Iterable[UnitRow],
        successors: Iterable[Heir],
        parent: Callable[[str], str | None],
    ) -> None:
        self.lines: dict[str, list[UnitRow]] = defaultdict(list)
        for row in rows:
            self.lines[str(row["code"])].append(row)
        self._heirs: dict[str, set[str]] = defaultdict(set)
        for code, heir in successors:
            self._heirs[code].add(heir)
        self._parent = parent

    def lay(self, code: str, root: str) -> Lay:
        """When a unit lay in a region, the region being as it is now."""
        found = Lay([], [])
        line = sorted(self.lines.get(code, ()), key=lambda row: row["valid_from"] or "")
        for row in line:
            where = found.within if self._holds(root, row["parent_code"]) else found.outside
            where.append((row["valid_from"], row["valid_until"]))
        if line and (ended := line[-1]["valid_until"]) is not None:
            heirs = self._heirs.get(code, set())
            stays = len(heirs) == 1 and self._holds(root, *heirs)
            (found.within if stays else found.outside).append((ended, None))
        return found

    def _holds(self, root: str, code: str | None) -> bool:
        seen: set[str] = set()
        while code is not None and code != root and code not in seen:
            seen.add(code)
            code = self._parent(code)
        return code == root


def noted(units: Units, root: str | None) -> dict[str, object]:
    """What a package says of its units, to be kept with its record."""
    if root is None:
        return {}
    throughout, others = [], {}
    for code in sorted(units.lines.keys() - {root}):
        lay = units.lay(code, root)
        if not lay.outside:
            throughout.append(code)
        elif lay.within:
            others[code] = lay
    return {THROUGHOUT: " ".join(throughout), OTHERS: others}


def otherwise(
    registry: Registry, ever: Ever, senders: Iterable[tuple[str, Mapping[str, object]]]
) -> dict[str, list[str]]:
    """Units of which a sender says that they lay in its region on other days, by its region.

    Left out are those in which nothing is on record here: no figure follows from their days.

    Parameters
    ----------
    senders
        Regions of packages, and what is kept with their records.
    """
    units = _here(registry, ever)
    held: set[str] | None = None
    found: dict[str, list[str]] = {}
    for root, counts in senders:
        others = counts.get(OTHERS)
        if not isinstance(others, dict):
            continue
        moved = {code for code, line in units.lines.items() if _bounded(line)} | others.keys()
        throughout = set(str(counts[THROUGHOUT]).split()) if moved else set()
        for code in sorted(moved - {root}):
            stated = Lay([ALWAYS], []) if code in throughout else others.get(code)
            if _differ(units.lay(code, root), stated):
                held = _held(registry) if held is None else held
                if ever.below((code,)) & held:
                    found.setdefault(root, []).append(code)
    return found


def _held(registry: Registry) -> set[str]:
    return {code for (code,) in registry.connection.execute(_HELD) if code is not None}


def _here(registry: Registry, ever: Ever) -> Units:
    ask = registry.connection.execute
    names = ("code", "parent_code", "valid_from", "valid_until")
    rows = [dict(zip(names, row, strict=True)) for row in
            ask(f"SELECT {', '.join(names)} FROM region")]  # fmt: skip
    heirs = list(ask("SELECT code, successor_code FROM region_successor"))
    return Units(rows, heirs, ever.now.get)


def _bounded(line: Collection[UnitRow]) -> bool:
    return len(line) > 1 or any(row["valid_until"] is not None for row in line)


def _differ(here: Lay, stated: Sequence[Collection[Span]] | None) -> bool:
    """Whether a unit lay in the region by one and not by the other, on any day.

    One that a package does not tell at all never lay there, as its sender has it; that is told
    of where it lay there here and does no more.
    """
    if stated is None:
        return any(ends is not None for _, ends in here.within) and bool(here.outside)
    within, outside = stated
    return _meet(here.within, outside) or _meet(here.outside, within)


def _meet(some: Iterable[Span], others: Collection[Span]) -> bool:
    return any(
        max(one[0] or "", other[0] or "") < min(one[1] or _LAST, other[1] or _LAST)
        for one in some
        for other in others
    )
