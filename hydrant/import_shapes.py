"""The public shapes of ``hydrant import``, two of `hydrant.shapes`."""

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
    """A row that a remark is about; ``asset`` is the uid of a known one, null of a new one.

    Of ``at_odds`` also the ``columns`` that contradict each other, of ``partly`` those of which
    more is said than was read; of ``held_on`` what the refused
    row ``said``, and the day on which the asset was last found working, null where nobody knows.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    line: Annotated[int, Field(ge=1)]
    code: str | None
    asset: str | None
    said: NotRequired[str]
    last_good: NotRequired[str | None]
    columns: NotRequired[list[str]]


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
    ``missing_assets``: they stay as they are. ``unread`` are columns of which nothing was taken,
    ``answers_unread`` those among them that answer yes and no under headings not understood;
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
    answers_unread: NotRequired[list[str]]
    missing: Count
    missing_assets: NotRequired[list[MissingAsset]]
    visits: dict[Literal["corrected", "withdrawn", "kept", "without_outcome", "earlier"], Count]
    named: dict[
        Literal[
            "visits_corrected",
            "visits_withdrawn",
            "visits_without_outcome",
            "visits_earlier",
            "visits_kept",
            "visits_outweighed",
            "visits_untold",
            "of_others",
            "visits_undated",
            "visits_contradicted",
            "remarks_unclear",
            "answers_not_known",
            "remarks_against",
            "copies",
            "spelled_alike",
            "notes_left",
            "begun",
            "ended_left_out",
            "ended_otherwise",
            "ended_counted",
            "ended_mentioned",
            "worse_elsewhere",
            "outdated",
            "merged",
            "merged_codes",
            "held_on",
            "standing",
            "at_odds",
            "summaries",
            "look_alike",
            "swapped",
            "noughts",
            "partly",
            "emptied",
            "hidden",
            "commented",
            "struck",
            "coloured",
            "moved",
            "moved_bad",
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


class ProposedLine(TypedDict):
    """A line of a proposed mapping, null for a remark, its table of the file, and why."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    part: Literal["", "position", "fields", "inspection", "lifecycle"]
    line: str | None
    why: str


class OpenQuestion(TypedDict):
    """What a file cannot say; without choices the answer is free, as a coordinate system is."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    topic: Literal[
        "turned",
        "datum",
        "zone",
        "system",
        "kind",
        "words",
        "order",
        "rival",
        "days",
        "year",
        "packed",
        "units",
        "otherwise",
        "remarks",
        "remarks_and_bad",
        "states",
        "answers",
        "key",
    ]
    text: str
    choices: list[str]


class SampleRow(TypedDict):
    """A row as it would be stored; the place is in CGCS2000, the date local."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    line: Annotated[int, Field(ge=1)]
    code: str | None
    kind: str
    lon: float
    lat: float
    region: str | None
    region_name: str | None
    outcome: str | None
    at: str | None


class Doubt(TypedDict):
    """A row whose place is doubtful, and why."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    line: Annotated[int, Field(ge=1)]
    reason: str


class Refusal(TypedDict):
    """A reason for refusing rows, in the words of the first of them."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    reason: str
    count: Count
    line: Annotated[int, Field(ge=1)]


class ProposalData(TypedDict):
    """``hydrant import`` without a mapping, of a file with headings of its own; it ends with 3.

    Nothing is imported; the mapping was written to ``mapping_file``. ``known`` is the shipped
    mapping that was tried and fits. ``counts`` is what an import by it would do; where the file as
    a whole could not be read by it, ``obstacle`` says why and there is no sample.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    file: str
    read: Count
    written: Literal[False]
    known: str | None
    source: str | None
    mapping: str
    mapping_file: str
    reasons: list[ProposedLine]
    remarks: list[str]
    key: str
    key_columns: list[str]
    unused: list[str]
    questions: list[OpenQuestion]
    sample: Annotated[list[SampleRow], Field(max_length=10)]
    counts: NotRequired[
        dict[Literal["new", "updated", "unchanged", "refused", "ignored", "duplicates"], Count]
    ]
    warned: NotRequired[list[str]]
    refusals: NotRequired[list[Refusal]]
    doubts: NotRequired[list[Doubt]]
    obstacle: NotRequired[str]
