"""``hydrant integrity``: the two rates."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from hydrant.cli.cuts import AsOfOption, KindOption, KnownAtOption, PolicyOption
from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.integrity_view import show_integrity
from hydrant.cli.places import ShownCrsOption, shown_in
from hydrant.geo.datum import Crs
from hydrant.report.assessment import save
from hydrant.report.explanation import explanation
from hydrant.report.integrity import IntegrityReport
from hydrant.report.integrity_json import report_json
from hydrant.report.listing import LISTS, JudgedAsset, shortfalls
from hydrant.report.question import Question

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
    crs: ShownCrsOption = None,
    explain: Annotated[bool, typer.Option("--explain", help=h("explain"))] = False,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="PERCENT", min=0, max=100, help=h("fail_under")),
    ] = None,
    keep: Annotated[bool, typer.Option("--save", help=h("save"))] = False,
    by_whom: Annotated[str | None, typer.Option("--recorder", help=h("recorder"))] = None,
) -> Result:
    """Compute completeness and working order against 100 %."""
    question = Question(region=region, kind=kind, as_of=as_of, known_at=known_at, policy=policy)
    shown = shown_in(crs)
    with settings.asking(question, write=keep) as basis:
        report = basis.report(by=by or basis.usual_groups)
        data: dict[str, Any] = report_json(report, settings.lang)
        named = basis.counted(report) if explain or listing in LISTS else []
        if listing is not None:
            data["list"] = _listed(report, named, listing, shown)
        if explain:
            data["explanation"] = explanation(basis.registry, basis.cut, report, named)
        if keep:
            with settings.transaction(basis.registry, by_whom, about="--save") as writer:
                data["assessment"] = save(writer, report)
    missed = fail_under is not None and report.is_below(fail_under)
    notes = (Note.of("cli_integrity.below", percent=f"{fail_under:g}"),) if missed else ()
    return Result(
        data,
        lambda screen: show_integrity(screen, report, data, listing, shown),
        notes,
        EXIT_THRESHOLD if missed else 0,
    )


def _listed(
    report: IntegrityReport, named: list[JudgedAsset], listing: Listing, crs: Crs
) -> list[dict[str, Any]]:
    if listing is Listing.SHORTFALL:
        return shortfalls(report)
    return [asset.json(crs) for asset in named if asset.verdict.condition in LISTS[listing]]
