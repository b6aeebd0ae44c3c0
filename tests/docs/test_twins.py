"""A page and its Chinese twin tell the same: neither has a command or option of its own."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from hydrant.topics import TOPICS
from tests.docs.pages import READMES, ROOT, commands, twins

TWINS = twins()
#: Pages that must have their Chinese one: whatever people do, and what explains it to them.
NEEDED = (
    *("README.md", "docs/tutorial.md"),
    *(
        page.relative_to(ROOT).as_posix()
        for folder in ("how-to", "explanation")
        for page in (ROOT / "docs" / folder).glob("*.md")
        if not page.name.endswith(".zh.md")
    ),
    *(f"docs/reference/{name}.md" for name in TOPICS),
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`]+)`")
ITEM = re.compile(r"^(?:[-*]|\d+\.) ", re.MULTILINE)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
#: What chooses the language of a page's own reader, and invented files with names in it.
OF_THE_READER = ("--lang zh", "--help", "hydrant config set lang zh")
NAMED_HERE = re.compile(r"(?:county|roads|lakes|本县|道路|湖泊|县界)[.\w]*")
#: Generated from the program, which has its own tests.
GENERATED = ("cli.zh.md",)


PAIRS = [pair for pair in TWINS if pair[1].name not in GENERATED]
each = pytest.mark.parametrize(("page", "twin"), PAIRS, ids=[one.name for one, _ in PAIRS])


def bodies(page: Path) -> list[tuple[str, str]]:
    return [(kind, body) for kind, body in FENCE.findall(page.read_text("utf-8"))]


def shape(line: str) -> tuple[str, ...]:
    """A command without what each language words in its own way: texts, names, the language."""
    words = iter(shlex.split(NAMED_HERE.sub("FILE", line), comments=True))
    shown = []
    for word in words:
        if word == "--lang":
            next(words)
        else:
            shown.append(word if word.isascii() and " " not in word else "TEXT")
    return tuple(shown)


def shapes(page: Path) -> list[tuple[str, ...]]:
    found = [shape(line) for line in commands(page.read_text("utf-8"))]
    return [words for words in found if words[:4] != ("hydrant", "config", "set", "lang")]


def alike(one: list[tuple[str, ...]], other: list[tuple[str, ...]]) -> bool:
    """Whether commands are the same; a text or name may be told in either language."""
    return [len(words) for words in one] == [len(words) for words in other] and all(
        a == b or "TEXT" in (a, b)
        for first, second in zip(one, other, strict=True)
        for a, b in zip(first, second, strict=True)
    )


def spans(page: Path) -> set[str]:
    """What stands as code within the text and is the same in every language."""
    text = FENCE.sub("", page.read_text("utf-8"))
    found = {re.sub(r"\s+", " ", span) for span in SPAN.findall(text)}
    return {
        span
        for span in found
        if span.isascii() and not span.startswith(OF_THE_READER) and not NAMED_HERE.search(span)
    }


@pytest.mark.parametrize("name", NEEDED)
def test_pages_for_people_are_there_in_chinese(name: str) -> None:
    assert ROOT / name in [page for page, _ in TWINS]


@each
def test_each_leads_to_the_other(page: Path, twin: Path) -> None:
    for one, other in ((page, twin), (twin, page)):
        head = "\n".join(one.read_text("utf-8").splitlines()[:4])
        assert f"]({other.name})" in head, one.name


@each
def test_both_are_built_alike(page: Path, twin: Path) -> None:
    one, other = (HEADING.findall(side.read_text("utf-8")) for side in (page, twin))
    assert one == other
    assert [kind for kind, _ in bodies(page)] == [kind for kind, _ in bodies(twin)]


def parts(page: Path) -> list[str]:
    """What a page is made of, in order: paragraphs, tables by their rows, lists by their items."""
    found = []
    for part in re.split(r"\n\s*\n", FENCE.sub("CODE", page.read_text("utf-8")).strip()):
        if part.startswith("|"):
            found.append(f"{len(part.splitlines())} rows")
        elif ITEM.match(part):
            found.append(f"{len(ITEM.findall(part))} items")
        else:
            found.append("heading" if HEADING.match(part) else "paragraph")
    return found


@each
def test_neither_has_a_paragraph_row_or_item_that_the_other_lacks(page: Path, twin: Path) -> None:
    if page not in READMES:  # which greet their readers otherwise
        assert parts(page) == parts(twin)


@each
def test_both_give_the_same_commands(page: Path, twin: Path) -> None:
    assert alike(shapes(page), shapes(twin)), (shapes(page), shapes(twin))


@each
def test_what_is_copied_is_the_same(page: Path, twin: Path) -> None:
    """Files of machines and lines for other shells, where no word is for people."""
    kinds = ("bash", "ini", "crontab")
    one, other = (
        [re.sub(r'"[^"]*"', "TEXT", body) for kind, body in bodies(side) if kind in kinds]
        for side in (page, twin)
    )
    assert one == other


@each
def test_neither_names_an_option_or_field_that_the_other_lacks(page: Path, twin: Path) -> None:
    if page.name != "python.md":
        assert spans(page) == spans(twin)


def test_both_readmes_install_and_check_by_the_same_two_commands() -> None:
    one, other = ([body for kind, body in bodies(page) if kind == "sh"][:2] for page in READMES)
    assert one == other
    assert one == [
        "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/hydrant demo\n",
        "./test.sh\n",
    ]
