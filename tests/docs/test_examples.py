"""The example on every command's help page works on the sample county, in both languages.

A new command's example is a test by being there. What an example needs beyond the sample county
stands in `_FILES`; what a test cannot run to its end stands in `NOT_RUN` with the reason, and is
only held to name options and subcommands that exist.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hydrant.cli import language
from hydrant.cli.main import COMMANDS, build, run
from hydrant.exchange.sample import load_sample
from hydrant.messages import text
from hydrant.report.followed import to_follow
from hydrant.store.file.migrate import create
from hydrant.store.opened.kept_policy import properties
from hydrant.store.opened.registry import open_registry
from hydrant.vocabulary import Language
from tests.docs.example_files import NOT_RUN, prepare


def examples() -> Iterator[tuple[str, str]]:
    """Every example in every language with the command it belongs to."""
    root = build()
    for name in COMMANDS:
        command = root.get_command(None, name)  # type: ignore[arg-type]
        yield from _examples_of(name, command)


def _examples_of(path: str, command: Any) -> Iterator[tuple[str, str]]:
    inner = getattr(command, "commands", {})
    for word, found in inner.items():
        yield from _examples_of(f"{path} {word}", found)
    if not inner:
        for lang in Language:
            for line in text(str(command.epilog)[1:], lang).splitlines():
                yield path, line


CASES = sorted(set(examples()))


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county") / "county.gpkg"
    followed = properties(*to_follow("zhejiang"))
    create(path, settings={**followed, "zone": "Asia/Shanghai"})
    with open_registry(path, write=True) as registry:
        load_sample(registry)
    return path


@pytest.mark.parametrize(("command", "line"), CASES, ids=[line for _, line in CASES])
def test_example(
    command: str,
    line: str,
    county: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYDRANT_DB", str(tmp_path / "registry.gpkg"))
    shutil.copy(county, tmp_path / "registry.gpkg")
    first, *words = shlex.split(line)
    assert first == "hydrant"
    assert words[: len(command.split())] == command.split() or command == "survey round"
    if command in NOT_RUN:
        language.choose([])
        build().make_context("hydrant", [*words, "--help"], resilient_parsing=True)
        return
    prepare(tmp_path, command, words)
    capsys.readouterr()
    code = run(words)
    printed = capsys.readouterr()
    assert code == 0, printed.err or printed.out
