"""Submissions of a form are written once; corrected ones are told, and taken over on request.

What a submission said is kept as for any other source, so that a second import compares it
with that and not with what the office has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlmodel import col, select

from hydrant.errors import Phrase
from hydrant.geo.distance import distance_bearing
from hydrant.model.inputs import AssetInput
from hydrant.model.tables import Asset, Defect, Inspection
from hydrant.store.facts import withdrawing
from hydrant.store.facts.assets import Placement, add_asset, assets_by_uid
from hydrant.store.opened import bulk
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.writer import Writer
from hydrant.store.views import near
from hydrant.survey.record import Found, Observation, add_defect, defect_key, record, visit_values

SOURCE = "survey_form"
#: Kept with a submission, but no answer of it: how far the office has reviewed it.
REVIEW = "review"
NEW, UNCHANGED, CHANGED, CORRECTED = "new", "unchanged", "changed", "corrected"
#: Same-kind assets this near may be one thing, m.
_NEAR_M = 10.0

KeepPhotos = Callable[["Submitted"], tuple[tuple[str, ...], int]]


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission that can be written.

    Attributes
    ----------
    content
        Its answers, as far as another answer makes it another submission.
    asset
        The asset it is about; None where it is a new one, `entered` at `placement`.
    photos
        Names of its photo files.
    remarks
        What does not fit, for people to look at.
    """

    row: int
    key: str
    content: dict[str, str]
    asset: Asset | None
    entered: AssetInput | None
    placement: Placement | None
    seen: Observation
    photos: tuple[str, ...] = ()
    remarks: tuple[Phrase, ...] = ()


@dataclass(slots=True)
class Taken:
    """What became of submissions, by row.

    Attributes
    ----------
    fields
        What a changed or corrected one says differently.
    added
        Uids of assets that were new.
    missing
        How many photos were not there or are no photos.
    withdrawn
        Keys of submissions taken in earlier that the office has rejected since.
    """

    actions: dict[int, str] = field(default_factory=dict)
    fields: dict[int, list[str]] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    missing: int = 0
    contents: list[tuple[str, str, str]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)


def compare(states: dict[str, bulk.SourceState], one: Submitted) -> tuple[str, list[str]]:
    """Whether a submission is new, unchanged or changed, and what it says differently."""
    state = states.get(one.key)
    if state is None:
        return NEW, []
    before: dict[str, str] = json.loads(state.cells)
    names = {*before, *one.content} - {REVIEW}
    fields = sorted(name for name in names if before.get(name) != one.content.get(name))
    return (CHANGED, fields) if fields else (UNCHANGED, [])


def take(
    writer: Writer,
    found: Sequence[Submitted],
    keep: KeepPhotos,
    *,
    corrections: bool,
    advance: Callable[[int], None] = lambda _steps: None,
) -> Taken:
    """Write submissions that are new, and with `corrections` those that changed.

    Parameters
    ----------
    keep
        Keeps the photos of a submission: their SHA-256, and how many could not be kept.
    """
    taken = Taken()
    states = bulk.source_states(writer.registry, SOURCE)
    for one in found:
        advance(1)
        action, fields = compare(states, one)
        visit = _visit_of(writer, one.key)
        if action == NEW and visit is not None:
            action = UNCHANGED  # came before, by way of a crew's bundle
        taken.actions[one.row], taken.fields[one.row] = action, fields
        if action == CHANGED and not corrections:
            continue
        asset = one.asset or _made(writer, one, states, taken)
        digests, missing = _photos(one, visit, keep)
        taken.missing += missing
        complete = replace(one, asset=asset, seen=replace(one.seen, photos=digests))
        if action == CHANGED:
            taken.actions[one.row] = CORRECTED
            _correct(writer, complete, visit, asset)
        elif visit is None and action == NEW:
            record(writer, asset, complete.seen, source=SOURCE, external_key=one.key)
        elif visit is not None and visit.withdrawn_at is None:
            # the same photos are no change
            writer.update(visit, photos=json.dumps(list(digests)) if digests else None)
        writer.flush()
        content = json.dumps(one.content, ensure_ascii=False, sort_keys=True)
        taken.contents.append((one.key, asset.uid, content))
    return taken


def take_back(writer: Writer, keys: Sequence[str], reason: str) -> list[str]:
    """Withdraw what rejected submissions became, visits and defects; keys of those that did."""
    gone = []
    for key in keys:
        visit = _visit_of(writer, key)
        done = visit is not None and withdrawing.withdraw(writer, visit, reason)
        for fault in _reported(writer, key):
            done |= withdrawing.withdraw(writer, fault, reason)
        if done:
            gone.append(key)
    return gone


def _visit_of(writer: Writer, key: str) -> Inspection | None:
    """The visit that a submission became; one that still counts before one that was withdrawn."""
    query = select(Inspection).where(Inspection.source == SOURCE, Inspection.external_key == key)
    visits = writer.session.exec(query.order_by(col(Inspection.fid))).all()
    return min(visits, key=lambda visit: visit.withdrawn_at is not None, default=None)


def _made(
    writer: Writer, one: Submitted, states: dict[str, bulk.SourceState], taken: Taken
) -> Asset:
    """The asset that a submission found: the one made for it before, else a new one."""
    if one.key in states:
        uid = states[one.key].asset_uid
        return assets_by_uid(writer.registry, {uid})[uid]
    assert one.entered is not None  # noqa: S101  a submission has an asset or describes one
    assert one.placement is not None  # noqa: S101  as above
    asset = add_asset(
        writer, one.entered, one.placement, begun=None, source=SOURCE, external_key=one.key
    )
    writer.flush()
    taken.added.append(asset.uid)
    return asset


def flag_found(writer: Writer, added: Sequence[str], *, batch: str) -> int:
    """Flag new assets beside one of the same kind; how many pairs."""
    assets = assets_by_uid(writer.registry, added)
    pairs = []
    for asset in assets.values():
        lon, lat = asset.geom or (0.0, 0.0)
        around = list(near.candidates(writer.registry, lon, lat, _NEAR_M))
        others = assets_by_uid(writer.registry, {uid for uid, *_ in around} - {asset.uid})
        for uid, x, y in around:
            metres, _ = distance_bearing(lon, lat, x, y)
            if uid in others and others[uid].kind == asset.kind and metres <= _NEAR_M:
                pairs.append((asset.uid, uid, metres))
    bulk.flag_duplicates(writer, pairs, source=SOURCE, batch=batch)
    return len({frozenset(pair[:2]) for pair in pairs})


def _photos(
    one: Submitted, visit: Inspection | None, keep: KeepPhotos
) -> tuple[tuple[str, ...], int]:
    """Digests of a submission's photos, with those kept before; and how many are missing."""
    kept = tuple(json.loads(visit.photos)) if visit is not None and visit.photos else ()
    if len(kept) >= len(one.photos):
        return kept, 0
    came, missing = keep(one)
    return tuple(dict.fromkeys((*kept, *came))), missing


def _correct(writer: Writer, one: Submitted, visit: Inspection | None, asset: Asset) -> None:
    """Let what stands in the registry say what the corrected submission says."""
    if visit is None:
        record(writer, asset, one.seen, source=SOURCE, external_key=one.key)
        return
    if visit.withdrawn_at is None:
        writer.update(visit, asset_uid=asset.uid, **visit_values(one.seen, writer.registry.zone))
    else:  # what was withdrawn stays so; what the submission says now is another visit
        bare = replace(one.seen, defects=())
        record(writer, asset, bare, source=SOURCE, external_key=one.key)
    standing = {fault.code: fault for fault in _reported(writer, one.key)}
    policy = policy_of(writer.registry)
    for code in dict.fromkeys(one.seen.defects):
        if code not in standing:
            add_defect(writer, asset, one.seen, code, source=SOURCE, external_key=one.key)
            continue
        said = one.seen.found.get(code, Found())
        values: dict[str, Any] = {
            "asset_uid": asset.uid,
            "severity": said.severity or policy.severity_of(code),
            "note": said.note,
            "found_at": one.seen.at,
        }
        fault = standing[code]
        if fault.withdrawn_at is None:
            writer.update(fault, **values)
        elif any(getattr(fault, name) != value for name, value in values.items()):
            add_defect(writer, asset, one.seen, code, source=SOURCE, external_key=one.key)
    for code, fault in standing.items():
        gone = fault.cleared_at is not None or fault.withdrawn_at is not None
        if code not in one.seen.defects and not gone:
            writer.update(
                fault, state="rejected", cleared_at=writer.moment, cleared_by=writer.actor
            )


def _reported(writer: Writer, key: str) -> list[Defect]:
    """Defects that a submission reported."""
    query = select(Defect).where(
        Defect.source == SOURCE, col(Defect.external_key).startswith(defect_key(key, ""))
    )
    return list(writer.session.exec(query))
