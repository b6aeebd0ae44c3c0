"""The remark for when the readings of sensors are not at hand, where no figure is asked for."""

from __future__ import annotations

from hydrant.cli.frame import Note, Settings
from hydrant.errors import InputRefused
from hydrant.report.question import at_hand, remark_missing
from hydrant.store.opened.registry import Registry


def remark_at_hand(settings: Settings, registry: Registry) -> None:
    """Say where readings are missing; a policy that cannot be read stops nothing."""
    try:
        found = at_hand(registry)
    except InputRefused as error:
        settings.notes.append(Note.of(error.key, **error.facts).warning())
        return
    remark_missing(registry.path, settings.notes.append, found)
