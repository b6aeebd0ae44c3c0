"""What the examples of the help pages need beside the sample county."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

NOT_RUN: dict[str, str] = {}


def prepare(folder: Path, command: str, words: Sequence[str]) -> None:
    """Put what an example reads into its folder."""
    if command.startswith("db "):
        shutil.copy(folder / "registry.gpkg", folder / "county.gpkg")
