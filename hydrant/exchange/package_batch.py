"""What is kept of a package as a whole: figures tell by it what was not handed up."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hydrant.errors import Phrase
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_own import regions_of
from hydrant.exchange.package_regions import OwnRegions, rows_now
from hydrant.exchange.package_rules import count_of
from hydrant.exchange.package_went import went_over
from hydrant.ids import new_uid
from hydrant.model.books import ImportBatch
from hydrant.store.evidence.unit_days import Units, noted
from hydrant.store.opened.writer import Writer
from hydrant.store.views.handed_up import NOT_STATED, WENT


def brought(
    package: PackageFile, foreign: Mapping[str, Mapping[str, Phrase]], regions: OwnRegions
) -> dict[str, object]:
    """What a package brings and does not, for `hydrant.store.views.handed_up`.

    Parameters
    ----------
    foreign
        Rows that are not its sender's, by table and key.
    """
    went, others = went_over(package, foreign)
    told, left_out = package.manifest, regions_of(package, others)
    unsaid = {"sensors": package.count("sensor"), "readings": NOT_STATED}
    counts: dict[str, object] = {
        "sequence": told.sequence,
        "as_of": told.as_of,
        "log_head": told.log_head,
        "refused": count_of(foreign),
        "beyond": told.beyond,
        "heard": told.heard,
        "left_out": count_of(others),
        "left_out_in": left_out.within,
        "left_out_above": left_out.above,
        WENT: went,
        "moved": regions.moved_out,
        "sensors": unsaid if told.sensors is None else told.sensors.model_dump(),
    }
    outside = told.model_dump(include={"elsewhere"})
    counts["stated"] = stated_figures(package)
    counts |= noted(stated_units(package), told.region)
    return counts | ({} if told.elsewhere is None else outside)


def stated_units(package: PackageFile) -> Units:
    """The units of a package over time."""
    rows = list(package.rows("region"))
    now = {code: row["parent_code"] for code, row in rows_now(rows).items()}
    heirs = ((row["code"], row["successor_code"]) for row in package.rows("region_successor"))
    return Units(rows, heirs, now.get)


def stated_figures(package: PackageFile) -> dict[str, object]:
    """The sender's own figures, by day, which this level's are held against."""
    told = package.manifest
    own = told.figures.model_dump(include={"completeness", "working_order"})
    past = {one.as_of: one.model_dump(exclude={"as_of"}) for one in told.past}
    rules = told.figures.model_dump(include={"policy", "policy_digest"})
    return {**rules, "days": past | {told.as_of: own}}


def note_batch(
    writer: Writer, package: PackageFile, source: str, counts: Mapping[str, object]
) -> str:
    """Record that a package was taken, before its rows; the key of the record."""
    told = package.manifest
    batch = ImportBatch(
        uid=new_uid(),
        source=source,
        file_name=package.path.name,
        file_digest=told.digest,
        mapping=f"package {told.version}",
        columns="",
        counts=json.dumps(counts),
    )
    writer.add(batch)
    writer.flush()
    return batch.uid
