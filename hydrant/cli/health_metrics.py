"""Findings in the text form of Prometheus, for node_exporter's collector of text files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from hydrant.report.health import Finding, State


def metrics_text(findings: Sequence[Finding], now: dt.datetime) -> str:
    """Every finding's state and numbers; a number that is not known is absent, never zero."""
    return "\n".join(_lines(findings, now)) + "\n"


def _lines(findings: Sequence[Finding], now: dt.datetime) -> Iterator[str]:
    yield "# HELP hydrant_health_timestamp_seconds When this was written."
    yield "# TYPE hydrant_health_timestamp_seconds gauge"
    yield f"hydrant_health_timestamp_seconds {now.timestamp():.3f}"
    yield "# HELP hydrant_health 1 for the state of a check, 0 for the others."
    yield "# TYPE hydrant_health gauge"
    for finding in findings:
        for state in State:
            labels = f'check="{finding.name}",state="{state}"'
            yield f"hydrant_health{{{labels}}} {int(finding.state is state)}"
    for finding in findings:
        for name, value in finding.values.items():
            yield f"# HELP hydrant_health_{name} Of the check {finding.name}."
            yield f"# TYPE hydrant_health_{name} gauge"
            yield f"hydrant_health_{name} {value:.15g}"
