"""What is said of visits and moves of one day of which nothing tells which came first."""

from __future__ import annotations

from hydrant import times
from hydrant.errors import Phrase
from hydrant.messages import Note
from hydrant.store.opened.order_in_doubt import InDoubt
from hydrant.store.opened.registry import Registry

#: So many assets are named.
_NAMED = 5


def in_doubt(registry: Registry, *, after: int = 0) -> list[Note]:
    """Remarks on what the registry's transactions wrote, one for each way in which it counts.

    Parameters
    ----------
    after
        How many of `registry.in_doubt` were told already.
    """
    alike: dict[tuple[bool, str], list[InDoubt]] = {}
    for doubt in registry.in_doubt[after:]:
        alike.setdefault((doubt.counts, doubt.lacks), []).append(doubt)
    return [_note(registry, found) for found in alike.values()]


def _note(registry: Registry, found: list[InDoubt]) -> Note:
    first = found[0]
    names: list[object] = [_name(registry, doubt) for doubt in found[:_NAMED]]
    if len(found) > _NAMED:
        names.append(Phrase("cli_asset.more", {"count": len(found) - _NAMED}))
    place = "cli_asset.visit_at_new" if first.counts else "cli_asset.visit_at_old"
    mend = {"code": first.code or first.asset, "day": _local(registry, first)[:10]}
    return Note.of(
        "cli_asset.moved_and_visited",
        names=tuple(names),
        place=Phrase(place),
        mend=Phrase(f"cli_asset.time_of_{first.lacks}", mend),
    ).warning()


def _local(registry: Registry, doubt: InDoubt) -> str:
    return times.local_minute(times.from_text(doubt.at), registry.zone)


def _name(registry: Registry, doubt: InDoubt) -> str:
    at = _local(registry, doubt)
    return f"{doubt.code or doubt.asset} ({at[:10] if doubt.visit_by_day else at})"
