"""The side file of refused rows: same columns and the reason; corrected, it imports as it is."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydrant.exchange.table import Table
from hydrant.safe_text import marked


def side_path(path: Path) -> Path:
    """Where refused rows of a file go: ``name.refused.csv`` beside it."""
    return path.with_name(f"{path.stem}.refused.csv")


def is_side_file(path: Path) -> bool:
    """Whether a file is one of refused rows, written here and corrected by somebody."""
    return path.name.endswith(".refused.csv")


def register_name(path: Path) -> str:
    """Name of the register that a file, or the side file of it, belongs to."""
    return path.name.removesuffix(".refused.csv") if is_side_file(path) else path.stem


def write_refused(
    path: Path, table: Table, rows: Sequence[int], reasons: Mapping[int, str], heading: str
) -> Path:
    """Write the refused rows with their reasons; UTF-8 with BOM, so that Excel reads it."""
    target = side_path(path)
    names = list(table.columns)
    points = table.points
    extra = [] if points is None else ["x", "y"]
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([marked(name) for name in (*names, *extra, heading)])
        for row in rows:
            cells = [table.columns[name][row] for name in names]
            if points is not None:
                cells += ["" if axis[row] is None else str(axis[row]) for axis in points]
            writer.writerow([marked(cell) for cell in (*cells, reasons[row])])
    return target
