"""Finds assets that may be one thing, with the reasons for and against."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from hydrant.geo.distance import distance_bearing, neighbours_within
from hydrant.report.doubled import SAME_CODE_M
from hydrant.store.evidence.duplicates import (
    Candidate,
    candidates,
    decided,
    of_one_code,
)
from hydrant.store.evidence.evidence import today
from hydrant.store.opened.registry import Registry
from hydrant.vocabulary import family_of


@dataclass(frozen=True, slots=True)
class Pair:
    """Two assets that may be one.

    Attributes
    ----------
    distance_m
        Metres between them.
    reasons
        Words for it: ``near``, ``same_code``, ``same_name``, ``same_address``, ``same_main``,
        ``other_source``.
    doubts
        Words against it: ``other_code``, ``other_main``, ``far_apart``.
    """

    one: Candidate
    other: Candidate
    distance_m: float
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def uids(self) -> frozenset[str]:
        """Uids of both."""
        return frozenset((self.one.uid, self.other.uid))


@dataclass(frozen=True, slots=True)
class Found:
    """Undecided pairs.

    Attributes
    ----------
    near
        Those that lie near each other.
    far
        Those of one code that lie apart.
    shared
        Codes that more than one asset bears: such an asset is meant by its uid only.
    """

    near: list[Pair]
    far: list[Pair]
    shared: set[str]


def find_pairs(
    registry: Registry,
    *,
    within_m: float,
    regions: list[str] | None = None,
    across: bool = False,
) -> Found:
    """Undecided pairs, the likeliest first, and those of one code that lie far apart.

    Parameters
    ----------
    within_m
        Largest distance of assets whose kinds do not exclude each other, metres.
    regions
        Keep pairs of which one asset lies in these regions; None keeps all.
    across
        Keep only pairs from two sources.
    """
    known = candidates(registry, today(registry))
    wanted = None if regions is None else set(regions)
    closed = decided(registry)

    def chosen(pairs: Iterable[Pair]) -> list[Pair]:
        kept = (
            pair
            for pair in pairs
            if pair.uids not in closed
            and (not across or pair.one.source != pair.other.source)
            and (wanted is None or pair.one.region in wanted or pair.other.region in wanted)
        )
        return sorted(
            kept,
            key=lambda p: (len(p.doubts) - len(p.reasons), p.distance_m, p.one.uid, p.other.uid),
        )

    near = chosen(_near(known, within_m))
    listed = {pair.uids for pair in near}
    far = chosen(pair for pair in _far(known, of_one_code(registry)) if pair.uids not in listed)
    codes = Counter(asset.code for asset in known)
    return Found(near, far, {code for code, count in codes.items() if code and count > 1})


def _far(known: list[Candidate], flagged: set[frozenset[str]]) -> Iterator[Pair]:
    """Pairs that still bear the one code for which they were flagged."""
    by_uid = {asset.uid: asset for asset in known} if flagged else {}
    for pair in flagged:
        one, other = (by_uid.get(uid) for uid in sorted(pair))
        if one is not None and other is not None and one.code is not None:
            reasons, doubts = _reasons(one, other, near=False)
            metres = distance_bearing(one.lon, one.lat, other.lon, other.lat)[0]
            if "same_code" in reasons:
                yield Pair(one, other, metres, reasons, (*doubts, "far_apart"))


def _near(known: list[Candidate], within_m: float) -> Iterator[Pair]:
    if len(known) < 2:
        return
    families = sorted({family_of(asset.kind) for asset in known})
    groups = np.array([families.index(family_of(asset.kind)) for asset in known])
    lons = np.array([asset.lon for asset in known])
    lats = np.array([asset.lat for asset in known])
    reach = max(within_m, SAME_CODE_M)
    found = neighbours_within(lons, lats, groups, reach)
    for i, j, metres in zip(*(part.tolist() for part in found), strict=True):
        one, other = sorted((known[i], known[j]), key=lambda asset: asset.uid)
        same_code = one.code is not None and one.code == other.code
        if _compatible(one.kind, other.kind) and (metres <= within_m or same_code):
            yield Pair(one, other, metres, *_reasons(one, other, near=metres <= within_m))


def _compatible(one: str, other: str) -> bool:
    """Whether two kinds may be one: the same, or one of them only the family."""
    return one == other or family_of(one) in (one, other)


def _reasons(
    one: Candidate, other: Candidate, *, near: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    reasons = ["near"] if near else []
    doubts = []
    for name, here, there in (
        ("code", _plain(one.code), _plain(other.code)),
        ("name", _plain(one.name), _plain(other.name)),
        ("address", _plain(one.address), _plain(other.address)),
        ("main", one.mains_dn_mm, other.mains_dn_mm),
    ):
        if here is None or there is None:
            continue
        if here == there:
            reasons.append(f"same_{name}")
        elif name in ("code", "main"):
            doubts.append(f"other_{name}")
    if one.source != other.source:
        reasons.append("other_source")
        # two registers number the same thing each in its own way
        doubts = [doubt for doubt in doubts if doubt != "other_code"]
    return tuple(reasons), tuple(doubts)


def _plain(text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize("NFKC", text).casefold().strip()
