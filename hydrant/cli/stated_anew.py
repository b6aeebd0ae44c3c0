"""Figures that levels below stated are held anew against those here, as something changes them."""

from __future__ import annotations

from collections.abc import Iterable

from hydrant.messages import Note
from hydrant.report.handed_figures import better_anew
from hydrant.report.remarks import better_note
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.outside.proposals import STATED
from hydrant.store.sides.package_state import row_of
from hydrant.store.sides.stated_figures import keep_better
from hydrant.survey.unit_days import said_in


def held_anew(writer: Writer, codes: Iterable[str]) -> tuple[Note, ...]:
    """Note which figures of senders come out better with what is being written; a remark for each.

    Parameters
    ----------
    codes
        Units of which something is written.
    """
    writer.flush()
    found = better_anew(writer.registry, codes)
    for stated, better in found:
        keep_better(writer, stated.batch, better)
    return tuple(better_note(stated.region, better) for stated, better in found if better)


def units_of(registry: Registry, conflicts: Iterable[raw_rows.Row]) -> set[str]:
    """Units of which something changes as conflicts are decided."""
    found = {code for conflict in conflicts for code in _units(registry, conflict)}
    return {code for code in found if code is not None}


def _units(registry: Registry, conflict: raw_rows.Row) -> Iterable[str | None]:
    wishes = [side.value for side in conflict["sides"] if side.value is not None]
    if conflict["field"] == STATED:
        return {row_of(text)["region_code"] for text in wishes}
    row = raw_rows.fetch(registry, conflict["entity"], conflict["entity_uid"]) or {}
    if conflict["entity"] == "region":
        said = {str(one.value) for text in wishes for one in said_in(text)}
        return {row.get("code"), row.get("parent_code"), *said}
    of = str(row.get("asset_uid") or conflict["entity_uid"])
    asset = raw_rows.fetch(registry, "asset", of) or {}
    return {row.get("region_code"), asset.get("region_code")}
