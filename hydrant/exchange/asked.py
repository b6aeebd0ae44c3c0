"""Which files of roads, buildings and boundaries are asked for; loads no library for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """Files and what of them is meant.

    Attributes
    ----------
    roads_option
        Option of the command line that states the datum of the roads.
    roads_where
        Columns and the values that roads may have in each.
    width
        Column with the width of a road in metres.
    skip_bad
        Leave out rows without usable geometry.
    """

    roads: Path | None = None
    buildings: Path | None = None
    boundary: Path | None = None
    roads_crs: str | None = None
    buildings_crs: str | None = None
    boundary_crs: str | None = None
    roads_option: str = "--roads-crs"
    roads_where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    width: str | None = None
    skip_bad: bool = False
