"""The catalogue: every key used exists in both languages with the facts it is given."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import hydrant
from hydrant.resources import resource
from hydrant.vocabulary import Language

PACKAGE = Path(hydrant.__file__).parent
ROOMS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(resource("data", "messages").glob("*.json"))
}
KEYS = {f"{room}.{name}": words for room, names in ROOMS.items() for name, words in names.items()}


@cache
def trees() -> list[tuple[Path, ast.Module]]:
    return [(p, ast.parse(p.read_text(encoding="utf-8"))) for p in sorted(PACKAGE.rglob("*.py"))]


def facts_of(wording: str) -> set[str]:
    return {
        str(name).partition(".")[0].partition("[")[0]
        for _, name, _, _ in Formatter().parse(wording)
        if name is not None
    }


@pytest.mark.parametrize(
    "path", sorted(resource("data", "messages").glob("*.json")), ids=lambda p: p.stem
)
def test_no_key_stands_twice(path: Path) -> None:
    """JSON keeps the last of two without a word."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), [n for n in names if names.count(n) > 1]
        return dict(pairs)

    json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)


def test_both_languages_say_it_with_the_same_facts() -> None:
    for key, words in KEYS.items():
        assert set(words) == set(Language), key
        assert facts_of(words["en"]) == facts_of(words["zh"]), key
        assert all(words.values()), key


def strings() -> set[str]:
    return {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def patterns() -> list[re.Pattern[str]]:
    """Keys put together at run time, as patterns: ``f"geo.reason_{x}"``."""
    found = []
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[^ ]*"
                    for part in node.values
                ]
                found.append(re.compile("".join(parts)))
    return found


def test_every_key_named_in_the_code_exists() -> None:
    known = re.compile(rf"(?:{'|'.join(ROOMS)})\.[a-z_]+")
    named = {word for word in strings() if known.fullmatch(word)}
    missing = {
        w
        for w in named
        if w not in KEYS and not w.endswith(("_", ".toml", ".json", ".html", ".typ"))
    }
    assert not missing


def test_no_wording_is_left_over() -> None:
    words, composed = strings(), patterns()
    left = [
        key
        for key in KEYS
        if key not in words
        and key.partition(".")[2] not in words
        and not any(pattern.fullmatch(key) for pattern in composed if len(pattern.pattern) > 9)
        and not key.startswith(("cli_", "vocabulary.", "fields."))
    ]
    assert not left


@pytest.mark.parametrize("room", [room for room in ROOMS if room.startswith("cli_")])
def test_no_wording_of_a_command_is_left_over(room: str) -> None:
    """A name in a command's catalogue stands somewhere in the code of the commands."""
    words, composed = strings(), patterns()
    left = [
        name
        for name in ROOMS[room]
        if name not in words
        and f"{room}.{name}" not in words
        and not any(p.fullmatch(f"{room}.{name}") for p in composed if room in p.pattern)
        and name.partition(".")[2] not in ("help", "example")
        and not (room == "cli_common" and name.startswith(("summary_", "help_", "not_")))
    ]
    assert not left


def given(call: ast.Call) -> set[str] | None:
    """Facts a call gives; None when they cannot be told from the code."""
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    names = {str(keyword.arg) for keyword in call.keywords}
    for argument in call.args[1:]:
        if isinstance(argument, ast.Dict):
            if not all(isinstance(key, ast.Constant) for key in argument.keys):
                return None
            names |= {str(key.value) for key in argument.keys if isinstance(key, ast.Constant)}
        elif isinstance(argument, ast.Name) and argument.id == "facts":
            return None
    return names


def test_every_wording_gets_its_facts() -> None:
    wrong = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            key = node.args[0]
            if not (isinstance(key, ast.Constant) and key.value in KEYS):
                continue
            facts = given(node)
            needed = facts_of(KEYS[str(key.value)]["en"])
            if facts is not None and not needed <= facts:
                wrong.append(f"{path.name}:{node.lineno} {key.value} lacks {needed - facts}")
    assert not wrong
