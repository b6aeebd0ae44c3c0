"""Saves a result with its digest, and recomputes saved ones to say what differs."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hydrant import times
from hydrant.errors import HydrantError, InputRefused
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy, policy_of_content
from hydrant.model.books import Assessment
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.integrity_json import report_json
from hydrant.report.totals import NEWER
from hydrant.store.chain.hashes import canonical
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import NotOnRecord
from hydrant.store.opened.following import keep_content
from hydrant.store.opened.kept_policy import kept_content
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.vocabulary import Language, RegionLevel

#: What of the JSON makes up the figures; names follow the language and are left out.
_FIGURES = ("completeness", "working_order")
_SILENT = "units_without_requirement"


def save(writer: Writer, report: IntegrityReport) -> dict[str, str]:
    """Record an assessment; its uid and digest.

    Raises
    ------
    InputRefused
        Its day, or its moment of knowing, has not come.
    """
    if report.ahead:
        raise InputRefused("integrity.not_saved", date=report.as_of.isoformat())
    if report.known_at is not None and report.known_at > times.now():
        known = times.local_day(report.known_at, writer.registry.zone)
        raise InputRefused("integrity.not_saved", date=known.isoformat())
    figures = figures_of(report)
    digest = hashlib.sha256(figures.encode()).hexdigest()
    known_at = None if report.known_at is None else times.to_text(report.known_at)
    row = Assessment(
        as_of=report.as_of.isoformat(),
        known_at=known_at,
        region_code=report.region,
        policy=f"{report.policy.name} {report.policy.version}",
        policy_digest=report.policy.digest,
        figures=figures,
        digest=digest,
    )
    writer.add(row)
    if report.policy.own:  # a shipped one is on every machine, and not everybody may set properties
        keep_content(writer, report.policy.digest, report.policy.content)
    return {"uid": row.uid, "digest": digest}


def figures_of(report: IntegrityReport) -> str:
    """The figures of a report as canonical JSON; equal reports give equal text."""
    data = report_json(report, Language.EN)
    return canonical(
        {
            "by": report.by,
            "kind": report.scope.kind,
            "total": _figures(data["total"]),
            "groups": {group["key"] or "": _figures(group) for group in data["groups"]},
        }
    )


def _figures(group: dict[str, Any]) -> dict[str, Any]:
    """The figures of a group; names of units are no figures."""
    return {
        name: group[name] and {n: v for n, v in group[name].items() if n != "units"}
        for name in _FIGURES
    }


def recompute(registry: Registry, saved: Assessment) -> dict[str, Any]:
    """Compute a saved assessment again from what was known then.

    Returns
    -------
    dict
        ``state``: ``equal``, ``differs``, ``damaged`` (the saved figures do not fit their
        digest), ``policy_changed`` or ``not_on_record`` (what was known then is not on record);
        ``differing``: place, saved and present value of every
        figure that differs.
    """
    told: dict[str, Any] = {
        "uid": saved.uid,
        "as_of": saved.as_of,
        "region": saved.region_code,
        "policy": saved.policy,
        "saved_at": times.to_text(saved.recorded_at),
        "digest": saved.digest,
        "differing": [],
    }
    if hashlib.sha256(saved.figures.encode()).hexdigest() != saved.digest:
        return told | {"state": "damaged"}
    policy = _policy_of(registry, saved)
    if policy is None:
        return told | {"state": "policy_changed"}
    figures = json.loads(saved.figures)
    # whatever was recorded later was not known when it was saved
    known = saved.recorded_at if saved.known_at is None else times.from_text(saved.known_at)
    cut = Cut(dt.date.fromisoformat(saved.as_of), registry.zone, known)
    scope = {"region": saved.region_code, "by": figures["by"], "kind": figures["kind"]}
    try:
        report = assess(registry, cut, policy, **scope)
    except NotOnRecord:
        return told | {"state": "not_on_record"}
    now = json.loads(figures_of(report))
    if not _counts_lacking(figures):
        figures, now = _without_lacking(figures), _without_lacking(now)
    differing = list(_differing("", figures, now))
    return told | {"state": "differs" if differing else "equal", "differing": differing}


def _policy_of(registry: Registry, saved: Assessment) -> Policy | None:
    """The policy that was used: as the registry keeps it, or one that still says the same.

    None where it was saved by an earlier version, which kept none, and neither the shipped one
    nor the registry's own says the same any more.
    """
    if (content := kept_content(registry, saved.policy_digest)) is not None:
        return policy_of_content(content)
    for name in (saved.policy.rpartition(" ")[0], registry.policy):
        with suppress(HydrantError):
            policy = load_policy(name)
            if policy.digest == saved.policy_digest:
                return policy
    return None


def _counts_lacking(figures: Mapping[str, Any]) -> bool:
    """Whether a saved result counts the numbers that are lacking; earlier issues did not."""
    return NEWER in (figures["total"]["completeness"] or {NEWER: 0})


def _without_lacking(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures without what earlier issues did not count: lacking numbers, units of a cut group."""
    left_out = {NEWER} if figures["by"] in tuple(RegionLevel) else {NEWER, _SILENT}

    def kept(group: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
        found = group["completeness"]
        told = found and {name: value for name, value in found.items() if name not in names}
        return {**group, "completeness": told}

    groups = {key: kept(group, left_out) for key, group in figures["groups"].items()}
    return {**figures, "total": kept(figures["total"], {NEWER}), "groups": groups}


def _differing(place: str, one: Any, other: Any) -> list[dict[str, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            found
            for name in dict.fromkeys((*one, *other))
            for found in _differing(f"{place}.{name}".lstrip("."), one.get(name), other.get(name))
        ]
    return [] if one == other else [{"place": place, "saved": one, "now": other}]
