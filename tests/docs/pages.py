"""The pages that people follow: their files, their commands, their twins in Chinese."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from hydrant.cli.main import run

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
FILES = re.compile(
    r"`([\w.-]+\.(?:csv|toml|json|geojson|service|timer))`[^`]*?\n\n```\w+\n(.*?)```", re.DOTALL
)
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def twins() -> list[tuple[Path, Path]]:
    """Each page that has a Chinese one, with that."""
    chinese = [page for page in (*PAGES, *READMES) if page.name.endswith(".zh.md")]
    return [(page.with_name(page.name.replace(".zh.md", ".md")), page) for page in chinese]


def commands(text: str) -> list[str]:
    """Lines to be typed, in order."""
    return [line for block in SHELL.findall(text) for line in block.strip().splitlines()]


def first_day(text: str) -> str:
    """The part of a README that takes a newcomer from an empty folder to figures."""
    (part,) = re.findall(r"(?ms)^## (?:A first day|第一天)\n(.*?)(?=^## |\Z)", text)
    return str(part)


def type_in(
    page: str, lines: Iterable[str], monkeypatch: pytest.MonkeyPatch,
    said: Callable[[], str],
) -> None:  # fmt: skip
    """Type lines as a shell would, each of which must end with 0."""
    for line in lines:
        words = shlex.split(line, comments=True)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            monkeypatch.setenv(name, value)
        elif words[0] == "printf":
            _, content, sign, name = words
            assert sign == ">"
            Path(name).write_text(content.replace("\\n", "\n"), encoding="utf-8")
        else:
            assert words[0] == "hydrant"
            code = run(words[1:])
            told = said()
            assert code == 0, f"{page}: {line}\n{told}"
