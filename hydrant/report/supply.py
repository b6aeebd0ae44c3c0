"""Whether enough water can be drawn at a place, from which sources, and over what distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hydrant.report.near import Source


@dataclass(frozen=True, slots=True)
class Supply:
    """What can be drawn at a place.

    Attributes
    ----------
    chosen
        Sources to draw from, nearest first, as few as the nearest allow.
    drawn_l_s
        Sum of their known flows, L/s.
    unknown
        Sources in reach whose flow nobody knows; they count nothing.
    """

    wanted_l_s: float
    chosen: tuple[Source, ...]
    drawn_l_s: float
    unknown: tuple[Source, ...]

    @property
    def enough(self) -> bool:
        """Whether the wanted flow can be drawn."""
        return self.drawn_l_s >= self.wanted_l_s


def supply(sources: Sequence[Source], wanted_l_s: float) -> Supply:
    """The nearest sources of known flow that together give a flow.

    Parameters
    ----------
    sources
        In reach and usable, nearest first.
    wanted_l_s
        Flow that is needed, L/s.
    """
    chosen: list[Source] = []
    drawn = 0.0
    for source in sources:
        if drawn >= wanted_l_s:
            break
        if source.flow_l_s is not None:
            chosen.append(source)
            drawn += source.flow_l_s
    unknown = tuple(source for source in sources if source.flow_l_s is None)
    return Supply(wanted_l_s, tuple(chosen), drawn, unknown)
