"""What the documents tell people to type works, in order, as it stands; links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hydrant.cli.main import run
from hydrant.ids import new_uid
from tests.docs.pages import FILES, PAGES, READMES, ROOT, SHELL, commands, first_day, type_in

PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
#: Stands in the pages for a database of one's own.
SERVER = "postgresql://hydrant@db.example/county"
LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if "```sh" in page.read_text(encoding="utf-8")],
    ids=lambda page: page.name,
)
def test_commands_of_a_page(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    text = page.read_text(encoding="utf-8")
    if SERVER in text:
        place = request.getfixturevalue("postgres").database(f"docs_{new_uid()[-12:]}")
        text = text.replace(SERVER, place)
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.findall(text):
        Path(name).write_text(content, encoding="utf-8")
    type_in(page.name, commands(text), monkeypatch, lambda: "".join(capsys.readouterr()))


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_first_day_of_a_readme(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In an empty folder, nothing made beforehand, up to why a hydrant counts as defective."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    said: list[str] = []

    def heard() -> str:
        said.append("".join(capsys.readouterr()))
        return said[-1]

    type_in(page.name, commands(first_day(page.read_text("utf-8"))), monkeypatch, heard)
    assert "XF-0013" in said[-2]  # the list of what is defective
    assert "no water" in said[-1]


@pytest.mark.parametrize("name", ["python.md", "python.zh.md"])
def test_python_of_a_page(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Block after block as one program, with nothing said that the page does not say."""
    text = (ROOT / "docs" / "how-to" / name).read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYDRANT_DB", str(tmp_path / "county.gpkg"))
    for file, content in FILES.findall(text):
        Path(file).write_text(content, encoding="utf-8")
    for line in "".join(SHELL.findall(text)).splitlines():
        assert run(shlex.split(line)[1:]) == 0, line
    capsys.readouterr()
    names: dict[str, object] = {}
    for block in PYTHON.findall(text):
        exec(compile(block, name, "exec"), names)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 1"
    assert lines[1].startswith("4 H3 ")
    assert lines[2] == "2 1 1 50.0 50.0"
    assert lines[-1] == "[]"


def test_both_python_pages_hold_the_same_program() -> None:
    pages = [
        (ROOT / "docs" / "how-to" / name).read_text("utf-8")
        for name in ("python.md", "python.zh.md")
    ]
    one, other = (re.sub(r'"[^"]*"', '""', "".join(PYTHON.findall(page))) for page in pages)
    assert one == other


@pytest.mark.parametrize(
    "page", [*PAGES, *READMES, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name
)
def test_links(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.peer
def test_systemd_units(tmp_path: Path, peer: Callable[[str], str]) -> None:
    analyze = peer("systemd-analyze")
    text = (ROOT / "docs" / "how-to" / "poll.md").read_text(encoding="utf-8")
    units = [(name, content) for name, content in FILES.findall(text) if "poll." in name]
    assert len(units) == 2
    for name, content in units:
        (tmp_path / name).write_text(content, encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", *(tmp_path / name for name, _ in units)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if "hydrant" in line]
    assert done.returncode == 0, done.stderr
    assert not said
