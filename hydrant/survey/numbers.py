"""Numbers that this level and the one below state for the same assets: somebody decides which."""

from __future__ import annotations

from collections.abc import Collection

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.ids import new_uid
from hydrant.integrity.required import overlap
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions.claims import key_of, load_claims, sender_name
from hydrant.store.regions.overlapping import at_one_time, overlapping
from hydrant.store.sides import package_state


def stated_against(
    registry: Registry, row: raw_rows.Row, own: Collection[str] = ()
) -> list[raw_rows.Row]:
    """Numbers that stand here and take in the same asset as another one at one time.

    Parameters
    ----------
    row
        The other one: a row of a package.
    own
        Keys of numbers that its sender tells apart from it itself.
    """
    return [
        here
        for here in package_state.requirements_of(registry, row["region_code"])
        if here["uid"] not in own
        and overlap((here["kind"], here["service"]), (row["kind"], row.get("service")))
        and at_one_time(*((one["valid_from"], one["valid_until"]) for one in (here, row)))
    ]


def take_number(writer: Writer, source: str, text: str) -> None:
    """Let a number of the level below stand in place of those that were stated here.

    Raises
    ------
    InputRefused
        Its sender does not speak for the region any more.
    """
    row = package_state.row_of(text)
    batch = package_state.batch_of(writer.registry, source)
    speaks = load_claims(writer.registry).speaker(row["region_code"])
    if batch is None or (speaks is not None and key_of(speaks) != key_of(source)):
        raise InputRefused("survey.row_gone", entity="package", uid=source)
    for here in stated_against(writer.registry, row):
        _give_way(writer, here, row, sender_name(source))
    package_state.insert_many(writer, "requirement", [row], batch)
    package_state.remember(writer, source, batch, [("requirement", row["uid"], row["uid"], text)])


def _give_way(writer: Writer, here: raw_rows.Row, row: raw_rows.Row, why: str) -> None:
    """Let a number of this level hold only while another does not."""
    begins, ends = here["valid_from"], here["valid_until"]
    after, before = row["valid_until"], row["valid_from"]
    later = after is not None and (ends is None or after < ends)
    if later:
        rest = here | {"uid": new_uid(), "valid_from": after}
        rest |= {"recorded_at": times.to_text(writer.moment), "recorded_by": writer.actor}
        raw_rows.insert(writer, "requirement", rest)
    if before is not None and (begins is None or begins < before):
        raw_rows.update(writer, "requirement", here, {"valid_until": before})
        return
    moment = times.to_text(writer.moment)
    withdrawn = {"withdrawn_at": moment, "withdrawn_by": writer.actor, "withdrawn_why": why}
    raw_rows.update(writer, "requirement", here, withdrawn)


def refuse_twice(registry: Registry, region: str) -> None:
    """Refuse a decision after which a region requires one asset twice."""
    for one, other in overlapping(registry, region):
        raise InputRefused("survey.required_twice", region=region, one=one.name, other=other.name)
