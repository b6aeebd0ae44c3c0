"""``hydrant package``: a registry's facts for the level above, and taking them in there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.cuts import AsOfOption, RegionOption
from hydrant.cli.decided import gone_notes
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.package_view import (
    manifest_json,
    show_checked,
    show_made,
    show_taken,
    taken_json,
    taken_notes,
)
from hydrant.cli.whole_file import written_whole
from hydrant.errors import InputRefused
from hydrant.exchange.package_batch import stated_figures
from hydrant.exchange.package_evidence import check_evidence
from hydrant.exchange.package_file import PackageFile, open_package, package_path, write_package
from hydrant.exchange.package_rules import Allowed, TakenPackage
from hydrant.exchange.package_shapes import MOST_PAST, Figures, Manifest, PastFigures
from hydrant.exchange.package_taking import take_package
from hydrant.report.differing import Differing
from hydrant.report.handed_figures import better_anew, held_against
from hydrant.report.integrity import assess
from hydrant.report.question import Basis, Question, region_on
from hydrant.report.remarks import fallen_json, fallen_note
from hydrant.report.totals import totals
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import subtree
from hydrant.store.sides.package_rows import home_of, last_days
from hydrant.store.sides.row_names import row_names
from hydrant.store.sides.stated_figures import keep_better
from hydrant.store.views.gone_seen import seen_after_removal

h = helper("package")
app = group("package")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=h("file"))]


@command(app, "make")
def make(
    settings: Settings, file: FileArgument, *, region: RegionOption = None, as_of: AsOfOption = None
) -> Result:
    """Write a package of everything the level above needs."""
    package_path(file)
    with settings.progress("cli_common.working"), settings.asking(Question(as_of=as_of)) as basis:
        if basis.cut.ahead:  # what is handed up is what was, as with --save
            raise InputRefused("integrity.not_packed", date=basis.cut.as_of.isoformat())
        code = _region_of(basis, region)
        report = assess(basis.registry, basis.cut, basis.policy, region=code)
        basis.remark_missing(report)
        past = _past(basis, code)
        manifest = _written(file, basis, code, Figures(**totals(report)), past)
    data = {"file": str(file), **manifest_json(manifest), **fallen_json(report.fallen)}
    notes = tuple(fallen_note(fell, report.tree, settings.lang) for fell in report.fallen)
    return Result(data, lambda screen: show_made(screen, file, manifest), notes)


def _region_of(basis: Basis, region: str | None) -> str | None:
    """The region that is handed up: the one named, else the smallest that holds everything."""
    if region is None:
        return home_of(basis.registry)
    return region_on(basis.registry, region, basis.cut).code


def _past(basis: Basis, code: str | None) -> list[PastFigures]:
    """Figures of the last days before something else began to hold: above they come out alike."""
    codes = None if code is None else subtree(basis.registry, code)
    found = []
    for day in last_days(basis.registry, codes, basis.cut.as_of, most=MOST_PAST):
        report = assess(basis.registry, replace(basis.cut, as_of=day), basis.policy, region=code)
        told = totals(report)
        rates = {part: told[part] for part in ("completeness", "working_order")}
        found.append(PastFigures(as_of=day.isoformat(), **rates))
    return found


def _written(
    file: Path, basis: Basis, code: str | None, figures: Figures, past: list[PastFigures]
) -> Manifest:
    """Write the package of a region, whole or not at all."""
    day = basis.cut.as_of.isoformat()
    made: list[Manifest] = []

    def write(path: Path) -> None:
        made.append(
            write_package(path, basis.registry, region=code, as_of=day, figures=figures, past=past)
        )

    written_whole(file, write)
    return made[0]


@command(app, "check")
def check(settings: Settings, file: FileArgument) -> Result:
    """Check a package without taking it."""
    del settings  # needs no registry
    with open_package(file) as package:
        package.check()
        manifest = package.manifest
        check_evidence(package, times.zone(manifest.zone))
    data = {"file": str(file), **manifest_json(manifest)}
    return Result(data, lambda screen: show_checked(screen, file, manifest))


@command(app, "take")
def take(
    settings: Settings,
    file: FileArgument,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=h("dry_run"))] = False,
    accept_withdrawals: Annotated[
        bool, typer.Option("--accept-withdrawals", help=h("accept"))
    ] = False,
    accept_older: Annotated[bool, typer.Option("--accept-older", help=h("accept_older"))] = False,
    replace: Annotated[bool, typer.Option("--replace-sender", help=h("replace_sender"))] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Take a package from the level below; taking it again changes nothing."""
    with (
        settings.progress("cli_common.working"),
        settings.registry(write=True) as registry,
        open_package(file) as package,
    ):
        manifest = package.manifest
        before = seen_after_removal(registry)
        found = take_package(
            registry,
            package,
            actor=settings.actor(by),
            allowed=Allowed(accept_withdrawals, accept_older, replace),
            dry_run=dry_run,
        )
        differ = None if dry_run else _held_against(settings, registry, package, found, by)
        settings.notes.extend(gone_notes(registry, before))
        names = row_names(registry, [(row.table, row.uid) for row in found.rows])
    data = taken_json(file, found, manifest, differ, names, settings.lang)
    show = partial(show_taken, manifest=manifest, found=found, data=data, dry=dry_run)
    return Result(data, show, taken_notes(differ))


def _held_against(
    settings: Settings,
    registry: Registry,
    package: PackageFile,
    found: TakenPackage,
    by: str | None,
) -> dict[str, list[Differing]] | None:
    """Figures that come out differently here, by day; None where they cannot be compared.

    The package's own day is always among them. What is better here than a sender stated, of this
    package or of one whose figures it changed, is noted: figures say so.
    """
    manifest = package.manifest
    codes = {row["code"] for row in package.rows("region")}
    held = None
    if manifest.region is not None:
        stated = stated_figures(package)
        held = held_against(registry, found.source, manifest.region, stated)
    if anew := better_anew(registry, codes, (found.source, held)):
        with settings.transaction(registry, by) as writer:
            for one, better in anew:
                keep_better(writer, one.batch, better)
    if held is None:
        return None
    return {day: each for day, each in held.differ.items() if each or day == manifest.as_of}
