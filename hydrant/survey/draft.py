"""The half-answered visit, kept beside the registry until it is recorded."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from hydrant import private
from hydrant.ids import new_uid
from hydrant.store.place import Place


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers to an asset's questions as typed, and when the visit began (stored text)."""

    asset_uid: str
    begun: str
    answers: dict[str, str]


def draft_path(registry: Place) -> Path:
    """Where the draft of a registry lies."""
    return registry.with_suffix(".draft.json")


def save_draft(registry: Place, draft: Draft) -> None:
    """Keep the draft; the file is replaced at once or not at all."""
    path = draft_path(registry)
    aside = path.with_name(f".{path.name}.{new_uid()}.part")
    private.new_file(aside)
    aside.write_text(json.dumps(asdict(draft), ensure_ascii=False), encoding="utf-8")
    aside.replace(path)


def load_draft(registry: Place) -> Draft | None:
    """The draft of a registry; None when there is none that can be read."""
    try:
        return Draft(**json.loads(draft_path(registry).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def drop_draft(registry: Place) -> None:
    """Forget the draft, because its visit was recorded or given up."""
    draft_path(registry).unlink(missing_ok=True)
