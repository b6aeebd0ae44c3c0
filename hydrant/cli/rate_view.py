"""How a rate and its day are shown wherever they are, and what the mark of a rate means."""

from __future__ import annotations

from hydrant.cli.screen import Screen
from hydrant.integrity.rates import PARTIAL, Completeness
from hydrant.report.integrity import IntegrityReport
from hydrant.report.remarks import fallen_numbers


def day_text(screen: Screen, report: IntegrityReport) -> str:
    """The day of a report, and whether it has not come."""
    day = report.as_of.isoformat()
    return screen.t("integrity.to_come", date=day) if report.ahead else day


def percent_text(screen: Screen, value: float | None) -> str:
    """A percentage with two decimals, or the word for "unknown"."""
    return screen.t("cli_integrity.unknown") if value is None else f"{value:.2f} %"


def completeness_text(screen: Screen, found: Completeness | None) -> str:
    """The rate, marked where numbers are lacking; a dash where nothing is required."""
    if found is not None and found.requires_nothing:
        return "–"
    rate = percent_text(screen, None if found is None else found.percent)
    return f"{rate} {PARTIAL}" if found is not None and found.is_partial else rate


def show_mark(screen: Screen, *shown: Completeness | None) -> None:
    """What the mark means, once, where any of the rates shown bears it."""
    if any(found is not None and found.is_partial for found in shown):
        screen.line("cli_integrity.partial")


def show_fallen(screen: Screen, *reports: IntegrityReport) -> None:
    """What fell with a split, once, wherever a required number is shown."""
    for fell in fallen_numbers(screen.lang, *reports):
        screen.text(fell)
