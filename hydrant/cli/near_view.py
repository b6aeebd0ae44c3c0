"""How sources around a place are told."""

from __future__ import annotations

from hydrant.cli.screen import Screen
from hydrant.report.near import Source
from hydrant.vocabulary import FlowSource

_COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def head_cells(screen: Screen, source: Source) -> tuple[str, ...]:
    """Distance, direction, code, kind and condition."""
    return (
        f"{source.distance_m:.0f} m",
        screen.t(f"cli_near.towards_{_COMPASS[round(source.bearing_deg / 45) % 8]}"),
        source.name,
        screen.label("kind", source.asset.kind),
        screen.label("condition", source.asset.verdict.condition or "not_existing"),
    )


def flow_cell(screen: Screen, source: Source) -> str | None:
    """The flow; one that nobody measured is marked, so that it is not taken for a test."""
    flow = source.flow
    if flow is None:
        return None
    if flow.source is FlowSource.DESIGN:
        return screen.t("cli_near.flow_design", flow=f"{flow.l_s:g}")
    return f"{flow.l_s:g} L/s"


def position_cell(source: Source) -> str:
    """Longitude and latitude."""
    return "{:.6f} {:.6f}".format(*(source.asset.position or (0.0, 0.0)))


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
                *head_cells(screen, source),
                flow_cell(screen, source),
                position_cell(source),
            )
            for source in sources
        ],
        numeric=(0, 5),
        whole=(0, 1, 2, 4, 5),
    )
