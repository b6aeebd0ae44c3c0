"""Answers to questions of yes and no, and those by which nobody knows.

What is not known is never good, and never bad in silence: 未试, "not tried", a question mark.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache

from hydrant.exchange.plain_words import folded_text, plain_word, plain_words
from hydrant.exchange.suggestion import words

#: What stands about an answer: brackets and the stop of a sentence.
_ABOUT = " .。!()[]"
#: Answers that a question mark takes back: "Y?", 完好？
_DOUBTED = ("yes", "no", "works", "fails", "not_found", "in_use", "not_in_use", "nothing")
#: Strokes that are drawn where there is nothing to answer.
_STROKES = " -–—―─/\\~"
#: Signs of an answer that are looked at; longer ones are remarks.
_LONGEST = 60


def says(cell: str, part: str) -> bool:
    """Whether a cell is one of the known words of a part of the code list."""
    return bool(cell.strip()) and plain_word(cell) in plain_words(part)


@lru_cache(maxsize=4096)
def not_known(cell: str) -> bool:
    """Whether a cell answers that nobody knows, or doubts its own answer."""
    text = cell.strip()
    if not text or len(text) > _LONGEST:
        return False
    plain = folded_text(text).strip(_ABOUT)
    bare = plain.replace("?", "").strip(_ABOUT)
    if bare != plain and (not bare or any(says(bare, part) for part in _DOUBTED)):
        return True
    return says(bare, "not_known") or _said().fullmatch(bare) is not None


def says_nothing(cell: str) -> bool:
    """Whether a cell is no answer at all: empty, a stroke, "n/a"."""
    return not cell.strip(_STROKES) or plain_word(cell) in plain_words("nothing")


def answers(cells: Collection[str]) -> bool:
    """Whether cells answer both yes and no, and nothing else but that nobody knows."""
    known = {cell for cell in cells if cell.strip() and not not_known(cell)}
    yes = {cell for cell in known if says(cell, "yes")}
    no = {cell for cell in known if says(cell, "no")}
    return bool(yes and no) and yes | no == known


@cache
def _said() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in words()["not_known_said"]))
