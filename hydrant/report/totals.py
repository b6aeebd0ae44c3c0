"""The figures of a region as they are handed up, and where two computations of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hydrant.report.differing import Differing
from hydrant.report.integrity import IntegrityReport
from hydrant.report.integrity_json import completeness_json, working_order_json

_PARTS = ("completeness", "working_order")
#: Figure of completeness that earlier issues did not state: not compared where it is not told.
NEWER = "numbers_lacking"


def totals(report: IntegrityReport) -> dict[str, Any]:
    """Both rates of a report's total and the policy they follow."""
    return {
        "policy": report.policy.name,
        "policy_digest": report.policy.digest,
        "completeness": completeness_json(report.total.completeness),
        "working_order": working_order_json(report.total.working_order),
    }


def differing(stated: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Differing] | None:
    """Figures that come out differently; None where the rules differ."""
    if stated["policy_digest"] != ours["policy_digest"]:
        return None
    return [
        Differing(f"{part}.{name}", (stated[part] or {}).get(name), (ours[part] or {}).get(name))
        for part in _PARTS
        for name in sorted({**(stated[part] or {}), **(ours[part] or {})})
        if (stated[part] or {}).get(name) != (ours[part] or {}).get(name)
        and not (name == NEWER and stated[part] and name not in stated[part])
    ]
