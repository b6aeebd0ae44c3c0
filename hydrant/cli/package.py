"""``hydrant package``: a registry's facts for the level above, and taking them in there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.cuts import AsOfOption, RegionOption, cut_of
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.region_on import code_on
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import remark_missing
from hydrant.cli.whole_file import written_whole
from hydrant.errors import InputRefused
from hydrant.exchange.package_file import open_package, write_package
from hydrant.exchange.package_shapes import Figures, Manifest
from hydrant.exchange.package_taking import TakenPackage, package_path, take_package
from hydrant.integrity.policy_reader import load_policy
from hydrant.messages import text
from hydrant.report.integrity import assess
from hydrant.report.integrity_json import completeness_json, working_order_json
from hydrant.store.package_rows import ancestors, home_of
from hydrant.store.regions import subtree
from hydrant.store.registry import Registry
from hydrant.store.sensor_facts import AtHand

h = helper("package")
app = group("package")
_SHOWN = 20
_TOLD = ("conflict", "refused", "withdrawn", "kept")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=h("file"))]


@command(app, "make")
def make(
    settings: Settings, file: FileArgument, *, region: RegionOption = None, as_of: AsOfOption = None
) -> Result:
    """Write a package of everything the level above needs."""
    package_path(file)
    with settings.progress("cli_common.working"), settings.registry() as registry:
        code = code_on(registry, region, cut_of(registry, as_of)) or home_of(registry)
        codes = None if code is None else subtree(registry, code)
        tree = None if code is None else [*(codes or ()), *ancestors(registry, code)]
        day = cut_of(registry, as_of).as_of.isoformat()
        figures, at_hand = _figures(registry, code, day, registry.policy)
        remark_missing(settings, at_hand)
        made: list[Manifest] = []
        written_whole(
            file,
            lambda path: made.append(
                write_package(
                    path, registry, region=code, codes=codes, tree=tree, as_of=day, figures=figures
                )
            ),
        )
    manifest = made[0]

    def show(screen: Screen) -> None:
        screen.line("cli_package.made", file=file, assets=_rows(manifest, "asset"))
        screen.line("cli_package.digest", digest=manifest.digest[:16])

    return Result({"file": str(file), **_told(manifest)}, show)


@command(app, "check")
def check(settings: Settings, file: FileArgument) -> Result:
    """Check a package without taking it."""
    del settings  # needs no registry
    with open_package(file) as package:
        package.check()
        manifest = package.manifest

    def show(screen: Screen) -> None:
        screen.line(
            *("cli_package.whole",),
            file=file, assets=_rows(manifest, "asset"), as_of=manifest.as_of,
            region=manifest.region or "–",
        )  # fmt: skip
        screen.line("cli_package.digest", digest=manifest.digest[:16])

    return Result({"file": str(file), **_told(manifest)}, show)


@command(app, "take")
def take(
    settings: Settings,
    file: FileArgument,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=h("dry_run"))] = False,
    accept_withdrawals: Annotated[
        bool, typer.Option("--accept-withdrawals", help=h("accept"))
    ] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Take a package from the level below; taking it again changes nothing."""
    with (
        settings.progress("cli_common.working"),
        settings.registry(write=True) as registry,
        open_package(file) as package,
    ):
        manifest = package.manifest
        found = take_package(
            registry,
            package,
            actor=settings.actor(by),
            accept_withdrawals=accept_withdrawals,
            dry_run=dry_run,
        )
        differing = None if dry_run else _differing(registry, manifest)
    rows = [
        {
            "table": row.table,
            "uid": row.uid,
            "action": row.what,
            "reason": text(row.why.key, settings.lang, **row.why.facts),
        }
        for row in found.rows
    ]
    counts = {what: found.count(what) for what in _TOLD}
    data: dict[str, Any] = {
        "file": str(file),
        "source": found.source,
        "new": found.new,
        "updated": found.updated,
        "unchanged": found.unchanged,
        **counts,
        "written": found.written,
        "figures_differ": differing,
        "rows": rows,
        **_told(manifest),
    }
    notes = _notes(differing, manifest)
    return Result(data, lambda screen: _show(screen, file, found, rows, dry=dry_run), notes)


def _show(
    screen: Screen, file: Path, found: TakenPackage, rows: list[dict[str, str]], *, dry: bool
) -> None:
    for row in rows[:_SHOWN]:
        screen.line(f"cli_package.row_{row['action']}", **row)
    if len(rows) > _SHOWN:
        screen.line("cli_import_.more", count=len(rows) - _SHOWN)
    counts = {what: found.count(what) for what in _TOLD}
    screen.line(
        *("cli_package.taken",),
        file=file.name, new=found.new, updated=found.updated, unchanged=found.unchanged, **counts,
    )  # fmt: skip
    if counts["conflict"]:
        screen.line("cli_survey_bundle.see")
    if dry:
        screen.line("cli_import_.dry")


def _notes(differing: list[str] | None, manifest: Manifest) -> tuple[Note, ...]:
    if differing is None:
        return (Note.of("cli_package.not_compared"),)
    if not differing:
        return ()
    names = ", ".join(differing)
    return (Note.of("cli_package.differ", fields=names, as_of=manifest.as_of),)


def _differing(registry: Registry, manifest: Manifest) -> list[str] | None:
    """Figures that come out differently here; None where they cannot be compared."""
    if manifest.region is None:
        return None
    try:
        here, _ = _figures(registry, manifest.region, manifest.as_of, manifest.figures.policy)
    except InputRefused:
        return None  # a policy of the sender's own
    if here.policy_digest != manifest.figures.policy_digest:
        return None
    told, ours = manifest.figures.model_dump(), here.model_dump()
    return [
        f"{part}.{name}"
        for part in ("completeness", "working_order")
        for name in sorted({**(told[part] or {}), **(ours[part] or {})})
        if (told[part] or {}).get(name) != (ours[part] or {}).get(name)
    ]


def _figures(
    registry: Registry, region: str | None, day: str, policy: str
) -> tuple[Figures, AtHand]:
    """The figures of a package, and whether the readings behind them are at hand."""
    rules = load_policy(policy)
    report = assess(registry, cut_of(registry, day), rules, region=region)
    figures = Figures(
        policy=rules.name,
        policy_digest=rules.digest,
        completeness=completeness_json(report.total.completeness),
        working_order=working_order_json(report.total.working_order),
    )
    return figures, report.at_hand


def _rows(manifest: Manifest, table: str) -> int:
    return manifest.members[f"{table}.jsonl"].rows


def _told(manifest: Manifest) -> dict[str, Any]:
    return {
        "region": manifest.region,
        "as_of": manifest.as_of,
        "sequence": manifest.sequence,
        "digest": manifest.digest,
        "figures": manifest.figures.model_dump(),
        "counts": {n.removesuffix(".jsonl"): m.rows for n, m in sorted(manifest.members.items())},
    }
