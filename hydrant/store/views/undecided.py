"""What stands beside every figure: conflicts nobody has decided, and regions told in part only."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hydrant.store.ground.backend import one_row
from hydrant.store.opened.registry import Registry

_OPEN = "SELECT count(*) FROM merge_conflict WHERE state = 'open'"
_TAKEN = "SELECT source, counts FROM import_batch WHERE source LIKE 'package:%' ORDER BY fid"
_PARENTS = "SELECT code, parent_code FROM region"


def undecided(registry: Registry) -> int:
    """Open conflicts of crews, of other programs and of the level below."""
    (count,) = one_row(registry.connection.execute(_OPEN))
    return int(count)


def handed_up_in_part(registry: Registry, region: str | None) -> dict[str, int]:
    """Regions of packages whose senders hold more than they handed up, and how much more.

    Parameters
    ----------
    region
        Those below it are asked for; None asks for all.
    """
    taken = registry.connection.execute(_TAKEN).fetchall()
    if not taken:
        return {}
    parents: dict[str, str | None] = dict(registry.connection.execute(_PARENTS))
    found: dict[str, dict[str, int]] = {}
    for source, counts in taken:
        _, code, key = source.split(":", 2)
        parts = found.setdefault(key, {})
        for part in [part for part in parts if code == "*" or code in _above(parents, part)]:
            del parts[part]
        if not any(part == "*" or part in _above(parents, code)[1:] for part in parts):
            parts[code] = int(json.loads(counts).get("beyond", 0))
    return {
        code: more
        for parts in found.values()
        for code, more in parts.items()
        if more and (region is None or region in _above(parents, code)[1:])
    }


def _above(parents: Mapping[str, str | None], code: str) -> list[str]:
    """A region and its ancestors."""
    path: list[str] = []
    here: str | None = code
    while here is not None and here not in path:
        path.append(here)
        here = parents.get(here)
    return path
