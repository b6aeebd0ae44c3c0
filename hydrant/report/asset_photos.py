"""Photos of an asset: which visit took each, and where its file is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from hydrant import times
from hydrant.model.tables import Inspection
from hydrant.store.opened.registry import Registry
from hydrant.survey.photos import photo_file
from hydrant.survey.row_rules import named_photos


class Photo(TypedDict):
    """One photo.

    Attributes
    ----------
    visit
        Uid of the visit that took it.
    at
        Local day or time of that visit; None where it is not known.
    sha256
        Digest of the content, which is its name.
    file
        Where it lies; None where it did not come along with the registry.
    """

    visit: str
    at: str | None
    sha256: str
    file: str | None


def photos_of(registry: Registry, visits: Iterable[Inspection]) -> list[Photo]:
    """Photos of visits that count, the latest visit first, undated ones last."""
    told: list[Photo] = []
    counted = [visit for visit in visits if visit.withdrawn_at is None]
    dated = sorted((visit for visit in counted if visit.at is not None), key=_at, reverse=True)
    for visit in [*dated, *(visit for visit in counted if visit.at is None)]:
        day = None if visit.at is None else times.local_text(visit.at, registry.zone)
        for digest in named_photos(visit.photos) or ():
            file = photo_file(registry.path, digest)
            told.append(
                Photo(
                    visit=visit.uid,
                    at=day,
                    sha256=digest,
                    file=None if file is None else str(file.absolute()),
                )
            )
    return told


def _at(visit: Inspection) -> str:
    return "" if visit.at is None else times.to_text(visit.at)
