"""Units of which nothing is on record beside others that were handed up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from hydrant import times
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_tree import RegionTree, load_tree

_HELD = "SELECT region_code FROM asset UNION SELECT region_code FROM requirement"
#: Regions that stand here because a package named them.
_FROM_BELOW = """
SELECT g.code FROM region g JOIN source_record r ON r.external_key = 'region/' || g.uid
WHERE r.source LIKE 'package:%'
"""


def units_not_here(
    registry: Registry,
    roots: AbstractSet[str],
    region: str | None,
    found: tuple[dict[str, list[str]], dict[str, int]],
) -> None:
    """Find what is lacking of a region of which no package was taken, but of parts.

    Parameters
    ----------
    roots
        Regions for which packages were taken; none holds the one that is asked for.
    region
        The region that is asked for; None asks for the one that holds all of them.
    found
        Gets the units of which there is nothing, by the region asked for; and regions of which
        no more is known than the parts that were handed up, with their number.
    """
    tree = load_tree(registry, times.to_text(times.now()))
    asked = _common(tree, roots) if region is None else region
    ways = {code for root in roots for code in tree.codes(root) if code != root}
    if asked is None or asked not in ways or roots & set(tree.codes(asked)):
        return
    absent, parts_only = found
    held = _with_ancestors(tree, [code for (code,) in registry.connection.execute(_HELD)])
    named = {code for (code,) in registry.connection.execute(_FROM_BELOW)}
    lacking = sorted(_lacking(tree, asked, (roots, ways, held), named, parts_only))
    if lacking:
        absent[asked] = [f"{tree.name(code, 'zh')} ({code})" for code in lacking]


def _common(tree: RegionTree, roots: AbstractSet[str]) -> str | None:
    """The smallest region that holds all of some, and is none of them."""
    paths = [tree.codes(root) for root in sorted(roots)]
    shared = set(paths[0]).intersection(*paths[1:]) - roots
    return next((code for code in paths[0] if code in shared), None)


def _with_ancestors(tree: RegionTree, codes: list[str | None]) -> set[str]:
    return {up for code in codes if code is not None for up in tree.codes(code)}


def _lacking(
    tree: RegionTree,
    code: str,
    known: tuple[AbstractSet[str], AbstractSet[str], AbstractSet[str]],
    named: AbstractSet[str],
    parts_only: dict[str, int],
) -> Iterator[str]:
    """Units below a region, none of which was handed up whole, of which nothing is here."""
    roots, ways, held = known
    kinds: dict[str, list[str]] = defaultdict(list)
    for child in tree.children.get(code, ()):
        if not tree.nodes[child].retired:
            told = "root" if child in roots else "way" if child in ways else "other"
            kinds[told].append(child)
    if kinds["root"] and not kinds["way"] and not kinds["other"] and named >= set(kinds["root"]):
        parts_only[code] = len(kinds["root"])
    yield from (child for child in kinds["other"] if child not in held)
    for child in kinds["way"]:
        yield from _lacking(tree, child, known, named, parts_only)
