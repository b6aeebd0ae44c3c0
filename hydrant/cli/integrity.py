"""``hydrant integrity``: the two rates."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.cuts import AsOfOption, KindOption, KnownAtOption, PolicyOption, cut_of, known_of
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.integrity_view import show_explanation, show_listing, show_report
from hydrant.cli.region_on import region_on
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import sensed
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.tables import Region
from hydrant.report.assessment import save
from hydrant.report.explanation import explanation
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.integrity_json import report_json
from hydrant.report.listing import LISTS, JudgedAsset, counted, shortfalls
from hydrant.store.evidence import Cut
from hydrant.store.regions import find_region
from hydrant.store.registry import Registry
from hydrant.store.succession import heirs_of
from hydrant.store.transactions import transaction

h = helper("integrity")
app = single("integrity")

EXIT_THRESHOLD = 6


class Listing(StrEnum):
    """Lists that ``--list`` gives."""

    SHORTFALL = "shortfall"
    DEFECTIVE = "defective"
    UNVERIFIED = "unverified"


@command(app, "integrity")
def integrity(
    settings: Settings,
    region: Annotated[str | None, typer.Argument(help=h("region"))] = None,
    *,
    as_of: AsOfOption = None,
    by: Annotated[str | None, typer.Option("--by", metavar="LEVEL|FIELD", help=h("by"))] = None,
    kind: KindOption = None,
    policy: PolicyOption = None,
    known_at: KnownAtOption = None,
    listing: Annotated[Listing | None, typer.Option("--list", help=h("list"))] = None,
    explain: Annotated[bool, typer.Option("--explain", help=h("explain"))] = False,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="PERCENT", min=0, max=100, help=h("fail_under")),
    ] = None,
    keep: Annotated[bool, typer.Option("--save", help=h("save"))] = False,
    by_whom: Annotated[str | None, typer.Option("--recorder", help=h("recorder"))] = None,
) -> Result:
    """Compute completeness and working order against 100 %."""
    with settings.registry(write=keep) as registry:
        cut = cut_of(registry, as_of, known_of(registry, known_at, settings.notes))
        rules = load_policy(policy or registry.policy)
        place = None if region is None else region_on(registry, region, cut)
        code = None if place is None else place.code
        if place is not None:
            settings.notes.extend(_ended(registry, place, cut))
        facts = sensed(settings, registry, cut, rules)
        report = assess(
            registry,
            cut,
            rules,
            region=code,
            by=by or default_cut(registry, code),
            kind=kind,
            facts=facts,
        )
        data: dict[str, Any] = report_json(report, settings.lang)
        named: list[JudgedAsset] = []
        if explain or listing in LISTS:
            named = counted(registry, cut, report, pressures=facts.pressures)
        if listing is not None:
            data["list"] = _listed(report, named, listing)
        if explain:
            data["explanation"] = explanation(registry, cut, report, named)
        if keep:
            with transaction(
                registry, actor=settings.actor(by_whom), origin="integrity --save"
            ) as writer:
                data["assessment"] = save(writer, report)
    missed = fail_under is not None and below_threshold(report, fail_under)

    def show(screen: Screen) -> None:
        show_report(screen, report)
        if listing is not None:
            show_listing(screen, report, listing, data["list"])
        if explain:
            show_explanation(screen, report, data["explanation"])
        if keep:
            screen.line("cli_integrity.saved", uid=data["assessment"]["uid"])

    notes = (Note.of("cli_integrity.below", percent=f"{fail_under:g}"),) if missed else ()
    return Result(data, show, notes, EXIT_THRESHOLD if missed else 0)


def _ended(registry: Registry, region: Region, cut: Cut) -> tuple[Note, ...]:
    """A remark where a region had ended by the day: what it had counts elsewhere."""
    ended = region.valid_until
    if ended is None or times.local_day(ended, registry.zone) > cut.as_of:
        return ()
    day = times.local_day(ended, registry.zone).isoformat()
    heirs = ", ".join(heirs_of(registry, region.code)) or "–"
    return (Note.of("cli_integrity.ended", code=region.code, date=day, heirs=heirs),)


def default_cut(registry: Registry, code: str | None) -> str:
    """Counties for the whole registry and for a city; the next finer level within a county."""
    if code is None:
        return "county"
    level = find_region(registry, code).level
    order = {"province": "city", "city": "county", "county": "township", "township": "village"}
    return order.get(level, "village")


def _listed(
    report: IntegrityReport, named: list[JudgedAsset], listing: Listing
) -> list[dict[str, Any]]:
    if listing is Listing.SHORTFALL:
        return shortfalls(report)
    return [asset.json() for asset in named if asset.verdict.condition in LISTS[listing]]


def below_threshold(report: IntegrityReport, percent: float) -> bool:
    """Whether a rate of the total is below a percentage, or not known."""
    completeness = report.total.completeness
    if completeness is None or not completeness.is_stated:
        return True
    rates = (report.total.working_order.percent, completeness.percent)
    return any(rate is None or rate < percent for rate in rates)
