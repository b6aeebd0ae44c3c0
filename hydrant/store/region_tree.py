"""The administrative tree at a date, in memory, for rolling figures up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from hydrant.store.registry import Registry
from hydrant.vocabulary import RegionLevel


@dataclass(frozen=True, slots=True)
class RegionNode:
    """One region as it was at the date."""

    code: str
    name_zh: str | None
    name_en: str | None
    level: str
    parent: str | None
    retired: bool


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

    def name(self, code: str, lang: str) -> str:
        """Name in a language, else in the other, else the code."""
        node = self.nodes.get(code)
        if node is None:
            return code
        names = (node.name_zh, node.name_en) if lang == "zh" else (node.name_en, node.name_zh)
        return names[0] or names[1] or code


def load_tree(registry: Registry, end: str) -> RegionTree:
    """The tree at the moment `end` (stored text): a code's latest row that had begun."""
    nodes: dict[str, RegionNode] = {}
    children: dict[str, list[str]] = defaultdict(list)
    for code, zh, en, level, parent, until in registry.connection.execute(
        "SELECT code, name_zh, name_en, level, parent_code, valid_until FROM region "
        "WHERE valid_from IS NULL OR valid_from < ? ORDER BY code, valid_from",
        (end,),
    ):
        retired = until is not None and until < end
        nodes[code] = RegionNode(code, zh, en, level, parent, retired)
    for node in nodes.values():
        if node.parent is not None:
            children[node.parent].append(node.code)
    heirs: dict[str, list[str]] = defaultdict(list)
    for code, heir in registry.connection.execute(
        "SELECT code, successor_code FROM region_successor WHERE at IS NULL OR at < ? "
        "ORDER BY code, successor_code",
        (end,),
    ):
        heirs[code].append(heir)
    return RegionTree(nodes, dict(children), dict(heirs))


def requirements_at(registry: Registry, end: str, known: str) -> list[tuple[str, str, int]]:
    """Region, kind and number of every requirement that holds at the moment before `end`."""
    return list(
        registry.connection.execute(
            "SELECT region_code, kind, count FROM requirement "
            "WHERE (valid_from IS NULL OR valid_from < ?) "
            "AND (valid_until IS NULL OR valid_until >= ?) AND recorded_at <= ? "
            "AND (withdrawn_at IS NULL OR withdrawn_at > ?) "
            "ORDER BY region_code, kind",
            (end, end, known, known),
        )
    )


def requirement_sources(
    registry: Registry, end: str, known: str
) -> dict[tuple[str, str], dict[str, str | None]]:
    """Where each requirement that holds comes from: origin, document and since when."""
    rows = registry.connection.execute(
        "SELECT region_code, kind, origin, document, valid_from FROM requirement "
        "WHERE (valid_from IS NULL OR valid_from < ?) "
        "AND (valid_until IS NULL OR valid_until >= ?) AND recorded_at <= ? "
        "AND (withdrawn_at IS NULL OR withdrawn_at > ?)",
        (end, end, known, known),
    )
    return {
        (region, kind): {"origin": origin, "document": document, "since": since}
        for region, kind, origin, document, since in rows
    }
