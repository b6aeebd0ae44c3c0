"""The questions of a proposed mapping, at a terminal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from hydrant.cli.asking import ask
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.proposing import (
    MOST_QUESTIONS,
    Proposal,
    answered,
    chosen,
    encodings_offered,
    left_open,
)
from hydrant.exchange.suggestion import Choice, Question
from hydrant.messages import error_text, text
from hydrant.safe_text import printable

_QUIT = {"q", "quit", "退出"}
_Answer = TypeVar("_Answer")


class Dialogue:
    """Asks one question after another, no more than `MOST_QUESTIONS`.

    Every question raises `EOFError` where nobody goes on: q is typed, or the input ends.
    """

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._asked = 0

    def encoding(self, error: InputRefused, file: Path) -> str:
        """The encoding of a file that is not UTF-8, by how a line of it reads."""
        offered = encodings_offered(error)
        if not offered:
            raise error
        choices = [
            Choice(name, Phrase("exchange.encoding_reads", {"reading": reading}))
            for name, reading in offered
        ]
        question = Question("encoding", {"file": file.name}, tuple(choices))
        return self._answer(question, lambda typed: chosen(question, typed).word)

    def begin(self, proposal: Proposal) -> None:
        """Say why questions come, where any do."""
        if proposal.made.questions:
            count = len(proposal.table)
            headings = "headings_ours" if proposal.made.own else "headings_own"
            self.screen.line(f"cli_import_.{headings}", file=proposal.file.name, count=count)
        for one in proposal.made.lines:
            if one.why.key == "exchange.suggest_fits":  # it helps to answer
                self.screen.line(one.why.key, **one.why.facts)

    def questions(self, proposal: Proposal) -> None:
        """Ask what the file cannot say; what is not asked any more is left out."""
        open_ones = proposal.made.questions
        while open_ones:
            question = open_ones.pop(0)  # an answer may bring up another one
            if self._asked < MOST_QUESTIONS:
                self._answer(question, partial(answered, proposal, question))
            else:
                left_open(proposal, question)

    def decision(self, *, refused: int, dry: bool) -> str:
        """Whether to import (y), only to keep the mapping (s), or neither (n)."""
        topic = "decide_dry" if dry else "decide_some" if refused else "decide"
        words = {"y": "yes", "s": "save", "n": "no"}
        choices = [Choice(word, Phrase(f"exchange.decide_{key}")) for word, key in words.items()]
        question = Question(topic, {"count": refused}, tuple(choices))
        self.screen.text()
        self._show(question)
        return self._typed(lambda typed: chosen(question, typed).word)

    def _answer(self, question: Question, heard: Callable[[str], _Answer]) -> _Answer:
        self._asked += 1
        self.screen.text()
        self.screen.line("cli_import_.question", number=self._asked, most=MOST_QUESTIONS)
        self._show(question)
        return self._typed(heard)

    def _show(self, question: Question) -> None:
        screen = self.screen
        screen.line(f"exchange.ask_{question.topic}", **question.facts)
        for number, choice in enumerate(question.choices, start=1):
            label = text(choice.label.key, screen.lang, **choice.label.facts)
            screen.text(f"  {number:>2}  {choice.word}  {label}")

    def _typed(self, heard: Callable[[str], _Answer]) -> _Answer:
        while True:
            typed = ask(self.screen, ">")
            if typed.strip().casefold() in _QUIT:
                raise EOFError
            try:
                return heard(typed)
            except InputRefused as wrong:
                self.screen.text("  " + printable(error_text(wrong, self.screen.lang)))
