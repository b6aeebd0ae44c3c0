"""Refused rows whose asset goes on counting as good by a visit on record: which, and since when.

One rule for every file of rows: what such a row said is lost on the figures until somebody settles
it, so the asset is named with what its row said and the day it was last found working.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.store.facts.assets import assets_by_uid, find_asset
from hydrant.store.facts.naming import spelled_alike
from hydrant.store.facts.visits import last_decisive, last_found_working, visits_of
from hydrant.store.opened.registry import Registry

#: Signs of what a row said that are shown.
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Standing:
    """An asset that stays good although its row was refused.

    Attributes
    ----------
    said
        What the row said of its state.
    since
        Local day on which the asset was last found working; None where nobody knows.
    """

    uid: str
    code: str | None
    said: str
    since: str | None


def left_standing(
    registry: Registry, refused: Mapping[int, tuple[str, str]]
) -> dict[int, Standing]:
    """Of refused rows those whose asset counts by a visit that found it working.

    Parameters
    ----------
    refused
        Uid of the known asset of each such row, and what the row said.
    """
    uids = {uid for uid, _ in refused.values()}
    visits, found = visits_of(registry, uids), dict[int, Standing]()
    good = {uid for uid in uids if last_found_working(visits.get(uid, ()))}
    assets = assets_by_uid(registry, good)
    for row, (uid, said) in sorted(refused.items()):
        last = last_decisive(visits.get(uid, ()))
        if uid in good and last is not None:
            at = last.values["at"]
            day = None if at is None else times.local_day(times.from_text(str(at)), registry.zone)
            since = None if day is None else day.isoformat()
            found[row] = Standing(uid, assets[uid].code, said, since)
    return found


def what_was_said(cells: Iterable[str], why: Phrase) -> str:
    """What a refused row said of its state: its cells, and what it was refused for."""
    told = [*cells, str(why.facts.get("value", ""))]
    return "; ".join(dict.fromkeys(cell.strip() for cell in told if cell.strip()))[:_LONGEST]


def meant(registry: Registry, codes: Mapping[int, Sequence[str]]) -> dict[int, str]:
    """Uid of the asset that the first of some codes of each row means, where one means one.

    A code that is not on record means the one asset whose code is another spelling of it.
    """
    found = dict[int, str]()
    for row, words in codes.items():
        for code in filter(None, words):
            with suppress(InputRefused):
                found[row] = find_asset(registry, code).uid
                break
    left = {row: words for row, words in codes.items() if row not in found}
    alike = spelled_alike(registry, [word for words in left.values() for word in words])
    for row, words in left.items():
        uids = [alike[word] for word in words if word in alike]
        found |= {row: uids[0]} if uids else {}
    return found
