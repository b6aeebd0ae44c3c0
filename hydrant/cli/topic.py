"""``hydrant help``: what holds for every command, by topic; and the page of any command."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer._click.globals import get_current_context

from hydrant.cli.frame import Result, Settings, command, helper, single
from hydrant.cli.help import columns, section
from hydrant.cli.screen import wrap
from hydrant.errors import CommandLineError
from hydrant.messages import text
from hydrant.topics import TOPICS, Topic, source, topic, topic_called
from hydrant.vocabulary import Language

h = helper("topic")
app = single("topic")


@command(app, "help")
def help_(
    settings: Settings,
    words: Annotated[list[str] | None, typer.Argument(metavar="TOPIC", help=h("words"))] = None,
) -> Result:
    """Show a topic or the page of a command; without either, which topics there are."""
    if not words:
        titles = {name: topic(name, settings.lang).title for name in TOPICS}
        topics = [{"name": name, "title": title} for name, title in titles.items()]
        return _result({"topics": topics}, _contents(titles, settings.lang))
    name = topic_called(" ".join(words)) if len(words) == 1 else None
    if name is None:
        lines = _page_of(words)
        return _result({"command": " ".join(words), "text": "\n".join(lines)}, lines)
    page = topic(name, settings.lang)
    data: dict[str, object] = {
        "topic": name,
        "title": page.title,
        "text": source(name, settings.lang),
    }
    return _result(data, topic_lines(page, settings.lang))


def _result(data: dict[str, object], lines: list[str]) -> Result:
    return Result(data, lambda screen: screen.verbatim("\n".join(lines)))


def _contents(titles: dict[str, str], lang: Language) -> list[str]:
    lines = section(text("cli_topic.topics", lang), list(titles.items()))
    behind = text("cli_topic.commands", lang).split("\n")
    return [*lines[1:], "", *(part for line in behind for part in wrap(line, columns()))]


def topic_lines(page: Topic, lang: Language) -> list[str]:
    """A topic as lines for a window."""
    lines = [page.title]
    for block in page.blocks:
        if block.rows:
            (head, *_), *rows = block.rows
            title = text("cli_topic.rows", lang, head=head)
            lines += section(title, [(row[0], row[1]) for row in rows])
        else:
            lines += ["", *wrap(block.words, columns())]
    return lines


def _page_of(words: list[str]) -> list[str]:
    """Help page of the command that some words name."""
    root = context = get_current_context().find_root()
    command_: Any = root.command
    for word in words:
        names = list(command_.list_commands(context)) if hasattr(command_, "list_commands") else []
        if not names:
            raise CommandLineError("cli_topic.no_inner", command=context.command_path)
        if word not in names:
            known = (*TOPICS, *names) if command_ is root.command else names
            raise CommandLineError("cli_topic.unknown", word=word, known=", ".join(known))
        command_ = command_.get_command(context, word)
        context = command_.make_context(word, [], parent=context, resilient_parsing=True)
    page: str = command_.get_help(context)
    return page.rstrip("\n").split("\n")
