"""``hydrant driver``: the device profiles that ship, and the check of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.frame import Note, Result, Settings, command, group, helper
from hydrant.cli.screen import Screen
from hydrant.resources import resource
from hydrant.telemetry.golden import check_golden
from hydrant.telemetry.profile import Point, Profile
from hydrant.telemetry.profile_reader import load_profile, profile_names, read_profile

h = helper("driver")
app = group("driver")

EXIT_REFUSED = 3


@command(app, "list")
def list_(settings: Settings) -> Result:  # noqa: ARG001  the frame calls every command alike
    """List the device profiles."""
    profiles = [load_profile(name) for name in profile_names()]
    data = {"drivers": [_summary(profile) for profile in profiles]}

    def show(screen: Screen) -> None:
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

    return Result(data, show)


@command(app, "show")
def show_(
    settings: Settings,  # noqa: ARG001  as above
    name: Annotated[str, typer.Argument(help=h("name"))],
) -> Result:
    """Show what a profile says of a device, and where that is known from."""
    profile = load_profile(name)
    data = _summary(profile) | {
        "points": [_point(point) for point in profile.points.values()],
        "sources": list(profile.sources),
        "notes": dict(profile.notes),
        "serial": profile.serial,
        "golden": len(profile.golden),
    }

    def show(screen: Screen) -> None:
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

    return Result(data, show)


@command(app, "check")
def check(
    settings: Settings,  # noqa: ARG001  as above
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=h("file"))] = None,
) -> Result:
    """Check a profile file, or all that ship, and run the golden frames."""
    files = [file] if file is not None else sorted(resource("drivers").glob("*.toml"))
    checked = [(path, read_profile(path)) for path in files]
    found = {path: check_golden(profile) for path, profile in checked}
    data = {
        "drivers": [
            {
                "driver": profile.name,
                "golden": len(profile.golden),
                "failed": len({problem.number for problem in found[path]}),
            }
            for path, profile in checked
        ]
    }
    notes = [
        Note.of("cli_driver.golden_wrong", file=path, number=problem.number, what=problem.what)
        for path, problems in found.items()
        for problem in problems
    ]
    notes += [
        Note.of("cli_driver.unproven", file=path) for path, profile in checked if not profile.golden
    ]

    def show(screen: Screen) -> None:
        for path, profile in checked:
            key = "cli_driver.checked_wrong" if found[path] else "cli_driver.checked"
            name = path if file is not None else path.name
            screen.line(key, file=name, points=len(profile.points), golden=len(profile.golden))

    return Result(data, show, tuple(notes), EXIT_REFUSED if any(found.values()) else 0)


def _quantities(profile: Profile) -> list[str]:
    found = (str(p.quantity) for p in profile.points.values() if p.quantity is not None)
    return list(dict.fromkeys(found))


def _summary(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "version": profile.version,
        "title": dict(profile.title),
        "maker": profile.maker,
        "models": list(profile.models),
        "confidence": profile.confidence,
        "quantities": _quantities(profile),
    }


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
