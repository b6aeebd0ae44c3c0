"""Regions from a CSV file: townships, villages, or any other tree of codes."""

from __future__ import annotations

from pathlib import Path

from hydrant.errors import InputRefused
from hydrant.exchange.readers import read_table
from hydrant.store.regions import RegionRow, level_of, parent_of
from hydrant.vocabulary import RegionLevel


def read_regions(path: Path, *, encoding: str | None) -> list[RegionRow]:
    """Rows of the file; raises `InputRefused` with the line that is wrong."""
    table = read_table(path, encoding=encoding)
    codes = table.column("code")
    blank = [""] * len(table)
    zh = table.columns.get("name_zh") or table.columns.get("name") or blank
    en = table.columns.get("name_en") or blank
    levels, parents = (table.columns.get(name) or blank for name in ("level", "parent_code"))
    rows = []
    for index, code in enumerate(codes):
        word = levels[index] or level_of(code.strip())
        if word is None or word not in tuple(RegionLevel):
            raise InputRefused(
                "exchange.region_level",
                file=table.file,
                line=table.lines[index],
                code=code,
                level=levels[index] or "–",
                known=", ".join(RegionLevel),
            )
        rows.append(
            RegionRow(
                code=code.strip(),
                name_zh=zh[index].strip() or None,
                name_en=en[index].strip() or None,
                level=RegionLevel(word),
                parent_code=parents[index].strip() or parent_of(code.strip()),
            )
        )
    return rows
