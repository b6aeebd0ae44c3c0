"""What may come next on a command line, for the shells' completion.

The scripts of ``hydrant completion`` call ``hydrant __complete`` at every Tab, so nothing heavy
is loaded: which words a command takes stands in ``data/completion/commands.json``, written from
the commands themselves (`hydrant.cli.completion_table`), and the registry's own words come from
an index. Whatever goes wrong, nothing is offered and nothing is said.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hydrant.cli import complete_words, language
from hydrant.cli.complete_words import Candidate
from hydrant.errors import HydrantError
from hydrant.messages import text
from hydrant.resources import resource

#: Before the word at the cursor; an empty last argument would be lost in some shells.
WORD = "--word="
_NUMBER = re.compile(r"-[\d.]")
_SPLIT = re.compile(r"""((?:\\.|'[^']*(?:'|$)|"(?:\\.|[^"\\])*(?:"|$)|[^\s\\'"])+)|(\s+)""")

Node = dict[str, Any]


@dataclass(slots=True)
class _Line:
    """What the words before the cursor amount to."""

    node: Node
    place: int = 0
    waiting: str | None = None
    db: str | None = None
    closed: bool = False


def table() -> dict[str, Node]:
    """Every command's options and arguments, by the command's words."""
    path = resource("data", "completion", "commands.json")
    loaded: dict[str, Node] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def candidates(before: Sequence[str], word: str) -> list[Candidate]:
    """Everything that the word at the cursor may become.

    Parameters
    ----------
    before
        Words between the program's name and the cursor's word.
    word
        The word at the cursor as far as it is typed, possibly empty.
    """
    commands = table()
    line = _read(commands, before)
    if line.waiting is not None:
        return _values(line, line.node["options"][line.waiting], word)
    if word.startswith("--") and "=" in word and not line.closed:
        name, _, begun = word.partition("=")
        option = line.node["options"].get(name)
        found = _values(line, option, begun) if option and option["takes"] else []
        return [one.after(f"{name}=") for one in found]
    if word.startswith("-") and not line.closed:
        return list(_options(line, before, word))
    return list(_subcommands(line, word)) or _arguments(line, before, word)


def _read(commands: dict[str, Node], before: Sequence[str]) -> _Line:
    line = _Line(commands[""])
    for word in before:
        if line.waiting is not None:
            if line.waiting == "--db":
                line.db = word
            line.waiting = None
        elif word == "--":
            line.closed = True
        elif word.startswith("-") and not line.closed and not _NUMBER.match(word):
            _take_option(line, word)
        elif word in line.node["commands"] and not line.place:
            line.node = commands[line.node["commands"][word]["path"]]
        else:
            line.place += 1
    return line


def _take_option(line: _Line, word: str) -> None:
    name, equals, value = word.partition("=")
    option = line.node["options"].get(name)
    if option is None or not option["takes"]:
        return
    if not equals:
        line.waiting = name
    elif name == "--db":
        line.db = value


def _help(key: str | None) -> str:
    """First line of an explanation."""
    return text(key, language.current()).split("\n")[0] if key else ""


def _subcommands(line: _Line, word: str) -> Iterator[Candidate]:
    if line.place or line.closed:
        return
    for name, entry in line.node["commands"].items():
        if name.startswith(word):
            yield Candidate(name, _help(entry["help"]))


def _options(line: _Line, before: Sequence[str], word: str) -> Iterator[Candidate]:
    used = {given.partition("=")[0] for given in before}
    for name, option in line.node["options"].items():
        wanted = name.startswith(word) and (option["many"] or not used & {name, *option["also"]})
        if wanted and (name.startswith("--") or word == name):
            yield Candidate(name, _help(option["help"]))


def _arguments(line: _Line, before: Sequence[str], word: str) -> list[Candidate]:
    arguments = line.node["arguments"]
    if line.place < len(arguments):
        return _values(line, arguments[line.place], word)
    if arguments and arguments[-1]["many"]:
        return _values(line, arguments[-1], word)
    return [] if word or line.closed else list(_options(line, before, ""))


def _values(line: _Line, parameter: Node, word: str) -> list[Candidate]:
    return complete_words.values(parameter, word, db=line.db)


def split(typed: str) -> list[str]:
    """Words of a line as bash would take them, the last one possibly unfinished or empty."""
    words = [""]
    for piece, blank in _SPLIT.findall(typed):
        if blank:
            words.append("")
        else:
            words[-1] += _unquoted(piece)
    return words


def _unquoted(piece: str) -> str:
    parts = re.findall(r"""\\(.)|'([^']*)'?|"((?:\\.|[^"\\])*)"?|([^\\'"])""", piece)
    return "".join(a or b or re.sub(r'\\(["\\$`])', r"\1", c) or d for a, b, c, d in parts)


def lines(shell: str, words: Sequence[str]) -> list[str]:
    """Answer to a shell's script, one candidate a line: a mark, the word, its explanation.

    The mark is ``=`` for a whole word, ``~`` for a beginning after which no blank belongs, and
    ``/`` stands alone where a file may be named.
    """
    given = [word for word in words if not word.startswith(WORD)]
    word = next((word[len(WORD) :] for word in words if word.startswith(WORD)), "")
    cut = 0
    if shell == "bash":
        # bash breaks words at "=" and ":" and replaces only what follows the last of them
        _, *given, word = split(given[0])
        cut = max(word.rfind("="), word.rfind(":")) + 1
    language.choose(given)
    return [one.line(cut) for one in candidates(given, word)]


def main(arguments: Sequence[str]) -> None:
    """Answer a shell; troubles of any kind lead to no answer."""
    shell, *words = arguments
    try:
        answer = lines(shell, words)
    except (HydrantError, OSError, ValueError):
        return
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write("".join(f"{line}\n" for line in answer))
