"""A proposed mapping while it is made: its lines, their reasons, and what the file leaves open."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from hydrant.errors import Phrase
from hydrant.exchange.toml_text import quoted
from hydrant.resources import resource

#: Most different words that a column of kinds or states may hold.
MOST_WORDS = 60
#: Characters of a heading that are looked at, and of a cell that is shown.
_LONGEST_HEADING, _LONGEST_CELL = 200, 60
#: Reason of a register's name that is taken from the file's.
#: What is said of a column as long as nobody answered what it means beside a good state.
_ASKED = frozenset(
    f"exchange.suggest_{key}"
    for key in ("objects", "unclear", "unclear_and_bad", "states_unclear", "not_known", "answers")
)
_SOURCE = "exchange.suggest_source"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a proposed mapping and why it is proposed.

    Attributes
    ----------
    part
        Table of the mapping file it belongs to; empty for the top.
    toml
        The line itself; None for a remark on something that was not mapped.
    column
        Heading that the remark is about, where there is no line.
    """

    part: str
    toml: str | None
    why: Phrase
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question.

    Attributes
    ----------
    word
        What is typed instead of its number.
    lines
        What it adds to the mapping.
    drops
        Lines that go with it.
    """

    word: str
    label: Phrase
    lines: tuple[Line, ...] = ()
    drops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What the file cannot say.

    Attributes
    ----------
    topic
        ``turned``, ``order``, ``packed``, ``datum``, ``system``, ``kind``, ``words``, ``rival``,
        ``days``, ``units``, ``otherwise``, ``remarks``, ``remarks_and_bad``, ``states``,
        ``answers`` or ``key``; the wording is ``exchange.ask_<topic>``.
    choices
        Answers by number; none where the answer is free.
    pairs
        Headings of the coordinates that each choice means.
    named
        The system that a heading names, and the heading, where the question is of a system.
    """

    topic: str
    facts: dict[str, object]
    choices: tuple[Choice, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    named: tuple[str, str] | None = None


@dataclass(slots=True)
class Suggestion:
    """What is proposed for a file.

    Attributes
    ----------
    known
        Shipped mapping that fits; then there are no lines.
    stated
        What that mapping says, with the row of headings and the encoding of this file.
    lines
        In the order of the file.
    used
        Headings that are taken.
    changed
        Whether the file must be read otherwise than the shipped mapping says.
    own
        Whether the headings are our own.
    questions
        What the file cannot say, the most important first.
    """

    known: str | None = None
    stated: str = ""
    lines: list[Line] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    changed: bool = False
    own: bool = False
    questions: list[Question] = field(default_factory=list)

    def add(
        self,
        part: str,
        toml: str | None,
        key: str,
        /,
        *,
        about: str | None = None,
        **facts: object,
    ) -> None:
        """Add a line with its reason; `about` is the heading that a mere remark is about."""
        self.lines.append(line(part, toml, key, about=about, **facts))

    def ask(self, topic: str, choices: Sequence[Choice] = (), **facts: object) -> None:
        """Add a question."""
        self.questions.append(Question(topic, dict(facts), tuple(choices)))

    def take(self, choice: Choice) -> None:
        """Let an answer change the lines; what was said without it of its column is out of date."""
        answered = {one.column for one in choice.lines} - {None}
        self.lines = [
            one for one in self.lines
            if one.toml or one.column not in answered or one.why.key not in _ASKED
        ]  # fmt: skip
        before = {one.toml for one in self.lines}
        self.lines = [one for one in self.lines if one.toml is None or one.toml not in choice.drops]
        # what an answer only confirms stays away where another answer took it back
        self.lines += [
            one for one in choice.lines if one.toml not in choice.drops or one.toml in before
        ]

    @property
    def source_proposed(self) -> bool:
        """Whether the register is named by nothing but the file's name."""
        return any(one.why.key == _SOURCE for one in self.lines)

    def continues(self, source: str) -> None:
        """Name the register of which the file is the next delivery."""
        rest = [one for one in self.lines if one.why.key != _SOURCE]
        told = line("", f"source = {quoted(source)}", "source_continued", source=source)
        self.lines = [told, *rest]

    def settle(self, keys: Collection[str]) -> None:
        """Take back remarks that an answer made out of date."""
        told = {f"exchange.suggest_{key}" for key in keys}
        self.lines = [one for one in self.lines if one.toml or one.why.key not in told]


def line(
    part: str, toml: str | None, key: str, /, *, about: str | None = None, **facts: object
) -> Line:
    """A line with its reason, whose wording is ``exchange.suggest_<key>``."""
    return Line(part, toml, Phrase(f"exchange.suggest_{key}", dict(facts)), about)


@cache
def words() -> dict[str, Any]:
    """Known headings and values in several languages."""
    found: dict[str, Any] = json.loads(
        resource("data", "codes", "headings.json").read_text(encoding="utf-8")
    )
    return found


def folded(heading: str) -> str:
    """A heading without case, width, unit and punctuation."""
    # brackets that never close are looked for anew from each of them
    return _folded(heading[:_LONGEST_HEADING])


@lru_cache(maxsize=4096)
def _folded(heading: str) -> str:
    plain = unicodedata.normalize("NFKC", heading).lower()
    plain = re.sub(r"[(\[（].*?[)\]）]", " ", plain)
    return re.sub(r"[\s_\-.:/№?]+", " ", plain).strip()


def share(cells: Sequence[str], good: Any) -> float:
    """Share of the cells that say something of which a condition holds."""
    told = [cell for cell in cells if cell.strip()]
    return sum(1 for cell in told if good(cell)) / len(told) if told else 0.0


def examples(cells: Sequence[str], most: int = 3) -> str:
    """The first different cells that say something."""
    told = list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))
    shown = [c if len(c) <= _LONGEST_CELL else f"{c[:_LONGEST_CELL]}…" for c in told[:most]]
    return " | ".join(shown)
