"""Which backups of a folder are no longer wanted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from hydrant.store.ground import sums
from hydrant.store.ground.location import beside

_NAME = re.compile(r"(?P<stem>.+)-(?P<moment>\d{8}T\d{6}Z)\.gpkg")
_FORM = "%Y%m%dT%H%M%SZ"


def name_for(stem: str, moment: dt.datetime) -> str:
    """Name of a backup within a folder of them."""
    return f"{stem}-{moment.astimezone(dt.UTC):{_FORM}}.gpkg"


def backups_in(folder: Path, stem: str) -> dict[Path, dt.datetime]:
    """Backups of a registry that stand in a folder, by their names alone."""
    found = {}
    for path in folder.glob(f"{glob_safe(stem)}-*.gpkg"):
        match = _NAME.fullmatch(path.name)
        if match is not None and match["stem"] == stem:
            found[path] = dt.datetime.strptime(match["moment"], _FORM).replace(tzinfo=dt.UTC)
    return found


def glob_safe(text: str) -> str:
    """A text that a pattern takes for itself."""
    return re.sub(r"([\[\]*?])", r"[\1]", text)


def superseded(
    backups: dict[Path, dt.datetime], *, days: int, weeks: int, local: dt.tzinfo
) -> list[Path]:
    """Backups beyond the newest of each of the last days and weeks that have one.

    The newest is never among them. Days and weeks (Monday to Sunday) are local ones.
    """

    def week(moment: dt.datetime) -> tuple[int, int]:
        return moment.isocalendar()[:2]

    newest_first = sorted(backups, key=lambda path: backups[path], reverse=True)
    local_times = {path: backups[path].astimezone(local) for path in newest_first}
    wanted = set(newest_first[:1])
    wanted |= set(_newest_of_each(newest_first, lambda p: local_times[p].date(), days))
    wanted |= set(_newest_of_each(newest_first, lambda p: week(local_times[p]), weeks))
    return [path for path in newest_first if path not in wanted]


def _newest_of_each(
    newest_first: Iterable[Path], span: Callable[[Path], object], count: int
) -> list[Path]:
    found: dict[object, Path] = {}
    for path in newest_first:
        found.setdefault(span(path), path)
    return list(found.values())[:count]


def remove(backup: Path) -> None:
    """Remove a backup with its readings and sums; `OSError` where that may not be."""
    for file in (backup, beside(backup)):
        sums.path_of(file).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
