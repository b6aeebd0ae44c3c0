"""What an installation weighs, package by package: text of docs/explanation/size.md.

Weighed is the environment that runs this: the files that each package says it brought, and what
Python compiled of them.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from release.constraints import CORE, ROOT, read

PAGE = ROOT / "docs" / "explanation" / "size.md"
_MB = 1e6
#: What asks for a package of weight; a new one without a word here is told without.
USES = {
    "typst": "PDF: `report`, `survey plan --sheet`",
    "pyogrio": "GDAL: GIS files in and out, roads, outlines, OSM",
    "numpy": "positions of an import, coverage; pyogrio and shapely need it",
    "sqlalchemy": "the tables (`sqlmodel`)",
    "pyproj": "PROJ with its database of datums",
    "cryptography": "signatures of the audit chain, TLS keys",
    "pygments": "comes with `rich`",
    "shapely": "GEOS: coverage, outlines",
    "hydrant": "the program, its data and schemas",
    "psycopg-binary": "PostgreSQL",
}
_HEAD = """\
# What an installation weighs

Written by `nox -s laptop -- --write` on {system}, Python {python}, with the versions of
[constraints/](../../constraints); MB are millions of bytes on the disk, *compiled* what Python
writes beside the sources at the first start.

| | MB | of that compiled |
|---|---|---|
| plain installation (`core.txt` and the program) | {core} | {compiled} |
| with the extra `server` | {server} | {server_compiled} |
| build for laptops, unpacked; with `server`, and a Python of its own | {unpacked} | |
| the same as one archive to carry | {packed} | |

A virtual environment adds pip itself. No part can go from the plain installation without something
that works today being lost: a package cannot say which of its extras are on unless they are turned
off. So the packages stay, and the build for laptops is made small instead: symbols for debuggers,
sources beside compiled code, tests of the packages, pip and pyarrow are not in it.

| package | MB | what for |
|---|---|---|
"""


def packages() -> dict[str, tuple[int, int]]:
    """Bytes of each package of this environment, and how many of them are compiled code."""
    found: dict[str, tuple[int, int]] = {}
    for one in distributions():
        files = {Path(str(one.locate_file(file))) for file in one.files or ()}
        sizes = {path: path.stat().st_size for path in files if path.is_file()}
        compiled = sum(size for path, size in sizes.items() if path.suffix == ".pyc")
        found[canonicalize_name(one.metadata["Name"])] = (sum(sizes.values()), compiled)
    return found


def folder(place: Path) -> int:
    """Bytes of all files of a folder; a link weighs nothing."""
    return sum(p.stat().st_size for p in place.rglob("*") if p.is_file() and not p.is_symlink())


def _mb(size: float) -> str:
    return f"{size / _MB:.0f}"


def page(found: Mapping[str, tuple[int, int]], unpacked: int, packed: int) -> str:
    """The page, from bytes by package and of the build."""
    held = read()
    core = {pin.name for pin in held[CORE]} | {"hydrant"}
    server = core | {pin.name for pin in held["server"]}

    def total(names: set[str], which: int) -> str:
        return _mb(sum(sizes[which] for name, sizes in found.items() if name in names))

    head = _HEAD.format(
        system=platform.system(), python=platform.python_version(), core=total(core, 0),
        compiled=total(core, 1), server=total(server, 0), server_compiled=total(server, 1),
        unpacked=_mb(unpacked), packed=_mb(packed),
    )  # fmt: skip
    heavy = sorted((name for name in found if name in server), key=lambda name: -found[name][0])
    rows = [(name, found[name][0]) for name in heavy if found[name][0] >= 2 * _MB]
    rest = sum(found[name][0] for name in heavy) - sum(size for _, size in rows)
    told = [f"| {name} | {_mb(size)} | {USES.get(name, '')} |" for name, size in rows]
    return head + "\n".join([*told, f"| all others | {_mb(rest)} | |"]) + "\n"
