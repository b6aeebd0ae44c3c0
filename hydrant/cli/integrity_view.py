"""The summary an officer reads at a glance."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from hydrant import times
from hydrant.cli.integrity_lists import show_explanation, show_listing
from hydrant.cli.rate_view import (
    completeness_text,
    day_text,
    percent_text,
    show_fallen,
    show_mark,
)
from hydrant.cli.screen import Screen, cell_width, pad, wrap
from hydrant.geo.datum import Crs
from hydrant.integrity.rates import Completeness, WorkingOrder
from hydrant.report.grouping import Group
from hydrant.report.integrity import IntegrityReport
from hydrant.report.integrity_json import group_name, targets_json
from hydrant.report.required_name import NAMED, named, required_name, unit_names
from hydrant.store.regions.region_tree import RegionTree

#: Marks of a bar: reached, not known, missing; with and without block characters.
_BLOCKS = ("█", "▓", "·")
_PLAIN = ("#", "?", ".")
_BAR_COLUMNS = 30
_NARROW = 84
_NARROW_COLUMNS = ("group", "missing", "completeness", "defective", "working_order")
_WIDE_COLUMNS = (
    *("group", "required", "built", "missing", "completeness"),
    *("existing", "intact", "unverified", "defective", "working_order", "up_to"),
)


def _marks() -> tuple[str, str, str]:
    encoding = sys.stdout.encoding or "ascii"
    try:
        "".join(_BLOCKS).encode(encoding)
    except UnicodeEncodeError:
        return _PLAIN
    return _BLOCKS


def bar(reached: int, unknown: int, whole: int, columns: int = _BAR_COLUMNS) -> str:
    """A bar against 100 %; it is full only when everything is reached."""
    full, doubt, gap = _marks()
    if whole == 0:
        return doubt * columns
    filled = reached * columns // whole
    doubtful = (reached + unknown) * columns // whole - filled
    return full * filled + doubt * doubtful + gap * (columns - filled - doubtful)


def show_integrity(
    screen: Screen,
    report: IntegrityReport,
    data: dict[str, Any],
    listing: str | None,
    crs: Crs,
) -> None:
    """The report and what was asked for beside it."""
    show_report(screen, report)
    if listing is not None:
        show_listing(screen, report, listing, data["list"], crs)
    if "explanation" in data:
        show_explanation(screen, report, data["explanation"])
    if "assessment" in data:
        screen.line("cli_integrity.saved", uid=data["assessment"]["uid"])


def show_report(screen: Screen, report: IntegrityReport) -> None:
    """Head, the two rates with what is behind them, then the groups."""
    _head(screen, report)
    if report.total.completeness is not None:
        _completeness(screen, report.total.completeness, report.tree)
    _working_order(screen, report.total.working_order)
    _remarks(screen, report)
    if report.groups:
        screen.text()
        _groups(screen, report)
    show_mark(screen, *(group.completeness for group in (report.total, *report.groups)))


def _head(screen: Screen, report: IntegrityReport) -> None:
    where = screen.t("cli_integrity.everywhere")
    if report.region is not None:
        where = f"{report.tree.name(report.region, screen.lang)} ({report.region})"
    screen.styled(screen.t("cli_integrity.title", where=where), "bold")
    screen.line(
        "cli_integrity.head",
        as_of=day_text(screen, report),
        policy=f"{report.policy.name} {report.policy.version}",
        title=report.policy.title[screen.lang],
    )
    if report.known_at is not None:
        known = times.local_moment(report.known_at, report.zone)
        screen.line("cli_integrity.known", known_at=known)
    screen.text()


def _rate(
    screen: Screen,
    name: str,
    drawn: str,
    rate: str,
    lines: list[str],
    *,
    reached: bool,
) -> None:
    label = pad(screen.t(f"cli_integrity.{name}"), 14)
    columns = max(10, min(_BAR_COLUMNS, screen.width - 30))
    style = "green" if reached else "yellow" if "%" in rate else "red"
    screen.styled(f"{label} {drawn[:columns]} {rate:>9}", style)
    for line in lines:
        for part in wrap(line, screen.width - 16):
            screen.text(" " * 15 + part)


def _completeness(screen: Screen, found: Completeness, tree: RegionTree) -> None:
    columns = max(10, min(_BAR_COLUMNS, screen.width - 30))
    lines = []
    if found.required:
        counts = screen.t(
            "cli_integrity.completeness_counts",
            required=found.required,
            built=found.built,
            shortfall=found.shortfall,
            raw=percent_text(screen, found.raw_percent),
        )
        lines.append(counts)
    elif found.requires_nothing:
        lines.append(screen.t("cli_integrity.requires_nothing", built=found.built))
    if found.units_without_requirement:
        lines.append(screen.t("cli_integrity.units_without", count=found.units_without_requirement))
    names = unit_names(found.units[:NAMED], tree, screen.lang)
    if names:
        lines.append(named(names, len(found.units) - len(names), screen.lang))
    empty = found.requires_nothing
    drawn = " " * columns if empty else bar(found.met, 0, found.required, columns)
    rate = completeness_text(screen, found)
    _rate(screen, "completeness", drawn, rate, lines, reached=found.is_complete)


def _working_order(screen: Screen, order: WorkingOrder) -> None:
    columns = max(10, min(_BAR_COLUMNS, screen.width - 30))
    lines = [
        screen.t(
            "cli_integrity.order_counts",
            existing=order.existing,
            intact=order.intact,
            stale=order.stale,
            untested=order.untested,
            defective=order.defective,
        ),
        screen.t(
            "cli_integrity.range",
            low=percent_text(screen, order.low),
            high=percent_text(screen, order.high),
        ),
    ]
    if order.unmeasured:
        lines.append(screen.t("cli_integrity.unmeasured", count=order.unmeasured))
    drawn = bar(order.intact, order.stale + order.untested, order.existing, columns)
    reached = order.percent == 100.0
    _rate(
        screen, "working_order", drawn, percent_text(screen, order.percent), lines, reached=reached
    )
    full, doubt, gap = _marks()
    screen.text(" " * 15 + screen.t("cli_integrity.legend", full=full, doubt=doubt, gap=gap))


def _remarks(screen: Screen, report: IntegrityReport) -> None:
    if report.villages is not None and report.villages.all:
        screen.line("integrity.villages", all=report.villages.all, **asdict(report.villages))
    if report.rural.existing:
        screen.line(
            "document.rural",
            existing=report.rural.existing,
            intact=report.rural.intact,
            percent=percent_text(screen, report.rural.percent),
        )
    if report.not_built:
        screen.line("document.not_built", count=report.not_built)
    if report.private.existing:
        apart = report.policy.private_apart
        screen.line(
            "cli_integrity.private" if apart else "cli_integrity.private_included",
            existing=report.private.existing,
            intact=report.private.intact,
            defective=report.private.defective,
        )
    if report.total.sensors.equipped:
        screen.line(
            "cli_integrity.sensors",
            equipped=report.total.sensors.equipped,
            online=report.total.sensors.online,
            assets=report.total.sensors.assets,
        )
    for goal in targets_json(report):
        screen.line(
            "cli_integrity.target_due" if goal["due"] else "cli_integrity.target_coming",
            date=goal["date"],
            completeness=_goal(screen, goal, "completeness"),
            order=_goal(screen, goal, "working_order"),
        )
    for one in report.disagreeing:
        screen.line(
            "cli_integrity.beside" if one.beside else "cli_integrity.disagreeing",
            region=report.tree.name(one.region, screen.lang),
            kind=required_name(one._asdict() | {"beyond": False}, screen.lang),
            own=one.stated,
            below=one.below,
        )
    show_fallen(screen, report)
    for code, count in report.split:
        screen.line(
            "cli_integrity.split",
            region=report.tree.name(code, screen.lang),
            code=code,
            count=count,
        )


def _goal(screen: Screen, goal: dict[str, Any], rate: str) -> str:
    """A goal and whether it is met; what cannot be told is not met."""
    if goal[rate] is None:
        return "–"
    key = {True: "met", False: "missed", None: "unknown"}[goal[f"{rate}_met"]]
    state = screen.t(f"cli_integrity.goal_{key}")
    return screen.t("cli_integrity.goal", value=f"{goal[rate]:g}", state=state)


def _groups(screen: Screen, report: IntegrityReport) -> None:
    narrow = screen.width < _NARROW
    names = _NARROW_COLUMNS if narrow else _WIDE_COLUMNS
    screen.table(
        [screen.t(f"cli_integrity.column_{name}") for name in names],
        [[_cells(screen, report, group)[name] for name in names] for group in report.groups],
        numeric=tuple(range(1, len(names))),
    )


def _cells(screen: Screen, report: IntegrityReport, group: Group) -> dict[str, object]:
    order, found = group.working_order, group.completeness
    name = group_name(report, group, screen.lang)
    unstated = found is None or found.required == 0
    rate = None if found is None else completeness_text(screen, found)
    return {
        "group": _shorten(name or screen.t("cli_integrity.nowhere"), screen.width // 3),
        "required": None if unstated else found and found.required,
        "built": None if unstated else found and found.built,
        "missing": None if unstated else found and found.shortfall,
        "completeness": rate,
        "existing": order.existing,
        "intact": order.intact,
        "unverified": order.stale + order.untested,
        "defective": order.defective,
        "working_order": percent_text(screen, order.percent),
        "up_to": percent_text(screen, order.high),
    }


def _shorten(name: str, columns: int) -> str:
    if cell_width(name) <= columns:
        return name
    kept = ""
    for char in name:
        if cell_width(kept + char) >= columns:
            break
        kept += char
    return kept + "…"
