"""The half-answered visits, kept beside the registry until they are recorded.

Each is one person's at one asset: whoever takes the laptop over begins a visit of their own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from hydrant import bounded, durable, private, times
from hydrant.errors import InputRefused
from hydrant.ids import is_key, new_uid
from hydrant.store.ground.place import Place
from hydrant.survey.photos import is_digest

#: Largest draft, bytes: a visit's answers are a few hundred.
_MOST_BYTES = 1_000_000
_TEXTS = ("asset_uid", "by", "begun")
_NAMES = frozenset({*_TEXTS, "answers", "checklist", "photos"})


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers to an asset's questions as typed, whose they are, when the visit began (stored text).

    Attributes
    ----------
    checklist
        Name of the checklist that was asked about; None where the file does not tell.
    photos
        SHA-256 of photos that were taken along, kept already.
    """

    asset_uid: str
    by: str
    begun: str
    answers: dict[str, str]
    checklist: str | None = None
    photos: tuple[str, ...] = ()


def draft_folder(registry: Place) -> Path:
    """Where the drafts of a registry lie."""
    return registry.with_suffix(".drafts")


def former_draft(registry: Place) -> Path:
    """Where earlier versions kept their one draft, which does not tell whose it is."""
    return registry.with_suffix(".draft.json")


def draft_path(registry: Place, asset_uid: str, by: str) -> Path:
    """Where somebody's draft of a visit to an asset lies."""
    person = hashlib.sha256(by.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return draft_folder(registry) / f"{asset_uid}.{person}.json"


def save_draft(registry: Place, draft: Draft) -> None:
    """Keep the draft; the file is replaced at once or not at all."""
    private.folder(draft_folder(registry))
    path = draft_path(registry, draft.asset_uid, draft.by)
    aside = path.with_name(f".{path.name}.{new_uid()}.part")
    private.new_file(aside)
    aside.write_text(json.dumps(asdict(draft), ensure_ascii=False), encoding="utf-8")
    durable.put(aside, path)


def drafts_of(registry: Place, by: str) -> Iterator[Draft | InputRefused]:
    """Somebody's drafts, the one begun last first; and why others cannot be taken up.

    What cannot be read, or does not tell whose it is, is put aside under the name that is told, so
    that no visit writes over it and nobody's half visit becomes another's.
    """
    former = former_draft(registry)
    if former.exists():
        kept = set_aside(former)
        yield InputRefused("survey.draft_nameless", file=former.name, kept=kept)
    found = []
    for path in sorted(draft_folder(registry).glob("*.json")):
        try:
            draft = _of_its_name(registry, path)
        except InputRefused as refused:
            yield refused
            continue
        if draft.by == by:
            found.append(draft)
    yield from sorted(found, key=lambda draft: draft.begun, reverse=True)


def left_drafts(registry: Place) -> list[dt.datetime]:
    """When each half-answered visit beside a registry was changed last, whoever's it is."""
    files = draft_folder(registry).glob("*.json")
    return sorted(dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC) for file in files)


def draft_of(registry: Place, asset_uid: str, by: str) -> Draft | None:
    """Somebody's draft of a visit to an asset; None for none. Raises as `load_draft`."""
    path = draft_path(registry, asset_uid, by)
    return _of_its_name(registry, path) if path.exists() else None


def _of_its_name(registry: Place, path: Path) -> Draft:
    """The draft of a file that is named for what it holds; raises as `load_draft`."""
    draft = load_draft(path)
    if draft_path(registry, draft.asset_uid, draft.by) != path:
        kept = set_aside(path)
        raise InputRefused("survey.draft_unread", file=path.name, kept=kept, why="not its name")
    return draft


def load_draft(path: Path) -> Draft:
    """The draft of a file.

    Raises
    ------
    InputRefused
        It cannot be read, and was put aside.
    """
    try:
        return _checked(json.loads(bounded.content(path, most=_MOST_BYTES).decode("utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        kept = set_aside(path)
        raise InputRefused("survey.draft_unread", file=path.name, kept=kept, why=error) from None


def set_aside(path: Path) -> Path:
    """Put a draft under a name that no visit writes over; the name."""
    kept = path.with_suffix(f".{new_uid()}.unread")
    path.replace(kept)
    return kept


def _checked(found: object) -> Draft:
    """A draft of plain values, whoever wrote the file; raises `ValueError`."""
    if not isinstance(found, dict) or set(found) != _NAMES:
        raise ValueError("not a draft")
    answers, checklist, photos = found["answers"], found["checklist"], found["photos"]
    if not all(isinstance(found[name], str) for name in _TEXTS) or not is_key(found["asset_uid"]):
        raise ValueError("not a draft")
    named = isinstance(checklist, str | None)
    if not named or not isinstance(answers, dict) or not isinstance(photos, list):
        raise ValueError("not a draft")
    if not all(isinstance(answer, str) for answer in answers.values()):
        raise ValueError("an answer is no text")
    if not all(map(is_digest, photos)):
        raise ValueError("a photo is none")
    if not _is_time(found["begun"]):
        raise ValueError("it began at no time")
    told = {name: found[name] for name in _TEXTS}
    return Draft(**told, answers=answers, checklist=checklist, photos=tuple(photos))


def _is_time(text: str) -> bool:
    try:
        times.parse_moment(text, times.zone("UTC"))
    except InputRefused:
        return False
    return True


def drop_draft(registry: Place, asset_uid: str, by: str) -> None:
    """Forget a draft, because its visit was recorded or given up."""
    draft_path(registry, asset_uid, by).unlink(missing_ok=True)
