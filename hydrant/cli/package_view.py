"""How packages and what became of their rows are told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydrant.cli.frame import Note
from hydrant.cli.rate_view import percent_text
from hydrant.cli.screen import Screen
from hydrant.exchange.package_rules import TakenPackage
from hydrant.exchange.package_shapes import Manifest
from hydrant.messages import text
from hydrant.report.differing import Differing, figure_phrase
from hydrant.store.views.handed_up import NOT_STATED
from hydrant.vocabulary import Language

_SHOWN = 20
_ACTIONS = ("conflict", "refused", "withdrawn", "kept")


def manifest_json(manifest: Manifest) -> dict[str, Any]:
    """What a package is, as scripts see it."""
    return {
        "region": manifest.region,
        "as_of": manifest.as_of,
        "sequence": manifest.sequence,
        "beyond": manifest.beyond,
        "digest": manifest.digest,
        "sensors": _sensors(manifest),
        "figures": manifest.figures.model_dump(),
        "counts": {n.removesuffix(".jsonl"): m.rows for n, m in sorted(manifest.members.items())},
    }


def _sensors(manifest: Manifest) -> dict[str, object]:
    """Whether its sender had the readings of its sensors at hand."""
    if manifest.sensors is not None:
        return manifest.sensors.model_dump()
    count = manifest.members["sensor.jsonl"].rows
    return {"sensors": count, "without": None, "readings": NOT_STATED if count else None}


def _show_sensors(screen: Screen, manifest: Manifest) -> None:
    """The same, in words; nothing where there are no sensors."""
    told = _sensors(manifest)
    if told["readings"] is not None:
        screen.line(f"cli_package.sensors_{told['readings']}", **told)


def show_made(screen: Screen, file: Path, manifest: Manifest) -> None:
    """A package that was written."""
    screen.line("cli_package.made", file=file, assets=_assets(manifest))
    _show_figures(screen, manifest)
    _show_sensors(screen, manifest)
    screen.line("cli_package.digest", digest=manifest.digest[:16])


def _show_figures(screen: Screen, manifest: Manifest) -> None:
    """Both rates as the sender has them, and what it has beside the package."""
    if manifest.beyond:
        screen.line("cli_package.beyond", count=manifest.beyond)
    rates = (manifest.figures.completeness or {}, manifest.figures.working_order)
    first, second = (percent_text(screen, one.get("percent")) for one in rates)
    screen.line("cli_package.rates", completeness=first, working_order=second)


def show_checked(screen: Screen, file: Path, manifest: Manifest) -> None:
    """A package that is whole."""
    screen.line(
        "cli_package.whole",
        file=file,
        assets=_assets(manifest),
        as_of=manifest.as_of,
        region=manifest.region or "–",
        entries=manifest.sequence,
    )
    _show_figures(screen, manifest)
    _show_sensors(screen, manifest)
    screen.line("cli_package.digest", digest=manifest.digest[:16])


def taken_json(
    file: Path,
    found: TakenPackage,
    manifest: Manifest,
    differing: Mapping[str, list[Differing]] | None,
    names: Mapping[str, str],
    lang: Language,
) -> dict[str, Any]:
    """What became of a package, as scripts see it.

    Parameters
    ----------
    names
        What rows are of, by their keys: an asset's plate, a region's code.
    differing
        Figures that come out differently here, by day; None where they were not compared.
    """
    rows = [
        {
            "table": row.table,
            "uid": row.uid,
            "name": row.name or names.get(row.uid),
            "action": row.what,
            "reason": text(row.why.key, lang, **row.why.facts),
        }
        for row in found.rows
    ]
    told = (differing or {}).items()
    by_day = {day: [one.name for one in each] for day, each in told}
    return {
        "file": str(file),
        "source": found.source,
        "new": found.new,
        "updated": found.updated,
        "unchanged": found.unchanged,
        "evidence": found.evidence,
        "evidence_lost": found.evidence_lost,
        **{what: found.count(what) for what in _ACTIONS},
        "written": found.written,
        "figures_differ": by_day.get(manifest.as_of),
        "figures_differ_on": {day: names for day, names in by_day.items() if names},
        "rows": rows,
        **manifest_json(manifest),
    }


def taken_notes(differing: Mapping[str, list[Differing]] | None) -> tuple[Note, ...]:
    """Whether the sender's figures come out here, on its day and on former ones."""
    if differing is None:
        return (Note.of("cli_package.not_compared"),)
    return tuple(
        Note.of("cli_package.differ", fields=tuple(map(figure_phrase, each)), as_of=day)
        for day, each in differing.items()
        if each
    )


def show_taken(
    screen: Screen, manifest: Manifest, found: TakenPackage, data: dict[str, Any], *, dry: bool
) -> None:
    """Rows of which something must be said, the first of them, and the counts."""
    rows = data["rows"]
    for row in rows[:_SHOWN]:
        shown = {**row, "uid": row["name"] or row["uid"]}
        screen.line(f"cli_package.row_{row['action']}", **shown)
    if len(rows) > _SHOWN:
        screen.line("cli_import_.more", count=len(rows) - _SHOWN)
    counts = {what: found.count(what) for what in _ACTIONS}
    screen.line(
        *("cli_package.taken",),
        file=Path(data["file"]).name,
        new=found.new, updated=found.updated, unchanged=found.unchanged, **counts,
    )  # fmt: skip
    if beyond := data["beyond"]:
        screen.line("cli_package.beyond", count=beyond)
    _show_sensors(screen, manifest)
    if found.evidence_lost:
        screen.line("cli_package.evidence_lost", count=found.evidence_lost)
    if (news := found.evidence - found.evidence_lost) > 0:
        screen.line("cli_package.evidence", count=news)
    if counts["conflict"]:
        screen.line("cli_survey_bundle.see")
    if dry:
        screen.line("cli_import_.dry")


def _assets(manifest: Manifest) -> int:
    return manifest.members["asset.jsonl"].rows
