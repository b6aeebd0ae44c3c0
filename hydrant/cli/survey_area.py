"""Which assets a crew's work is about: options shared by planning and packing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.frame import helper
from hydrant.errors import InputRefused
from hydrant.exchange.readers import read_table
from hydrant.exchange.vector import one_area, read_shapes
from hydrant.store.facts.assets import find_asset
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import find_region, subtree
from hydrant.store.views.selection import Choice, pick

h = helper("survey_area")

RegionOption = Annotated[str | None, typer.Option("--region", help=h("region"))]
KindOption = Annotated[str | None, typer.Option("--kind", help=h("kind"))]
MaintainerOption = Annotated[
    str | None, typer.Option("--maintainer", metavar="NAME", help=h("maintainer"))
]
AreaOption = Annotated[Path | None, typer.Option("--area", metavar="FILE", help=h("area"))]
AreaCrsOption = Annotated[
    str | None, typer.Option("--area-crs", metavar="CODE", help=h("area_crs"))
]
ListOption = Annotated[Path | None, typer.Option("--list", metavar="FILE", help=h("list"))]
#: Headings under which a list names its assets.
_CODES = ("uid", "code", "编号")


def chosen(
    registry: Registry,
    *,
    region: str | None,
    kind: str | None,
    maintainer: str | None,
    area: Path | None,
    area_crs: str | None,
    listed: Path | None,
) -> list[str]:
    """Keys of the assets that the options ask for.

    Raises
    ------
    InputRefused
        None fits, or a file cannot be read.
    """
    uids = picked(
        registry, region=region, kind=kind, maintainer=maintainer, area=area, area_crs=area_crs,
        listed=listed,
    )  # fmt: skip
    if not uids:
        raise InputRefused("survey.nothing_chosen")
    return uids


def picked(
    registry: Registry,
    *,
    region: str | None = None,
    kind: str | None = None,
    maintainer: str | None = None,
    area: Path | None = None,
    area_crs: str | None = None,
    listed: Path | None = None,
) -> list[str]:
    """Keys of the assets that the options ask for, perhaps none.

    Raises
    ------
    InputRefused
        A file cannot be read.
    """
    choice = Choice(
        None if region is None else subtree(registry, find_region(registry, region).code),
        kind,
        maintainer,
        None if area is None else _polygon(area, area_crs),
        None if listed is None else _listed(registry, listed),
    )
    return pick(registry, choice)


def _polygon(file: Path, crs: str | None) -> Any:
    import shapely  # noqa: PLC0415  brings GEOS

    union = one_area(read_shapes(file, "polygons", crs=crs, option="--area-crs").geometries)
    shapely.prepare(union)
    return _Area(union)


class _Area:
    """A polygon that can be asked for points without bringing shapely along."""

    def __init__(self, shape: Any) -> None:
        self._shape = shape

    def intersects_xy(self, x: float, y: float) -> bool:
        import shapely  # noqa: PLC0415  as above

        return bool(shapely.intersects_xy(self._shape, x, y))


def _listed(registry: Registry, file: Path) -> list[str]:
    table = read_table(file)
    heading = next((name for name in _CODES if name in table.columns), None)
    cells = table.column("code" if heading is None else heading)
    return [find_asset(registry, cell.strip()).uid for cell in cells if cell.strip()]
