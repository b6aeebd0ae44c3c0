"""The public shape of ``hydrant import``, one of `hydrant.shapes`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

Count = Annotated[int, Field(ge=0)]

_CLOSED = ConfigDict(extra="forbid")


class ImportedRow(TypedDict):
    """A row that is not plainly new or unchanged.

    ``line`` counts from 1 as a text editor does; ``duplicate_of`` is the uid of the other
    asset, or the external key of another row of the same file.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    line: Annotated[int, Field(ge=1)]
    code: str | None
    action: Literal["new", "updated", "unchanged", "refused", "ignored"]
    reason: str | None
    duplicate_of: NotRequired[str]
    fields: NotRequired[list[str]]
    visit: NotRequired[Literal["corrected", "withdrawn"]]


class NamedRow(TypedDict):
    """A row that a remark is about; ``asset`` is the uid of a known one, null of a new one."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    line: Annotated[int, Field(ge=1)]
    code: str | None
    asset: str | None


class MissingAsset(TypedDict):
    """An asset that its register names no more: its uid, and its code if it has one."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    asset: str
    code: str | None


class ImportData(TypedDict):
    """``hydrant import``: read = new + updated + unchanged + refused + ignored.

    ``placed`` rows got their region from an outline; ``misplaced`` ones lie outside theirs, far
    from all others, or where their second pair of coordinates does not;
    ``missing`` counts assets that the register named before and this file does not, listed in
    ``missing_assets``: they stay as they are. ``unread`` are columns of which nothing was taken;
    ``named`` lists the rows whose visits were corrected or that count as moved, and the like.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    file: str
    source: str
    read: Count
    new: Count
    updated: Count
    unchanged: Count
    refused: Count
    ignored: Count
    duplicates: Count
    unread: list[str]
    missing: Count
    missing_assets: NotRequired[list[MissingAsset]]
    visits: dict[Literal["corrected", "withdrawn", "without_outcome", "earlier"], Count]
    named: dict[
        Literal[
            "visits_corrected",
            "visits_withdrawn",
            "visits_without_outcome",
            "visits_earlier",
            "moved",
            "ended",
        ],
        list[NamedRow],
    ]
    written: bool
    rows: list[ImportedRow]
    refused_file: NotRequired[str]
    placed: NotRequired[Count]
    moved: NotRequired[Count]
    misplaced: NotRequired[Count]
