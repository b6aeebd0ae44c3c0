"""Figures that senders of packages stated of their own regions, and which came out better here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hydrant.model.values import Record
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


def last_stated(registry: Registry, source: str, codes: Iterable[str]) -> list[Stated]:
    """What senders stated last whose figures may change with a package.

    Parameters
    ----------
    source
        The sender of the package: each of its regions is among them.
    codes
        Units that the package tells of: what they lay in on one day or another may change.
    """
    ever = load_ever(registry)
    told = {*codes, *ever.below({region_of(source)})}
    touched = {up for code in told for up in ever.above(code)}
    found = []
    for other, batch, counts in registry.connection.execute(_LAST).fetchall():
        region, brought = region_of(other), json.loads(counts)
        stated = brought.get("stated")
        near = key_of(other) == key_of(source) or region in touched
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
