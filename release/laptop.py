"""A build for laptops without Python, made and tried: ``python -m release.laptop``.

Run in an environment that holds the program as the constraints name it, and PyInstaller, by a
Python with a shared library. Makes ``dist/laptop/hydrant`` and an archive of it beside it, for the
system on which it runs. Each command of a day is tried with no variable of the environment but
a home and a user and, as root on Linux, below a root folder that holds the build, the C library and
nothing else. What everything weighs is written to docs/explanation/size.md and its Chinese twin.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typst

from hydrant.report.paper import CHINESE_FAMILIES
from release import weights
from release.constraints import ROOT

PLACE = ROOT / "dist" / "laptop"
_SPEC = ROOT / "release" / "laptop.spec"
#: What a crew and an office do in a day; each must end with 0. In the order given.
COMMANDS = (
    "--version",
    "demo sample --lang en",
    "db check --db sample/county.gpkg",
    "near 119.9137 29.9031 --working --json --db sample/county.gpkg",
    "integrity --db sample/county.gpkg --lang zh",
    "survey plan --crews 2 --gpx round.gpx --db sample/county.gpkg",
    "survey pack crew.gpkg --crew East --db sample/county.gpkg",
    "survey record {code} --outcome works --db crew.gpkg",
    "survey merge crew.gpkg --db sample/county.gpkg",
    "export out.csv --db sample/county.gpkg",
    "export out.xlsx --db sample/county.gpkg",
    "export out.geojson --db sample/county.gpkg",
    "export out.gpkg --db sample/county.gpkg",
    "export out.kml --db sample/county.gpkg",
    "init --db new.gpkg",
    "import out.kml --kind hydrant --dry-run --db sample/county.gpkg",
    "import out.xlsx --crs cgcs2000 --dry-run --db sample/county.gpkg",
    "report out.html --db sample/county.gpkg",
    "report out.xlsx --db sample/county.gpkg",
    "audit key new --db sample/county.gpkg",
    "audit verify --db sample/county.gpkg",
    "db backup copy.gpkg --db sample/county.gpkg",
)
#: PDF, tried where a font with Chinese signs is on this machine.
WITH_FONT = (
    "survey plan --sheet round.pdf --fonts fonts --lang zh --db sample/county.gpkg",
    "report out.pdf --fonts fonts --lang zh --db sample/county.gpkg",
)
#: Variables without which no program starts on Windows.
_WINDOWS_NEEDS = ("SYSTEMROOT", "USERPROFILE", "TEMP")


def build() -> Path:
    """The folder of the build."""
    work = ROOT / "build" / "laptop"
    places = ("--distpath", str(PLACE), "--workpath", str(work))
    quiet = ("--noconfirm", "--log-level", "WARN")
    work.mkdir(parents=True, exist_ok=True)
    asked = [sys.executable, "-m", "PyInstaller", *quiet, *places, str(_SPEC)]
    # elsewhere: what is installed is to be built, not what lies in the checkout
    subprocess.run(asked, check=True, cwd=work)
    return PLACE / "hydrant"


def _libraries(folder: Path) -> set[Path]:
    """Libraries of the system that something in a folder asks for, and the loader."""
    found = set()
    for path in folder.rglob("*"):
        if not path.is_file() or not _begins(path, b"\x7fELF"):
            continue
        told = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False)
        for line in told.stdout.splitlines():
            named = [word for word in line.split() if word.startswith("/")]
            found |= {Path(name) for name in named if folder not in Path(name).parents}
    return found


def _begins(path: Path, sign: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(sign)) == sign


def bare_root(folder: Path, root: Path) -> None:
    """A root folder with the build, the C library and nothing else; a file for what is dropped."""
    shutil.copytree(folder, root / folder.name, symlinks=True)
    (root / "dev").mkdir()
    (root / "dev" / "null").touch()
    for library in _libraries(folder):
        place = root / library.relative_to("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)


def tried(program: Path) -> Iterator[tuple[str, subprocess.CompletedProcess[str]]]:
    """Every command of a day with how it ended."""
    changes = shutil.which("chroot") if sys.platform == "linux" and os.geteuid() == 0 else None
    kept = {name: os.environ[name] for name in _WINDOWS_NEEDS if name in os.environ}
    kept["USER"] = "crew"
    with tempfile.TemporaryDirectory() as made:
        if changes is not None:
            bare_root(program.parent, Path(made))
            start, home = [changes, made, f"/{program.parent.name}/{program.name}"], "/"
        else:
            start, home = [str(program)], made
        code = ""
        for command in (*COMMANDS, *(WITH_FONT if _font_into(Path(made) / "fonts") else ())):
            done = subprocess.run(
                [*start, *command.format(code=code).split()], env={**kept, "HOME": home}, cwd=made,
                capture_output=True, text=True, encoding="utf-8", check=False,
            )  # fmt: skip
            if command.startswith("near"):
                code = _nearest(done)
            yield command, done


def _font_into(place: Path) -> bool:
    """Whether there is a font with Chinese signs, then copied into a folder."""
    here = {one.family: one.path for one in typst.Fonts().fonts()}
    paths = [path for family in CHINESE_FAMILIES if (path := here.get(family)) is not None]
    if paths:
        place.mkdir()
        shutil.copy(paths[0], place)
    return bool(paths)


def _nearest(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode:
        return ""
    return str(json.loads(done.stdout)["data"]["sources"][0]["code"])


def archive(folder: Path) -> Path:
    """One file to carry, of the form that the system's own tools unpack."""
    name = f"hydrant-{sys.platform}-{platform.machine().lower()}"
    form = "zip" if sys.platform == "win32" else "gztar"
    made = shutil.make_archive(str(PLACE / name), form, folder.parent, folder.name)
    return Path(made)


def main() -> None:
    """Build, try, pack, weigh."""
    parser = argparse.ArgumentParser(prog="nox -s laptop --", description=__doc__)
    parser.add_argument(
        "--write", action="store_true", help="renew docs/explanation/size.md and its twin"
    )
    parser.add_argument("--again", action="store_true", help="only try and weigh what was built")
    options = parser.parse_args()
    made = PLACE / "hydrant" if options.again else build()
    program = next(path for path in made.iterdir() if path.stem == "hydrant")
    count = wrong = 0
    for command, done in tried(program):
        count += 1
        print(f"{'ok' if done.returncode == 0 else done.returncode} {command}", flush=True)
        if done.returncode:
            wrong += 1
            print(done.stdout[-500:] + done.stderr[-1000:])
    if wrong:
        sys.exit(f"{wrong} of {count} commands did not work")
    if count == len(COMMANDS):
        print("not tried, for want of a font with Chinese signs: PDF")
    packed = archive(program.parent)
    told = weights.pages(weights.packages(), weights.folder(program.parent), packed.stat().st_size)
    print(told[weights.PAGE])
    if options.write:
        for page, text in told.items():
            page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
