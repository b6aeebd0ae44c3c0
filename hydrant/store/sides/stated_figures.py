"""Figures that senders of packages stated of their own regions, and which came out better here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hydrant.model.values import Record
from hydrant.store.ground.backend import one_row
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions.claims import NO_REGION, key_of, region_of
from hydrant.store.regions.region_tree import load_ever
from hydrant.store.views.handed_up import BETTER

_LAST = """
SELECT source, uid, counts FROM import_batch WHERE fid IN (
  SELECT max(fid) FROM import_batch WHERE source LIKE 'package:%' GROUP BY source) ORDER BY fid
"""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a sender stated in its last package of a region.

    Attributes
    ----------
    batch
        Key of the package's record.
    figures
        Policy, its digest, and both rates by day under ``days``.
    better
        What is noted of them as better here.
    """

    source: str
    batch: str
    region: str
    figures: Record
    better: Mapping[str, Sequence[Sequence[object]]]


def last_stated(
    registry: Registry, codes: Iterable[str], source: str | None = None
) -> list[Stated]:
    """What senders stated last whose figures may change with what is told of some units.

    Parameters
    ----------
    codes
        The units: what they lay in on one day or another may change, and what took that over.
    source
        The sender of a package that tells of them: each of its regions is among them.
    """
    taken = registry.connection.execute(_LAST).fetchall()
    if not taken:
        return []
    ever = load_ever(registry)
    told = {*codes, *(ever.below({region_of(source)}) if source is not None else ())}
    touched = ever.counts_in(told)
    found = []
    for other, batch, counts in taken:
        region, brought = region_of(other), json.loads(counts)
        stated = brought.get("stated")
        near = region in touched or (source is not None and key_of(other) == key_of(source))
        if stated is not None and region != NO_REGION and near:
            found.append(Stated(other, batch, region, stated, brought.get(BETTER, {})))
    return found


def keep_better(
    writer: Writer, batch: str, better: Mapping[str, Sequence[Sequence[object]]]
) -> None:
    """Keep with a package's record which figures are better here; none takes them back."""
    row = raw_rows.fetch(writer.registry, "import_batch", batch)
    if row is None:
        return
    counts = json.loads(row["counts"]) | {BETTER: better}
    raw_rows.update(writer, "import_batch", row, {"counts": json.dumps(counts)})


_NOT_THE_SENDERS = """
SELECT uid FROM asset a WHERE NOT EXISTS (SELECT 1 FROM source_record r
  WHERE r.source = :source AND r.external_key = 'asset/' || a.uid)
AND (region_code IN (SELECT value FROM json_each(:codes)) OR uid IN (
  SELECT asset_uid FROM asset_version WHERE region_code IN (SELECT value FROM json_each(:codes))))
"""
_FORMER = (
    "SELECT asset_uid, former_uid FROM asset_alias "
    "WHERE asset_uid IN (SELECT value FROM json_each(?))"
)
_HANDED_UP = (
    "SELECT external_key FROM source_record WHERE source LIKE 'package:%' "
    "AND external_key IN (SELECT value FROM json_each(?))"
)
_NUMBERS = """
SELECT count(*) FROM requirement q WHERE withdrawn_at IS NULL
AND region_code IN (SELECT value FROM json_each(:codes))
AND (valid_from IS NULL OR valid_from < :end) AND (valid_until IS NULL OR valid_until >= :end)
AND NOT EXISTS (SELECT 1 FROM source_record r
  WHERE r.source = :source AND r.external_key = 'requirement/' || q.uid)
"""


class Beside(NamedTuple):
    """Assets that stand beside a sender's, by key: this level's own, and those of other senders."""

    own: set[str]
    others: set[str]


def beside(registry: Registry, source: str, codes: Iterable[str]) -> Beside:
    """Assets in some units that did not come from a sender.

    One with which another was united that came from below is none of this level's own.
    """
    ask, bound = registry.connection.execute, {"source": source, "codes": json.dumps(list(codes))}
    found = {uid: {uid} for (uid,) in ask(_NOT_THE_SENDERS, bound)}
    if not found:
        return Beside(set(), set())
    for uid, former in ask(_FORMER, (json.dumps(list(found)),)).fetchall():
        found[uid].add(former)
    keys = [f"asset/{one}" for each in found.values() for one in each]
    came = {key.removeprefix("asset/") for (key,) in ask(_HANDED_UP, (json.dumps(keys),))}
    own = {uid for uid, each in found.items() if not each & came}
    return Beside(own, (found.keys() & came) - own)


def has_number_beside(registry: Registry, source: str, codes: Iterable[str], end: str) -> bool:
    """Whether a number holds for some units at a moment that did not come from a sender."""
    bound = {"source": source, "codes": json.dumps(list(codes)), "end": end}
    return bool(one_row(registry.connection.execute(_NUMBERS, bound))[0])
