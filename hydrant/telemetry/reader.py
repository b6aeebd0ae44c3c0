"""Reads the points of one unit: requests sent in turn, one silence ends the unit's turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import Request, plan_for, single
from hydrant.telemetry.profile import Profile
from hydrant.telemetry.quality import ExchangeError, Reason

#: Refusals that may concern only some of the addresses of a request.
_SPLIT = frozenset({Reason.ILLEGAL_ADDRESS, Reason.ILLEGAL_VALUE, Reason.DEVICE_FAILURE})


@dataclass(slots=True)
class UnitAnswers:
    """What a unit said.

    Attributes
    ----------
    registers
        By name of the points that were answered.
    failures
        Why a point was not, by name.
    refused
        Points that the device refuses, although it gives others of the same range or did so.
    """

    registers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    failures: dict[str, Reason] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()

    def failure(self, names: Sequence[str]) -> Reason | None:
        """Why one of these points is missing, or None when all are there."""
        if not self.failures:
            return None
        return next((self.failures[name] for name in names if name in self.failures), None)

    @property
    def silence(self) -> Reason | None:
        """Why the unit, or its gateway, is given up for this cycle; None when it is not."""
        if not self.failures:
            return None
        return next((reason for reason in self.failures.values() if reason.silences), None)


async def read_unit(
    link: Link,
    unit: int,
    profile: Profile,
    names: tuple[str, ...],
    refused: frozenset[str] = frozenset(),
) -> UnitAnswers:
    """Registers of the named points and of those needed to understand them.

    Parameters
    ----------
    refused
        Points that the device refused before: they are asked for apart, so that they cost the
        others nothing, and as soon as it gives them they are joined again.
    """
    answers = UnitAnswers()
    waiting = list(plan_for(profile, names, refused))
    while waiting:
        request = waiting.pop(0)
        try:
            registers = await link.read(request, unit, pause_s=profile.min_pause_s)
        except ExchangeError as error:
            if error.reason in _SPLIT and len(request.points) > 1:
                # one address may be refused; the others of the range must not suffer for it
                waiting[:0] = [single(point) for point in request.points]
                continue
            _fail(answers, request, error.reason)
            if error.reason.silences:
                for unsent in waiting:
                    _fail(answers, unsent, error.reason)
                break
        else:
            answers.registers |= request.pick(registers)
    if refused or answers.failures:
        now = {name for name, reason in answers.failures.items() if reason in _SPLIT}
        # `refused - registers.keys()` would be a plain set, which no cached function takes
        answers.refused = refused.difference(answers.registers) | now
    return answers


def _fail(answers: UnitAnswers, request: Request, reason: Reason) -> None:
    answers.failures |= dict.fromkeys((point.name for point in request.points), reason)
