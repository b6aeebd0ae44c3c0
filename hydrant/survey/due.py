"""What is due by the registry's policy."""

from __future__ import annotations

from collections.abc import Sequence

from hydrant import times
from hydrant.integrity.policy_reader import load_policy
from hydrant.store.evidence import Cut
from hydrant.store.inspections import DueAsset, due_assets
from hydrant.store.registry import Registry


def find_due(registry: Registry, uids: Sequence[str] | None = None) -> list[DueAsset]:
    """Assets due by the policy, never inspected first, then the oldest.

    Parameters
    ----------
    uids
        Assets to look at; None looks at all.
    """
    policy = load_policy(registry.policy)
    now = times.now()
    cut = Cut(times.local_day(now, registry.zone), registry.zone)
    fresh_from = cut.fresh_from(policy.checks["function"].within_days)
    return due_assets(registry, now=times.to_text(now), fresh_from=fresh_from, uids=uids)
