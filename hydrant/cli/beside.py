"""What is to be said of a place when it is recorded: what stands beside it, where its county is."""

from __future__ import annotations

from hydrant.cli.frame import Note
from hydrant.errors import Phrase
from hydrant.geo.distance import distance_bearing
from hydrant.store.facts.assets import Placement
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_neighbours import far_from_county
from hydrant.store.views.near import candidates

#: As in imports: assets of one kind within this distance may be one thing, m.
_BESIDE_M = 10.0
#: So many neighbours are named.
_NAMED = 3


def beside(
    registry: Registry, kind: str, placement: Placement, home: str | None, *, but: str | None = None
) -> tuple[Note, ...]:
    """Assets of the same sort within a few metres, and a county that lies far away."""
    near = []
    for uid, lon, lat in candidates(registry, placement.lon, placement.lat, _BESIDE_M):
        metres, _ = distance_bearing(placement.lon, placement.lat, lon, lat)
        if uid == but or metres > _BESIDE_M:
            continue
        row = raw_rows.fetch(registry, "asset", uid)
        if row is not None and _alike(kind, row["kind"]):
            near.append((metres, row["code"] or uid))
    named = [
        Note.of("cli_asset.beside", metres=f"{metres:.1f}", other=other).warning()
        for metres, other in sorted(near)[:_NAMED]
    ]
    return (*named, *far_notes(registry, home, placement, but=but))


def far_notes(
    registry: Registry, home: str | None, placement: Placement, *, but: str | None = None
) -> tuple[Note, ...]:
    """That a place lies far from every other asset of its county."""
    if home is None:
        return ()
    found = far_from_county(
        registry, home, placement.lon, placement.lat, but=() if but is None else (but,)
    )
    if found is None:
        return ()
    facts = {"region": found[0], "kilometres": round(found[1] / 1000)}
    doubt = Phrase("store.far_from_county", facts)
    return (Note.of("cli_places.doubt", doubt=doubt).warning(),)


def _alike(one: str, other: str) -> bool:
    """Whether two kinds may be one: the same, or a family and a kind within it."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
