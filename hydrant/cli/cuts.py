"""Options by which a command says what moment it means, and what they amount to."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import Note, helper
from hydrant.store.evidence import Cut
from hydrant.store.known import set_back
from hydrant.store.registry import Registry

h = helper("cuts")

AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help=h("as_of"))]
KnownAtOption = Annotated[
    str | None, typer.Option("--known-at", metavar="TIME", help=h("known_at"))
]
PolicyOption = Annotated[
    str | None, typer.Option("--policy", metavar="NAME|FILE", help=h("policy"))
]
RegionOption = Annotated[
    str | None, typer.Option("--region", metavar="CODE|NAME", help=h("region"))
]
KindOption = Annotated[str | None, typer.Option("--kind", help=h("kind"))]


def cut_of(registry: Registry, as_of: str | None, known: dt.datetime | None = None) -> Cut:
    """The day that the flag means, today where there is none, as known at a moment."""
    day = times.local_day(times.now(), registry.zone)
    if as_of is not None:
        day = times.parse_date(as_of)
    return Cut(day, registry.zone, known)


def known_of(registry: Registry, known_at: str | None, notes: list[Note]) -> dt.datetime | None:
    """The moment of knowing that the flag means; None means everything.

    Parameters
    ----------
    notes
        Gets a remark where a clock was set back past that moment.
    """
    if known_at is None:
        return None
    known = times.parse_moment(known_at, registry.zone)
    count = set_back(registry, known)
    if count:
        notes.append(Note.of("cli_cuts.set_back", count=count, moment=known_at))
    return known
