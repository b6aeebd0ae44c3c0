"""Reads CHANGELOG.md and turns what is unreleased into a dated section, sorted for users.

Nothing is written here; a text comes in and a text goes out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from packaging.version import InvalidVersion, Version

UNRELEASED = "Unreleased"
#: Headings of a section, in the order in which a reader meets them: first what must be done.
SECTIONS = (
    "Before you upgrade",
    "Figures and rules",
    "Visits, rounds and crews",
    "Registers, exchange and reports",
    "Sensors and alarms",
    "QGIS, phones and other readers",
    "Servers, backups and trust",
    "Commands, JSON and installation",
    "Fixed",
)
_RELEASE = re.compile(r"## (\S+) - (\d{4}-\d{2}-\d{2})")


class NotReleasable(Exception):
    """Why the changelog cannot be dated; one line."""


@dataclass(frozen=True, slots=True)
class Section:
    """One ``## `` section: its title and the lines below it, with the number of the first."""

    title: str
    first: int
    lines: tuple[str, ...]

    @property
    def release(self) -> tuple[Version, date] | None:
        """Version and day of a release; None of anything else."""
        found = _RELEASE.fullmatch(f"## {self.title}")
        if found is None:
            return None
        try:
            return Version(found[1]), date.fromisoformat(found[2])
        except (InvalidVersion, ValueError):
            raise NotReleasable(f"CHANGELOG.md, line {self.first}: {self.title}") from None


def sections(text: str) -> tuple[str, list[Section]]:
    """What stands before the first section, and every section in its order."""
    head: list[str] = []
    found: list[tuple[str, int, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("## "):
            found.append((line[3:].strip(), number, []))
        else:
            (found[-1][2] if found else head).append(line)
    whole = [Section(title, first, tuple(lines)) for title, first, lines in found]
    return "\n".join(head).strip(), whole


def _parts(section: Section) -> dict[str, list[str]]:
    """Lines of a section under each of its headings; the same heading twice is one.

    Raises
    ------
    NotReleasable
        A line stands under no heading, or under one that no reader knows.
    """
    parts: dict[str, list[str]] = {}
    heading = None
    for number, line in enumerate(section.lines, start=section.first + 1):
        if line.startswith("#"):
            heading = line[4:].strip() if line.startswith("### ") else None
            if heading not in SECTIONS:
                known = ", ".join(SECTIONS)
                raise NotReleasable(
                    f'CHANGELOG.md, line {number}: "{line}" is none of the headings that readers '
                    f"look under; sort its lines under: {known}"
                )
            parts.setdefault(heading, [])
        elif line.strip():
            if heading is None:
                raise NotReleasable(f"CHANGELOG.md, line {number}: stands under no heading: {line}")
            parts[heading].append(line)
    return {name: lines for name, lines in parts.items() if lines}


def body(section: Section) -> str:
    """Text of a section with its headings in the readers' order."""
    parts = _parts(section)
    return "\n\n".join(
        "\n".join((f"### {name}", *parts[name])) for name in SECTIONS if name in parts
    )


def dated(text: str, version: str, day: date) -> str:
    """The changelog in which what was unreleased is the release `version` of `day`.

    Raises
    ------
    NotReleasable
        Nothing is unreleased or not sorted, the version is not newer than the last one, or the
        day lies before it.
    """
    head, found = sections(text)
    if not found or found[0].title != UNRELEASED:
        raise NotReleasable(f"CHANGELOG.md: does not begin with the section {UNRELEASED}")
    if sum(section.title == UNRELEASED for section in found) > 1:
        raise NotReleasable(f"CHANGELOG.md: {UNRELEASED} stands there twice")
    new = body(found[0])
    if not new:
        raise NotReleasable(f"CHANGELOG.md: nothing stands under {UNRELEASED}")
    _must_follow(found[1:], version, day)
    older = [f"## {section.title}\n\n" + "\n".join(section.lines).strip() for section in found[1:]]
    return "\n\n".join([head, f"## {UNRELEASED}", f"## {version} - {day}\n\n{new}", *older]) + "\n"


def _must_follow(older: list[Section], version: str, day: date) -> None:
    try:
        wanted = Version(version)
    except InvalidVersion:
        raise NotReleasable(f"{version}: not a version; write it as 0.2.0") from None
    for section in older:
        release = section.release
        if release is None:
            raise NotReleasable(f"CHANGELOG.md, line {section.first}: neither version nor day")
        if wanted <= release[0]:
            raise NotReleasable(f"{version}: not newer than {release[0]} of {release[1]}")
        if day < release[1]:
            raise NotReleasable(f"{day}: lies before {release[0]} of {release[1]}")
