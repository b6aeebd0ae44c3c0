"""Unit costs stated on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Annotated

import typer

from hydrant.cli.frame import helper
from hydrant.errors import CommandLineError
from hydrant.integrity.policy import WORKS
from hydrant.vocabulary import KINDS

UnitCostOption = Annotated[
    list[str] | None,
    typer.Option("--cost", metavar="WORK:KIND=AMOUNT", help=helper("todo")("cost")),
]


def unit_costs(words: Iterable[str] | None) -> dict[tuple[str, str], float]:
    """Amounts by work and kind; raises `CommandLineError` for what is none."""
    return dict(map(_cost, words or ()))


def _cost(text: str) -> tuple[tuple[str, str], float]:
    work, _, rest = text.partition(":")
    kind, _, amount = rest.partition("=")
    try:
        value = float(amount)
    except ValueError:
        value = -1.0
    if work not in WORKS or kind not in KINDS or value < 0 or not isfinite(value):
        raise CommandLineError("cli_todo.cost_wrong", value=text, works=", ".join(WORKS))
    return (work, kind), value
