"""Completes an asset that was drawn in another program: its region, datum and likely doubles."""

from __future__ import annotations

from hydrant.geo.distance import distance_bearing
from hydrant.model.geopoint import decode_point
from hydrant.store.opened import raw_rows
from hydrant.store.opened.bulk import flag_duplicates
from hydrant.store.opened.writer import Entry, Writer
from hydrant.store.outside import outside_edits as edits
from hydrant.store.outside import reviews
from hydrant.store.sides.bundle_file import stored_json
from hydrant.store.views.near import candidates
from hydrant.survey.outside_rules import placed
from hydrant.survey.region_at import lies_elsewhere, region_at, region_nearby

#: As in imports: assets of one kind within this distance may be one thing.
DUPLICATE_M = 10.0


def complete_asset(writer: Writer, row: raw_rows.Row, *, at: str) -> None:
    """Fill in what an added asset lacks; a region that is not certain is put up for decision."""
    lon, lat = decode_point(row["geom"]) or (0.0, 0.0)
    values = placed(row)
    region = row["region_code"] or region_at(writer.registry, lon, lat)
    values["region_code"] = region
    edits.rewrite(writer, "asset", row["fid"], values)
    edits.mend_index(writer, row["fid"])
    told = {name: value for name, value in values.items() if name != "geom" and value != row[name]}
    if told:
        writer.log(Entry("update", "asset", row["uid"], after=told))
    flag_neighbours(writer, row)
    if region is not None:
        _doubt_region(writer, row | {"region_code": region}, at=at)
    if region is not None or not edits.has_regions(writer.registry):
        return
    guess = region_nearby(writer.registry, lon, lat)
    reviews.put_up(
        writer, "asset", row["uid"], "region_code", base=stored_json(None),
        value=stored_json(guess), at=at,
    )  # fmt: skip


def _doubt_region(writer: Writer, row: raw_rows.Row, *, at: str) -> None:
    """Put up for decision a region whose outline does not hold the position."""
    lies_in = lies_elsewhere(writer.registry, row)
    if lies_in is not None:
        reviews.put_up(
            writer, "asset", row["uid"], "region_code", base=stored_json(row["region_code"]),
            value=stored_json(lies_in[0]), at=at,
        )  # fmt: skip


def flag_neighbours(writer: Writer, row: raw_rows.Row) -> None:
    """Flag assets of the same kind within ten metres as possibly the same thing."""
    uid = row["uid"]
    lon, lat = decode_point(row["geom"]) or (0.0, 0.0)
    pairs = []
    for other, there_lon, there_lat in candidates(writer.registry, lon, lat, DUPLICATE_M):
        metres, _ = distance_bearing(lon, lat, there_lon, there_lat)
        if other == uid or metres > DUPLICATE_M:
            continue
        known = raw_rows.fetch(writer.registry, "asset", other)
        if known is not None and known["kind"] == row["kind"]:
            pairs.append((uid, other, metres))
    flag_duplicates(writer, pairs, source="outside", batch=uid)
