"""To-do lists worded as tables, for the screen and for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hydrant.geo.answered import bare_pair_in, crs_name
from hydrant.geo.datum import Crs
from hydrant.integrity.rates import PARTIAL
from hydrant.messages import label, text
from hydrant.report.document import Cell, Column, Form, Table
from hydrant.report.remarks import work_name
from hydrant.report.required_name import required_name
from hydrant.report.todo import Step
from hydrant.store.regions.region_tree import RegionTree
from hydrant.survey.form import defect_names
from hydrant.vocabulary import Language

_ASSET = ("code", "kind", "region", "address", "position")
#: Columns of each list.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "shortfall": ("region", "kind", "required", "built", "missing"),
    "repairs": (*_ASSET, "reason", "holder"),
    "defects": (*_ASSET, "defect", "severity", "days_open", "due", "holder"),
    "overdue": (*_ASSET, "last", "days_overdue", "holder"),
    "unverified": (*_ASSET, "way", "reason", "holder"),
    "planned": ("code", "kind", "region", "project", "since", "sign", "holder"),
    "villages": (
        *("region", "state", "existing", "intact", "not_stated", "required", "built", "missing"),
    ),
    "duties": (*_ASSET, "vacant"),
    "records": (*_ASSET, "missing_fields", "holder"),
}
#: Lists of what falls short of stated numbers.
_OF_NUMBERS = frozenset({"shortfall"})
_COUNTS = frozenset(
    {"existing", "required", "built", "missing", "intact", "days_open", "days_overdue"}
)


def todo_table(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    tree: RegionTree,
    lang: Language,
    crs: Crs,
    lacking: int = 0,
) -> Table:
    """A list as a table.

    Parameters
    ----------
    crs
        System in which positions are given; their heading names it.
    lacking
        How many numbers are stated nowhere: a list of what falls short is marked then.
    """
    columns = tuple(
        Column(
            text(f"todo.column_{column}", lang, crs=crs_name(crs.stored)),
            Form.COUNT if column in _COUNTS else Form.TEXT,
        )
        for column in _COLUMNS[name]
    )
    cells = tuple(
        tuple(_cell(row, column, tree, lang, crs) for column in _COLUMNS[name]) for row in rows
    )
    title = text(f"todo.list_{name}", lang)
    if lacking and name in _OF_NUMBERS:
        title = f"{title} {PARTIAL}"
    return Table(name, title, columns, cells)


def _cell(row: Mapping[str, Any], column: str, tree: RegionTree, lang: Language, crs: Crs) -> Cell:
    value = row.get(column)
    if column == "code":
        return str(value or row["uid"])
    if column == "kind" and "beyond" in row:
        return required_name(row, lang)
    if value is None:
        return None
    if column == "position":
        return bare_pair_in(crs, value)
    if column == "not_stated":
        return text("todo.not_stated", lang) if value else None
    if column in ("vacant", "missing_fields"):
        return ", ".join(text(f"todo.field_{field}", lang) for field in value)
    return _worded(column, value, tree, lang)


def _worded(column: str, value: Any, tree: RegionTree, lang: Language) -> Cell:
    if column in ("kind", "severity"):
        return label(column, value, lang)
    if column == "region":
        return tree.name(value, lang)
    if column == "defect":
        return defect_names((value,), lang)[0]
    if column == "reason":
        return text(f"integrity.reason_{value}", lang)
    if column in ("way", "sign", "state"):
        return text(f"todo.{column}_{value}", lang)
    cell: Cell = value
    return cell


def distance_table(steps: Sequence[Step], lang: Language, lacking: int) -> Table:
    """The steps to 100 % as a table."""
    columns = tuple(
        Column(text(f"todo.column_{name}", lang), form, summed)
        for name, form, summed in (
            ("work", Form.TEXT, False),
            ("kind", Form.TEXT, False),
            ("funding", Form.TEXT, False),
            ("count", Form.COUNT, True),
            ("unit_cost", Form.COUNT, False),
            ("cost", Form.COUNT, True),
        )
    )
    rows = tuple(
        (
            work_name(step.work, lang, lacking),
            label("kind", step.kind, lang),
            step.funding,
            step.count,
            step.unit_cost,
            step.cost,
        )
        for step in steps
    )
    return Table("distance", text("todo.list_distance", lang), columns, rows)
