"""The half-answered visit, kept beside the registry until it is recorded."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from hydrant import bounded, durable, private, times
from hydrant.errors import InputRefused
from hydrant.ids import is_key, new_uid
from hydrant.store.ground.place import Place

#: Largest draft, bytes: a visit's answers are a few hundred.
_MOST_BYTES = 1_000_000
#: What every draft holds; those of earlier versions hold no more.
_NEEDED = frozenset({"asset_uid", "begun", "answers"})


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers to an asset's questions as typed, and when the visit began (stored text).

    Attributes
    ----------
    checklist
        Name of the checklist that was asked about; None where the file does not tell.
    """

    asset_uid: str
    begun: str
    answers: dict[str, str]
    checklist: str | None = None


def draft_path(registry: Place) -> Path:
    """Where the draft of a registry lies."""
    return registry.with_suffix(".draft.json")


def save_draft(registry: Place, draft: Draft) -> None:
    """Keep the draft; the file is replaced at once or not at all."""
    path = draft_path(registry)
    aside = path.with_name(f".{path.name}.{new_uid()}.part")
    private.new_file(aside)
    aside.write_text(json.dumps(asdict(draft), ensure_ascii=False), encoding="utf-8")
    durable.put(aside, path)


def load_draft(registry: Place) -> Draft | None:
    """The draft of a registry; None when there is none.

    Raises
    ------
    InputRefused
        There is one that cannot be read. It was put aside under the name that is told, so
        that the next visit does not write over it.
    """
    path = draft_path(registry)
    try:
        found = json.loads(bounded.content(path, most=_MOST_BYTES).decode("utf-8"))
        return _checked(found)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        kept = set_aside(registry)
        raise InputRefused("survey.draft_unread", file=path.name, kept=kept, why=error) from None


def set_aside(registry: Place) -> Path:
    """Put the draft under a name that no visit writes over; the name."""
    path = draft_path(registry)
    kept = path.with_suffix(f".{new_uid()}.unread")
    path.replace(kept)
    return kept


def _checked(found: object) -> Draft:
    """A draft of plain values, whoever wrote the file; raises `ValueError`."""
    if not isinstance(found, dict) or not _NEEDED <= set(found) <= {*_NEEDED, "checklist"}:
        raise ValueError("not a draft")
    uid, begun, answers = found["asset_uid"], found["begun"], found["answers"]
    checklist = found.get("checklist")
    named = isinstance(begun, str) and isinstance(checklist, str | None)
    if not is_key(uid) or not named or not isinstance(answers, dict):
        raise ValueError("not a draft")
    if not all(isinstance(answer, str) for answer in answers.values()):
        raise ValueError("an answer is no text")
    if not _is_time(begun):
        raise ValueError("it began at no time")
    return Draft(uid, begun, answers, checklist)


def _is_time(text: str) -> bool:
    try:
        times.parse_moment(text, times.zone("UTC"))
    except InputRefused:
        return False
    return True


def drop_draft(registry: Place) -> None:
    """Forget the draft, because its visit was recorded or given up."""
    draft_path(registry).unlink(missing_ok=True)
