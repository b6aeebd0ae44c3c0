"""Exact versions and hashes of all that the program depends on: ``python -m release.constraints``.

Writes ``constraints/*.txt`` (``--check``: only says whether they still hold what pyproject.toml
asks for). One resolution for every system and for every Python that is admitted; the first file is
what a plain installation brings, each other what its extra, or the build, adds to it. No file names
an index: where packages come from is for whoever installs to say, what they must be is not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "constraints"
CORE = "core"
BUILD = "build"
#: What builds the wheel; `build` is the program that people run for it.
_BUILDERS = ("build>=1.2",)
_HEAD = """\
# {what}: exact versions with the hashes of every file of theirs.
# Written by `nox -s constraints`; do not edit. Use: docs/how-to/install.md
"""


@dataclass(frozen=True, slots=True)
class Pin:
    """One exact version of a package, where it holds, and what its files hash to."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Normalised name."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The one version."""
        (exact,) = self.requirement.specifier
        return exact.version

    def __str__(self) -> str:
        return " \\\n    ".join((str(self.requirement), *(f"--hash={one}" for one in self.hashes)))


def parse(text: str) -> list[Pin]:
    """Pins of a constraints file.

    Raises
    ------
    ValueError
        A line is neither a comment nor an exact version with hashes.
    """
    pins = []
    for line in text.replace("\\\n", " ").splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        asked, *options = bare.split(" --hash=")
        requirement = Requirement(asked.strip())
        exact = [one.operator for one in requirement.specifier] == ["=="]
        hashes = tuple(option.strip() for option in options)
        if not exact or requirement.url or not hashes:
            raise ValueError(f"not an exact version with hashes: {asked}")
        pins.append(Pin(requirement, hashes))
    return pins


def read(folder: Path = FOLDER) -> dict[str, list[Pin]]:
    """Pins of each file, by its name without ending."""
    return {path.stem: parse(path.read_text("utf-8")) for path in sorted(folder.glob("*.txt"))}


def wanted() -> dict[str, list[str]]:
    """What pyproject.toml asks for: plain, by extra, and to build."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras: Mapping[str, list[str]] = project["project"]["optional-dependencies"]
    return {
        CORE: project["project"]["dependencies"],
        **extras,
        BUILD: [*project["build-system"]["requires"], *_BUILDERS],
    }


def files() -> Iterator[tuple[Path, str]]:
    """Each file and what belongs into it, resolved anew, all with the same versions."""
    asked = wanted()
    shipped = [line for name, lines in asked.items() if name != BUILD for line in lines]
    whole = _resolved(shipped)
    core = _resolved(asked[CORE], whole)
    known = {pin.name for pin in core}
    for name, lines in asked.items():
        if name == CORE:
            pins, what = core, "What the program needs"
        elif name == BUILD:
            pins, what = _resolved(lines, whole), "What builds the wheel"
        else:
            both = _resolved([*asked[CORE], *lines], whole)
            pins = [pin for pin in both if pin.name not in known]
            what = f"What the extra {name} needs beside core.txt"
        text = _HEAD.format(what=what) + "".join(f"{pin}\n" for pin in pins)
        yield FOLDER / f"{name}.txt", text


def _resolved(lines: list[str], within: list[Pin] | None = None) -> list[Pin]:
    """Closure of requirements, with the versions of `within` where it has them."""
    with tempfile.TemporaryDirectory() as folder:
        asked, bounds, out = (Path(folder) / name for name in ("in.txt", "bounds.txt", "out.txt"))
        asked.write_text("\n".join(lines) + "\n", "utf-8")
        bounds.write_text("".join(f"{pin.requirement}\n" for pin in within or ()), "utf-8")
        python = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        subprocess.run(
            [
                *("uv", "pip", "compile", str(asked), "--constraints", str(bounds)),
                *("--output-file", str(out), "--python-version", python["requires-python"][2:]),
                *("--universal", "--generate-hashes", "--no-annotate", "--no-header"),
                *("--no-emit-index-url", "--no-emit-find-links", "--quiet"),
            ],
            check=True,
        )
        return parse(out.read_text("utf-8"))


def faults(folder: Path = FOLDER) -> Iterator[str]:
    """What pyproject.toml asks for and the files do not hold; one line each."""
    held = read(folder)
    for name, lines in wanted().items():
        pins = [*held.get(name, []), *(held.get(CORE, []) if name != BUILD else [])]
        for line in lines:
            asked = Requirement(line)
            same = [pin for pin in pins if pin.name == canonicalize_name(asked.name)]
            if not same:
                yield f"{name}.txt: {asked.name} is missing"
            for pin in same:
                if not asked.specifier.contains(pin.version):
                    yield f"{name}.txt: {pin.name} {pin.version} is not {asked.specifier}"


def main() -> None:
    """Write the files, or only say what they lack."""
    parser = argparse.ArgumentParser(prog="nox -s constraints --", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when one is behind")
    if parser.parse_args().check:
        lacking = list(faults())
        print("\n".join(lacking) or "constraints/: all that pyproject.toml asks for")
        sys.exit(bool(lacking))
    made = list(files())
    FOLDER.mkdir(exist_ok=True)
    for old in set(FOLDER.glob("*.txt")) - {path for path, _ in made}:
        old.unlink()
    for path, text in made:
        path.write_text(text, "utf-8")
        print(f"{path.relative_to(ROOT)}: {len(parse(text))} packages")


if __name__ == "__main__":
    main()
