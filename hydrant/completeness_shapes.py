"""Shapes of completeness in ``hydrant integrity``; see `hydrant.shapes`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

Count = Annotated[int, Field(ge=0)]
Percent = Annotated[float, Field(ge=0, le=100)]

_CLOSED = ConfigDict(extra="forbid")


class UnitData(TypedDict):
    """A unit that lacks a number: any (kind null), of a family, or of one service of it."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    region: str
    name: str
    kind: str | None
    service: str | None


class CompletenessData(TypedDict):
    """Built against required; rates are null where nothing is required.

    ``units_without_requirement`` counts the units without any number, ``numbers_lacking`` all
    ``units``, those that lack one of a family or service too. With any the rate is not the whole.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    required: Count
    built: Count
    met: Count
    shortfall: Count
    percent: Percent | None
    raw_percent: Annotated[float, Field(ge=0)] | None
    units_without_requirement: Count
    numbers_lacking: Count
    units: list[UnitData]


class DisagreeingRequirement(TypedDict):
    """A region's number that does not fit those below it, and which of them count.

    ``below``: those below add up to more. ``both``: those below name no kind or service where
    this one does, so neither is part of the other.
    """

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    region: str
    kind: str
    service: str | None
    stated: Count
    sum_below: Count
    counts: Literal["below", "both"]


class SplitNumber(TypedDict):
    """Numbers of a split unit that ended with those of its successors and were more than these."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    region: str
    family: str
    stated: Count
    gained: Count


class NumberInPart(TypedDict):
    """What a unit must have by numbers that say nothing of a part of it that it took over."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    region: str
    family: str
    stated: Count


class JoinedNumber(TypedDict):
    """Numbers that came together with a succession and require less than each for its own unit."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    region: str
    family: str
    apart: Count
    together: Count


class VillagesData(TypedDict):
    """Villages by what they have; ``not_stated`` are those without a number of their own."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]
    all: Count
    working: Count
    unproven: Count
    without: Count
    not_stated: Count
