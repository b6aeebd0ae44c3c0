"""How sources around a place are told."""

from __future__ import annotations

from hydrant.cli.screen import Screen
from hydrant.report.near import Source

_COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def show_sources(screen: Screen, sources: list[Source]) -> None:
    """Print the table of sources, nearest first."""
    if not sources:
        screen.line("cli_near.none")
        return
    names = ("distance", "bearing", "code", "kind", "condition", "flow", "position")
    screen.table(
        [screen.t(f"cli_near.column_{name}") for name in names],
        [
            (
                f"{source.distance_m:.0f} m",
                screen.t(f"cli_near.towards_{_COMPASS[round(source.bearing_deg / 45) % 8]}"),
                source.asset.code or source.asset.uid,
                screen.label("kind", source.asset.kind),
                screen.label("condition", source.asset.verdict.condition or "not_existing"),
                None if source.flow_l_s is None else f"{source.flow_l_s:g} L/s",
                "{:.6f} {:.6f}".format(*(source.asset.position or (0.0, 0.0))),
            )
            for source in sources
        ],
        numeric=(0, 5),
        whole=(0, 1, 2, 4, 5),
    )
