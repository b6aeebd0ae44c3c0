"""What the coordinates of a register were taken to be when it came in before."""

from __future__ import annotations

from hydrant.store.opened.registry import Registry

_DATUMS = """
SELECT DISTINCT a.orig_crs FROM source_record s JOIN asset a ON a.uid = s.asset_uid
WHERE s.source = ? AND a.orig_crs IS NOT NULL
"""


def datums_of_source(registry: Registry, source: str) -> set[str]:
    """Datums that positions of a source were stated in; empty where it is new."""
    return {str(crs) for (crs,) in registry.connection.execute(_DATUMS, (source,))}
