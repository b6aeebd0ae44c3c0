"""Which policy a registry follows, and whether it still says what it said."""

from __future__ import annotations

from pathlib import Path

from hydrant.errors import InputRefused, Phrase
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy
from hydrant.messages import Note
from hydrant.store.opened.kept_policy import KeptPolicy, kept_policy, unread_policy
from hydrant.store.opened.registry import Registry


def to_follow(name: str) -> tuple[str, KeptPolicy, str]:
    """Where a registry finds a policy from any folder, what is kept of it, and all it states.

    Raises
    ------
    InputRefused
        There is no such policy, or its file has a mistake.
    """
    policy = load_policy(name)
    path = Path(name)
    if path.suffix != ".toml":
        return name, KeptPolicy(policy.name, policy.version, policy.digest), policy.content
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputRefused("policy.unreadable", file=path, why=error.strerror) from None
    kept = KeptPolicy(policy.name, policy.version, policy.digest, text)
    return str(path.resolve()), kept, policy.content


def changed_policy(registry: Registry, policy: Policy) -> Note | None:
    """What is said of figures by a policy that says otherwise than when taken up, or is gone.

    Nothing is said of another policy than the registry's, which was asked for by name.
    """
    kept = kept_policy(registry)
    if kept is None:
        return None
    wrong = unread_policy(registry)
    facts = {"version": policy.version, "digest": policy.digest[:16]}
    if wrong is not None and kept.digest == policy.digest:
        return Note.of("policy.gone", why=Phrase(wrong.key, wrong.facts), **facts).warning()
    if wrong is not None or kept.digest == policy.digest or not _follows(registry, policy):
        return None
    of_file = Path(registry.policy).suffix == ".toml"
    return Note.of(
        "policy.changed" if of_file else "policy.changed_shipped",
        name=registry.policy,
        kept_version=kept.version,
        kept_digest=kept.digest[:16],
        **facts,
    ).warning()


def _follows(registry: Registry, policy: Policy) -> bool:
    """Whether a registry follows these rules; not where its own file cannot be read."""
    try:
        return load_policy(registry.policy).digest == policy.digest
    except InputRefused:
        return False
