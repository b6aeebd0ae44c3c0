"""Keys of facts: UUIDv7 text, so that rows made together lie together in the indexes."""

from __future__ import annotations

import re
from uuid import UUID

from uuid_utils import uuid7

_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Signs of a uid without dashes, with them, and with braces around either.
_WRITTEN = (32, 34, 36, 38)
_KEY = re.compile(r"[0-9A-Za-z._:-]{1,64}")


def new_uid() -> str:
    """A new UUIDv7 in its canonical 36-character form (RFC 9562 section 5.7)."""
    return str(uuid7())


def new_uids(count: int) -> list[str]:
    """`count` new uids in ascending order."""
    return sorted(str(uuid7()) for _ in range(count))


def is_uid(value: object) -> bool:
    """Whether a value is a uid in its canonical form; one that is can name a file."""
    return isinstance(value, str) and _UID.fullmatch(value) is not None


def as_uid(text: str) -> str:
    """A uid in its canonical form, however it is written; other text as it stands."""
    bare = text.strip()
    if is_uid(bare) or len(bare) not in _WRITTEN:
        return bare
    try:
        return str(UUID(bare))
    except ValueError:
        return bare


def is_key(value: object) -> bool:
    """Whether a value can be the key of a fact, whoever made it."""
    return isinstance(value, str) and _KEY.fullmatch(value) is not None
