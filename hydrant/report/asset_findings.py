"""What lists say of an asset beside its verdict: which defect, since when, what was last found."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hydrant import times
from hydrant.messages import label, text
from hydrant.report.listing import JudgedAsset
from hydrant.report.question import Basis
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import as_known
from hydrant.store.views.findings import Found, last_found
from hydrant.store.views.todo_facts import OpenDefect, open_defects
from hydrant.survey.form import load_form
from hydrant.survey.row_rules import named_photos
from hydrant.vocabulary import Language, Severity


@dataclass(frozen=True, slots=True)
class Fault:
    """An open defect; `found` is None where nobody knows since when it is there."""

    code: str
    severity: str
    found: dt.date | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A value that was measured, and on which day; None where nobody knows."""

    value: float
    day: dt.date | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of an asset from its last visits.

    Attributes
    ----------
    faults
        Open defects, the blocking ones first.
    visited
        Day of the last decisive visit; None for none, or one of unknown day.
    outcome
        What that visit found; None where there was none.
    static
        Static pressure, kPa gauge at the outlet.
    flow
        Flow, L/s.
    residual_kpa
        Pressure at which the flow was measured, kPa; None where it was not.
    photos
        SHA-256 of photos.
    """

    faults: tuple[Fault, ...] = ()
    visited: dt.date | None = None
    outcome: str | None = None
    static: Measure | None = None
    flow: Measure | None = None
    residual_kpa: float | None = None
    photos: tuple[str, ...] = field(default=())

    def since(self, reason: str) -> dt.date | None:
        """Since when it is known to be defective, by the reason that decided; None where unknown.

        Parameters
        ----------
        reason
            As the verdict names it.
        """
        if reason == "blocking_defect":
            days = [fault.found for fault in self.faults if fault.severity == Severity.BLOCKING]
            return None if None in days else min((day for day in days if day), default=None)
        if reason in ("fails", "not_found", "too_old"):
            return self.visited
        measured = {"static_below": self.static, "flow_below": self.flow}.get(reason)
        return None if measured is None else measured.day


#: Nothing is known.
NOTHING = Finding()
_GRAVEST: dict[str, int] = {name: place for place, name in enumerate(reversed(Severity))}


def findings_of(basis: Basis, assets: Sequence[JudgedAsset]) -> dict[str, Finding]:
    """What was last found at assets, by uid."""
    registry, cut = basis.registry, basis.cut
    with as_known(registry, cut):
        found = last_found(registry, cut, (asset.uid for asset in assets))
        defects = open_defects(registry, cut)
    faults: dict[str, list[OpenDefect]] = defaultdict(list)
    for defect in defects:
        faults[defect.asset_uid].append(defect)
    return {
        asset.uid: _finding(found.get(asset.uid), faults.get(asset.uid, ()), cut)
        for asset in assets
    }


def _finding(found: Found | None, defects: Iterable[OpenDefect], cut: Cut) -> Finding:
    faults = tuple(
        Fault(one.code, one.severity, _day(one.found_at, cut))
        for one in sorted(defects, key=lambda one: _GRAVEST.get(one.severity, len(_GRAVEST)))
    )
    if found is None:
        return Finding(faults)
    return Finding(
        faults,
        _day(found.visited_at, cut),
        found.outcome,
        _measure(found.static_kpa, found.static_at, cut),
        _measure(found.flow_l_s, found.flow_at, cut),
        found.residual_kpa,
        tuple(named_photos(found.photos) or ()),
    )


def _measure(value: float | None, at: str | None, cut: Cut) -> Measure | None:
    return None if value is None else Measure(value, _day(at, cut))


def _day(stored: str | None, cut: Cut) -> dt.date | None:
    return times.local_day(times.from_text(stored), cut.zone) if stored else None


def faults_text(finding: Finding, lang: Language) -> str | None:
    """Open defects by name, each with how grave it is and since when."""
    known = load_form().defects
    told = []
    for fault in finding.faults:
        name = known[fault.code].names[lang] if fault.code in known else fault.code
        grave = label("severity", fault.severity, lang)
        if fault.found is None:
            told.append(text("document.fault_undated", lang, name=name, severity=grave))
        else:
            told.append(text("document.fault", lang, name=name, severity=grave, since=fault.found))
    return text("document.between", lang).join(told) or None


def flow_text(finding: Finding, lang: Language) -> str | None:
    """The flow with the pressure at which it was measured, where that is known."""
    if finding.flow is None:
        return None
    flow = f"{finding.flow.value:.1f}"
    if finding.residual_kpa is None:
        return flow
    return text("document.flow_at", lang, flow=flow, kpa=f"{finding.residual_kpa:.0f}")


def outcome_text(finding: Finding, lang: Language) -> str | None:
    """What the last decisive visit found."""
    return None if finding.outcome is None else label("outcome", finding.outcome, lang)


def finding_of(findings: Mapping[str, Finding], asset: JudgedAsset) -> Finding:
    """What is known of an asset; nothing where nobody looked."""
    return findings.get(asset.uid, NOTHING)
