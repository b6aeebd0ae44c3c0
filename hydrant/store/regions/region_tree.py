"""The administrative tree at a date, in memory, for rolling figures up; and on all days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hydrant import times
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import RegionLevel


@dataclass(frozen=True, slots=True)
class RegionNode:
    """One region as it was at the date; `ended` is when it ceased, where it had by then."""

    code: str
    name_zh: str | None
    name_en: str | None
    level: str
    parent: str | None
    retired: bool
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class RegionTree:
    """Regions by code, with children and the heirs of retired codes."""

    nodes: dict[str, RegionNode]
    children: dict[str, list[str]]
    heirs: dict[str, list[str]] = field(default_factory=dict)

    def resolve(self, code: str | None) -> str | None:
        """The code that answers for `code` at the date.

        A retired code with one heir gives the heir; one that was split among several keeps
        itself, because nothing says which part an asset fell to.
        """
        seen: set[str] = set()
        while code is not None and code not in seen and code in self.nodes:
            seen.add(code)
            heirs = self.heirs.get(code, [])
            if not self.nodes[code].retired or len(heirs) != 1:
                return code
            code = heirs[0]
        return code

    def path(self, code: str | None) -> Iterator[RegionNode]:
        """A region and its ancestors, from fine to coarse."""
        seen: set[str] = set()
        while code is not None and code in self.nodes and code not in seen:
            seen.add(code)
            yield self.nodes[code]
            code = self.nodes[code].parent

    def codes(self, code: str) -> list[str]:
        """Codes of a region and its ancestors; one that the tree lacks stands alone."""
        return [node.code for node in self.path(code)] or [code]

    def at_level(self, code: str | None, level: RegionLevel) -> str | None:
        """The ancestor (or the region itself) of a level; None when there is none."""
        return next((node.code for node in self.path(code) if node.level == level), None)

    def below(self, code: str) -> set[str]:
        """A region's code and those of everything below it."""
        found, waiting = {code}, [code]
        while waiting:
            for child in self.children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found

    def split_above(self, code: str | None) -> str | None:
        """The nearest unit that ended without one successor, at or above a code; None for none.

        What stands below one belongs to no unit of the present, until somebody says to which.
        """
        return next((node.code for node in self.path(code) if node.retired), None)

    def took_over(self, code: str) -> set[str]:
        """The units that took over from a unit, what lies below them, and so on from each."""
        found, waiting = set[str](), list(self.heirs.get(code, ()))
        while waiting:
            new = self.below(waiting.pop()) - {code, *found}
            found |= new
            waiting += [heir for one in new for heir in self.heirs.get(one, ())]
        return found

    def name(self, code: str, lang: str) -> str:
        """Name in a language, else in the other, else the code."""
        node = self.nodes.get(code)
        if node is None:
            return code
        names = (node.name_zh, node.name_en) if lang == "zh" else (node.name_en, node.name_zh)
        return names[0] or names[1] or code


def load_tree(registry: Registry, end: str, known: str | None = None) -> RegionTree:
    """The tree at the moment `end` (stored text): a code's latest row that had begun.

    What a unit that ended was the parent of hangs below its heir from then on, where it has
    one heir.

    Parameters
    ----------
    known
        Moment up to which regions and successions count as known; None counts all.
    """
    nodes: dict[str, RegionNode] = {}
    for code, zh, en, level, parent, until in registry.connection.execute(
        "SELECT code, name_zh, name_en, level, parent_code, valid_until FROM region "
        "WHERE (valid_from IS NULL OR valid_from < :end) "
        "AND (:known IS NULL OR recorded_at <= :known) ORDER BY code, valid_from",
        {"end": end, "known": known},
    ):
        ended = until if until is not None and until < end else None
        nodes[code] = RegionNode(code, zh, en, level, parent, ended is not None, ended)
    heirs: dict[str, list[str]] = defaultdict(list)
    for code, heir in registry.connection.execute(
        "SELECT code, successor_code FROM region_successor WHERE (at IS NULL OR at < :end) "
        "AND (:known IS NULL OR recorded_at <= :known) ORDER BY code, successor_code",
        {"end": end, "known": known},
    ):
        heirs[code].append(heir)
    heirs = _beside(nodes, heirs)
    nodes = _inherited(RegionTree(nodes, {}, dict(heirs)))
    children: dict[str, list[str]] = defaultdict(list)
    for node in nodes.values():
        if node.parent is not None:
            children[node.parent].append(node.code)
    return RegionTree(nodes, dict(children), dict(heirs))


def _beside(nodes: dict[str, RegionNode], heirs: dict[str, list[str]]) -> dict[str, list[str]]:
    """Successions but for those by what lies above a unit: its numbers are part of that one's."""
    bare = RegionTree(nodes, {})
    found = {
        code: [heir for heir in into if heir == code or heir not in bare.codes(code)]
        for code, into in heirs.items()
    }
    return {code: into for code, into in found.items() if into}


def _inherited(tree: RegionTree) -> dict[str, RegionNode]:
    """The nodes, each below the unit that took over from its parent."""
    nodes = {}
    for code, node in tree.nodes.items():
        parent = tree.resolve(node.parent)
        if parent == code:  # a unit grew into its own parent's place
            parent = tree.resolve(tree.nodes[node.parent].parent) if node.parent else None
        nodes[code] = node if parent == node.parent else replace(node, parent=parent)
    return nodes


@dataclass(frozen=True, slots=True)
class Ever:
    """Parents of units on all days, by code: figures of former days are of what lay there.

    Attributes
    ----------
    now
        What each unit belongs to at this moment; of one that has not begun, later.
    ways
        What each lay in, and what took over from it.
    """

    parents: Mapping[str, set[str]]
    now: Mapping[str, str | None]
    ways: Mapping[str, set[str]]

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

    def counts_in(self, codes: Iterable[str]) -> set[str]:
        """Some units and all in whose figures they count on one day or another.

        That is what they lay in, what took that or them over, and so on.
        """
        return _reached(self.ways, codes)


def load_ever(registry: Registry) -> Ever:
    """The regions of a registry on all days."""
    parents: dict[str, set[str]] = defaultdict(set)
    now: dict[str, str | None] = {}
    moment = times.to_text(times.now())
    rows = registry.connection.execute(
        "SELECT code, parent_code, valid_from FROM region"
    ).fetchall()
    # those that begin later stand first, in reverse, so that the row of today comes last
    for code, parent, _ in sorted(rows, key=lambda row: _order(row[2], moment)):
        parents[code] |= set() if parent is None else {parent}
        now[code] = parent
    ways = defaultdict(set, {code: set(lay) for code, lay in parents.items()})
    for code, heir in registry.connection.execute(
        "SELECT code, successor_code FROM region_successor"
    ):
        ways[code].add(heir)
    return Ever(parents, now, ways)


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
