"""Reads the points of one unit: what is refused, silent or lost costs its neighbours nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import Request, plan_for, single
from hydrant.telemetry.profile import Profile
from hydrant.telemetry.quality import ExchangeError, Reason

#: Refusals that may concern only some of the addresses of a request.
_SPLIT = frozenset({Reason.ILLEGAL_ADDRESS, Reason.ILLEGAL_VALUE, Reason.DEVICE_FAILURE})
#: Nobody answered: the device did not, or its gateway says so in its place.
_SILENT = frozenset({Reason.TIMEOUT, Reason.GATEWAY_TARGET})
#: Rests before a busy device is asked again, s. The standard has the client ask later.
_BUSY_S = (0.25, 1.0)
#: After so many requests in a row that a unit left unanswered nothing more is asked of it now.
_MOST_SILENT = 3


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
        Points that the device refuses or is silent to, although it gives others or did so.
    silence
        Why the unit, or its gateway, is given up for this cycle; None when it is not.
    unasked
        Points that could not be asked for: a late answer could have been taken for theirs.
    """

    registers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    failures: dict[str, Reason] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    silence: Reason | None = None
    unasked: frozenset[str] = frozenset()

    def failure(self, names: Sequence[str]) -> Reason | None:
        """Why one of these points is missing, or None when all are there."""
        if not self.failures:
            return None
        return next((self.failures[name] for name in names if name in self.failures), None)


async def read_unit(
    link: Link,
    unit: int,
    profile: Profile,
    names: tuple[str, ...],
    refused: frozenset[str] = frozenset(),
    *,
    heard: bool | None = None,
) -> UnitAnswers:
    """Registers of the named points and of those needed to understand them.

    Parameters
    ----------
    refused
        Points that the device refused, or was silent to, before: they are asked for apart and
        last, so that they cost the others nothing; once it gives them they are joined again.
    heard
        Whether the unit answered when it was last asked; None where it never was. One that did not
        is asked for one point first and only once, so that it costs one wait when it is dead, and
        comes back when it was silent to one point only. Others are asked again where an answer is
        lost.
    """
    return await _Reading(link, unit, profile, refused, heard).run(names)


class _Reading:
    """One unit's turn."""

    def __init__(
        self, link: Link, unit: int, profile: Profile, refused: frozenset[str], heard: bool | None
    ) -> None:
        self._link, self._unit, self._profile = link, unit, profile
        self._refused, self._heard = refused, heard
        self._answers = UnitAnswers()
        self._waiting: list[Request] = []
        self._spoke = False
        self._tries: dict[tuple[int, int, int], int] = {}
        self._silent = 0
        self._split = False
        self._apart: set[str] = set()
        self._unasked: set[str] = set()

    async def run(self, names: tuple[str, ...]) -> UnitAnswers:
        """Ask for everything, or until the unit is given up."""
        wanted = plan_for(self._profile, names, self._refused)
        if self._heard is False:
            wanted = tuple(single(point) for request in wanted for point in request.points)
        self._waiting = list(wanted)
        pause_s = self._profile.min_pause_s
        while self._waiting:
            request = self._waiting.pop(0)
            try:
                registers = await self._link.read(request, self._unit, pause_s=pause_s)
            except ExchangeError as error:
                await self._failed(request, error.reason)
            else:
                self._spoke, self._silent = True, 0
                self._answers.registers |= request.pick(registers)
            while self._waiting and self._link.in_doubt(self._waiting[0], self._unit):
                self._leave_out(self._waiting.pop(0))
        self._remember(names)
        return self._answers

    async def _failed(self, request: Request, reason: Reason) -> None:
        self._spoke |= reason.is_refusal and not reason.silences
        if reason.silences and reason not in _SILENT:
            self._give_up(request, reason)
        elif await self._asks_again(request, reason):
            self._waiting.insert(0, request)
        elif self._splits(request, reason):
            # one address may be the cause; the others of the range must not suffer for it
            self._split |= reason in _SILENT
            self._waiting[:0] = [single(point) for point in request.points]
        elif reason in _SILENT:
            self._unanswered(request, reason)
        else:
            self._silent = 0
            self._fail(request, reason)

    def _unanswered(self, request: Request, reason: Reason) -> None:
        if not self._spoke:
            self._give_up(request, reason)
            return
        self._fail(request, Reason.REGISTER_SILENT)
        self._silent += 1
        while self._waiting and self._silent >= _MOST_SILENT:
            self._leave_out(self._waiting.pop(0))

    @property
    def _lively(self) -> bool:
        """Whether an answer that did not come may have been lost: nothing says that it is dead."""
        return self._spoke or self._heard is not False

    def _splits(self, request: Request, reason: Reason) -> bool:
        if len(request.points) == 1:
            return False
        if reason in _SPLIT or reason is Reason.WRONG_COUNT:
            return True
        return reason.unheard and self._lively

    async def _asks_again(self, request: Request, reason: Reason) -> bool:
        """Whether a request is sent once more: one lost answer is no silence, nor is busy."""
        asked = request.function, request.address, request.count
        tries = self._tries.get(asked, 0)
        if reason is Reason.BUSY and tries < len(_BUSY_S):
            await asyncio.sleep(_BUSY_S[tries])
        elif tries or not self._may_be_lost(request, reason):
            return False
        self._tries[asked] = tries + 1
        return True

    def _may_be_lost(self, request: Request, reason: Reason) -> bool:
        unsplit = len(request.points) > 1 or (self._split and not self._spoke)
        if reason in _SILENT and (unsplit or self._silent):
            return False  # what it is silent to is told by asking for each point
        names = {point.name for point in request.points}
        lost = reason.unheard and reason is not Reason.WRONG_COUNT
        known = names <= self._refused
        return lost and self._lively and not known and not self._link.in_doubt(request, self._unit)

    def _leave_out(self, request: Request) -> None:
        """Pass over a request that must not be sent now."""
        if len(request.points) > 1:  # a shorter question has another form
            self._waiting[:0] = [single(point) for point in request.points]
            return
        names = {point.name for point in request.points}
        if self._spoke and names <= self._refused:
            self._fail(request, Reason.REGISTER_SILENT)
            return
        if self._spoke:
            self._unasked |= names
        else:
            self._answers.silence = Reason.TIMEOUT
        self._fail(request, Reason.TIMEOUT)

    def _give_up(self, request: Request, reason: Reason) -> None:
        self._answers.silence = reason
        if len(request.points) == 1 and not reason.concerns_gateway:
            self._apart.add(request.points[0].name)  # another goes first the next time
        for unsent in (request, *self._waiting):
            self._fail(unsent, reason)
        self._waiting.clear()

    def _fail(self, request: Request, reason: Reason) -> None:
        for point in request.points:
            self._answers.failures[point.name] = reason

    def _remember(self, names: tuple[str, ...]) -> None:
        """Note what is to be asked for apart the next time."""
        answers = self._answers
        answers.unasked = frozenset(self._unasked)
        if not (self._refused or answers.failures):
            return
        kept = {*_SPLIT, Reason.REGISTER_SILENT}
        now = {name for name, reason in answers.failures.items() if reason in kept} | self._apart
        # `refused - registers.keys()` would be a plain set, which no cached function takes
        refused = self._refused.difference(answers.registers) | now
        every = {point.name for point in self._profile.with_helpers(names)}
        if not self._spoke and refused >= every:
            refused = frozenset(now)  # all have had their turn to be asked first
        answers.refused = refused
