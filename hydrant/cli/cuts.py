"""Options by which a command says what it asks of a registry."""

from __future__ import annotations

from typing import Annotated

import typer

from hydrant.cli.frame import helper

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
