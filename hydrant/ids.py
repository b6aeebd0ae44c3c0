"""Keys of facts: UUIDv7 text, so that rows made together lie together in the indexes."""

from __future__ import annotations

from uuid_utils import uuid7


def new_uid() -> str:
    """A new UUIDv7 in its canonical 36-character form (RFC 9562 section 5.7)."""
    return str(uuid7())


def new_uids(count: int) -> list[str]:
    """`count` new uids in ascending order."""
    return sorted(str(uuid7()) for _ in range(count))
