"""Whether a season in the words of a register means that there is water all year."""

from __future__ import annotations

import json
from functools import cache

from hydrant.resources import resource


@cache
def _all_year() -> frozenset[str]:
    content = json.loads(resource("data", "codes", "seasons.json").read_text(encoding="utf-8"))
    return frozenset(content["all_year"])


def all_year(season: str) -> bool:
    """Whether a text plainly says so.

    Nothing else is interpreted: registers write the dry months as often as the wet ones.
    """
    return " ".join(season.split()).rstrip(".。").casefold() in _all_year()
