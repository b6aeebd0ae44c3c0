"""How positions of a file are to be read, as somebody states it."""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.errors import InputRefused

#: What a mapping says of angles: decimal degrees, or with minutes, or minutes and seconds behind.
PACKED = "packed"
MINUTES = "minutes"
ANGLES = ("decimal", PACKED, MINUTES)
AXES, AREAS, LINES = ("en", "ne"), ("within",), ("middle",)


@dataclass(frozen=True, slots=True)
class Placing:
    """How positions are to be read, as far as somebody says.

    Attributes
    ----------
    crs
        Datum of the coordinates.
    axes
        ``en`` (x is east, y is north) or ``ne``.
    areas, lines
        ``within`` and ``middle``: what stands for areas and lines, whatever their extent.
    """

    crs: str | None = None
    axes: str | None = None
    areas: str | None = None
    lines: str | None = None

    def __post_init__(self) -> None:
        for name, value, known in (
            ("axes", self.axes, AXES),
            ("areas", self.areas, AREAS),
            ("lines", self.lines, LINES),
        ):
            if value is not None and value not in known:
                option, words = f"--{name}", ", ".join(known)
                raise InputRefused("geo.placing_word", option=option, value=value, known=words)

    def over(self, other: Placing) -> Placing:
        """What this says, and where it says nothing what another does."""
        return Placing(
            self.crs or other.crs,
            self.axes or other.axes,
            self.areas or other.areas,
            self.lines or other.lines,
        )
