"""Makes a registry follow another policy."""

from __future__ import annotations

from hydrant.store.opened.kept_policy import KeptPolicy, properties
from hydrant.store.opened.writer import Entry, Writer


def follow(writer: Writer, place: str, policy: KeptPolicy, *, reason: str) -> None:
    """Make a registry follow a policy from now on; the audit log keeps both, and why."""
    registry = writer.registry
    for name, value in properties(place, policy).items():
        former = registry.settings.get(name)
        registry.connection.execute(
            "INSERT INTO setting (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (name, value),
        )
        writer.log(
            Entry(
                "insert" if former is None else "update",
                "setting",
                name,
                before=None if former is None else {"value": former},
                after={"value": value, "reason": reason},
            )
        )
    registry.forget_settings()
