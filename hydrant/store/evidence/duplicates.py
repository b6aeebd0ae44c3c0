"""Pairs of assets that may be one thing: what is known to tell, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.errors import InputRefused
from hydrant.model.geopoint import decode_point
from hydrant.model.tables import Asset, DuplicateFlag
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.sql.state_sql import STATE

_ASSETS = f"""
SELECT a.uid, a.code, a.kind, a.region_code, a.source, a.name, a.address, a.mains_dn_mm, a.geom
FROM asset a WHERE {STATE} <> 'removed'
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What of an asset tells whether it is another one; lon and lat in degrees."""

    uid: str
    code: str | None
    kind: str
    region: str | None
    source: str | None
    name: str | None
    address: str | None
    mains_dn_mm: float | None
    lon: float
    lat: float

    def data(self) -> dict[str, object]:
        """What is shown of it."""
        return {
            "uid": self.uid,
            "code": self.code,
            "kind": self.kind,
            "region": self.region,
            "source": self.source,
        }


def candidates(registry: Registry, cut: Cut) -> list[Candidate]:
    """Every asset with a position that is not removed at a date."""
    found = []
    for row in registry.connection.execute(_ASSETS, {"end": cut.end, "known": cut.known}):
        point = decode_point(row[-1])
        if point is not None:
            found.append(Candidate(*(*row[:-1], *point)))
    return found


def decided(registry: Registry) -> set[frozenset[str]]:
    """Pairs that somebody said are not the same."""
    return {
        frozenset(pair)
        for pair in registry.connection.execute(
            "SELECT asset_uid, other_uid FROM duplicate_flag WHERE state = 'distinct'"
        )
    }


def of_one_code(registry: Registry) -> set[frozenset[str]]:
    """Undecided pairs that were flagged because they bear one code and lie apart."""
    return {
        frozenset(pair)
        for pair in registry.connection.execute(
            "SELECT asset_uid, other_uid FROM duplicate_flag "
            "WHERE state = 'open' AND reason = 'same_code'"
        )
    }


def keep_apart(writer: Writer, one: Asset, other: Asset, distance_m: float | None) -> bool:
    """Remember that two assets are not the same; False where that was known.

    Raises
    ------
    InputRefused
        Both are the same row.
    """
    if one.uid == other.uid:
        raise InputRefused("store.same_asset", asset=one.code or one.uid)
    pair = (one.uid, other.uid)
    for first, second in (pair, pair[::-1]):
        where = {"asset_uid": first, "other_uid": second}
        for row in raw_rows.fetch_all(writer.registry, "duplicate_flag", where):
            return raw_rows.update(writer, "duplicate_flag", row, {"state": "distinct"})
    writer.add(
        DuplicateFlag(
            asset_uid=one.uid,
            other_uid=other.uid,
            distance_m=distance_m,
            reason="decided",
            state="distinct",
        )
    )
    return True
