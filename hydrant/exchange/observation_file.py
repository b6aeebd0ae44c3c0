"""A file of observations: one row a visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.exchange.destroyed import refuse_destroyed
from hydrant.exchange.moments import moment_reader
from hydrant.exchange.quantities import quantity_of
from hydrant.exchange.same_heading import finder
from hydrant.exchange.table import Table
from hydrant.geo.numbers import Marks, marks_of
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import find_asset
from hydrant.store.opened.registry import Registry
from hydrant.survey.dialogue import OUTCOMES
from hydrant.survey.form import load_form
from hydrant.survey.record import Observation, check_observation

#: Headings that mean the same, ours first.
_HEADINGS = {
    "code": ("code", "uid", "编号"),
    "at": ("at", "date", "时间", "日期"),
    "outcome": ("outcome", "结果"),
    "inspector": ("inspector", "by", "检查人"),
    "static_kpa": ("static_kpa", "静压kPa"),
    "residual_kpa": ("residual_kpa", "动压kPa"),
    "flow_l_s": ("flow_l_s", "流量L/s"),
    "level_m": ("level_m", "水位m"),
    "lift_m": ("lift_m", "吸水高度m"),
    "defects": ("defects", "缺陷"),
    "note": ("note", "备注"),
}
#: Internal unit of each measurement.
UNITS = {
    "static_kpa": "kPa", "residual_kpa": "kPa", "flow_l_s": "L/s", "level_m": "m", "lift_m": "m"
}  # fmt: skip
_MEASURED = ("static_kpa", "residual_kpa", "flow_l_s", "level_m", "lift_m")


@dataclass(frozen=True, slots=True)
class ReadObservations:
    """Observations in the file's order, why other rows are refused, and what was not read."""

    observations: list[tuple[Asset, Observation]]
    problems: dict[int, Phrase]
    unread: list[str]


def read_observations(registry: Registry, table: Table) -> ReadObservations:
    """Observations of a table; raises `InputRefused` when it has no code or outcome column."""
    find = finder(table.columns, cut=False)
    columns = {
        name: next((table.columns[h] for h in map(find, known) if h in table.columns), None)
        for name, known in _HEADINGS.items()
    }
    for name in ("code", "outcome", "at"):
        if columns[name] is None:
            table.column(name)
    made: list[tuple[Asset, Observation]] = []
    problems: dict[int, Phrase] = {}
    read = _readers(registry, table, columns)
    for row in range(len(table)):
        cells = {
            name: "" if cells is None else cells[row].strip() for name, cells in columns.items()
        }
        try:
            made.append(_observation(registry, cells, read))
        except HydrantError as error:
            problems[row] = Phrase(error.key, error.facts)
    used = {next((h for h in map(find, known) if h in table.columns), "")
            for known in _HEADINGS.values()}  # fmt: skip
    return ReadObservations(made, problems, table.unread(used))


@dataclass(frozen=True, slots=True)
class _Readers:
    """How the moments and numbers of a table are written, by its columns."""

    moment: Callable[[str], dt.datetime]
    marks: dict[str, Marks]

    def quantity(self, name: str, cell: str) -> float | None:
        """A measurement in its internal unit; None where the cell is empty."""
        if not cell:
            return None
        return quantity_of(cell, self.marks[name], UNITS[name], None)


def _readers(registry: Registry, table: Table, columns: Mapping[str, list[str] | None]) -> _Readers:
    return _Readers(
        moment_reader((), set(columns["at"] or ()), registry.zone, mapped=False),
        {name: marks_of(set(columns[name] or ()), dot=table.dot) for name in _MEASURED},
    )


def _observation(
    registry: Registry, cells: dict[str, str], read: _Readers
) -> tuple[Asset, Observation]:
    for name, cell in cells.items():
        refuse_destroyed(cell, code=name == "code")
    asset = find_asset(registry, cells["code"])
    outcome = OUTCOMES.get(cells["outcome"].lower())
    if outcome is None:
        raise InputRefused("survey.answer_outcome", value=cells["outcome"])
    codes = [code for code in cells["defects"].replace("；", ";").split(";") if code.strip()]
    measured = {name: read.quantity(name, cells[name]) for name in _MEASURED}
    seen = Observation(
        outcome=outcome,
        at=read.moment(cells["at"]),
        inspector=cells["inspector"] or None,
        note=cells["note"] or None,
        defects=tuple(load_form().defect(code.strip()).code for code in codes),
        static_kpa=measured["static_kpa"],
        residual_kpa=measured["residual_kpa"],
        flow_l_s=measured["flow_l_s"],
        level_m=measured["level_m"],
        lift_m=measured["lift_m"],
    )
    check_observation(seen, registry.zone)
    return asset, seen
