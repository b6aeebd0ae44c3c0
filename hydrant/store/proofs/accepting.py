"""Takes what was found changed outside the program over into the chain, after somebody looked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hydrant.store.chain.sealing import Accepted
from hydrant.store.opened.writer import Entry, Writer
from hydrant.store.proofs.verifying import PAST, Finding

_LISTED = 1000


def accept(
    writer: Writer, findings: list[Finding], *, reason: str, said: Sequence[Finding] = ()
) -> None:
    """Seal rows as they stand now; the audit log and the seal keep what was found, and why.

    Parameters
    ----------
    said
        What was found of readings, which have a chain of their own; here it is told by whom and
        why.
    """
    rows: dict[str, list[int]] = {}
    for finding in findings:
        if finding.kind not in PAST:
            rows.setdefault(finding.table, []).append(finding.fid)
    listed, also = _listed(findings), _listed(said)
    writer.log(
        Entry(
            "accept",
            "seal",
            None,
            rows=len(listed) + len(also),
            after={"reason": reason, "rows": [*listed, *also][:_LISTED]},
        )
    )
    writer.accept(Accepted(rows, listed))


def _listed(findings: Iterable[Finding]) -> list[list[object]]:
    return [[f.kind, f.table, f.fid, f.uid, f.sealed] for f in findings]
