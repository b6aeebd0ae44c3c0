"""Whether other programs changed the registry since it was last looked at."""

from __future__ import annotations

from hydrant.store.registry import Registry


def edits_wait(registry: Registry) -> int:
    """How many changes by other programs were not looked at yet; costs nothing when none was."""
    connection = registry.connection
    if connection.execute("SELECT 1 FROM outside_edit LIMIT 1").fetchone() is None:
        return 0
    count: int = connection.execute("SELECT count(*) FROM outside_edit").fetchone()[0]
    return count


def reviews_wait(registry: Registry) -> int:
    """How many changes by other programs somebody still has to decide on."""
    count: int = registry.connection.execute(
        "SELECT count(*) FROM proposal WHERE bundle_uid = 'outside' AND state = 'review'"
    ).fetchone()[0]
    return count
