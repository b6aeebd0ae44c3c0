"""``hydrant duplicates``: assets that may have been entered twice."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant.cli.duplicates_view import pair_json, show_merged, show_pairs
from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.errors import Phrase
from hydrant.geo.distance import distance_bearing
from hydrant.model.tables import Asset
from hydrant.report.duplicates import find_pairs
from hydrant.report.present_verdict import counts_as
from hydrant.store.evidence.duplicates import keep_apart
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.merging import announced, unite
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import find_region, subtree
from hydrant.survey.outside_rules import DECISIVE
from hydrant.vocabulary import family_of

h = helper("duplicates")
app = group("duplicates")

#: Metres between two entries of one thing, at most, without a remark.
_ONE_PLACE_M = 100.0

#: Fields that decide in which figures an asset is and what it counts as.
_DECIDING = ("region_code", *sorted(DECISIVE["asset"] - {"source", "external_key"}))

ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))]


@command(app, "list")
def list_(
    settings: Settings,
    *,
    region: Annotated[str | None, typer.Option("--region", help=h("region"))] = None,
    within: Annotated[float, typer.Option("--within", metavar="M", help=h("within"))] = 10.0,
    across: Annotated[bool, typer.Option("--across", help=h("across"))] = False,
    same_code: Annotated[bool, typer.Option("--same-code", help=h("same_code"))] = False,
) -> Result:
    """List pairs nobody has decided on, the likeliest first."""
    with settings.progress("cli_common.working"), settings.registry() as registry:
        codes = None if region is None else subtree(registry, find_region(registry, region).code)
        found = find_pairs(registry, within_m=within, regions=codes, across=across)

    pairs = [*found.near, *(found.far if same_code else ())]
    more = 0 if same_code else len(found.far)
    data = {"duplicates": [pair_json(pair) for pair in pairs], "same_code_apart": len(found.far)}
    return Result(data, lambda screen: show_pairs(screen, pairs, found.shared, more=more))


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
        cautions = _unlike(registry, kept, lost, (keep, lose))
        with settings.transaction(registry, by) as writer:
            data["filled"] = unite(writer, kept, lost, reason="duplicates merge")
        data["now"] = counts_as(registry, kept)
    return Result(data, lambda screen: show_merged(screen, keep, lose, data), cautions)


def _unlike(
    registry: Registry, kept: Asset, lost: Asset, words: tuple[str, str]
) -> tuple[Note, ...]:
    """What speaks against two assets being one thing; what the kept one says stands."""
    told = dict(zip(("keep", "lose"), words, strict=True))
    notes = []
    metres = _metres(kept, lost)
    if metres is not None and metres > _ONE_PLACE_M:
        notes.append(Note.of("cli_duplicates.apart", **told, metres=f"{metres:,.0f}"))
    ahead = announced(registry, lost)
    others = [
        Phrase(f"fields.{name}")
        for name in _DECIDING
        if any(
            None not in (getattr(kept, name), other)
            and getattr(kept, name) != other
            and not (name == "kind" and kept.kind == family_of(str(other)))  # which is filled
            for other in (getattr(lost, name), *(to[name] for _, to in ahead if name in to))
        )
    ]
    if others:
        notes.append(Note.of("cli_duplicates.unlike", **told, fields=tuple(others)))
    return tuple(note.warning() for note in notes)


@command(app, "keep")
def keep_(
    settings: Settings,
    one: Annotated[str, typer.Argument(help=h("one"))],
    other: Annotated[str, typer.Argument(help=h("other"))],
    *,
    by: ByOption = None,
) -> Result:
    """Say that two assets are not the same; they are not listed again."""
    with settings.writing(by) as writer:
        first, second = find_asset(writer.registry, one), find_asset(writer.registry, other)
        new = keep_apart(writer, first, second, _metres(first, second))
    data = {"assets": [first.uid, second.uid], "action": "new" if new else "unchanged"}
    return Result(data, lambda screen: screen.line("cli_duplicates.kept", one=one, other=other))


def _metres(one: Asset, other: Asset) -> float | None:
    if one.geom is None or other.geom is None:
        return None
    return distance_bearing(*one.geom, *other.geom)[0]
