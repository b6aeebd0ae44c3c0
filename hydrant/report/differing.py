"""A figure that two computations give differently, and how people are told of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from hydrant.errors import Phrase

#: Figures that are per cent.
_PERCENT = ("percent", "raw_percent", "low", "high")


class Differing(NamedTuple):
    """A figure that comes out differently: ``part.name``, as stated and as it is here."""

    name: str
    stated: Any
    ours: Any


def figure_phrase(one: Differing) -> Phrase:
    """A figure in words, as stated below and as it is here."""
    part, _, name = one.name.partition(".")
    percent = " %" if name in _PERCENT else ""
    said = {
        side: Phrase("cli_package.no_figure") if value is None else f"{value}{percent}"
        for side, value in (("below", one.stated), ("here", one.ours))
    }
    return Phrase(f"cli_package.{part}_{name}", said)
