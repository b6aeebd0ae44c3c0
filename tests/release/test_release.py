"""What a release says of itself: one version, the licences of what is pinned, sums that hold."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pytest

import hydrant
from release import constraints, licences, make, weights
from release.changelog import NotReleasable
from release.constraints import BUILD

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([a-z0-9-]+) \| ([^|]+) \| ([^|]+) \|", re.MULTILINE)


def tree(folder: Path, version_line: str) -> Path:
    (folder / "hydrant").mkdir()
    (folder / "hydrant" / "__init__.py").write_text(f'"""It."""\n\n{version_line}\n', "utf-8")
    (folder / "CHANGELOG.md").write_text("# C\n\n## Unreleased\n\n### Fixed\n- a\n", "utf-8")
    return folder


def test_version_and_changelog_say_the_same(tmp_path: Path) -> None:
    line = f'__version__ = "{hydrant.__version__}"'
    told = make.texts(tree(tmp_path, line), "7.0.1", date(2026, 12, 1))
    module, changelog = (told[Path(name)] for name in ("hydrant/__init__.py", "CHANGELOG.md"))
    assert module == '"""It."""\n\n__version__ = "7.0.1"\n'
    assert "## 7.0.1 - 2026-12-01" in changelog


@pytest.mark.parametrize("line", ["", "version = '1'", '__version__ = "1"\n__version__ = "2"'])
def test_a_module_without_one_version_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(NotReleasable, match="states the version"):
        make.texts(tree(tmp_path, line), "7.0.1", date(2026, 12, 1))


def test_the_projects_own_version_can_be_stated() -> None:
    text = (ROOT / "hydrant" / "__init__.py").read_text("utf-8")
    assert '__version__ = "7.0.1"' in make.versioned(text, "7.0.1")


def test_sums_hold(tmp_path: Path) -> None:
    (tmp_path / "b.whl").write_bytes(b"b")
    (tmp_path / "a.tar.gz").write_bytes(b"a")
    assert make.sums(tmp_path).splitlines() == [
        f"{hashlib.sha256(name[:1].encode()).hexdigest()}  {name}" for name in ("a.tar.gz", "b.whl")
    ]


def test_the_licence_of_everything_pinned_is_listed_and_of_nothing_else() -> None:
    listed = {name: version for name, version, _ in ROW.findall(licences.PAGE.read_text("utf-8"))}
    pinned: dict[str, list[str]] = {}
    for file, pins in constraints.read().items():
        for pin in pins:
            if file != BUILD and pin.version not in pinned.setdefault(pin.name, []):
                pinned[pin.name].append(pin.version)
    listed.pop("package", None)
    assert listed == {name: " / ".join(found) for name, found in pinned.items()}, "nox -s licences"


def test_what_the_page_of_a_report_carries_is_listed() -> None:
    page = licences.PAGE.read_text("utf-8")
    known = json.loads((constraints.ROOT / "data" / "page" / "libraries.json").read_text("utf-8"))
    for name, library in known.items():
        assert f"- {name} {library['version']}: {library['licence']};" in page, "nox -s licences"


@pytest.mark.parametrize(
    ("told", "said"),
    [(("0.0.1", "MIT", []), "the constraints name"), (("{version}", "", []), "states no licence")],
)
def test_a_licence_that_is_not_known_is_not_listed(told: licences.Told, said: str) -> None:
    (pin, *_) = constraints.read()["parquet"]
    version = told[0].format(version=pin.version)
    with pytest.raises(ValueError, match=said):
        list(licences.rows([pin], {pin.name: (version, *told[1:])}))


def test_weights_add_up() -> None:
    found = {"hydrant": (9_000_000, 1_000_000), "typst": (80_000_000, 0), "rich": (1_000_000, 0)}
    told = weights.pages(found | {"psycopg": (5_000_000, 0)}, 250_000_000, 70_000_000)
    page = told[weights.PAGE]
    assert "| plain installation (`core.txt` and the program) | 90 | 1 |" in page
    assert "| with the extra `server` | 95 | 1 |" in page
    assert page.endswith("| psycopg | 5 |  |\n| all others | 1 | |\n")
    assert page.index("| typst | 80 |") < page.index("| hydrant | 9 |")
    assert figures(page) == figures(told[weights.TWIN])


def figures(page: str) -> list[str]:
    """Numbers of the tables of a page, in order."""
    return re.findall(r"\d+", "".join(line for line in page.splitlines() if line[:1] == "|"))


def test_both_pages_of_weights_are_of_one_measurement() -> None:
    one, other = (page.read_text("utf-8") for page in (weights.PAGE, weights.TWIN))
    assert figures(one) == figures(other)
    assert re.findall(r"Python ([\d.]+\d)", one) == re.findall(r"Python ([\d.]+\d)", other)
