"""What a crew takes along: its assets, its area, its form, and the rules of the figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydrant import times
from hydrant.errors import StoreError
from hydrant.model.books import Bundle
from hydrant.store.opened.kept_policy import kept_policy, policy_of, unread_policy
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.sides.bundle_file import Packed, cut_out
from hydrant.survey.form import load_form


def pack(
    registry: Registry,
    target: Path,
    uids: Sequence[str],
    *,
    crew: str,
    area: Mapping[str, object],
    actor: str,
) -> Packed:
    """Write a bundle and note that it is out.

    Parameters
    ----------
    area
        What was asked for, so that the crew can read it in its own file.

    Raises
    ------
    InputRefused
        The registry's policy cannot be read.
    StoreError
        Something is at `target` already, or it cannot be written.
    """
    along = {
        "area": json.dumps(area, ensure_ascii=False),
        "form_version": load_form().version,
        **_policy(registry),
    }
    packed = cut_out(registry, target, uids, crew=crew, along=along)
    with transaction(registry, actor=actor, origin="survey pack") as writer:
        writer.add(
            Bundle(
                uid=packed.uid,
                crew=crew,
                area=along["area"],
                assets=packed.assets,
                packed_at=times.from_text(packed.packed_at),
            )
        )
    return packed


def _policy(registry: Registry) -> dict[str, str]:
    """Text of a policy of one's own; shipped ones are on every laptop."""
    policy_of(registry)
    path = Path(registry.policy)
    if path.suffix != ".toml":
        return {}
    if unread_policy(registry) is not None and (kept := kept_policy(registry)) is not None:
        return {} if kept.text is None else {"policy_text": kept.text}
    try:
        return {"policy_text": path.read_text(encoding="utf-8")}
    except OSError as error:
        raise StoreError("store.cannot_open", file=path, why=error.strerror) from None
