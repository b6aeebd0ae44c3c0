"""Words that were turned down stay out of names and texts; ``CONTEXT.md`` has the trade's."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import hydrant
from hydrant.resources import resource

PACKAGE = Path(hydrant.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))

#: A word within a name, and what is said instead. What holds within a function only is its own.
NAMES = {
    "forged": "unsealed",
    "meddling": "foreign_trigger",
    "told": "what it is: data, text, reasons, stated",
    "door": "command, handler",
    "waits": "pending, queued",
    "finds": "found, finding",
    "taking_in": "import, record",
}
#: Words of texts: comments, docstrings, messages, documents.
TEXTS = {
    r"forged": "unsealed",
    r"meddling": "foreign trigger",
    r"doors?": "command, way, wherever it is entered",
    r"past the program": "outside the program",
    r"what waits": "what is pending, what is queued",
    r"taking_in": "import",
}
_IN_TEXT = re.compile(rf"\b({'|'.join(TEXTS)})\b", re.IGNORECASE)
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if not path.relative_to(ROOT).parts[0].startswith(".")
)


def named(path: Path) -> Iterator[tuple[int, str]]:
    """Names that others see: the module's, of classes, functions, parameters, fields, constants."""
    yield 1, path.stem
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        if isinstance(node, ast.arg):
            yield node.lineno, node.arg
        if isinstance(node, ast.ClassDef | ast.Module):
            for line in node.body:
                if isinstance(line, ast.Assign | ast.AnnAssign):
                    targets = line.targets if isinstance(line, ast.Assign) else [line.target]
                    yield from (
                        (line.lineno, one.id) for one in targets if isinstance(one, ast.Name)
                    )


def turned_down(name: str) -> str | None:
    """What a name should say instead, where a turned-down word is part of it."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("_")
    return next((b for a, b in NAMES.items() if re.search(rf"(^|_){a}(_|$)", parts)), None)


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Comments and docstrings of a module, line by line."""
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node)
            yield from ((getattr(node, "lineno", 1), line) for line in (told or "").splitlines())


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_names_are_of_the_trade(path: Path) -> None:
    wrong = [
        f"{path.name}:{n} {name}: say {b}" for n, name in named(path) if (b := turned_down(name))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_comments_are_of_the_trade(path: Path) -> None:
    wrong = [f"{path.name}:{n} {line.strip()}" for n, line in prose(path) if _IN_TEXT.search(line)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_documents_are_of_the_trade(path: Path) -> None:
    # a former name is quoted where it is said what took its place
    lines = [re.sub(r"`[^`]*`", "", line) for line in path.read_text(encoding="utf-8").splitlines()]
    wrong = [f"{path.name}:{n} {line}" for n, line in enumerate(lines, 1) if _IN_TEXT.search(line)]
    assert not wrong, "\n".join(wrong)


def test_messages_are_of_the_trade() -> None:
    wrong = []
    for path in sorted(resource("data", "messages").glob("*.json")):
        for key, forms in json.loads(path.read_text(encoding="utf-8")).items():
            keys = [part for part in key.split(".") if turned_down(part)]
            wrong += [f"{path.name} {part}: say {turned_down(part)}" for part in keys]
            if isinstance(forms, dict) and _IN_TEXT.search(str(forms.get("en", ""))):
                wrong.append(f"{path.name} {key}: {forms['en']}")
    assert not wrong, "\n".join(wrong)


SEEN = ("_told", "ToldRow", "not_told", "Forged", "edits_waits")
UNSEEN = ("untold", "doorstep", "foretold", "founds", "awaits")


@pytest.mark.parametrize("name", SEEN)
def test_a_turned_down_word_is_seen_in_a_name(name: str) -> None:
    assert turned_down(name) is not None


@pytest.mark.parametrize("name", UNSEEN)
def test_a_word_that_only_looks_like_one_is_none(name: str) -> None:
    assert turned_down(name) is None


def test_a_turned_down_word_is_seen_in_a_text() -> None:
    assert _IN_TEXT.search("refused at every door")
    assert not _IN_TEXT.search("an indoor hydrant")
