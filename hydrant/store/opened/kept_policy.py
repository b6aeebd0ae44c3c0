"""The policy that a registry was told to follow, kept with it and sealed like every property.

Its digest tells a file that somebody changed since, and a program that ships other rules; the
text of a policy of one's own can be read back when the file is gone.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from hydrant.errors import InputRefused
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy, policy_of_content
from hydrant.store.opened.registry import Registry

#: Property that says which policy the registry follows, and the one with what it said.
FOLLOWED, KEPT = "policy", "policy_kept"
#: Property with the whole content of a policy, by its digest: what figures were computed by.
_CONTENT = "policy_content."


class KeptPolicy(NamedTuple):
    """What a policy said when the registry was told to follow it.

    Attributes
    ----------
    digest
        SHA-256 of its rules, 64 hexadecimal digits.
    text
        Text of a file of one's own; None for a shipped policy.
    """

    name: str
    version: str
    digest: str
    text: str | None = None


def properties(place: str, policy: KeptPolicy, content: str) -> dict[str, str]:
    """The properties of a registry that follows a policy.

    Parameters
    ----------
    place
        Its name, or the path of its file.
    content
        All that it states (`hydrant.integrity.policy.Policy.content`).
    """
    kept = json.dumps(policy._asdict(), ensure_ascii=False)
    return {FOLLOWED: place, KEPT: kept, content_property(policy.digest): content}


def content_property(digest: str) -> str:
    """Name of the property that holds the content of the policy with a digest."""
    return _CONTENT + digest


def kept_content(registry: Registry, digest: str) -> str | None:
    """Content of the policy with a digest, where the registry keeps it."""
    return registry.settings.get(content_property(digest))


def kept_policy(registry: Registry) -> KeptPolicy | None:
    """What the registry's policy said when it was told to follow it.

    None where an earlier version made the registry. What another program wrote there in its stead
    is no policy: it has the digest of none.
    """
    found = registry.settings.get(KEPT)
    try:
        return None if found is None else KeptPolicy(**json.loads(found))
    except (ValueError, TypeError):
        return KeptPolicy("?", "?", "")


def policy_of(registry: Registry) -> Policy:
    """The policy that a registry follows: as its name or file says now, else as it is kept.

    Raises
    ------
    InputRefused
        It cannot be read, and the registry kept none of it.
    """
    try:
        return load_policy(registry.policy)
    except InputRefused:
        if (kept := _as_kept(registry)) is None:
            raise
        return kept


def unread_policy(registry: Registry) -> InputRefused | None:
    """Why the policy that a registry follows cannot be read, so that what is kept of it holds."""
    try:
        load_policy(registry.policy)
    except InputRefused as wrong:
        return wrong if _as_kept(registry) is not None else None
    return None


def _as_kept(registry: Registry) -> Policy | None:
    """The policy as it was taken up; None where not all of that is kept as it was."""
    kept = kept_policy(registry)
    content = None if kept is None else kept_content(registry, kept.digest)
    if kept is None or content is None:
        return None
    try:
        policy = policy_of_content(content)
    except (InputRefused, ValueError, TypeError):  # another program wrote there
        return None
    return policy if policy.digest == kept.digest else None
