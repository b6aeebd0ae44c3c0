"""Submissions out of the tables of ODK Central, Aggregate, Briefcase and KoBoToolbox.

They differ in how they write headings (``which-code``, ``which/code``, ``which:code``, ``code``),
in what they call a submission's key, and in how the rows of a repeat name their submission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hydrant.exchange.export_files import Export
from hydrant.exchange.table import Table

#: What servers call the key of a submission; a corrected one keeps the first of these it has.
_KEYS = ("rootUuid", "KEY", "instanceID", "_uuid", "__id")
_PARENTS = ("PARENT_KEY", "_submission__uuid")
_POINT = {"latitude": "lat", "longitude": "lon", "accuracy": "accuracy", "precision": "accuracy"}
_KOBO_POINT = re.compile(r"_position_(latitude|longitude|precision)")
#: Columns of the side file of refused submissions, which stands for itself.
FLAT_DEFECTS, FLAT_PHOTOS = "hydrant_defects", "hydrant_photos"

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """One filled-in form as it was exported.

    Attributes
    ----------
    row
        Its row in the main table.
    key
        Its key on the server, without prefix; empty where the export has none.
    cells
        Answers by name of the question.
    defects
        Answers of each defect.
    photos
        Names of photo files.
    """

    row: int
    key: str
    cells: Cells
    defects: tuple[Cells, ...]
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Submissions:
    """All submissions of an export, its main table, how many rows belong to none, unread tables."""

    table: Table
    found: list[Submission]
    orphans: int
    beside: tuple[str, ...] = ()


def plain_name(heading: str) -> str:
    """Name of the question that a heading means; empty where it means none."""
    if heading.startswith("SET-OF-"):
        return ""
    kobo = _KOBO_POINT.fullmatch(heading)
    if kobo is not None:
        return f"position.{_POINT[kobo[1]]}"
    parts = re.split(r"[-/:]", heading)
    if len(parts) > 1 and parts[-2] == "position" and parts[-1].lower() in _POINT:
        return f"position.{_POINT[parts[-1].lower()]}"
    return parts[-1]


def main_table(export: Export) -> Table | None:
    """The table with one row a submission; None where the export has none."""
    for table in export.tables:
        names = {plain_name(heading) for heading in table.columns}
        if "outcome" in names and names & set(_KEYS):
            return table
    return None


def is_labelled(table: Table) -> bool:
    """Whether a table bears a server's keys and not the names of our questions."""
    names = {plain_name(heading) for heading in table.columns}
    return bool(names & {*_KEYS} - {"__id"}) and "outcome" not in names


def read_submissions(export: Export, table: Table) -> Submissions:
    """Submissions of an export whose main table is `table`, joined with their repeats."""
    rows = _rows(table)
    keys = [_key_of(row) for row in rows]
    by_index = {row["_index"]: key for row, key in zip(rows, keys, strict=True) if "_index" in row}
    defects: dict[str, list[Cells]] = {}
    photos: dict[str, list[str]] = {}
    orphans = 0
    told: set[tuple[tuple[str, str], ...]] = set()
    beside = list(export.others)
    for other in (one for one in export.tables if one is not table):
        repeats = [(row, parent) for row in _rows(other)
                   if (parent := _parent_of(row, by_index)) is not None
                   and ("defect_code" in row or "photo" in row)]  # fmt: skip
        if not repeats and other.file != table.file:
            beside.append(other.file)
        for row, parent in repeats:
            if row.get("KEY"):  # a copy of the table says the same of the same row
                one = tuple(sorted(row.items()))
                if one in told:
                    continue
                told.add(one)
            orphans += parent not in keys
            if row.get("defect_code"):
                defects.setdefault(parent, []).append(row)
            if row.get("photo"):
                photos.setdefault(parent, []).append(row["photo"])
    found = [
        _flat(Submission(number, key, row, tuple(defects.get(key, ())), tuple(photos.get(key, ()))))
        for number, (row, key) in enumerate(zip(rows, keys, strict=True))
    ]
    return Submissions(table, found, orphans, tuple(beside))


def _rows(table: Table) -> list[Cells]:
    names = {heading: plain_name(heading) for heading in table.columns}
    columns = {name: table.columns[heading] for heading, name in reversed(names.items()) if name}
    return [
        {name: _cell(cells[row]) for name, cells in columns.items()} for row in range(len(table))
    ]


def _cell(cell: str) -> str:
    cell = cell.strip()
    return "" if cell == "n/a" else cell


def bare(key: str) -> str:
    """A submission's key without prefix and without the repeat behind it."""
    return key.partition("/")[0].strip().lower().removeprefix("uuid:")


def _key_of(row: Cells) -> str:
    return next((bare(row[name]) for name in _KEYS if row.get(name)), "")


def _parent_of(row: Cells, by_index: dict[str, str]) -> str | None:
    for name in _PARENTS:
        if row.get(name):
            return bare(row[name])
    index = row.get("_parent_index")
    return None if not index else by_index.get(index, f"?{index}")


def _flat(found: Submission) -> Submission:
    """With what a side file says in one cell, and a photo that is no repeat."""
    cells = found.cells
    if FLAT_DEFECTS in cells or FLAT_PHOTOS in cells:
        return replace(
            found,
            defects=tuple(_flat_defects(cells.get(FLAT_DEFECTS, ""))),
            photos=tuple(name for name in cells.get(FLAT_PHOTOS, "").split("|") if name),
        )
    if cells.get("photo"):
        return replace(found, photos=(*found.photos, cells["photo"]))
    return found


def _flat_defects(cell: str) -> Iterator[Cells]:
    names = ("defect_code", "defect_severity", "defect_note")
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        said = [word.strip() for word in part.split("|", 2)]
        yield dict(zip(names, [*said, "", ""], strict=False))


def flattened(table: Table, found: list[Submission]) -> Table:
    """The main table with what its repeats say, so that rows of it stand for themselves."""
    columns = {
        name: cells
        for name, cells in table.columns.items()
        if name not in (FLAT_DEFECTS, FLAT_PHOTOS)
    }
    columns[FLAT_DEFECTS] = ["; ".join(_defect_text(row) for row in one.defects) for one in found]
    columns[FLAT_PHOTOS] = ["|".join(one.photos) for one in found]
    return replace(table, columns=columns)


def _defect_text(row: Cells) -> str:
    said = [row.get(name, "") for name in ("defect_code", "defect_severity", "defect_note")]
    return "|".join(part.replace(";", "；") for part in said).rstrip("|")
