"""How many conflicts between sides nobody has decided: figures go by what stands here."""

from __future__ import annotations

from hydrant.store.ground.backend import one_row
from hydrant.store.opened.registry import Registry

_OPEN = "SELECT count(*) FROM merge_conflict WHERE state = 'open'"


def undecided(registry: Registry) -> int:
    """Open conflicts of crews, of other programs and of the level below."""
    (count,) = one_row(registry.connection.execute(_OPEN))
    return int(count)
