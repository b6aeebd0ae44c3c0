"""How packages and what became of their rows are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydrant.cli.frame import Note
from hydrant.cli.screen import Screen
from hydrant.exchange.package_shapes import Manifest
from hydrant.exchange.package_taking import TakenPackage
from hydrant.messages import text
from hydrant.vocabulary import Language

_SHOWN = 20
_ACTIONS = ("conflict", "refused", "withdrawn", "kept")


def manifest_json(manifest: Manifest) -> dict[str, Any]:
    """What a package is, as scripts see it."""
    return {
        "region": manifest.region,
        "as_of": manifest.as_of,
        "sequence": manifest.sequence,
        "digest": manifest.digest,
        "figures": manifest.figures.model_dump(),
        "counts": {n.removesuffix(".jsonl"): m.rows for n, m in sorted(manifest.members.items())},
    }


def show_made(screen: Screen, file: Path, manifest: Manifest) -> None:
    """A package that was written."""
    screen.line("cli_package.made", file=file, assets=_assets(manifest))
    screen.line("cli_package.digest", digest=manifest.digest[:16])


def show_checked(screen: Screen, file: Path, manifest: Manifest) -> None:
    """A package that is whole."""
    screen.line(
        "cli_package.whole",
        file=file,
        assets=_assets(manifest),
        as_of=manifest.as_of,
        region=manifest.region or "–",
    )
    screen.line("cli_package.digest", digest=manifest.digest[:16])


def taken_json(
    file: Path,
    found: TakenPackage,
    manifest: Manifest,
    differing: list[str] | None,
    lang: Language,
) -> dict[str, Any]:
    """What became of a package, as scripts see it.

    Parameters
    ----------
    differing
        Figures that come out differently here; None where they were not compared.
    """
    rows = [
        {
            "table": row.table,
            "uid": row.uid,
            "action": row.what,
            "reason": text(row.why.key, lang, **row.why.facts),
        }
        for row in found.rows
    ]
    return {
        "file": str(file),
        "source": found.source,
        "new": found.new,
        "updated": found.updated,
        "unchanged": found.unchanged,
        **{what: found.count(what) for what in _ACTIONS},
        "written": found.written,
        "figures_differ": differing,
        "rows": rows,
        **manifest_json(manifest),
    }


def taken_notes(differing: list[str] | None, manifest: Manifest) -> tuple[Note, ...]:
    """Whether the sender's figures come out here."""
    if differing is None:
        return (Note.of("cli_package.not_compared"),)
    if not differing:
        return ()
    names = ", ".join(differing)
    return (Note.of("cli_package.differ", fields=names, as_of=manifest.as_of),)


def show_taken(
    screen: Screen, file: Path, found: TakenPackage, data: dict[str, Any], *, dry: bool
) -> None:
    """Rows of which something must be said, the first of them, and the counts."""
    rows = data["rows"]
    for row in rows[:_SHOWN]:
        screen.line(f"cli_package.row_{row['action']}", **row)
    if len(rows) > _SHOWN:
        screen.line("cli_import_.more", count=len(rows) - _SHOWN)
    counts = {what: found.count(what) for what in _ACTIONS}
    screen.line(
        *("cli_package.taken",),
        file=file.name, new=found.new, updated=found.updated, unchanged=found.unchanged, **counts,
    )  # fmt: skip
    if counts["conflict"]:
        screen.line("cli_survey_bundle.see")
    if dry:
        screen.line("cli_import_.dry")


def _assets(manifest: Manifest) -> int:
    return manifest.members["asset.jsonl"].rows
