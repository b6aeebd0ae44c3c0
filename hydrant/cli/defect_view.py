"""How defects and their findings are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hydrant import times
from hydrant.cli.defect_correct import name_of
from hydrant.cli.screen import Screen
from hydrant.cli.standing_view import show_standing
from hydrant.model.tables import Asset, Defect
from hydrant.report.present_verdict import CountsAs
from hydrant.store.facts.defects import Opened
from hydrant.store.opened.registry import Registry
from hydrant.survey.form import DefectCode
from hydrant.vocabulary import Severity


def opened_json(
    registry: Registry, asset: Asset, opened: Opened, findings: Iterable[Defect]
) -> dict[str, Any]:
    """A defect that was recorded, and every open finding of it."""
    fault = opened.fault
    return {
        "uid": fault.uid,
        "asset": asset.uid,
        "code": fault.code,
        "severity": Severity(fault.severity),
        "new": opened.new,
        "found_again": opened.new and bool(opened.before),
        "findings": [_finding(registry, one) for one in findings],
    }


def _finding(registry: Registry, fault: Defect) -> dict[str, Any]:
    at = fault.found_at
    return {
        "uid": fault.uid,
        "severity": fault.severity,
        "state": fault.state,
        "found": None if at is None else times.local_day(at, registry.zone).isoformat(),
    }


def show_opened(screen: Screen, asset: str, known: DefectCode, data: dict[str, Any]) -> None:
    """A defect that was recorded, had been so already, or was found again."""
    facts = {
        "asset": asset,
        "name": known.names[screen.lang],
        "severity": screen.label("severity", data["severity"]),
    }
    if not data["found_again"]:
        screen.line("cli_defect.opened" if data["new"] else "cli_defect.standing", **facts)
        return
    own = next(one for one in data["findings"] if one["uid"] == data["uid"])
    first = next(one for one in data["findings"] if one["uid"] != data["uid"])
    screen.line(
        "cli_defect.found_again",
        **facts,
        day=own["found"] or screen.t("cli_asset.undated"),
        former=screen.label("severity", first["severity"]),
        first=first["found"] or screen.t("cli_asset.undated"),
    )


def show_cleared(screen: Screen, asset: str, known: DefectCode, left: int, now: CountsAs) -> None:
    """A repair, how many findings are later than it, and what the asset counts as now."""
    name = known.names[screen.lang]
    screen.line("cli_defect.cleared", asset=asset, name=name)
    if left:
        screen.line("cli_defect.found_later", asset=asset, name=name, count=left)
    show_standing(screen, asset, now)


def show_defects(screen: Screen, rows: Sequence[dict[str, Any]]) -> None:
    """Findings, a line each."""
    names = ("asset", "name", "severity", "state", "found", "cleared", "maintainer")
    screen.table(
        [screen.t(f"cli_defect.column_{name}") for name in names],
        [
            (
                row["asset"],
                _named(screen, row),
                screen.label("severity", row["severity"]),
                screen.t(f"cli_defect.state_{_state(row)}"),
                row["found"],
                row["cleared"],
                row["maintainer"],
            )
            for row in rows
        ],
    )
    again = sum(row["finding"] > 1 for row in rows)
    if again:
        screen.line("cli_defect.listed_again", count=len(rows) - again, findings=len(rows))
    else:
        screen.line("cli_defect.listed", count=len(rows))


def _named(screen: Screen, row: dict[str, Any]) -> str:
    """The defect's name; of one found again, which finding this is."""
    name = name_of(screen, row["code"])
    if row["findings"] == 1:
        return name
    return screen.t("cli_defect.finding", name=name, number=row["finding"], count=row["findings"])


def _state(row: dict[str, Any]) -> str:
    return "withdrawn" if row["withdrawn"] is not None else str(row["state"])
