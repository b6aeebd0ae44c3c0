"""Photos are kept by what they are, never by what they are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from hydrant import bounded, durable, private
from hydrant.errors import InputRefused
from hydrant.ids import new_uid
from hydrant.store.ground.place import Place

LARGEST_BYTES = 40_000_000
_MAGIC = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"))


_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_digest(value: object) -> bool:
    """Whether a value is a SHA-256 digest, which alone may become part of a path here."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def photo_folder(registry: Place) -> Path:
    """Folder beside a registry in which its photos are kept."""
    return registry.with_suffix(".photos")


def photo_file(registry: Place, digest: str) -> Path | None:
    """File of a kept photo; None where it is not there."""
    return next((photo_folder(registry) / digest[:2]).glob(f"{digest}.*"), None)


def photo_content(registry: Place, digest: str) -> tuple[bytes, str] | None:
    """Content of a kept photo and the ending of its form; None where it is not what it was."""
    file = photo_file(registry, digest)
    if file is None:
        return None
    try:
        content = bounded.content(file, most=LARGEST_BYTES)
    except OSError:
        return None
    ending = _ending(content)
    if ending is None or hashlib.sha256(content).hexdigest() != digest:
        return None
    return content, ending


def keep_photo(photo: Path, registry: Place) -> str:
    """Copy a photo into the registry's folder; its SHA-256.

    Raises
    ------
    InputRefused
        It cannot be read, is too large, or is no JPEG, PNG, WebP or HEIC picture.
    """
    try:
        size = photo.stat().st_size
        if size > LARGEST_BYTES:
            raise InputRefused("survey.photo_large", file=photo, mb=size // 1_000_000)
        content = bounded.content(photo, most=LARGEST_BYTES)
    except (OSError, ValueError) as error:  # no file can bear that name, or nobody may read it
        why = getattr(error, "strerror", None) or error
        raise InputRefused("survey.photo_missing", file=photo, why=why) from None
    return keep_picture(content, registry, name=photo)


def keep_picture(content: bytes, registry: Place, *, name: object) -> str:
    """Keep a photo whose content is at hand; its SHA-256. Raises as `keep_photo`.

    Parameters
    ----------
    name
        What a refusal calls it; nothing is ever stored under that name.
    """
    if len(content) > LARGEST_BYTES:
        raise InputRefused("survey.photo_large", file=name, mb=len(content) // 1_000_000)
    ending = _ending(content)
    if ending is None:
        raise InputRefused("survey.photo_form", file=name)
    digest = hashlib.sha256(content).hexdigest()
    target = photo_folder(registry) / digest[:2] / f"{digest}.{ending}"
    if not target.exists():
        private.folder(photo_folder(registry))
        private.folder(target.parent)
        aside = target.with_name(f".{new_uid()}.part")
        private.new_file(aside)
        aside.write_bytes(content)
        durable.put(aside, target)
    return digest


def carry_photos(bundle: Path, registry: Place, digests: Iterable[str]) -> int:
    """Take photos out of a bundle's folder into a registry's; how many are missing.

    A photo is looked for by its digest and checked like any other; one whose content does not
    have that digest is missing, whatever it is called.
    """
    missing = 0
    for digest in sorted(filter(is_digest, set(digests))):
        if photo_file(registry, digest) is not None:
            continue
        found = photo_file(bundle, digest)
        try:
            missing += found is None or keep_photo(found, registry) != digest
        except InputRefused:
            missing += 1
    return missing


def _ending(content: bytes) -> str | None:
    for magic, ending in _MAGIC:
        if content.startswith(magic):
            return ending
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "heic" if content[4:12] in (b"ftypheic", b"ftypmif1", b"ftypheix") else None
