"""Which files of roads, buildings and boundaries are asked for; loads no library for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """Files and what of them is meant.

    Attributes
    ----------
    roads_option
        Option of the command line that states the datum of the roads.
    roads_where
        Column and value that roads must have.
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
    roads_where: tuple[str, str] | None = None
    width: str | None = None
    skip_bad: bool = False
