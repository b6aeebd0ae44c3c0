"""``hydrant driver``: the device profiles that ship, and the check of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hydrant.cli.driver_view import (
    Checked,
    check_notes,
    profile_json,
    show_checked,
    show_profile,
    show_profiles,
    summary_json,
)
from hydrant.cli.frame import Result, Settings, command, group, helper
from hydrant.resources import resource
from hydrant.telemetry.profile_reader import load_profile, profile_names, read_profile

h = helper("driver")
app = group("driver")

EXIT_REFUSED = 3


@command(app, "list")
def list_(settings: Settings) -> Result:  # noqa: ARG001  the frame calls every command alike
    """List the device profiles."""
    profiles = [load_profile(name) for name in profile_names()]
    data = {"drivers": [summary_json(profile) for profile in profiles]}
    return Result(data, lambda screen: show_profiles(screen, profiles))


@command(app, "show")
def show_(
    settings: Settings,  # noqa: ARG001  as above
    name: Annotated[str, typer.Argument(help=h("name"))],
) -> Result:
    """Show what a profile says of a device, and where that is known from."""
    profile = load_profile(name)
    return Result(profile_json(profile), lambda screen: show_profile(screen, profile))


@command(app, "check")
def check(
    settings: Settings,  # noqa: ARG001  as above
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=h("file"))] = None,
) -> Result:
    """Check a profile file, or all that ship, and run the golden frames."""
    files = [file] if file is not None else sorted(resource("drivers").glob("*.toml"))
    checked = [Checked(path, read_profile(path)) for path in files]
    data = {"drivers": [one.json() for one in checked]}
    return Result(
        data,
        lambda screen: show_checked(screen, checked, whole_path=file is not None),
        check_notes(checked),
        EXIT_REFUSED if any(one.problems for one in checked) else 0,
    )
