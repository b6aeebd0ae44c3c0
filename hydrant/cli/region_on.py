"""The region that a word means on the days that a command asks for; brings the models."""

from __future__ import annotations

from hydrant.errors import AmbiguousCode
from hydrant.model.tables import Region
from hydrant.store.evidence import Cut
from hydrant.store.regions import find_region
from hydrant.store.registry import Registry


def region_on(registry: Registry, word: str, *cuts: Cut) -> Region:
    """The region that a word means on the days that are asked for, not by today's names.

    Raises
    ------
    InputRefused
        There is none.
    AmbiguousCode
        Several bear the name on a day, or one region on one day and another on another.
    """
    found = {
        region.code: region
        for cut in cuts
        for region in [find_region(registry, word, at=cut.last_moment)]
    }
    if len(found) > 1:
        raise AmbiguousCode(
            "cli_cuts.renamed", name=word, count=len(found), candidates=", ".join(sorted(found))
        )
    return next(iter(found.values()))


def code_on(registry: Registry, word: str | None, *cuts: Cut) -> str | None:
    """Code of the region that a word means on the days that are asked for; see `region_on`."""
    return None if word is None else region_on(registry, word, *cuts).code
