"""One run of ``hydrant import``: what its command line says, and a table taken in by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from hydrant.cli.frame import Result, Settings
from hydrant.cli.import_view import result_of
from hydrant.exchange.fit_known import fit_known
from hydrant.exchange.importing import import_table
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.outcome import Options, Outcome
from hydrant.exchange.proposing import Proposal, Stated
from hydrant.exchange.table import Table
from hydrant.store.regions.regions import find_region, present_regions
from hydrant.vocabulary import Language


@dataclass(frozen=True, slots=True)
class Run:
    """What the command line says of an import."""

    settings: Settings
    file: Path
    options: Options
    region: str | None
    by: str | None
    layer: str | None
    encoding: str | None

    @property
    def stated(self) -> Stated:
        """What it says of the file itself."""
        said = self.options
        return Stated(
            crs=said.crs,
            kind=said.kind,
            source=said.source,
            layer=self.layer,
            encoding=self.encoding,
            axes=said.axes,
            areas=said.areas,
            lines=said.lines,
            region=self.region,
        )

    def taken(self, table: Table, rules: Mapping) -> Result:
        """A table taken into the registry, or what would become of it."""
        return result_of(self.settings, self.file, self.outcome(table, rules), self.options)

    def outcome(self, table: Table, rules: Mapping) -> Outcome:
        """What became of each row; raises `InputRefused` when no row can be taken at all."""
        settings, options = self.settings, self.options
        with settings.registry(write=not options.dry_run) as registry:
            if self.region is not None:
                options = replace(options, region=find_region(registry, self.region).code)
            with settings.progress("cli_import_.progress", len(table)) as advance:
                return import_table(
                    registry,
                    self.file,
                    table,
                    rules,
                    options,
                    actor=settings.actor(self.by),
                    advance=advance,
                )

    def fit_note(self, proposal: Proposal) -> None:
        """Tell, where it is asked what coordinates refer to, what fits assets on record."""
        topics = {q.topic for q in proposal.made.questions}
        # how the numbers are to be read must be known before what they refer to
        if not {"datum", "system", "zone"} & topics or "packed" in topics or not proposal.placed:
            return
        told = len(self.settings.notes)
        with self.settings.registry() as registry:
            fit = fit_known(registry, proposal.table, proposal.rules)
        del self.settings.notes[told:]  # what is to be said of the registry is said once
        if fit is not None:
            proposal.made.add("", None, "fits", fit=fit)

    def regions(self) -> tuple[dict[str, str], ZoneInfo]:
        """Names of the registry's regions by code, and the zone of its days."""
        told = len(self.settings.notes)
        english = self.settings.lang is Language.EN
        with self.settings.registry() as registry:
            names = {
                code: (region.name_en if english else region.name_zh) or region.name_zh or code
                for code, region in present_regions(registry).items()
            }
            zone = registry.zone
        del self.settings.notes[told:]  # what is to be said of the registry was said before
        return names, zone
