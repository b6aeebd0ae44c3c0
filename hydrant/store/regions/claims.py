"""Which registry speaks for which region: the sender that handed up the nearest one above it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from hydrant import times
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_tree import RegionTree, load_ever, load_tree

PREFIX = "package:"
#: Stands in a sender's name for the region of a package that has none.
NO_REGION = "*"


def sender(registry_key: str, region: str | None) -> str:
    """Name under which a sender's rows are known here; the region comes first, for people."""
    return f"{PREFIX}{region or NO_REGION}:{registry_key}"


def key_of(source: str) -> str:
    """The registry that a sender is; it may hand up several of its regions."""
    return source.rpartition(":")[2]


def region_of(source: str) -> str:
    """The region that a sender's package was of."""
    return source.removeprefix(PREFIX).rpartition(":")[0]


def sender_name(source: str) -> str:
    """A sender as people are told of it: its region, and the end of its registry's key."""
    return f"{region_of(source)} ({key_of(source)[-6:]})"


def is_sender_name(text: str) -> bool:
    """Whether a text names a sender as `sender_name` does: no reason that people state reads so."""
    return re.fullmatch(r"\S+ \([0-9a-f]{6}\)", text) is not None


@dataclass(frozen=True, slots=True)
class Claims:
    """Regions for which packages were taken, and their senders; the nearest one counts.

    Attributes
    ----------
    tree
        The regions as they stand here.
    parents
        What regions belong to that are not known here, as a package says.
    """

    roots: Mapping[str, str]
    tree: RegionTree
    parents: Mapping[str, str | None] = field(default_factory=dict)

    def parent(self, code: str) -> str | None:
        """What a region belongs to: as this level says, else as the package does."""
        node = self.tree.nodes.get(code)
        return self.parents.get(code) if node is None else node.parent

    def nearest(self, code: str | None) -> str | None:
        """The nearest region at or above one for which a package was taken; None: none is."""
        seen: set[str] = set()
        while code is not None and code not in seen:
            if code in self.roots:
                return code
            seen.add(code)
            code = self.parent(code)
        return None

    def speaker(self, code: str | None) -> str | None:
        """The sender that speaks for a region; None where nobody handed it up."""
        near = self.nearest(code)
        return None if near is None else self.roots[near]

    def with_sender(self, root: str | None, source: str, *, alone: bool = False) -> Claims:
        """The same once a package of a region is taken.

        Parameters
        ----------
        alone
            It speaks for everything below its region too, whoever handed that up before.
        """
        if root is None:
            return self
        inside = self.tree.below(root) if alone else set()
        kept = {code: owner for code, owner in self.roots.items() if code not in inside}
        return Claims(kept | {root: source}, self.tree, self.parents)


_TAKEN = "SELECT source, counts FROM import_batch WHERE source LIKE 'package:%' ORDER BY fid"


def load_claims(registry: Registry) -> Claims:
    """Who speaks for which region, from all packages that were taken."""
    found = Claims({}, load_tree(registry, times.to_text(times.now())))
    for source, counts in registry.connection.execute(_TAKEN).fetchall():
        region = region_of(source)
        if region != NO_REGION:
            alone = bool(json.loads(counts).get("replaced"))
            found = found.with_sender(region, source, alone=alone)
    return found


_HELD = """
SELECT DISTINCT r.source, a.region_code FROM source_record r
JOIN asset a ON a.uid = substr(r.external_key, 7)
WHERE r.source LIKE 'package:%' AND r.external_key LIKE 'asset/%'
UNION
SELECT DISTINCT r.source, q.region_code FROM source_record r
JOIN requirement q ON q.uid = substr(r.external_key, 13)
WHERE r.source LIKE 'package:%' AND r.external_key LIKE 'requirement/%'
"""


def held_regions(registry: Registry) -> list[tuple[str, str | None]]:
    """Senders whose assets or numbers stand here, and the regions in which they do."""
    return sorted(
        registry.connection.execute(_HELD).fetchall(), key=lambda row: tuple(map(str, row))
    )


def two_senders(registry: Registry) -> list[tuple[str, str, str]]:
    """Regions in which rows stand of a sender that does not speak for them: who does, and who."""
    claims = load_claims(registry)
    found = []
    for source, code in held_regions(registry):
        speaks = claims.speaker(code)
        if code is not None and speaks is not None and key_of(speaks) != key_of(source):
            found.append((code, speaks, source))
    return found


def in_the_way(
    registry: Registry, claims: Claims, source: str, root: str | None, named: Collection[str]
) -> dict[str, str]:
    """Regions of a package that another registry handed up, and which one.

    What another handed up for a region within is its own, and in nobody's way; nor is what it
    handed up of a unit that left its region since, as long as the package brings nothing of that.

    Parameters
    ----------
    root
        The region of the package; None where it has none.
    named
        The regions of its assets and numbers.
    """
    ever = load_ever(registry)
    inside = set(named) if root is None else claims.tree.below(root)
    found: dict[str, str] = {}
    for other, code in held_regions(registry):
        if code is None or code not in inside or key_of(other) == key_of(source):
            continue
        theirs, there = region_of(other), ever.above(code)
        if code not in named and theirs in there and theirs not in claims.tree.codes(code):
            continue
        near = claims.nearest(code)
        if near is None or (root is not None and not _anothers_part(claims, near, root, source)):
            found[code] = other
    return found


def _anothers_part(claims: Claims, near: str, root: str, source: str) -> bool:
    """Whether a region lies within a package's and another registry handed it up as such."""
    within = near != root and near in claims.tree.below(root)
    return within and key_of(claims.roots[near]) != key_of(source)
