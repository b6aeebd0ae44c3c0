"""A remark beside a command's result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Note:
    """A remark beside the result: a message key and its facts; goes to stderr."""

    key: str
    facts: Mapping[str, object]
    level: str = "note"

    @classmethod
    def of(cls, key: str, /, **facts: object) -> Note:
        """Note with the facts as keywords."""
        return cls(key, facts)

    def warning(self) -> Note:
        """The same remark, said of the result as a whole."""
        return replace(self, level="warning")
