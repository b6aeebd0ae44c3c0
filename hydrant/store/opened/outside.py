"""Whether other programs changed the registry since it was last looked at."""

from __future__ import annotations

from hydrant.errors import StoreError
from hydrant.store.ground.backend import one_row
from hydrant.store.opened.registry import Registry


def edits_wait(registry: Registry) -> int:
    """How many changes by other programs were not looked at yet; costs nothing when none was."""
    connection = registry.connection
    if connection.execute("SELECT 1 FROM outside_edit LIMIT 1").fetchone() is None:
        return 0
    count: int = one_row(connection.execute("SELECT count(*) FROM outside_edit"))[0]
    return count


def conflicts_wait(registry: Registry) -> int:
    """How many conflicts of crews, of other programs and of the level below nobody decided yet."""
    count: int = one_row(
        registry.connection.execute("SELECT count(*) FROM merge_conflict WHERE state = 'open'")
    )[0]
    return count


def refuse_unseen(registry: Registry) -> None:
    """Refuse to end a transaction that wrote a row which other programs changed unseen.

    Raises
    ------
    StoreError
        There is one. Written over, the change would count as what came last, and be lost.
    """
    if not edits_wait(registry):
        return
    found = registry.connection.execute(
        "SELECT written.entity, written.fid FROM temp.touched AS written JOIN outside_edit AS "
        'edit ON edit.entity = written.entity AND edit."row" = written.fid LIMIT 1'
    ).fetchone()
    if found is not None:
        raise StoreError("store.unseen", file=registry.path, entity=found[0], row=found[1])


def reviews_wait(registry: Registry) -> int:
    """How many changes by other programs somebody still has to decide on."""
    count: int = one_row(
        registry.connection.execute(
            "SELECT count(*) FROM proposal WHERE bundle_uid = 'outside' AND state = 'review'"
        )
    )[0]
    return count
