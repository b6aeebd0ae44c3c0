"""The two rates as exact integer arithmetic; a percentage is floored, never rounded up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from hydrant.integrity.condition import Verdict
from hydrant.vocabulary import Condition

#: Mark of a rate that does not cover all that was asked for, see `Completeness.is_partial`.
PARTIAL = "*"


def floor_percent(part: int, whole: int) -> float | None:
    """100 x part / whole, floored to two decimals; None when there is no whole.

    100.00 appears only when part equals whole exactly (or exceeds it, for raw rates).
    """
    if whole == 0:
        return None
    return (part * 10_000 // whole) / 100


@dataclass(frozen=True, slots=True)
class WorkingOrder:
    """完好率: intact against existing, with what is not known kept apart.

    Attributes
    ----------
    existing
        Assets that exist; the sum of the four classes.
    unmeasured
        Existing assets that lack a measurement the policy has a limit for.
    headline
        ``low`` or ``high``: which end `percent` shows.
    """

    intact: int = 0
    stale: int = 0
    defective: int = 0
    untested: int = 0
    unmeasured: int = 0
    headline: str = "low"

    @property
    def existing(self) -> int:
        """Assets that exist at the date."""
        return self.intact + self.stale + self.defective + self.untested

    @property
    def low(self) -> float | None:
        """Share that is proven intact, percent."""
        return floor_percent(self.intact, self.existing)

    @property
    def high(self) -> float | None:
        """Share that is not proven defective, percent."""
        return floor_percent(self.existing - self.defective, self.existing)

    @property
    def percent(self) -> float | None:
        """The headline."""
        return self.low if self.headline == "low" else self.high


def tally(verdicts: Iterable[tuple[Verdict, int]], *, headline: str) -> WorkingOrder:
    """Working order of verdicts with how often each occurs."""
    counts = dict.fromkeys(Condition, 0)
    unmeasured = 0
    for verdict, times in verdicts:
        if verdict.condition is not None:
            counts[verdict.condition] += times
            unmeasured += times * verdict.unmeasured
    return WorkingOrder(
        intact=counts[Condition.INTACT],
        stale=counts[Condition.STALE],
        defective=counts[Condition.DEFECTIVE],
        untested=counts[Condition.UNTESTED],
        unmeasured=unmeasured,
        headline=headline,
    )


@dataclass(frozen=True, slots=True)
class Need:
    """One required number and what stands against it.

    Attributes
    ----------
    service
        Service it is stated for; None where none was named.
    beyond
        Whether it is what the region's number has beyond those of the regions below it.
    """

    region: str
    kind: str
    required: int
    built: int
    service: str | None = None
    beyond: bool = False

    @property
    def met(self) -> int:
        """Built as far as it is required: a surplus covers nothing else."""
        return min(self.built, self.required)

    @property
    def shortfall(self) -> int:
        """How many are missing."""
        return self.required - self.met


class Unit(NamedTuple):
    """A unit for which a number is lacking.

    Attributes
    ----------
    kind
        Family of which nobody stated a number; None where nothing at all is stated.
    service
        Service for which the family's number is lacking; None for all of them.
    """

    region: str
    kind: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Completeness:
    """建有率 of a set of needs.

    Attributes
    ----------
    units_without_requirement
        Units for which nobody stated a number; with any, the rate is not the whole truth.
    units
        These by name, and those that lack a number for some family or service only.
    """

    needs: tuple[Need, ...]
    units_without_requirement: int
    units: tuple[Unit, ...] = ()

    @property
    def required(self) -> int:
        """Sum of what is required."""
        return sum(need.required for need in self.needs)

    @property
    def built(self) -> int:
        """Sum of what exists of the required families and kinds."""
        return sum(need.built for need in self.needs)

    @property
    def met(self) -> int:
        """Sum of what is met."""
        return sum(need.met for need in self.needs)

    @property
    def shortfall(self) -> int:
        """Sum of what is missing; no surplus is set against it."""
        return sum(need.shortfall for need in self.needs)

    @property
    def requires_nothing(self) -> bool:
        """Whether numbers are stated, all of them 0, and none is lacking: there is no rate."""
        return bool(self.needs) and self.required == 0 and not self.units

    @property
    def percent(self) -> float | None:
        """Met against required, percent; None when nothing is required."""
        return floor_percent(self.met, self.required)

    @property
    def raw_percent(self) -> float | None:
        """Built against required without the cap, percent."""
        return floor_percent(self.built, self.required)

    @property
    def is_complete(self) -> bool:
        """Whether every unit has all its numbers and every number is met."""
        return self.required > 0 and self.shortfall == 0 and self.is_stated

    @property
    def is_stated(self) -> bool:
        """Whether no number is lacking anywhere."""
        return self.units_without_requirement == 0 and not self.units

    @property
    def is_partial(self) -> bool:
        """Whether there is a rate and numbers are lacking: it is marked wherever it is shown."""
        return self.percent is not None and not self.is_stated

    @property
    def numbers_lacking(self) -> int:
        """How many units lack a number, each once for every family or service it lacks."""
        return len(self.units)
