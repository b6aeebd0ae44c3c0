"""Saves a result with its digest, so that it can be recomputed and compared later."""

from __future__ import annotations

import hashlib
from typing import Any

from hydrant.model.tables import Assessment
from hydrant.report.integrity import IntegrityReport
from hydrant.store.writer import Writer, canonical

#: What of the JSON makes up the figures; names follow the language and are left out.
_FIGURES = ("completeness", "working_order")


def save(writer: Writer, report: IntegrityReport, data: dict[str, Any]) -> dict[str, str]:
    """Record an assessment; its uid and digest."""
    figures = canonical(
        {
            "total": {name: data["total"][name] for name in _FIGURES},
            "groups": {
                group["key"] or "": {name: group[name] for name in _FIGURES}
                for group in data["groups"]
            },
        }
    )
    digest = hashlib.sha256(figures.encode()).hexdigest()
    row = Assessment(
        as_of=data["as_of"],
        known_at=data["known_at"],
        region_code=report.region,
        policy=data["policy"],
        policy_digest=report.policy.digest,
        figures=figures,
        digest=digest,
    )
    writer.add(row)
    return {"uid": row.uid, "digest": digest}
