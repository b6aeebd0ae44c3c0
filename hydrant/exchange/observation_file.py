"""A file of observations: one row a visit."""

from __future__ import annotations

from dataclasses import dataclass

from hydrant import times
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.exchange.table import Table
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import find_asset
from hydrant.store.opened.registry import Registry
from hydrant.survey.dialogue import OUTCOMES, quantity
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
_MEASURED = ("static_kpa", "residual_kpa", "flow_l_s", "level_m", "lift_m")


@dataclass(frozen=True, slots=True)
class ReadObservations:
    """Observations in the file's order, and why other rows are refused."""

    observations: list[tuple[Asset, Observation]]
    problems: dict[int, Phrase]


def read_observations(registry: Registry, table: Table) -> ReadObservations:
    """Observations of a table; raises `InputRefused` when it has no code or outcome column."""
    columns = {
        name: next((table.columns[h] for h in known if h in table.columns), None)
        for name, known in _HEADINGS.items()
    }
    for name in ("code", "outcome", "at"):
        if columns[name] is None:
            table.column(name)
    made: list[tuple[Asset, Observation]] = []
    problems: dict[int, Phrase] = {}
    for row in range(len(table)):
        cells = {
            name: "" if cells is None else cells[row].strip() for name, cells in columns.items()
        }
        try:
            made.append(_observation(registry, cells))
        except HydrantError as error:
            problems[row] = Phrase(error.key, error.facts)
    return ReadObservations(made, problems)


def _observation(registry: Registry, cells: dict[str, str]) -> tuple[Asset, Observation]:
    asset = find_asset(registry, cells["code"])
    outcome = OUTCOMES.get(cells["outcome"].lower())
    if outcome is None:
        raise InputRefused("survey.answer_outcome", value=cells["outcome"])
    codes = [code for code in cells["defects"].replace("；", ";").split(";") if code.strip()]
    measured = {name: quantity(cells[name], name) for name in _MEASURED}
    seen = Observation(
        outcome=outcome,
        at=times.parse_moment(cells["at"], registry.zone),
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
