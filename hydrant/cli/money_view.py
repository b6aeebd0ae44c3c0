"""How spent money and the cost of the gap are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from hydrant.cli.history_view import amount
from hydrant.cli.rate_view import show_fallen
from hydrant.cli.screen import Screen
from hydrant.report.integrity import IntegrityReport
from hydrant.report.money import DIMENSIONS
from hydrant.report.question import Basis
from hydrant.report.remarks import fallen_json, lacking_text, numbers_lacking, work_name

_COLUMNS = ("events_cost", "repairs_cost", "cost", "planned_cost")


def money_json(
    basis: Basis,
    report: IntegrityReport,
    span: tuple[dt.date | None, dt.date | None],
    dimensions: Sequence[str],
    sums: Mapping[str, Any],
) -> dict[str, Any]:
    """What was spent in a span, and what the gap will cost, as scripts see it."""
    first, last = span
    return {
        "as_of": basis.cut.as_of.isoformat(),
        "from": None if first is None else first.isoformat(),
        "until": None if last is None else last.isoformat(),
        "region": basis.region,
        "policy": basis.rules,
        "by": list(dimensions),
        **sums,
        "numbers_lacking": numbers_lacking(report),
        **fallen_json(report.fallen),
    }


def show_money(screen: Screen, report: IntegrityReport, data: Mapping[str, Any]) -> None:
    """What was spent, in rows with their total, and what the gap will cost."""
    screen.styled(screen.t("cli_money.title", as_of=data["as_of"]), "bold")
    names: tuple[str, ...] = (*data["by"], *_COLUMNS, "unstated")
    if data["rows"]:
        screen.table(
            [screen.t(f"cli_money.column_{name}") for name in names],
            [[_cell(screen, row, name) for name in names] for row in _lines(screen, data)],
            numeric=range(len(data["by"]), len(names)),
            whole=(),
        )
    else:
        screen.line("cli_money.nothing")
    total = data["total"]
    unstated = total["events_unstated"] + total["repairs_unstated"]
    if unstated:
        screen.line("cli_money.unstated", count=unstated)
    if data["assets_without_event"]:
        screen.line("cli_money.without_event", count=data["assets_without_event"])
    if data["undated_left_out"]:
        screen.line("cli_money.undated", count=data["undated_left_out"])
    screen.text()
    lacking = data["numbers_lacking"]
    screen.styled(screen.t("cli_money.gap_title", policy=data["policy"]), "bold")
    screen.table(
        [
            screen.t(f"cli_money.column_{name}")
            for name in ("work", "count", "gap_cost", "unpriced")
        ],
        [
            (
                work_name(step["work"], screen.lang, lacking),
                f"{step['count']:,}",
                _money(screen, step["cost"], known=not step["count"]),
                f"{step['unpriced']:,}",
            )
            for step in data["gap"]
        ],
        numeric=(1, 2, 3),
    )
    if lacking:
        screen.text(lacking_text(lacking, screen.lang))
    show_fallen(screen, report)


def _lines(screen: Screen, data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    first = data["by"][0]
    empty = dict.fromkeys(data["by"], "")
    return [*data["rows"], {**data["total"], **empty, first: screen.t("cli_money.total")}]


def _cell(screen: Screen, row: Mapping[str, Any], name: str) -> str:
    if name == "unstated":
        return f"{row['events_unstated'] + row['repairs_unstated']:,}"
    if name in DIMENSIONS:
        return screen.t("cli_money.not_stated") if row[name] is None else str(row[name])
    counts = {"cost": row["events"] + row["repairs"]}
    counted_ = counts.get(name, row.get(name.removesuffix("_cost"), 0))
    return _money(screen, row[name], known=not counted_)


def _money(screen: Screen, value: float | None, *, known: bool) -> str:
    """An amount; a dash where there is nothing to pay for, a word where nobody stated it."""
    if value is not None:
        return amount(value)
    return "–" if known else screen.t("cli_money.not_stated")
