"""The public shape of ``hydrant money``, one of `hydrant.shapes`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from hydrant.completeness_shapes import JoinedNumber, NumberInPart, SplitNumber

Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]

_CLOSED = ConfigDict(extra="forbid")


class MoneySums(TypedDict):
    """Costs of some events and repairs; null where none is stated, never zero for that."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    cost: Amount | None
    events: Count
    events_cost: Amount | None
    events_unstated: Count
    repairs: Count
    repairs_cost: Amount | None
    repairs_unstated: Count
    planned: Count
    planned_cost: Amount | None
    planned_unstated: Count


class MoneyRow(MoneySums):
    """The sums of one source, project and year, or of one of them; null is not stated."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    source: NotRequired[str | None]
    project: NotRequired[str | None]
    year: NotRequired[int | None]


class MoneyGap(TypedDict):
    """One kind of work to 100 %; ``cost`` is that of what has a unit cost."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    work: Literal["build", "repair", "verify"]
    count: Count
    cost: Amount | None
    unpriced: Count


#: Days between which costs were summed; ``from`` is a word of Python's own.
_Span = TypedDict("_Span", {"from": str | None, "until": str | None})


class MoneyData(_Span):
    """``hydrant money``: what is on record as spent, and what the gap would cost.

    ``numbers_lacking`` counts the numbers stated nowhere: what they ask for is not in ``gap``.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    as_of: str
    region: str | None
    policy: str
    by: list[Literal["source", "project", "year"]]
    rows: list[MoneyRow]
    total: MoneySums
    undated_left_out: Count
    assets_without_event: Count
    gap: list[MoneyGap]
    numbers_lacking: Count
    split_numbers: NotRequired[list[SplitNumber]]
    joined_numbers: NotRequired[list[JoinedNumber]]
    numbers_in_part: NotRequired[list[NumberInPart]]
