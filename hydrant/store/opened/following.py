"""Makes a registry follow another policy, and keeps what its figures were computed by."""

from __future__ import annotations

from hydrant.store.opened.kept_policy import KeptPolicy, content_property, kept_content, properties
from hydrant.store.opened.writer import Entry, Writer


def follow(writer: Writer, place: str, policy: KeptPolicy, content: str, *, reason: str) -> None:
    """Make a registry follow a policy from now on; the audit log keeps both, and why."""
    for name, value in properties(place, policy, content).items():
        _set(writer, name, value, reason=reason)
    writer.registry.forget_settings()


def _keep(writer: Writer, name: str, value: str) -> None:
    """Add a property that is not there yet: whoever may only add some has no other right."""
    writer.registry.connection.execute(
        "INSERT INTO setting (key, value) VALUES (?, ?)", (name, value)
    )
    writer.log(Entry("insert", "setting", name, after={"value": value}))


def keep_content(writer: Writer, digest: str, content: str) -> None:
    """Keep what a policy states with the registry, so that its figures come out again."""
    if kept_content(writer.registry, digest) is None:
        _keep(writer, content_property(digest), content)
        writer.registry.forget_settings()


def _set(writer: Writer, name: str, value: str, **why: str) -> None:
    former = writer.registry.settings.get(name)
    writer.registry.connection.execute(
        "INSERT INTO setting (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (name, value),
    )
    before = None if former is None else {"value": former}
    action = "insert" if former is None else "update"
    writer.log(Entry(action, "setting", name, before=before, after={"value": value, **why}))
