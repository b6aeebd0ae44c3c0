"""Makes a release: ``python -m release.make VERSION [--date DAY] [--write]``.

Everything is made from what is committed, in a folder aside: the version, the changelog's dated
section, the sdist, the wheel built from that sdist, the list of parts, the sums, and an
installation by the constraints on every Python from 3.11 to 3.14 that is on this machine. Only when
all of it worked does ``dist/`` get the files and, with ``--write``, the work tree the version and
the changelog; committing and tagging them is left to you, and said.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from release import constraints, interpreters
from release.changelog import NotReleasable, dated

ROOT = constraints.ROOT
DIST = ROOT / "dist"
_VERSION_FILE = Path("hydrant") / "__init__.py"
_CHANGELOG = Path("CHANGELOG.md")
_VERSION = re.compile(r'^__version__ = "[^"]+"$', re.MULTILINE)


def versioned(text: str, version: str) -> str:
    """The module that states the version, stating another."""
    changed, count = _VERSION.subn(f'__version__ = "{version}"', text)
    if count != 1:
        raise NotReleasable(f"{_VERSION_FILE}: states the version {count} times")
    return changed


def _ran(*words: str, cwd: Path | None = None) -> str:
    """What a program prints; its own words are shown when it fails."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReleasable(f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def committed(place: Path) -> None:
    """Bring what is committed into a folder; nothing uncommitted may be of the release."""
    if changed := _ran("git", "status", "--porcelain", "--untracked-files=no", cwd=ROOT):
        raise NotReleasable(f"not committed, so not of the release:\n{changed.rstrip()}")
    whole = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(whole.stdout)) as archive:
        archive.extractall(place, filter="data")


def built(source: Path, out: Path) -> Path:
    """The wheel, built from the sdist, so that the sdist is whole; by the tools constrained."""
    python = _environment(sys.executable, out.parent / "building", constraints.BUILD)
    _ran(python, "-m", "build", "--no-isolation", "--outdir", str(out), str(source))
    (wheel,) = out.glob("*.whl")
    return wheel


def _environment(python: str, place: Path, *files: str) -> str:
    """Python of a new environment with exactly what constraints files name."""
    _ran(python, "-m", "venv", "--clear", str(place))
    inside = str(next(path for path in place.glob("*/python*") if path.stem == "python"))
    named = [word for file in files for word in ("-r", str(constraints.FOLDER / f"{file}.txt"))]
    _ran(inside, "-m", "pip", "install", "--quiet", "--require-hashes", *named)
    return inside


def tried(wheel: Path, python: str, place: Path, version: str) -> str:
    """Install the wheel by the constraints, do the main job with it; Python of the environment."""
    inside = _environment(python, place, constraints.CORE)
    _ran(inside, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    _ran(inside, "-m", "pip", "check")
    program = str(next(path for path in Path(inside).parent.iterdir() if path.stem == "hydrant"))
    if (said := _ran(program, "--version").strip()) != f"hydrant {version}":
        raise NotReleasable(f'the wheel calls itself "{said}"')
    _ran(program, "demo", "sample", "--lang", "en", cwd=place)
    _ran(program, "db", "check", "--db", str(Path("sample") / "county.gpkg"), cwd=place)
    return inside


def list_of_parts(wheel: Path, place: Path, out: Path) -> None:
    """CycloneDX list of what the program is made of, with every extra."""
    extras = [name for name in constraints.wanted() if name != constraints.BUILD]
    inside = _environment(sys.executable, place, *extras)
    _ran(inside, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    # what installs is not part of the program
    _ran(inside, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools", "pip")
    for installed in Path(inside).parent.parent.rglob("direct_url.json"):
        installed.unlink()  # it says where the wheel lay while the release was made
    file = out / (wheel.name.split("-py3")[0] + ".cdx.json")
    _ran("cyclonedx-py", "environment", inside, "--output-reproducible", "--output-file", str(file))
    if "file:" in file.read_text("utf-8"):
        raise NotReleasable(f"{file.name} names a file of this machine")


def sums(folder: Path) -> str:
    """SHA-256 of every file of a folder, in the form of sha256sum."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    )


def make(version: str, day: date) -> Iterator[str]:
    """Make the release into ``dist/``; says what was done, step by step."""
    with tempfile.TemporaryDirectory(prefix="hydrant-release-") as made:
        aside, out = Path(made) / "tree", Path(made) / "out"
        committed(aside)
        for file, text in texts(aside, version, day).items():
            (aside / file).write_text(text, "utf-8")
        if lacking := list(constraints.faults()):
            raise NotReleasable("run nox -s constraints: " + "; ".join(lacking))
        wheel = built(aside, out)
        yield "built " + ", ".join(path.name for path in sorted(out.iterdir()))
        for minor, here in interpreters.found().items():
            if here:
                tried(wheel, here[0].path, Path(made) / f"python3.{minor}", version)
            yield f"Python 3.{minor}: {'installed and works' if here else 'NOT TRIED, not here'}"
        list_of_parts(wheel, Path(made) / "parts", out)
        shutil.copytree(constraints.FOLDER, out / "constraints")
        shutil.make_archive(str(out / "constraints"), "zip", out, "constraints")
        shutil.rmtree(out / "constraints")
        (out / "SHA256SUMS").write_text(sums(out), "utf-8")
        shutil.copytree(out, DIST / version, dirs_exist_ok=True)
        yield f"dist/{version}: " + ", ".join(path.name for path in sorted(out.iterdir()))


def texts(tree: Path, version: str, day: date) -> dict[Path, str]:
    """The two files that state the version, as the release has them."""
    return {
        _VERSION_FILE: versioned((tree / _VERSION_FILE).read_text("utf-8"), version),
        _CHANGELOG: dated((tree / _CHANGELOG).read_text("utf-8"), version, day),
    }


def main() -> None:
    """Check, make, try, write."""
    parser = argparse.ArgumentParser(prog="nox -s release --", description=__doc__)
    parser.add_argument("version", help="as 0.2.0")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), metavar="DAY")  # noqa: DTZ011  the maker's day
    parser.add_argument("--write", action="store_true", help="state it in the work tree, too")
    options = parser.parse_args()
    try:
        new = texts(ROOT, options.version, options.date)
        for said in make(options.version, options.date):
            print(said, flush=True)
    except NotReleasable as error:
        sys.exit(f"no release: {error}")
    if not options.write:
        print("the work tree is as it was; --write puts version and changelog into it")
        return
    for file, text in new.items():
        (ROOT / file).write_text(text, "utf-8")
    print(f"now: git commit -am 'Version {options.version}' && git tag -a v{options.version}")


if __name__ == "__main__":
    main()
