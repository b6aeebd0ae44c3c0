"""How the round speaks with a crew: one line asked, one line typed, the same words everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from hydrant.cli.asking import ask
from hydrant.cli.screen import Screen
from hydrant.close_words import folded
from hydrant.errors import InputRefused
from hydrant.messages import error_text
from hydrant.safe_text import printable
from hydrant.survey.dialogue import NO, YES

_T = TypeVar("_T")

SKIP = {"s", "skip", "跳过"}
QUIT = {"q", "quit", "退出", "结束"}
BACK = {"b", "back", "返回"}
NEW = {"+", "new", "新增"}
UNDO = {"u", "undo", "撤回"}
CORRECT = {"c", "correct", "更正"}
HELP = {"?", "？", "h", "help", "帮助"}
GO = ("g", "go", "去")
PHOTO = ("p", "photo", "照片")


class Stop(Exception):
    """The crew ends the round."""


class Skip(Exception):
    """The crew leaves what it was asked about."""


class Back(Exception):
    """The crew goes one question back."""


class Desk:
    """A screen and whoever types before it."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def read(self, prompt: str) -> str:
        """One line as typed; raises `EOFError` where nobody types, `Stop` for the word for it."""
        typed = ask(self.screen, prompt)
        if folded(typed) in QUIT:
            raise Stop
        return typed

    def take(self, prompt: str, accept: Callable[[str], _T]) -> _T:
        """An answer that is accepted: a refused one is asked again at once.

        Raises
        ------
        Stop, Skip, Back
            The crew says so.
        """
        while True:
            typed = self.read(prompt)
            word = folded(typed)
            if word in SKIP:
                raise Skip
            if word in BACK:
                raise Back
            try:
                return accept(typed)
            except InputRefused as refused:
                self.refuse(refused)

    def refuse(self, refused: InputRefused) -> None:
        """Say why an answer was not taken."""
        self.screen.text("  " + printable(error_text(refused, self.screen.lang)))

    def yes(self, prompt: str) -> bool:
        """Yes or no, which has to be said: an empty line is neither."""

        def decided(typed: str) -> bool:
            word = folded(typed)
            if word in YES or word in NO:
                return word in YES
            raise InputRefused("survey.answer_yes_no", value=typed.strip())

        return self.take(prompt, decided)

    def choose(self, heading: str, choices: Sequence[str]) -> int | None:
        """Which of some numbered lines is meant, from 0; None where none is."""
        self.screen.line(heading)
        for number, choice in enumerate(choices, 1):
            self.screen.text(f"  {number}  {printable(choice)}")

        def chosen(typed: str) -> int | None:
            word = folded(typed)
            if not word:
                return None
            if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= len(choices):
                return int(word) - 1
            raise InputRefused("survey.answer_choice", value=typed.strip(), count=len(choices))

        return self.take(self.screen.t("survey.ask_choice"), chosen)


def argument(typed: str, words: Sequence[str]) -> str | None:
    """What stands behind a word such as ``g``; None where the line does not begin with it."""
    first, _, rest = typed.strip().partition(" ")
    return rest.strip() if folded(first) in words and rest.strip() else None
