"""The text of a proposed mapping: a TOML file whose remarks say why each line stands there."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from typing import Any

from hydrant.exchange.mapping import Mapping, mapping_of
from hydrant.exchange.suggestion import Suggestion
from hydrant.exchange.toml_text import one_line
from hydrant.messages import text
from hydrant.vocabulary import Language

_PARTS = ("", "position", "fields", "inspection", "lifecycle")


def reasons(made: Suggestion, lang: Language) -> list[dict[str, Any]]:
    """Lines of a proposal with their reasons in words, as ``--json`` tells them."""
    return [
        {"part": one.part, "line": one.toml, "why": text(one.why.key, lang, **one.why.facts)}
        for one in made.lines
    ]


#: Questions before whose answer a line is a guess.
GUESSED = ("units", "zone", "rival", "order")


def open_lines(made: Suggestion, topics: Collection[str] = GUESSED) -> set[str]:
    """Lines that hold only if somebody says so: units and systems that are guesses."""
    return {
        dropped
        for question in made.questions
        if question.topic in topics
        for choice in question.choices
        for dropped in choice.drops
    }


def toml(made: Suggestion, lines: list[dict[str, Any]], *, without: set[str] | None = None) -> str:
    """A mapping file.

    Parameters
    ----------
    lines
        Its lines with their reasons, as `reasons` gives them.
    without
        Lines that stand there as remarks alone, to be decided.
    """
    if made.known is not None:
        return made.stated
    parts: dict[str, list[str]] = {part: [] for part in _PARTS}
    for one in lines:
        # cells stand in it as examples: whatever they hold, a remark is one line
        parts[one["part"]].append(f"# {one_line(one['why'])}")
        if one["line"] is not None:
            undecided = "# " if one["line"] in (without or ()) else ""
            parts[one["part"]].append(f"{undecided}{one['line']}")
    blocks = [
        "\n".join([*([f"[{part}]"] if part else []), *lines])
        for part, lines in parts.items()
        if lines
    ]
    return "\n\n".join(blocks)


def rules_of(made: Suggestion, name: str) -> Mapping:
    """The mapping that a proposal says; raises `InputRefused` as `mapping_of`."""
    bare = [{"part": one.part, "line": one.toml, "why": ""} for one in made.lines]
    return mapping_of(tomllib.loads(toml(made, bare)), name)
