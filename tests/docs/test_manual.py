"""The manual: a page for every command and topic, in both languages, as the program has it now."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from docs import manual
from docs.generate import commands
from hydrant.cli import language
from hydrant.cli.help import content
from hydrant.cli.main import COMMANDS
from hydrant.topics import TOPICS, topic
from hydrant.vocabulary import Language
from tests.docs.pages import ROOT

PAGES = sorted(manual.FOLDER.rglob("hydrant*.[17]"))


def solid(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_it_is_what_the_program_says_and_nothing_is_left_over() -> None:
    made = dict(manual.pages())
    assert sorted(made) == PAGES
    for path, text in made.items():
        assert path.read_text("utf-8") == text, path.relative_to(ROOT)


def test_the_wheel_brings_it_where_man_looks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {"docs/man": "share/man"}
    assert {path.parent.name for path in PAGES} == {"man1", "man7"}


@pytest.fixture(scope="module")
def printed() -> Callable[[Path], str]:
    """A page as a reader sees it; whatever the program that sets it warns of fails."""

    def show(path: Path) -> str:
        done = subprocess.run(
            ["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-P-cbou", str(path)],
            capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        assert done.stderr == "", path
        # its own forms of hyphens and quotes
        return done.stdout.replace("‐", "-").replace("−", "-").replace("’", "'").replace("‘", "'")

    return show


@pytest.mark.peer
@pytest.mark.parametrize("lang", list(Language))
def test_a_reader_sees_all_that_the_help_says(
    printed: Callable[[Path], str], peer: Callable[[str], str], lang: Language
) -> None:
    peer("groff")
    language.choose(["--lang", lang])
    place = manual.FOLDER if lang is Language.EN else manual.FOLDER / "zh_CN"
    seen = {name: solid(printed(place / "man1" / f"hydrant-{name}.1")) for name in COMMANDS}
    for name, command in commands():
        context = command.make_context(name, [], resilient_parsing=True)
        context.info_name = name
        told, page = content(command, context), seen[name.split()[1]]
        for words in (told.usage, told.about, *told.examples):
            assert solid(words).replace("’", "'") in page, (name, words)
        for _, rows in told.sections:
            for label, words in rows:
                assert solid(label + words).replace("’", "'") in page, (name, label)
    whole = solid(printed(place / "man1" / "hydrant.1"))
    assert all(f"hydrant-{name}(1)" in whole for name in COMMANDS)
    for name in TOPICS:
        page = solid(printed(place / "man7" / f"hydrant-{name}.7"))
        assert f"hydrant-{name}(7)" in whole
        for block in topic(name, lang).blocks:
            for words in (block.words, *(row[0] + row[1] for row in block.rows[1:])):
                assert solid(words).replace("’", "'") in page, (name, words)
