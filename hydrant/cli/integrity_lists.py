"""The lists behind the figures: what is missing, defective or not verified, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydrant.cli.screen import Screen, wrap
from hydrant.geo.answered import crs_name
from hydrant.geo.datum import Crs
from hydrant.report.integrity import IntegrityReport
from hydrant.report.required_name import required_name, unit_names
from hydrant.report.rule_words import rule_text, source_text
from hydrant.safe_text import printable


def show_listing(
    screen: Screen,
    report: IntegrityReport,
    listing: str,
    rows: Sequence[dict[str, Any]],
    crs: Crs,
) -> None:
    """The names behind a figure, and where they are."""
    screen.text()
    screen.line(f"cli_integrity.list_{listing}", count=len(rows))
    if listing == "shortfall":
        if rows:
            _shortfall_table(screen, report, rows)
        _lacking(screen, report)
        return
    if not rows:
        return
    names = ("code", "kind", "region", "position", "condition", "reason", "maintainer")
    screen.table(
        [screen.t(f"cli_integrity.column_{name}", crs=crs_name(crs.stored)) for name in names],
        [
            (
                row["code"] or row["uid"],
                screen.label("kind", row["kind"]),
                row["region"] and report.tree.name(row["region"], screen.lang),
                row["position"],
                screen.label("condition", row["condition"]),
                screen.t(f"integrity.reason_{row['reason']}"),
                row["maintainer"],
            )
            for row in rows
        ],
    )


def show_explanation(screen: Screen, report: IntegrityReport, found: dict[str, Any]) -> None:
    """What the two rates are made of, down to the assets."""
    order = found["working_order"]
    screen.text()
    screen.line("cli_integrity.explained_order", **order)
    for part in order["parts"]:
        condition = screen.label("condition", part["condition"])
        reason = screen.t(f"integrity.reason_{part['reason']}")
        screen.text(f"{condition} · {part['count']} · {reason}")
        rule = part["rule"]
        if rule is not None:
            said = rule_text(rule, screen.lang)
            source = source_text(rule["source"], screen.lang)
            screen.line("cli_integrity.explained_rule", name=rule["name"], rule=said, source=source)
        _names(screen, part["assets"])
    screen.text()
    screen.line("cli_integrity.explained_completeness", count=len(found["completeness"]))
    for need in found["completeness"]:
        source = need["source"]
        facts = {name: value for name, value in need.items() if name not in ("assets", "source")}
        facts["region"] = report.tree.name(need["region"], screen.lang)
        facts["kind"] = required_name(need, screen.lang)
        origin = source["origin"] and screen.label("origin", source["origin"])
        stated_in = source["document"] or origin or screen.t("cli_integrity.source_none")
        key = "explained_beyond" if need["beyond"] else "explained_need"
        screen.line(f"cli_integrity.{key}", source=stated_in, **facts)
        _names(screen, need["assets"])
    _lacking(screen, report)


def _lacking(screen: Screen, report: IntegrityReport) -> None:
    """Every unit for which a number is lacking."""
    found = report.total.completeness
    if found is None or not found.units:
        return
    screen.text()
    screen.line("cli_integrity.list_units", count=len(found.units))
    for name in unit_names(found.units, report.tree, screen.lang):
        for part in wrap(name, screen.width - 5):
            screen.text(f"    {part}")


def _names(screen: Screen, assets: Sequence[dict[str, Any]]) -> None:
    names = "  ".join(printable(asset["code"] or asset["uid"]) for asset in assets)
    for part in wrap(names, screen.width - 5):
        screen.text(f"    {part}")


def _shortfall_table(
    screen: Screen, report: IntegrityReport, rows: Sequence[dict[str, Any]]
) -> None:
    names = ("region", "kind", "required", "built", "missing")
    screen.table(
        [screen.t(f"cli_integrity.column_{name}") for name in names],
        [
            (
                report.tree.name(row["region"], screen.lang),
                required_name(row, screen.lang),
                row["required"],
                row["built"],
                row["shortfall"],
            )
            for row in rows
        ],
        numeric=(2, 3, 4),
    )
