"""Headings that say themselves what their cells mean (Pass/Fail, "Out since"), and signs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache

from hydrant.exchange.plain_words import folded_text, plain_word, plain_words
from hydrant.exchange.suggestion import folded, words
from hydrant.vocabulary import Outcome

_LONGEST = 200
#: What stands between the answers that a heading offers.
_OR = re.compile(r"\s*(?:[/|、,;]|\bor\b|\boder\b|\bou\b|\bили\b|或|还是)\s*")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORKS, _FAILS = Outcome.WORKS.value, Outcome.FAILS.value


@lru_cache(maxsize=4096)
def offered(heading: str) -> Mapping[str, str]:
    """Answers that a heading offers, a good and a bad one (Pass/Fail, 合格/不合格), and outcomes.

    Their first letters are answers, too, where they differ. None where it offers none.
    """
    plain = folded_text(heading[:_LONGEST])
    within = re.search(r"\(([^()]*)\)", plain)
    for text in (plain, "" if within is None else within[1]):
        parts = [part.strip(" ?()") for part in _OR.split(text)]
        told = {part: _outcome(part) for part in parts if part}
        if {*told.values()} != {_WORKS, _FAILS}:
            continue
        firsts = [part[0] for part in told]
        if len(set(firsts)) == len(firsts):
            told |= {part[0]: value for part, value in told.items()}
        return {plain_word(part): value for part, value in told.items()}
    return {}


def _outcome(part: str) -> str:
    plain = plain_word(part)
    if plain in plain_words("works"):
        return _WORKS
    return _FAILS if plain in plain_words("fails") else ""


def signed(heading: str, cells: Collection[str]) -> dict[str, str]:
    """Outcomes of cells that are signs for a state: what the heading offers, √ where × stands, too.

    A sign alone may only say that somebody came.
    """
    told = {cell: plain_word(cell) for cell in cells}
    known = offered(heading)
    found = {cell: known[plain] for cell, plain in told.items() if plain in known}
    if found:
        return found
    good = {cell for cell, plain in told.items() if plain in _signs("good")}
    third = {cell for cell in good if told[cell] in _signs("third")}
    if good != third:  # beside √ and ×, a circle is neither
        good -= third
    bad = {cell for cell, plain in told.items() if plain in _signs("bad")}
    if not (good and bad):
        return {}
    return dict.fromkeys(good, _WORKS) | dict.fromkeys(bad, _FAILS)


def is_bad_sign(cell: str) -> bool:
    """Whether a cell is one of the signs for a bad state: ×, ✗, 错."""
    return plain_word(cell) in _signs("bad")


@lru_cache(maxsize=4096)
def out_since(heading: str) -> bool:
    """Whether a heading is the day since which something is out of service."""
    return _since(heading, _words("out"))


@lru_cache(maxsize=4096)
def bad_since(heading: str) -> bool:
    """Whether a heading is the day of something that is bad for an asset: "Broken since"."""
    return out_since(heading) or _since(heading, _words("out") | _words("bad") | _fails())


def _since(heading: str, known: frozenset[str]) -> bool:
    plain = folded(heading).replace("'", " ").replace("’", " ")
    if _HAN.search(plain):
        return bool(_han(known).fullmatch(plain.replace(" ", "")))
    padded = f" {plain} "
    for phrase in known:
        if f" {phrase} " in padded:
            rest = padded.replace(f" {phrase} ", " ", 1).split()
            if rest and {*rest} <= {*words()["since"]["words"]}:
                return True
    return False


@cache
def _han(known: frozenset[str]) -> re.Pattern[str]:
    def one_of(phrases: Iterable[str]) -> str:
        return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))

    bad = one_of(word for word in known if _HAN.search(word))
    since = "|".join(sorted(words()["since"]["han"], key=len, reverse=True))
    return re.compile(f"(?:{one_of(words()['whole_headings']['neutral'])})*(?:{bad})(?:{since})")


@cache
def _words(part: str) -> frozenset[str]:
    return frozenset(folded(word) for word in words()["since"][part])


@cache
def _fails() -> frozenset[str]:
    known = map(folded, words()["fails"])
    return frozenset(word for word in known if len(word) > (1 if _HAN.search(word) else 2))


@cache
def _signs(part: str) -> frozenset[str]:
    return frozenset(plain_word(sign) for sign in words()["signs"][part])
