"""SQL of the evidence stream; see `hydrant.store.evidence`."""

from __future__ import annotations

#: Covering indexes of the stream: each evidence lookup is answered from one index alone.
EVIDENCE_INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_inspection_evidence ON inspection "
    "(asset_uid, effective_at DESC, outcome, static_kpa, flow_l_s)",
)
