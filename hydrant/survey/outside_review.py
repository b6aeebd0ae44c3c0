"""A person decides on what other programs changed and what could not simply stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.ids import new_uid
from hydrant.model.geopoint import decode_point
from hydrant.model.inputs import RequirementInput, validated
from hydrant.store.facts.event_withdrawal import exists
from hydrant.store.facts.merging import present_key
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import outside_edits as edits
from hydrant.store.outside import reviews
from hydrant.store.outside.proposals import WHOLE
from hydrant.store.outside.reviews import Review
from hydrant.store.regions.requirements import set_requirement
from hydrant.store.sides.bundle_file import stored_json
from hydrant.survey import outside_rules as rules
from hydrant.survey.new_asset import complete_asset
from hydrant.survey.outside_triage import carry_forward, keep_version
from hydrant.survey.region_at import lies_elsewhere
from hydrant.survey.settling import cell_values, from_row_json
from hydrant.vocabulary import LifecycleEvent


@dataclass(frozen=True, slots=True)
class Listed:
    """One change that waits, as it is shown.

    Attributes
    ----------
    asset
        Code of the asset it is about, else its key; None for what belongs to none.
    now, wanted
        What the registry says and what the other program wrote: JSON-able, None for nothing.
    reason
        Why it does not simply stand.
    """

    review: Review
    asset: str | None
    now: Any
    wanted: Any
    reason: Phrase


def listed(registry: Registry) -> list[Listed]:
    """Every change that waits, oldest first."""
    return [_listed(registry, review) for review in reviews.waiting(registry)]


def _listed(registry: Registry, review: Review) -> Listed:
    row = _present(registry, review)
    wanted = _values(review)
    told = row or wanted or {}
    now: Any = None
    if row is not None:
        now = _shown(row if review.field == WHOLE else {name: row[name] for name in wanted})
    reason = _reason(registry, review, row, wanted)
    return Listed(review, _asset(registry, review, told), now, _shown(wanted), reason)


def _present(registry: Registry, review: Review) -> raw_rows.Row | None:
    uid = present_key(registry, review.uid) if review.entity == "asset" else review.uid
    return edits.by_key(registry, review.entity, uid)


def _values(review: Review) -> raw_rows.Row:
    """Columns as the other program wants them; nothing where it deleted the row."""
    if review.value is None:
        return {}
    if review.field == WHOLE or review.field in rules.OWN:
        return from_row_json(review.value)
    return cell_values(review.field, review.value)


def _shown(row: raw_rows.Row) -> Any:
    told = {name: value for name, value in row.items() if name != "fid"}
    if isinstance(told.get("geom"), bytes):
        told["geom"] = decode_point(told["geom"]) or told["geom"]
    return {
        name: value.hex() if isinstance(value, bytes) else value for name, value in told.items()
    }


def _asset(registry: Registry, review: Review, row: raw_rows.Row) -> str | None:
    if review.entity == "asset":
        return str(row.get("code") or review.uid)
    if "asset_uid" not in row:
        return None
    owner = raw_rows.fetch(registry, "asset", str(row["asset_uid"])) or {}
    return str(owner.get("code") or row["asset_uid"])


def _reason(
    registry: Registry, review: Review, row: raw_rows.Row | None, wanted: raw_rows.Row
) -> Phrase:
    entity, name = review.entity, review.field
    if review.value is None:
        word = "asset" if entity == "asset" else "other"
        return Phrase(f"survey.outside_deleted_{word}")
    if name == WHOLE:
        found = rules.unacceptable(registry, entity, wanted) or rules.row_doubt(entity, wanted)
        if found is None and review.base == reviews.UNPROVEN:
            found = Phrase("survey.outside_unproven")
    elif row is None:
        return Phrase("survey.row_gone", {"entity": entity, "uid": review.uid})
    elif _lacks_region(review):
        guess = wanted["region_code"] or "–"
        return Phrase("survey.outside_no_region", {"guess": guess})
    elif (elsewhere := _lies_elsewhere(registry, review, row)) is not None:
        return elsewhere
    else:
        found = rules.cell_doubt(registry, entity, name, row, row | wanted)
        if found is None or found.key not in _FINAL:
            found = rules.unacceptable(registry, entity, row | wanted) or found
    return found or Phrase("survey.outside_asked")


#: Reasons for which a change can be rejected only.
_FINAL = ("survey.outside_own", "survey.outside_sensor", "survey.outside_original")


def _lies_elsewhere(registry: Registry, review: Review, row: raw_rows.Row) -> Phrase | None:
    """Why a stated region is doubtful, where that is what was put up."""
    if (review.entity, review.field) != ("asset", "region_code"):
        return None
    found = lies_elsewhere(registry, row)
    return found[1] if found is not None and review.value == stored_json(found[0]) else None


def _lacks_region(review: Review) -> bool:
    return (review.entity, review.field, review.base) == ("asset", "region_code", "null")


def accept(writer: Writer, review: Review) -> None:
    """Let a change stand after all, from now on.

    Raises
    ------
    InputRefused
        It cannot be true, or is not this list's to change; it still waits.
    """
    registry, wanted = writer.registry, _values(review)
    row = _present(registry, review)
    if review.value is None:
        _end(writer, review, row)
    elif review.field == WHOLE:
        _refuse_final(review, _reason(registry, review, row, wanted))
        _refuse(review, rules.unacceptable(registry, review.entity, wanted))
        _add(writer, review, wanted)
    else:
        _refuse_final(review, _reason(registry, review, row, wanted))
        _set(writer, review, row, wanted)
    reviews.settle(writer, review, "accept")


def reject(writer: Writer, review: Review) -> None:
    """Let the registry stay as it is."""
    if review.entity == "asset" and review.value is None:
        for event in _proposed(writer, review):
            raw_rows.delete(writer, "lifecycle", event)
    reviews.settle(writer, review, "reject")


def _refuse(review: Review, reason: Phrase | None) -> None:
    if reason is not None:
        raise InputRefused("survey.outside_stays", number=review.number, reason=reason)


def _refuse_final(review: Review, reason: Phrase) -> None:
    sensor = review.entity == "sensor"
    split = review.entity == "requirement" and review.field in ("region_code", "kind", "service")
    if reason.key in _FINAL or sensor or split or reason.key == "survey.row_gone":
        _refuse(review, reason)


def _proposed(writer: Writer, review: Review) -> list[raw_rows.Row]:
    uid = present_key(writer.registry, review.uid)
    where = {"asset_uid": uid, "event": LifecycleEvent.REMOVED.value, "confirmed": 0}
    return list(raw_rows.fetch_all(writer.registry, "lifecycle", where))


def _end(writer: Writer, review: Review, row: raw_rows.Row | None) -> None:
    """End an asset when it was deleted; take any other row out, which the audit log keeps."""
    if review.entity == "asset":
        for event in _proposed(writer, review):
            values = {"confirmed": 1, "at": review.at}
            raw_rows.update(writer, "lifecycle", event, values)
    elif row is not None:
        owner = str(row.get("asset_uid"))
        planned = review.entity == "lifecycle" and not exists(writer.registry, owner)
        raw_rows.delete(writer, review.entity, row)
        if planned and exists(writer.registry, owner):  # by withdrawing it, with a reason
            code, event = _asset(writer.registry, review, row), row["event"]
            day = times.stored_local_text(row["at"], writer.registry.zone) or "–"
            _refuse(review, Phrase("store.only_beginning", {"code": code, "event": event,
                                                            "date": day}))  # fmt: skip


def _add(writer: Writer, review: Review, row: raw_rows.Row) -> None:
    if review.entity == "requirement":
        _require(writer, review, row)
        return
    if raw_rows.exists(writer.registry, review.entity, "uid", row["uid"]):
        row["uid"] = new_uid()
    raw_rows.insert(writer, review.entity, row)
    added = edits.by_key(writer.registry, review.entity, row["uid"])
    if review.entity == "asset" and added is not None:
        complete_asset(writer, added, at=review.at)


def _require(writer: Writer, review: Review, row: raw_rows.Row) -> None:
    values = {name: row[name] for name in RequirementInput.model_fields if row[name] is not None}
    since = times.from_text(row["valid_from"] or review.at)
    set_requirement(writer, validated(RequirementInput, **values), since=since)


def _set(writer: Writer, review: Review, row: raw_rows.Row | None, wanted: raw_rows.Row) -> None:
    if row is None:
        return
    if _lacks_region(review) and wanted["region_code"] is None and row["region_code"] is None:
        _refuse(review, Phrase("survey.outside_no_region", {"guess": "–"}))
    if review.field == "position":
        wanted = rules.placed(row | wanted)
    _refuse(review, rules.unacceptable(writer.registry, review.entity, row | wanted))
    if review.entity == "asset":
        _revise(writer, review, row, wanted)
    else:
        raw_rows.update(writer, review.entity, row, wanted)


def _revise(writer: Writer, review: Review, row: raw_rows.Row, wanted: raw_rows.Row) -> None:
    """Change an asset from now on; one that went far was moved, and what was seen there ends."""
    if all(row[name] == value for name, value in wanted.items()):
        return
    now = times.to_text(writer.moment)
    if not _lacks_region(review):  # a region found later held all along
        keep_version(writer, row, until=now)
        carry_forward(writer, row, wanted, since=now)
        wanted = wanted | {"valid_from": now}
    raw_rows.update(writer, "asset", row, wanted)
    if review.field == "position":
        raw_rows.insert(writer, "lifecycle", {
            "uid": new_uid(), "recorded_at": now, "recorded_by": writer.actor,
            "asset_uid": row["uid"], "event": LifecycleEvent.RELOCATED.value, "at": now,
            "confirmed": 1,
        })  # fmt: skip
