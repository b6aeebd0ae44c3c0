"""``hydrant money``: what was spent, by whom and for what, beside the cost of the gap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.cuts import AsOfOption, KindOption, KnownAtOption, PolicyOption, cut_of, known_of
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.history_view import amount
from hydrant.cli.region_on import code_on
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import sensed
from hydrant.cli.unit_costs import UnitCostOption, unit_costs
from hydrant.errors import CommandLineError
from hydrant.integrity.policy_reader import load_policy
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.listing import counted
from hydrant.report.money import DIMENSIONS, gap, ledger, totals, within
from hydrant.report.todo import Facts, distance
from hydrant.store.evidence import Cut
from hydrant.store.registry import Registry
from hydrant.store.spending import spendings, without_event
from hydrant.vocabulary import kind_within

h = helper("money")
app = single("money")


class By(StrEnum):
    """What ``--by`` sums by."""

    SOURCE = "source"
    PROJECT = "project"
    YEAR = "year"


@command(app, "money")
def money(
    settings: Settings,
    region: Annotated[str | None, typer.Argument(help=h("region"))] = None,
    *,
    by: Annotated[By | None, typer.Option("--by", help=h("by"))] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help=h("from"))] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help=h("until"))] = None,
    cost: UnitCostOption = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
) -> Result:
    """Sum recorded costs by source, project and year, beside the cost of the gap."""
    costs = unit_costs(cost)
    first, last = _days(since, until)
    with settings.registry() as registry:
        cut = cut_of(registry, as_of, known_of(registry, known_at, settings.notes))
        rules = load_policy(policy or registry.policy)
        code = code_on(registry, region, cut)
        sensors = sensed(settings, registry, cut, rules)
        report = assess(registry, cut, rules, region=code, kind=kind, facts=sensors)
        assets = counted(registry, cut, report, pressures=sensors.pressures)
        recorded = _recorded(registry, cut, report, (first, last), by)
    steps = gap(distance(Facts(assets, {}, (), ()), report, costs))
    data: dict[str, Any] = {
        "as_of": cut.as_of.isoformat(),
        "from": None if first is None else first.isoformat(),
        "until": None if last is None else last.isoformat(),
        "region": code,
        "policy": f"{rules.name} {rules.version}",
        "by": list(DIMENSIONS) if by is None else [by.value],
        **recorded,
        "gap": steps,
    }
    unpriced = any(step["unpriced"] for step in steps)
    notes = (Note.of("cli_money.unpriced"),) if unpriced else ()
    return Result(data, lambda screen: _show(screen, data), notes)


def _days(since: str | None, until: str | None) -> tuple[dt.date | None, dt.date | None]:
    first = None if since is None else times.parse_date(since)
    last = None if until is None else times.parse_date(until)
    if first is not None and last is not None and last < first:
        raise CommandLineError("cli_money.span", since=since, until=until)
    return first, last


def _recorded(
    registry: Registry,
    cut: Cut,
    report: IntegrityReport,
    span: tuple[dt.date | None, dt.date | None],
    by: By | None,
) -> dict[str, Any]:
    """What is on record within the region, of the kind, in the span."""
    zone = registry.zone
    first = None if span[0] is None else times.start_of_day(span[0], zone)
    end = None if span[1] is None else times.end_of_day(span[1], zone)
    mine = [e for e in spendings(registry, cut) if _meant(report, e.region, e.kind)]
    entries, undated = within(mine, first, end)
    bare = [pair for pair in without_event(registry, cut) if _meant(report, *pair)]
    return {
        "rows": ledger(entries, zone, DIMENSIONS if by is None else (by.value,)),
        "total": totals(entries),
        "undated_left_out": undated,
        "assets_without_event": len(bare),
    }


def _meant(report: IntegrityReport, region: str | None, kind: str) -> bool:
    """Whether an asset is asked for; private ones are, where somebody recorded their cost."""
    if report.scope.kind is not None and not kind_within(kind, report.scope.kind):
        return False
    inside = None if report.region is None else report.tree.below(report.region)
    return inside is None or report.tree.resolve(region) in inside


_COLUMNS = ("events_cost", "repairs_cost", "cost", "planned_cost")


def _show(screen: Screen, data: Mapping[str, Any]) -> None:
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
    screen.styled(screen.t("cli_money.gap_title", policy=data["policy"]), "bold")
    screen.table(
        [
            screen.t(f"cli_money.column_{name}")
            for name in ("work", "count", "gap_cost", "unpriced")
        ],
        [
            (
                screen.t(f"todo.work_{step['work']}"),
                f"{step['count']:,}",
                _money(screen, step["cost"], known=not step["count"]),
                f"{step['unpriced']:,}",
            )
            for step in data["gap"]
        ],
        numeric=(1, 2, 3),
    )


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
