"""Takes what was found changed outside the program over into the chain, after somebody looked."""

from __future__ import annotations

from hydrant.store.chain.sealing import Accepted
from hydrant.store.opened.writer import Entry, Writer
from hydrant.store.proofs.verifying import PAST, Finding

_LISTED = 1000


def accept(writer: Writer, findings: list[Finding], *, reason: str) -> None:
    """Seal rows as they stand now; the audit log and the seal keep what was found, and why."""
    rows: dict[str, list[int]] = {}
    for finding in findings:
        if finding.kind not in PAST:
            rows.setdefault(finding.table, []).append(finding.fid)
    told = [[f.kind, f.table, f.fid, f.uid, f.sealed] for f in findings]
    writer.log(
        Entry(
            "accept",
            "seal",
            None,
            rows=len(findings),
            after={"reason": reason, "rows": told[:_LISTED]},
        )
    )
    writer.accept(Accepted(rows, told))
