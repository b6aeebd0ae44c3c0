"""Pages of the manual (roff, man(7)), from the help of the commands and from the topics.

``docs/man`` holds them in both languages; the wheel brings them to ``share/man``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from typer.core import TyperGroup

from hydrant.cli import language
from hydrant.cli.help import Page, content
from hydrant.cli.main import COMMANDS, build
from hydrant.messages import text
from hydrant.topics import TOPICS, Topic, topic
from hydrant.vocabulary import Language

FOLDER = Path(__file__).resolve().parent / "man"
_PLACES = {Language.EN: FOLDER, Language.ZH: FOLDER / "zh_CN"}
_TITLES = {
    Language.EN: {"name": "NAME", "usage": "SYNOPSIS", "about": "DESCRIPTION",
                  "examples": "EXAMPLES", "topics": "TOPICS", "also": "SEE ALSO"},
    Language.ZH: {"name": "名称", "usage": "概要", "about": "描述",
                  "examples": "示例", "topics": "主题", "also": "另见"},
}  # fmt: skip
_MADE = '.\\" Made from the program: nox -s docs -- --write'
#: Behind these marks a line may be broken, which the program that sets pages does not know.
_MARK = re.compile("[、，；：。）|](?=[^、，；：。）|])")
_BOLD = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


def pages() -> Iterator[tuple[Path, str]]:
    """Every page of the manual and the file it goes to."""
    for lang, place in _PLACES.items():
        language.choose(["--lang", lang])
        root = build()
        context = root.make_context("hydrant", [], resilient_parsing=True)
        yield place / "man1" / "hydrant.1", _whole(root, context, lang)
        for name in COMMANDS:
            command = root.get_command(context, name)
            below = _context(command, name, context)
            page = place / "man1" / f"hydrant-{name}.1"
            yield page, _of_command(name, command, below, lang)
        for name in TOPICS:
            yield place / "man7" / f"hydrant-{name}.7", _of_topic(topic(name, lang), lang)


def _context(command: Any, name: str, parent: Any) -> Any:
    return command.make_context(name, [], parent=parent, resilient_parsing=True)


def _whole(root: Any, context: Any, lang: Language) -> str:
    """The page of the program: its commands, options and topics."""
    told, titles = content(root, context), _TITLES[lang]
    also = [f"hydrant-{name}(1)" for name in COMMANDS]
    topics = [(f"hydrant-{name}(7)", topic(name, lang).title) for name in TOPICS]
    return _page("hydrant", 1, [
        *_named(titles, "hydrant", told.about),
        *_headed(titles["usage"], [_bold(told.usage)]),
        *_headed(titles["about"], _paragraphs(told.about)),
        *_sections(told, "SH"),
        *_headed(titles["topics"], _rows(topics)),
        *_headed(titles["also"], [_plain(", ".join(also))]),
    ])  # fmt: skip


def _of_command(name: str, command: Any, context: Any, lang: Language) -> str:
    told, titles = content(command, context), _TITLES[lang]
    summary = text(f"cli_common.summary_{name}", lang)
    also = ["hydrant(1)", *(f"hydrant-{one}(7)" for one in TOPICS)]
    common = {row for _, rows in told.sections for row in rows}
    inner = [line for one in _inner(command, context, common) for line in one]
    return _page(f"hydrant-{name}", 1, [
        *_named(titles, f"hydrant-{name}", summary),
        *_headed(titles["usage"], [_bold(told.usage)]),
        *_headed(titles["about"], _paragraphs(told.about)),
        *(_headed(titles["examples"], _examples(told.examples)) if told.examples else ()),
        *_sections(told, "SH"),
        *inner,
        *_headed(titles["also"], [_plain(", ".join(also))]),
    ])  # fmt: skip


def _inner(group: Any, context: Any, common: set[tuple[str, str]]) -> Iterator[list[str]]:
    """Parts of a group's page, one for each of its commands, at any depth.

    Parameters
    ----------
    common
        Rows of what stands above and holds for all of them.
    """
    if not isinstance(group, TyperGroup):
        return
    for name in group.list_commands(context):
        command: Any = group.get_command(context, name)
        below = _context(command, name, context)
        told = content(command, below)
        yield [
            f'.SH "{_plain(below.command_path)}"',
            _bold(told.usage),
            ".PP",
            *_paragraphs(told.about),
            *_examples(told.examples),
            *_sections(told, "SS", without=common),
        ]
        yield from _inner(command, below, common)


def _of_topic(told: Topic, lang: Language) -> str:
    lines = _named(_TITLES[lang], f"hydrant-{told.name}", told.title)
    lines += [f'.SH "{_plain(told.title)}"']
    for block in told.blocks:
        if block.rows:
            (head, *_), *rows = block.rows
            lines += [f'.SS "{_plain(head)}"', *_rows((row[0], row[1]) for row in rows)]
        else:
            lines += [".PP", _plain(block.words)]
    also = ["hydrant(1)", *(f"hydrant-{one}(7)" for one in TOPICS if one != told.name)]
    lines += _headed(_TITLES[lang]["also"], [_plain(", ".join(also))])
    return _page(f"hydrant-{told.name}", 7, lines)


def _page(name: str, part: int, lines: Iterable[str]) -> str:
    head = f'.TH "{_plain(name.upper())}" "{part}" "" "hydrant" "hydrant"'
    # words are neither hyphenated nor spread over the line: some are there to be copied
    return "\n".join([_MADE, head, ".nh", ".ad l", *lines]) + "\n"


def _named(titles: dict[str, str], name: str, summary: str) -> list[str]:
    return [
        f'.SH "{titles["name"]}"',
        f"{_plain(name)} \\- {_plain(summary.replace(chr(10), ' '))}",
    ]


def _headed(title: str, lines: Iterable[str]) -> list[str]:
    return [f'.SH "{_plain(title)}"', *lines]


def _paragraphs(words: str) -> list[str]:
    lines = [_plain(line) for line in words.split("\n") if line]
    return [part for line in lines for part in (line, ".PP")][:-1]


def _examples(lines: Iterable[str]) -> list[str]:
    shown = [_plain(line) for line in lines]
    return [".PP", ".RS 4", ".nf", *shown, ".fi", ".RE"] if shown else []


def _sections(told: Page, macro: str, without: Collection[tuple[str, str]] = ()) -> list[str]:
    left = [(title, [row for row in rows if row not in without]) for title, rows in told.sections]
    return [
        line
        for title, rows in left
        if rows
        for line in (f'.{macro} "{_plain(title.rstrip(":："))}"', *_rows(rows))
    ]


def _rows(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [line for label, words in rows for line in (".TP", _bold(label), _plain(words))]


def _bold(words: str) -> str:
    return f"\\fB{_escaped(words)}\\fR"


def _plain(words: str) -> str:
    """Words of a page, its options bold; nothing in them is taken for a request."""
    told = _BOLD.sub(lambda found: f"\x00{found[0]}\x01", words)
    shown = _escaped(told).replace("\x00", "\\fB").replace("\x01", "\\fR")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown


def _escaped(words: str) -> str:
    told = words.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return _MARK.sub(r"\g<0>\:", told)
