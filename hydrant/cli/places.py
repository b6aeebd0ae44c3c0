"""Positions on the command line: coordinates, their datum, and the refusals around them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.frame import Note, helper
from hydrant.cli.spot import typed_place
from hydrant.errors import CommandLineError, InputRefused, Phrase
from hydrant.geo import datum
from hydrant.store.facts.assets import Placement
from hydrant.store.opened.registry import Registry
from hydrant.store.outside.outside_edits import has_regions
from hydrant.store.regions.in_force import home_of_assets
from hydrant.store.regions.region_outlines import settle
from hydrant.store.regions.regions import find_region, known_extent

h = helper("places")

LonOption = Annotated[float | None, typer.Option("--lon", help=h("lon"))]
LatOption = Annotated[float | None, typer.Option("--lat", help=h("lat"))]
XOption = Annotated[float | None, typer.Option("--x", metavar="E", help=h("x"))]
YOption = Annotated[float | None, typer.Option("--y", metavar="N", help=h("y"))]
PlaceOption = Annotated[str | None, typer.Option("--place", metavar="LON,LAT", help=h("place"))]
CrsOption = Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))]

ShownCrsOption = Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("shown_crs"))]


def shown_in(crs: str | None) -> datum.Crs:
    """System in which positions are answered; that of the registry unless stated."""
    return datum.parse_crs(crs or "cgcs2000")


def stated_pair(
    lon: float | None, lat: float | None, x: float | None, y: float | None
) -> tuple[float, float] | None:
    """The one pair of coordinates that was given, if any; raises `CommandLineError`."""
    degrees, projected = (lon, lat), (x, y)
    if any(v is not None for v in degrees) and any(v is not None for v in projected):
        raise CommandLineError("cli_places.both")
    chosen = projected if any(v is not None for v in projected) else degrees
    if chosen == (None, None):
        return None
    first, second = chosen
    if first is None or second is None:
        raise CommandLineError("cli_places.half")
    return first, second


def stated_place(
    pair: tuple[float, float] | None, whole: str | None, crs: str | None
) -> tuple[tuple[float, float] | None, str | None]:
    """The one position that was given, by numbers or as a whole, and its system.

    Raises
    ------
    CommandLineError
        Both were given, or it is no position.
    """
    if whole is None:
        return pair, crs
    if pair is not None:
        raise CommandLineError("cli_places.both")
    found, system = typed_place(whole, crs)
    return (found.x, found.y), system


def place(
    registry: Registry, pair: tuple[float, float], *, crs: str | None, region: str | None
) -> tuple[Placement, tuple[Note, ...]]:
    """Position of stated coordinates, refused when it cannot be where it should be.

    Raises
    ------
    InputRefused
        No datum was stated inside China, or the position is outside its region's extent.
    """
    x, y = pair
    notes: tuple[Note, ...] = ()
    if crs is None:
        datum.require_datum(x, y)
        crs = "wgs84"
        notes = (Note.of("cli_places.assumed"),)
    stated = datum.parse_crs(crs)
    position = datum.to_registry_point(x, y, stated)
    if region is not None:
        _within_extent(registry, region, pair, position, stated)
    return (
        Placement(
            lon=position.lon,
            lat=position.lat,
            orig_x=x,
            orig_y=y,
            orig_crs=stated.stored,
            accuracy_m=position.accuracy_m,
        ),
        notes,
    )


def settled(
    registry: Registry, region: str | None, placement: Placement
) -> tuple[str | None, tuple[Note, ...]]:
    """The region of a position, the stated one where there is one, and what is to be said."""
    code, doubt = settle(registry, region, placement.lon, placement.lat)
    if doubt is not None:
        return code, (Note.of("cli_places.doubt", doubt=doubt).warning(),)
    if region is None and code is not None:
        found = find_region(registry, code)
        named = " ".join(filter(None, (code, found.name_zh or found.name_en)))
        return code, (Note.of("cli_places.placed", region=named),)
    if code is None and has_regions(registry):
        return None, (Note.of("cli_places.no_region").warning(),)
    return code, ()


def in_force(
    registry: Registry, code: str | None, moment: dt.datetime | None = None
) -> tuple[Note, ...]:
    """What is to be said of a region in which an asset is recorded from a moment on (None: now).

    Raises
    ------
    InputRefused
        It has not begun then, or has ended without a single successor.
    """
    said = None if code is None else home_of_assets(registry, code, moment or times.now())
    return () if said is None else (Note.of(said.key, **said.facts).warning(),)


def _within_extent(
    registry: Registry,
    region: str,
    pair: tuple[float, float],
    position: datum.Position,
    stated: datum.Crs,
) -> None:
    known = known_extent(registry, find_region(registry, region).code)
    if known is None:
        return
    code, box = known
    reason = datum.outside_extent(pair, position, stated, box)
    if reason is not None:
        raise InputRefused(
            "geo.outside",
            x=pair[0],
            y=pair[1],
            lon=f"{position.lon:.6f}",
            lat=f"{position.lat:.6f}",
            region=code,
            reason=Phrase(f"geo.reason_{reason}"),
        )
