"""What is known of an asset at a date, reduced to the few predicates the rule asks for."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from hydrant.vocabulary import family_of


class Lifecycle(StrEnum):
    """Whether and how an asset exists at a date."""

    IN_SERVICE = "in_service"
    SUSPENDED = "suspended"
    NOT_EXISTING = "not_existing"


class LastOutcome(StrEnum):
    """The last decisive outcome; ``not_testable`` is none and changes nothing."""

    NONE = "none"
    WORKS_FRESH = "works_fresh"
    WORKS_OLD = "works_old"
    WORKS_UNDATED = "works_undated"
    FAILS = "fails"
    NOT_FOUND = "not_found"


class Measured(StrEnum):
    """The last measurement of one quantity against its limit."""

    ABSENT = "absent"
    FRESH = "fresh"
    OLD = "old"
    BELOW = "below"


class Evidence(NamedTuple):
    """Predicates of one asset at a date; equal ones always get the same verdict.

    Attributes
    ----------
    kind
        Kind of the asset, or its family where no more is known.
    lifecycle, outcome
        See their classes.
    blocking
        Whether a blocking defect is open.
    static, flow
        Last static pressure and flow; a flow measured at another pressure than the limit's,
        from which nothing follows, is absent.
    lift
        Lift at drought level (or measured, when already above the limit).
    access
        Lane and turning area: ABSENT when neither is known to be missing but not both known.
    level
        Last water level; no limit is held against it, so it is never BELOW.
    bare
        Whether a natural source is known to have no structure to draw from.
    """

    kind: str
    lifecycle: Lifecycle
    blocking: bool
    outcome: LastOutcome
    static: Measured
    flow: Measured
    lift: Measured
    access: Measured
    level: Measured = Measured.ABSENT
    bare: bool = False

    def json(self) -> dict[str, Any]:
        """The predicates by name, with the family."""
        return {"family": family_of(self.kind), **self._asdict()}
