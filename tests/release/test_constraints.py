"""The constraints hold all that the program asks for, with hashes, and name no place to get it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from release import constraints
from release.constraints import BUILD, CORE, Pin

HELD = constraints.read()
SHIPPED = [name for name in HELD if name != BUILD]
SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def test_every_extra_has_its_file_and_no_file_is_left_over() -> None:
    assert set(HELD) == set(constraints.wanted())
    assert list(constraints.faults()) == []


@pytest.mark.parametrize("path", sorted(constraints.FOLDER.glob("*.txt")), ids=lambda one: one.stem)
def test_exact_versions_with_hashes_from_nowhere_in_particular(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash)", text, re.MULTILINE)
    for pin in constraints.parse(text):
        assert pin.hashes
        assert all(SHA256.fullmatch(one) for one in pin.hashes), pin.name
        assert len(set(pin.hashes)) == len(pin.hashes)


def test_one_package_stands_in_one_file_or_says_the_same() -> None:
    files = {name: {pin.name for pin in HELD[name]} for name in SHIPPED}
    for name in set(SHIPPED) - {CORE}:
        assert not files[name] & files[CORE], "pip refuses two pins of one package"
    versions: dict[str, set[str]] = {}
    for name in SHIPPED:
        for pin in HELD[name]:
            versions.setdefault(f"{pin.name} {pin.requirement.marker}", set()).add(pin.version)
    assert all(len(found) == 1 for found in versions.values())


def needed(pins: Iterable[Pin]) -> Iterator[tuple[str, str]]:
    """Package and what its metadata says it needs here, where the pinned version is installed."""
    for pin in pins:
        try:
            distribution = metadata.distribution(pin.name)
        except metadata.PackageNotFoundError:
            continue
        if distribution.version == pin.version:
            for line in distribution.requires or ():
                asked = Requirement(line)
                if asked.marker is None or asked.marker.evaluate({"extra": ""}):
                    yield pin.name, canonicalize_name(asked.name)


@pytest.mark.parametrize("file", SHIPPED)
def test_what_the_packages_need_is_held_too(file: str) -> None:
    pins = [*HELD[CORE], *(HELD[file] if file != CORE else ())]
    held = {pin.name for pin in pins}
    lacking = [(package, name) for package, name in needed(pins) if name not in held]
    assert not lacking


def test_the_program_as_installed_asks_for_nothing_else() -> None:
    asked = {
        canonicalize_name(Requirement(line).name) for line in metadata.requires("hydrant") or ()
    }
    assert asked <= {pin.name for name in SHIPPED for pin in HELD[name]}


@pytest.mark.parametrize(
    "line",
    [
        "numpy==2.4.6",
        "numpy>=2 --hash=sha256:00",
        "numpy --hash=sha256:00",
        "numpy==2.4,<3 --hash=sha256:00",
        "numpy @ file:///numpy.whl --hash=sha256:00",
        "--index-url file:///simple",
    ],
)
def test_a_line_that_pins_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"not an exact version|Expected"):
        constraints.parse(line)


def test_what_lacks_or_is_too_old_is_named(tmp_path: Path) -> None:
    for name in ("core", "server", "parquet", "build"):
        pins = [pin for pin in HELD[name] if pin.name != "rich"]
        text = "".join(f"{pin}\n" for pin in pins).replace("pyarrow==", "pyarrow==0.1.")
        (tmp_path / f"{name}.txt").write_text(text, "utf-8")
    assert [line.split(" is ")[0] for line in constraints.faults(tmp_path)] == [
        "core.txt: rich", f"parquet.txt: pyarrow 0.1.{HELD['parquet'][0].version}",
    ]  # fmt: skip
