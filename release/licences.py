"""Licences of all that an installation brings: ``python -m release.licences [PYTHON]``.

Writes docs/licences.md from what the installed packages state of themselves, in the environment of
PYTHON (its own, if none is named), which must hold exactly the versions that the constraints name.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name

from release.constraints import BUILD, CORE, ROOT, Pin, read

PAGE = ROOT / "docs" / "licences.md"
_LISTED = """
import json, re, sys
from importlib.metadata import distributions
def stated(meta):
    classes = [one.split(" :: ") for one in meta.get_all("Classifier", [])]
    named = [parts[-1] for parts in classes if parts[0] == "License"]
    text = (meta.get("License") or "").strip()
    short = text if text and len(text) < 60 and "\\n" not in text else ""
    return meta.get("License-Expression") or short or " or ".join(named)
def brought(dist):
    found = (re.match(r"lib([A-Za-z]+[A-Za-z0-9_+]*?)[-.]", f.name) for f in dist.files or ()
             if ".libs" in f.parts[0])
    return sorted({m[1].lower() for m in found if m})
print(json.dumps({d.metadata["Name"]: [d.version, stated(d.metadata), brought(d)]
                  for d in distributions(path=sys.argv[1:] + sys.path)}))
"""
_HEAD = """\
# Licences

Written by `nox -s licences` from what each package states of itself; versions are those of
[constraints/](../constraints). hydrant itself is under Apache-2.0. *Brings* names the libraries
that a package's wheel for Linux carries along, which have licences of their own (in the wheel,
`*.dist-info/licenses`). Nothing here is linked into hydrant: each package is a file of its own that
can be exchanged, as the LGPL asks of GEOS and psycopg.
"""


Told = tuple[str, str, list[str]]


def installed(python: str, *folders: str) -> dict[str, Told]:
    """Version, licence as stated and libraries of each package of an environment and folders."""
    asked = [python, "-c", _LISTED, *folders]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    return {canonicalize_name(name): tuple(told) for name, told in json.loads(done.stdout).items()}


def elsewhere(pins: list[Pin], here: Mapping[str, Told], folder: str) -> None:
    """Bring what only other systems install into a folder, to be read and not run."""
    absent = [f"{pin.name}=={pin.version}" for pin in pins if pin.name not in here]
    if absent:
        asked = ("-m", "pip", "install", "--quiet", "--no-deps", "--target", folder)
        subprocess.run([sys.executable, *asked, *absent], check=True)


def rows(pins: list[Pin], told: Mapping[str, Told]) -> Iterator[str]:
    """Row of each package of a file.

    Raises
    ------
    ValueError
        A package is of another version than the constraints say, or states no licence.
    """
    for name in sorted({pin.name for pin in pins}):
        versions = [pin.version for pin in pins if pin.name == name]
        version, licence, brings = told[name]
        if version not in versions:
            raise ValueError(f"{name} {version}: the constraints name {' and '.join(versions)}")
        if not licence:
            raise ValueError(f"{name} {version}: states no licence")
        yield f"| {name} | {' / '.join(versions)} | {licence} | {', '.join(brings)} |"


def text(held: Mapping[str, list[Pin]], told: Mapping[str, Told]) -> str:
    """The page."""
    parts = [_HEAD]
    for file in sorted(set(held) - {BUILD}, key=lambda name: (name != CORE, name)):
        title = "What every installation brings" if file == CORE else f"Extra `{file}`"
        parts.append(f"## {title}\n\n| package | version | licence | brings |\n|---|---|---|---|")
        parts.append("\n".join(rows(held[file], told)) + "\n")
    parts.append(_carried())
    return "\n".join(parts)


def _carried() -> str:
    """Libraries of script that the page of a report carries, with their licences in it."""
    known = json.loads((ROOT / "data" / "page" / "libraries.json").read_text("utf-8"))
    lines = (
        f"- {name} {one['version']}: {one['licence']}; {one['package']}"
        for name, one in sorted(known.items())
    )
    return "\n".join(["## Carried in the page of a report (data/page)", "", *lines, ""])


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(prog="nox -s licences", description=__doc__)
    parser.add_argument("python", nargs="?", default=sys.executable)
    python = parser.parse_args().python
    held = read()
    pins = [pin for file, found in held.items() if file != BUILD for pin in found]
    with tempfile.TemporaryDirectory() as folder:
        elsewhere(pins, installed(python), folder)
        told = installed(python, folder)
    try:
        page = text(held, told)
    except ValueError as error:
        sys.exit(str(error))
    PAGE.write_text(page, "utf-8")
    print(f"{PAGE.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
