"""What holds for every command and is told once: units, dates, datums, exit codes, settings.

Each topic is one page in each language, in ``data/topics``. ``hydrant help`` shows it, and the
reference and the manual are made of it.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from dataclasses import dataclass

from hydrant.close_words import folded
from hydrant.resources import resource
from hydrant.vocabulary import Language

#: Topics in the order in which they are listed.
TOPICS = ("units", "dates", "datums", "exit-codes", "environment")
_LINK = re.compile(r"\[([^]]*)\]\(([^)]*)\)")
#: The folder that links in topics start from: there the reference holds them.
_AT = "docs/reference"
_RULE = re.compile(r"[|\s-]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a table whose first row is its headings."""

    words: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A page: its title, and what follows in order, in plain words."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def source(name: str, lang: Language) -> str:
    """Text of a topic in one language, as Markdown."""
    ending = ".md" if lang is Language.EN else ".zh.md"
    return resource("data", "topics", f"{name}{ending}").read_text(encoding="utf-8")


def topic(name: str, lang: Language) -> Topic:
    """A topic in plain words, its paragraphs in one line each."""
    head, *parts = source(name, lang).strip().split("\n\n")
    return Topic(name, head.removeprefix("# "), tuple(_block(part, lang) for part in parts))


def topic_called(word: str) -> str | None:
    """The topic that a word means: its name, or its title in any language."""
    meant = {folded(name): name for name in TOPICS}
    meant |= {folded(topic(name, lang).title): name for name in TOPICS for lang in Language}
    return meant.get(folded(word))


def _block(part: str, lang: Language) -> Block:
    lines = part.split("\n")
    if lines[0].startswith("|"):
        rows = [line.strip("| ").split(" | ") for line in lines if not _RULE.fullmatch(line)]
        return Block(rows=tuple(tuple(map(_plain, row)) for row in rows))
    return Block(words=_joined([_plain(line) for line in lines], lang))


def _joined(lines: list[str], lang: Language) -> str:
    """One line: a break of the source is a blank but beside Chinese marks or between its signs."""
    whole = lines[0]
    for line in lines[1:]:
        whole += line if lang is Language.ZH and _close(whole[-1], line[0]) else f" {line}"
    return whole


def _close(one: str, other: str) -> bool:
    wide = [char for char in (one, other) if not char.isascii()]
    return len(wide) == 2 or any(unicodedata.category(char)[0] == "P" for char in wide)


def _plain(words: str) -> str:
    """Words without the marks of Markdown; behind the words of a link stands what it leads to."""
    return _LINK.sub(_led, words).replace("`", "").strip()


def _led(link: re.Match[str]) -> str:
    return f"{link[1]} ({posixpath.normpath(posixpath.join(_AT, link[2]))})"
