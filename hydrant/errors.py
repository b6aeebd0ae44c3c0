"""Everything the program can refuse or fail at, as facts rather than text.

An error names a message (``key``) and the facts that fill it. Its wording stands in
``data/messages`` in Chinese and English; the command line's one error handler renders it and
ends with ``exit_code`` (design: section "Exit codes").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words within a message that are themselves a message; worded together with it."""

    key: str
    facts: Mapping[str, object] = field(default_factory=dict)


class HydrantError(Exception):
    """The root of all expected errors: one line to the user, no traceback.

    Parameters
    ----------
    key
        Message key ``room.name``, looked up in ``data/messages/room.json``.
    **facts
        What fills the message: file, row, field, device, value.
    """

    exit_code = 1

    def __init__(self, key: str, /, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.key} ({facts})" if facts else self.key


class CommandLineError(HydrantError):
    """Flags that contradict each other or a word the command does not know."""

    exit_code = 2


class InputRefused(HydrantError):
    """Input that was read and found wrong; nothing was written."""

    exit_code = 3


class AmbiguousCode(InputRefused):
    """A code that several assets bear; ``facts["candidates"]`` lists them."""


class StoreError(HydrantError):
    """The store is missing, locked, foreign, newer or in need of migration."""

    exit_code = 4


class DeviceError(HydrantError):
    """A device or gateway did not do what was asked."""

    exit_code = 5


class AlreadyRunning(HydrantError):
    """Another process holds the lock of this work."""

    exit_code = 7


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group, however deep it lies: of things done side by side one is told."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
