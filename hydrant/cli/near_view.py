"""How sources around a place are told."""

from __future__ import annotations

from hydrant.cli.screen import Screen
from hydrant.cli.spot import Spot
from hydrant.geo.answered import bare_pair_in, crs_name
from hydrant.geo.distance import compass
from hydrant.report.near import Source
from hydrant.vocabulary import FlowSource


def towards(screen: Screen, metres: float, bearing_deg: float) -> str:
    """The direction of a bearing in words; a dash at the place itself."""
    word = compass(metres, bearing_deg)
    return "–" if word is None else screen.t(f"cli_near.towards_{word}")


def head_cells(screen: Screen, source: Source) -> tuple[str, ...]:
    """Distance, direction, code, kind and condition."""
    return (
        f"{source.distance_m:.0f} m",
        towards(screen, source.distance_m, source.bearing_deg),
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


def position_cell(source: Source, spot: Spot) -> str | None:
    """Where a source is, in the system in which the place was stated."""
    position = source.asset.position
    return None if position is None else bare_pair_in(spot.stated, position)


def position_heading(screen: Screen, spot: Spot) -> str:
    """What the numbers of a position are, with the name of their system."""
    return screen.t("cli_near.column_position", crs=crs_name(spot.stated.stored))


def show_sources(screen: Screen, sources: list[Source], spot: Spot) -> None:
    """Print the table of sources, nearest first."""
    if not sources:
        screen.line("cli_near.none")
        return
    names = ("distance", "bearing", "code", "kind", "condition", "flow")
    screen.table(
        [
            *(screen.t(f"cli_near.column_{name}") for name in names),
            position_heading(screen, spot),
        ],
        [
            (
                *head_cells(screen, source),
                flow_cell(screen, source),
                position_cell(source, spot),
            )
            for source in sources
        ],
        numeric=(0, 5),
        whole=(0, 1, 2, 4, 5),
    )
