"""Points to requests: as few as the device allows, never over an address it forbids; pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from hydrant.telemetry.profile import BIT_FUNCTIONS, MOST_BITS, Point, Profile


@dataclass(frozen=True, slots=True)
class Request:
    """One read.

    Attributes
    ----------
    function, address, count
        As sent.
    points
        Whose values it brings, by address.
    """

    function: int
    address: int
    count: int
    points: tuple[Point, ...]

    @property
    def end(self) -> int:
        """First address after it."""
        return self.address + self.count

    def touches(self, point: Point) -> bool:
        """Whether it reads a register of a point."""
        first, last = point.address, point.address + point.width
        return point.function == self.function and first < self.end and last > self.address

    def pick(self, registers: Sequence[int]) -> dict[str, tuple[int, ...]]:
        """Registers of each point out of the answer's registers."""
        picked = {}
        for point in self.points:
            start = point.address - self.address
            picked[point.name] = tuple(registers[start : start + point.width])
        return picked


def plan(
    points: Iterable[Point], profile: Profile, apart: Iterable[Point] = ()
) -> tuple[Request, ...]:
    """Requests that together read exactly the wanted points, by function and address.

    Neighbours are joined when the gap between them is at most the profile's ``max_gap``, the
    whole stays within its ``max_registers``, and no address that is forbidden or of a point in
    `apart` lies between.
    """
    requests: list[Request] = []
    alone = tuple(apart)
    for point in sorted(points, key=lambda p: (p.function, p.address, p.width)):
        joined = _joined(requests[-1], point, profile) if requests else None
        if joined is not None and any(joined.touches(other) for other in alone):
            joined = None
        if joined is None:
            requests.append(single(point))
        else:
            requests[-1] = joined
    return tuple(requests)


def single(point: Point) -> Request:
    """The request that reads one point alone."""
    return Request(point.function, point.address, point.width, (point,))


def _joined(request: Request, point: Point, profile: Profile) -> Request | None:
    if request.function != point.function or point.address - request.end > profile.max_gap:
        return None
    end = max(request.end, point.address + point.width)
    most = MOST_BITS if point.function in BIT_FUNCTIONS else profile.max_registers
    if end - request.address > most:
        return None
    if any(area.touches(point.function, request.address, end - 1) for area in profile.forbidden):
        return None
    return Request(
        request.function, request.address, end - request.address, (*request.points, point)
    )


def raw_text(answers: Mapping[str, Sequence[int]]) -> str:
    """Registers as they are stored beside a value: ``p1=3F800000 code=0001``."""
    return " ".join(
        [
            f"{name}={struct.pack(f'>{len(registers)}H', *registers).hex().upper()}"
            for name, registers in answers.items()
        ]
    )


@cache
def plan_for(
    profile: Profile, names: tuple[str, ...], apart: frozenset[str] = frozenset()
) -> tuple[Request, ...]:
    """Requests that bring the named points and what is needed to understand them.

    Points of `apart` are asked for one by one, after the others.
    """
    wanted = profile.with_helpers(names)
    alone = [point for point in wanted if point.name in apart]
    joined = plan((point for point in wanted if point.name not in apart), profile, alone)
    return (*joined, *map(single, alone))
