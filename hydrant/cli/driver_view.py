"""How device profiles are told."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from hydrant.cli.frame import Note
from hydrant.cli.screen import Screen
from hydrant.telemetry.golden import GoldenProblem, check_golden
from hydrant.telemetry.profile import Point, Profile
from hydrant.telemetry.profile_doubts import doubts


class Checked:
    """A profile's file and what its golden frames said."""

    def __init__(self, path: Path, profile: Profile) -> None:
        self.path = path
        self.profile = profile

    @cached_property
    def problems(self) -> list[GoldenProblem]:
        """Golden frames that do not hold."""
        return list(check_golden(self.profile))

    def json(self) -> dict[str, Any]:
        """The outcome as scripts see it."""
        return {
            "driver": self.profile.name,
            "golden": len(self.profile.golden),
            "failed": len({problem.number for problem in self.problems}),
        }


def summary_json(profile: Profile) -> dict[str, Any]:
    """A profile in a list of profiles."""
    return {
        "name": profile.name,
        "version": profile.version,
        "title": dict(profile.title),
        "maker": profile.maker,
        "models": list(profile.models),
        "confidence": profile.confidence,
        "quantities": _quantities(profile),
    }


def profile_json(profile: Profile) -> dict[str, Any]:
    """A whole profile."""
    return summary_json(profile) | {
        "points": [_point(point) for point in profile.points.values()],
        "sources": list(profile.sources),
        "notes": dict(profile.notes),
        "serial": profile.serial,
        "golden": len(profile.golden),
    }


def show_profiles(screen: Screen, profiles: Sequence[Profile]) -> None:
    """Profiles, a line each."""
    titles = ("name", "device", "quantities", "confidence")
    screen.table(
        [screen.t(f"cli_driver.{title}_title") for title in titles],
        [
            (
                profile.name,
                profile.title[screen.lang],
                ", ".join(screen.label("quantity", name) for name in _quantities(profile)),
                screen.t(f"cli_driver.confidence_{profile.confidence}"),
            )
            for profile in profiles
        ],
    )


def show_profile(screen: Screen, profile: Profile) -> None:
    """What a profile says of its device, and where that is known from."""
    screen.text(f"{profile.name} {profile.version}: {profile.title[screen.lang]}")
    titles = ("point", "quantities", "function", "address", "type", "unit")
    screen.table(
        [screen.t(f"cli_driver.{title}_title") for title in titles],
        [_cells(screen, point) for point in profile.points.values()],
        numeric=(2, 3),
    )
    if profile.notes:
        screen.text(profile.notes[screen.lang])
    screen.line(
        "cli_driver.confidence", what=screen.t(f"cli_driver.confidence_{profile.confidence}")
    )
    for source in profile.sources:
        screen.line("cli_driver.source", source=source)


def check_notes(checked: Sequence[Checked]) -> tuple[Note, ...]:
    """Golden frames that do not hold, profiles that have none, and what is seldom meant."""
    wrong = [
        Note.of("cli_driver.golden_wrong", file=one.path, number=problem.number, what=problem.what)
        for one in checked
        for problem in one.problems
    ]
    unproven = [
        Note.of("cli_driver.unproven", file=one.path) for one in checked if not one.profile.golden
    ]
    doubted = [
        Note.of("cli_driver.doubted", file=one.path, what=what).warning()
        for one in checked
        for what in doubts(one.profile)
    ]
    return (*wrong, *doubted, *unproven)


def show_checked(screen: Screen, checked: Sequence[Checked], *, whole_path: bool) -> None:
    """What became of each profile; those that ship are named by their file alone."""
    for one in checked:
        key = "cli_driver.checked_wrong" if one.problems else "cli_driver.checked"
        points, golden = len(one.profile.points), len(one.profile.golden)
        name = one.path if whole_path else one.path.name
        screen.line(key, file=name, points=points, golden=golden)


def _quantities(profile: Profile) -> list[str]:
    found = (str(p.quantity) for p in profile.points.values() if p.quantity is not None)
    return list(dict.fromkeys(found))


def _point(point: Point) -> dict[str, Any]:
    return {
        "name": point.name,
        "quantity": point.quantity,
        "function": point.function,
        "address": point.address,
        "type": point.type,
        "order": point.order,
        "unit": point.unit,
        "unit_from": point.unit_from,
        "decimals_from": point.decimals_from,
    }


def _cells(screen: Screen, point: Point) -> tuple[object, ...]:
    quantity = None if point.quantity is None else screen.label("quantity", point.quantity)
    kind = point.type if point.width == 1 else f"{point.type} {point.order}"
    return point.name, quantity, point.function, point.address, kind, point.unit or point.unit_from
