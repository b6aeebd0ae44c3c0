"""What a submission amounts to: which asset, what was seen there, and why it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from hydrant import times
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.exchange.left_standing import meant, what_was_said
from hydrant.exchange.submission_review import Review, review_of
from hydrant.exchange.submission_tables import Cells, Submission
from hydrant.exchange.visit_words import outcome_said
from hydrant.geo import datum
from hydrant.geo.distance import distance_bearing
from hydrant.geo.text_forms import parse_number
from hydrant.messages import label
from hydrant.model.inputs import AssetInput, validated
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import Placement, find_asset
from hydrant.store.facts.naming import with_close
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.in_force import home_of_assets
from hydrant.store.regions.region_outlines import settle
from hydrant.store.regions.regions import known_extent
from hydrant.survey.amounts import quantity
from hydrant.survey.form import load_form
from hydrant.survey.record import Found, Observation, check_observation
from hydrant.survey.submitted import REVIEW, Submitted
from hydrant.survey.xlsform import MEASURED
from hydrant.vocabulary import Language, Outcome, Severity, family_of

#: A crew this far from the asset it names may have chosen the wrong one, m.
FAR_M = 150.0
#: A new asset with the code of one on record this near is that one, m.
SAME_CODE_M = 50.0
#: Refused submissions for whose codes others that may be meant are looked up.
_HELPED = 50
_YES_NO = {"yes": True, "no": False, "是": True, "否": False}


@dataclass(frozen=True, slots=True)
class Judged:
    """Submissions that can be written, and why others are refused, by row.

    Attributes
    ----------
    rejected
        Those that the office rejected on the server: they are no evidence.
    held_back
        Those that it has not decided yet, where only decided ones are wanted.
    """

    good: list[Submitted]
    problems: dict[int, Phrase]
    rejected: list[Submission] = field(default_factory=list)
    held_back: list[Submission] = field(default_factory=list)

    @property
    def not_reviewed(self) -> int:
        """How many are taken as they were received."""
        return sum(one.content.get(REVIEW) == Review.WAITING for one in self.good)


def judge(
    registry: Registry, found: list[Submission], *, region: str | None, reviewed: bool = False
) -> Judged:
    """What each submission amounts to.

    Parameters
    ----------
    region
        Code of the region in which new assets lie; None leaves it open.
    reviewed
        Take only what the office has approved.
    """
    judged = Judged([], {})
    seen: dict[str, Submission] = {}
    for one in found:
        try:
            if not one.key:
                raise InputRefused("exchange.submission_no_key")
            if one.key in seen:
                raise InputRefused("exchange.submission_twice", key=one.key)
            seen[one.key] = one
            review = review_of(one.cells)
            if review is Review.REJECTED:
                judged.rejected.append(one)
            elif reviewed and review is not Review.APPROVED:
                judged.held_back.append(_undecided(one, review))
            else:
                judged.good.append(_submitted(registry, one, region, review))
        except HydrantError as error:
            if len(judged.problems) < _HELPED and isinstance(error, InputRefused):
                error = with_close(registry, error)
            judged.problems[one.row] = Phrase(error.key, error.facts)
    return judged


def _undecided(one: Submission, review: Review | None) -> Submission:
    if review is None:
        raise InputRefused("exchange.submission_no_review")
    return one


def _submitted(
    registry: Registry, one: Submission, region: str | None, review: Review | None
) -> Submitted:
    cells, remarks = one.cells, []
    point = _point(cells)
    asset, entered, placement = None, None, None
    if cells.get("found_by") == "new":
        entered, placement = _new_asset(registry, cells, point, region)
        settled, doubt = settle(registry, region, placement.lon, placement.lat)
        entered = entered.model_copy(update={"region_code": settled})
        ended = None if settled is None else home_of_assets(registry, settled, times.now())
        remarks += [said for said in (doubt, ended) if said is not None]
        asset = _on_record(registry, entered, placement)
        if asset is not None:
            remarks.append(Phrase("exchange.submission_on_record", {"code": asset.code}))
    else:
        asset = find_asset(registry, _named(cells))
        remarks += _doubts(asset, cells, point)
    kind = entered.kind if asset is None and entered is not None else _kind_of(asset)
    seen = _observation(registry, one, kind, point)
    check_observation(seen, registry.zone)
    content = {k: v for k, v in cells.items() if k in CONTENT and v}
    if review is not None:
        content[REVIEW] = review
    content["defects"] = json.dumps(
        [{k: v for k, v in row.items() if k.startswith("defect_") and v} for row in one.defects],
        ensure_ascii=False,
        sort_keys=True,
    )
    return Submitted(
        one.row, one.key, content, asset, entered, placement, seen, one.photos, tuple(remarks)
    )


def refused_assets(
    registry: Registry, found: list[Submission], problems: Mapping[int, Phrase]
) -> dict[int, tuple[str, str]]:
    """Uid of the asset that a refused submission means, where it means one, and what it said."""
    refused = {one.row: one.cells for one in found if one.row in problems}
    named = ("asset", "code", "scan")
    codes = {row: [c[name] for name in named if c.get(name)] for row, c in refused.items()}
    return {
        row: (uid, what_was_said([refused[row].get("outcome", "")], problems[row]))
        for row, uid in meant(registry, codes).items()
    }


def _kind_of(asset: Asset | None) -> str:
    return "" if asset is None else asset.kind


#: Answers that make a submission another one when they change.
CONTENT = {
    "found_by", "asset", "scan", "code", "kind_seen", "service", "structure", "address",
    "position", "position.lon", "position.lat", "outcome", "all_ok", "at", "inspector", "note",
    *MEASURED, *(f"check_{item.name}" for item in load_form().checks),
}  # fmt: skip


def _named(cells: Cells) -> str:
    order = ("asset", "code", "scan") if cells.get("found_by") == "listed" else (
        "code", "scan", "asset")  # fmt: skip
    named = next((cells[name] for name in order if cells.get(name)), None)
    if named is None:
        raise InputRefused("exchange.submission_no_code")
    return named


def _point(cells: Cells) -> tuple[float, float, float | None] | None:
    """Longitude, latitude and accuracy in metres of where the crew stood."""
    lat, lon = cells.get("position.lat", ""), cells.get("position.lon", "")
    accuracy = cells.get("position.accuracy", "")
    if not lat and cells.get("position"):
        lat, lon, _, accuracy, *_ = [*cells["position"].split(), "", "", "", ""]
    if not lat and not lon:
        return None
    numbers = [parse_number(text) if text else None for text in (lon, lat, accuracy)]
    x, y, metres = numbers
    if x is None or y is None or not (isfinite(x) and isfinite(y)):
        raise InputRefused("exchange.submission_position", value=f"{lat} {lon}".strip())
    position = datum.to_registry_point(x, y, datum.parse_crs("wgs84"))
    return position.lon, position.lat, metres


def _new_asset(
    registry: Registry,
    cells: Cells,
    point: tuple[float, float, float | None] | None,
    region: str | None,
) -> tuple[AssetInput, Placement]:
    if point is None:
        raise InputRefused("exchange.why_no_position")
    lon, lat, accuracy = point
    entered = validated(
        AssetInput,
        code=cells.get("code") or None,
        kind=cells.get("kind_seen") or cells.get("kind") or "",
        service=cells.get("service") or "municipal",
        structure=cells.get("structure") or None,
        address=cells.get("address") or None,
        region_code=region,
    )
    known = None if region is None else known_extent(registry, region)
    if known is not None:
        position = datum.Position(lon, lat, None)
        why = datum.outside_extent((lon, lat), position, datum.parse_crs("wgs84"), known[1])
        if why is not None:
            raise InputRefused(
                "geo.outside", x=lon, y=lat, lon=f"{lon:.6f}", lat=f"{lat:.6f}", region=known[0],
                reason=Phrase(f"geo.reason_{why}"),
            )  # fmt: skip
    added = datum.parse_crs("wgs84").accuracy_m or 0.0
    return entered, Placement(lon, lat, lon, lat, "wgs84", (accuracy or 0.0) + added)


def _on_record(registry: Registry, entered: AssetInput, place: Placement) -> Asset | None:
    """The asset of the same code that stands there already, if there is one."""
    if entered.code is None:
        return None
    try:
        asset = find_asset(registry, entered.code)
    except InputRefused:
        return None  # none, or several: written and flagged, never guessed
    same = family_of(asset.kind) == family_of(entered.kind) and asset.geom is not None
    if not same or asset.geom is None:
        return None
    metres, _ = distance_bearing(*asset.geom, place.lon, place.lat)
    return asset if metres <= SAME_CODE_M else None


def _doubts(
    asset: Asset, cells: Cells, point: tuple[float, float, float | None] | None
) -> list[Phrase]:
    """What does not fit the asset that was named."""
    found = []
    kind = cells.get("kind_seen", "")
    if kind and family_of(kind) != family_of(asset.kind):
        found.append(Phrase("exchange.submission_kind", {"kind": kind, "stored": asset.kind}))
    if point is not None and asset.geom is not None:
        metres, _ = distance_bearing(*asset.geom, point[0], point[1])
        if metres > FAR_M + (point[2] or 0.0):
            found.append(Phrase("exchange.submission_far", {"metres": round(metres)}))
    return found


def _observation(
    registry: Registry, one: Submission, kind: str, point: tuple[float, float, float | None] | None
) -> Observation:
    cells = one.cells
    outcome = outcome_said(cells.get("outcome", ""))
    moment = next((cells[name] for name in ("at", "end", "start") if cells.get(name)), "")
    checks = _checks(cells, kind)
    told = _defects_by_code(one)
    items = {item.name: item for item in load_form().checks}
    codes = [*told, *(items[name].defect for name, fine in checks.items() if not fine)]
    if outcome is Outcome.WORKS and not codes and _yes_no(cells.get("all_ok", "")) is False:
        raise InputRefused("exchange.submission_not_all_ok")
    measured = {name: quantity(cells.get(name, ""), name) for name in MEASURED}
    version = next((cells[n] for n in ("form_version", "FormVersion", "__version__")
                    if cells.get(n)), None)  # fmt: skip
    return Observation(
        outcome=outcome,
        at=times.parse_moment(moment, registry.zone),
        inspector=cells.get("inspector") or cells.get("SubmitterName") or None,
        note=cells.get("note") or None,
        checks=checks,
        defects=tuple(dict.fromkeys(codes)),
        found=told,
        form_version=version,
        observer=None if point is None else point[:2],
        static_kpa=measured["static_kpa"],
        residual_kpa=measured["residual_kpa"],
        flow_l_s=measured["flow_l_s"],
        level_m=measured["level_m"],
        lift_m=measured["lift_m"],
    )


def _checks(cells: Cells, kind: str) -> dict[str, bool]:
    answers = {item.name: _yes_no(cells.get(f"check_{item.name}", ""))
               for item in load_form().checks}  # fmt: skip
    if _yes_no(cells.get("all_ok", "")):
        denied = tuple(name for name, answer in answers.items() if answer is False)
        if denied:
            raise InputRefused("exchange.submission_all_ok", checks=denied)
        return {item.name: True for item in load_form().checks_for(kind)}
    return {name: answer for name, answer in answers.items() if answer is not None}


def _yes_no(cell: str) -> bool | None:
    if not cell:
        return None
    if cell.lower() not in _YES_NO:
        raise InputRefused("survey.answer_yes_no", value=cell)
    return _YES_NO[cell.lower()]


def _defects_by_code(one: Submission) -> dict[str, Found]:
    """Defects by code; one that was reported twice keeps the graver word and both remarks."""
    if _yes_no(one.cells.get("any_defects", "")) and not one.defects:
        raise InputRefused("exchange.submission_no_defects")
    grades = list(Severity)
    told: dict[str, Found] = {}
    for row in one.defects:
        code = load_form().defect(row.get("defect_code", "")).code
        before = told.get(code, Found())
        words = [grade for grade in (before.severity, _severity(row)) if grade is not None]
        notes = [note for note in (before.note, row.get("defect_note") or None) if note]
        told[code] = Found(max(words, key=grades.index, default=None), "; ".join(notes) or None)
    return told


def _severity(row: Cells) -> Severity | None:
    word = row.get("defect_severity", "")
    for grade in Severity:
        if word in (grade, *(label("severity", grade, lang) for lang in Language)):
            return grade
    if word:
        known = ", ".join(Severity)
        facts = {"field": "defect_severity", "value": word, "known": known}
        raise InputRefused("survey.refused_word", **facts)
    return None
