"""What is said of a file whose own coordinate system the command line contradicts."""

from __future__ import annotations

from collections.abc import Iterable

from hydrant.cli.frame import Note


def overruled_notes(overruled: Iterable[tuple[str, str, str]]) -> tuple[Note, ...]:
    """What is to be said of files whose own system the command line contradicts."""
    return tuple(
        Note.of("cli_places.overruled", file=file, crs=crs, own=own).warning()
        for file, crs, own in overruled
    )
