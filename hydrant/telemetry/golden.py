"""Runs a profile's golden frames: the exchanges on record must give the values on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose

from hydrant.errors import HydrantError, Phrase
from hydrant.telemetry.codec import rtu_exchange
from hydrant.telemetry.decode import decode
from hydrant.telemetry.evaluate import measure
from hydrant.telemetry.profile import Golden, Point, Profile
from hydrant.telemetry.quality import ExchangeError
from hydrant.telemetry.setup import device_setup

#: Relative difference allowed between a value on record and the one found: single precision.
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class GoldenProblem:
    """A golden frame that does not hold: its number in the file and what is wrong."""

    number: int
    what: Phrase


def check_golden(profile: Profile) -> list[GoldenProblem]:
    """What is wrong with the golden frames; empty when all hold."""
    return [
        GoldenProblem(number, problem)
        for number, golden in enumerate(profile.golden, 1)
        for problem in _problems(profile, golden)
    ]


def _problems(profile: Profile, golden: Golden) -> list[Phrase]:
    memory: dict[tuple[int, int], int] = {}
    for number, exchange in enumerate(golden.exchanges, 1):
        try:
            asked, registers = rtu_exchange(exchange.request, exchange.answer)
        except ExchangeError as error:
            return [Phrase("telemetry.golden_frame", {"frame": number, "why": error.reason.phrase})]
        for offset, register in enumerate(registers):
            memory[asked.function, asked.address + offset] = register
    found = (_compare(profile, golden, name, memory) for name in golden.values)
    return [problem for problem in found if problem is not None]


def _compare(
    profile: Profile, golden: Golden, name: str, memory: Mapping[tuple[int, int], int]
) -> Phrase | None:
    answers = {}
    for point in profile.with_helpers((name,)):
        registers = _registers(point, memory)
        if registers is None:
            return Phrase("telemetry.golden_missing", {"point": point.name})
        answers[point.name] = registers
    point = profile.points[name]
    value: float | None
    if point.quantity is None:
        value = float(decode(answers[name], point.type, point.order))
    else:
        try:
            setup = device_setup(golden.parameters)
        except HydrantError as error:
            return Phrase(error.key, error.facts)
        value = measure(profile, name, answers, setup).value
    wanted = golden.values[name]
    if value is None or wanted is None:
        same = value is wanted
    else:
        same = isclose(value, wanted, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    facts = {"point": name, "value": _shown(value), "wanted": _shown(wanted)}
    return None if same else Phrase("telemetry.golden_value", facts)


def _registers(point: Point, memory: Mapping[tuple[int, int], int]) -> tuple[int, ...] | None:
    places = [(point.function, point.address + n) for n in range(point.width)]
    if any(place not in memory for place in places):
        return None
    return tuple(memory[place] for place in places)


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"
