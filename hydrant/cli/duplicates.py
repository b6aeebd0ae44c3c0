"""``hydrant duplicates``: assets that may have been entered twice."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.geo.distance import distance_bearing
from hydrant.model.tables import Asset
from hydrant.report.duplicates import Pair, find_pairs
from hydrant.store.assets import find_asset
from hydrant.store.duplicates import keep_apart
from hydrant.store.regions import find_region, subtree
from hydrant.store.transactions import transaction
from hydrant.store.uniting import unite

h = helper("duplicates")
app = group("duplicates")

ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]


@command(app, "list")
def list_(
    settings: Settings,
    *,
    region: Annotated[str | None, typer.Option("--region", help=h("region"))] = None,
    within: Annotated[float, typer.Option("--within", metavar="M", help=h("within"))] = 10.0,
    across: Annotated[bool, typer.Option("--across", help=h("across"))] = False,
) -> Result:
    """List pairs nobody has decided on, the likeliest first."""
    with settings.progress("cli_common.working"), settings.registry() as registry:
        codes = None if region is None else subtree(registry, find_region(registry, region).code)
        pairs = find_pairs(registry, within_m=within, regions=codes, across=across)

    def show(screen: Screen) -> None:
        if not pairs:
            screen.line("cli_duplicates.none")
            return
        names = ("distance", "asset", "other", "kind", "region", "why")
        screen.table(
            [screen.t(f"cli_duplicates.column_{name}") for name in names],
            [
                (
                    f"{pair.distance_m:.1f} m",
                    pair.one.code or pair.one.uid,
                    pair.other.code or pair.other.uid,
                    screen.label("kind", pair.one.kind),
                    pair.one.region,
                    _why(screen, pair),
                )
                for pair in pairs
            ],
            numeric=(0,),
        )
        screen.line("cli_duplicates.listed", count=len(pairs))

    return Result({"duplicates": [_told(pair) for pair in pairs]}, show)


def _why(screen: Screen, pair: Pair) -> str:
    words = [screen.t(f"cli_duplicates.why_{word}") for word in (*pair.reasons, *pair.doubts)]
    return screen.t("cli_duplicates.and").join(words)


def _told(pair: Pair) -> dict[str, Any]:
    return {
        "distance_m": round(pair.distance_m, 2),
        "asset": pair.one.told(),
        "other": pair.other.told(),
        "reasons": list(pair.reasons),
        "doubts": list(pair.doubts),
    }


@command(app, "merge")
def merge(
    settings: Settings,
    keep: Annotated[str, typer.Argument(help=h("keep"))],
    lose: Annotated[str, typer.Argument(help=h("lose"))],
    *,
    by: ByOption = None,
) -> Result:
    """Make two assets one that keeps both histories."""
    with settings.registry(write=True) as registry:
        kept, lost = find_asset(registry, keep), find_asset(registry, lose)
        data: dict[str, Any] = {"kept": kept.uid, "code": kept.code, "merged": lost.uid}
        with transaction(registry, actor=settings.actor(by), origin="duplicates merge") as writer:
            data["filled"] = unite(writer, kept, lost, reason="duplicates merge")

    def show(screen: Screen) -> None:
        screen.line("cli_duplicates.merged", keep=keep, lose=lose)
        if data["filled"]:
            screen.line("cli_duplicates.filled", fields=", ".join(data["filled"]))

    return Result(data, show)


@command(app, "keep")
def keep_(
    settings: Settings,
    one: Annotated[str, typer.Argument(help=h("one"))],
    other: Annotated[str, typer.Argument(help=h("other"))],
    *,
    by: ByOption = None,
) -> Result:
    """Say that two assets are not the same; they are not listed again."""
    with settings.registry(write=True) as registry:
        first, second = find_asset(registry, one), find_asset(registry, other)
        with transaction(registry, actor=settings.actor(by), origin="duplicates keep") as writer:
            new = keep_apart(writer, first, second, _metres(first, second))

    def show(screen: Screen) -> None:
        screen.line("cli_duplicates.kept", one=one, other=other)

    data = {"assets": [first.uid, second.uid], "action": "new" if new else "unchanged"}
    return Result(data, show)


def _metres(one: Asset, other: Asset) -> float | None:
    if one.geom is None or other.geom is None:
        return None
    return distance_bearing(*one.geom, *other.geom)[0]
