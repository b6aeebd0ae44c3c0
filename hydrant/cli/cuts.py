"""Options by which a command says what moment it means, and what they amount to."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import helper
from hydrant.store.evidence import Cut
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


def cut_of(registry: Registry, as_of: str | None, known_at: str | None) -> Cut:
    """The moment that the flags mean: today and everything known, unless said otherwise."""
    day = times.local_day(times.now(), registry.zone)
    if as_of is not None:
        day = times.parse_date(as_of)
    known = None if known_at is None else times.parse_moment(known_at, registry.zone)
    return Cut(day, registry.zone, known)
