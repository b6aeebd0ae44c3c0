"""Photos that go with a page: copies in a folder beside it, and what the page calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hydrant import durable, private
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.report.asset_findings import Finding
from hydrant.store.ground.place import Place
from hydrant.survey.photos import photo_content


@dataclass(frozen=True, slots=True)
class PagePhotos:
    """Photos beside a page.

    Attributes
    ----------
    folder
        Where they lie.
    names
        Name in that folder by SHA-256; one that is not named is missing.
    missing
        How many of those that visits name are not there, or are not what they were.
    size
        Bytes of all of them.
    """

    folder: Path
    names: Mapping[str, str]
    missing: int
    size: int


def folder_of(page: Path) -> Path:
    """Folder beside a page that takes its photos; never one in which a registry keeps its own."""
    return page.with_name(f"{page.stem}-photos")


def put_beside(page: Path, registry: Place, findings: Iterable[Finding]) -> PagePhotos:
    """Copy the photos that a page names into its folder; what lies there already stays.

    Raises
    ------
    StoreError
        The folder or a photo in it cannot be written.
    """
    folder = folder_of(page)
    names: dict[str, str] = {}
    missing = size = 0
    for digest in sorted({digest for finding in findings for digest in finding.photos}):
        kept = photo_content(registry, digest)
        if kept is None:
            missing += 1
            continue
        content, ending = kept
        names[digest] = f"{digest}.{ending}"
        size += len(content)
        _put(folder / names[digest], content)
    return PagePhotos(folder, names, missing, size)


def _put(target: Path, content: bytes) -> None:
    aside = target.with_name(f".{new_uid()}.part")
    try:
        target.parent.mkdir(exist_ok=True)
        if not target.is_file() or target.stat().st_size != len(content):
            aside.write_bytes(content)
            durable.put(aside, target)
    except OSError as error:
        why = error.strerror or error
        raise StoreError("document.cannot_write", file=target, why=why) from None
    finally:
        private.discard(aside)
