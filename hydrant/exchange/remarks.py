"""Remarks beside a good state: which of them are understood as saying nothing against it.

A list of bad words is never complete, so a remark is harmless only where it is understood as such:
it says nothing, or what is good, denies or mends a fault, is a number, a day, a place or a name
that another column holds. Whatever else it says is not understood, and a person looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache, lru_cache

from hydrant.exchange.end_words import only_denied, put_back_end
from hydrant.exchange.fault_words import (
    breaks_off,
    clauses,
    fault_ends,
    mending_end,
    nothing_wrong,
    speaks_of_fault,
)
from hydrant.exchange.plain_words import folded_text, plain_word, plain_words
from hydrant.exchange.suggestion import words
from hydrant.exchange.taken_back import only_mends

#: So many different remarks are read statement by statement; of more only what is plain at once.
_MOST = 5_000
_DIGITS = re.compile(r"[0-9]+")
#: Nothing but numbers, days and what stands about them.
_NUMBER = re.compile(
    r"(?:dn|ду|no|nr|n°|№|#|ø|φ|[a-zа-я](?![a-zа-я]))?[ .:#№-]*"
    r"[0-9](?:[0-9 .,:/×*+年月日号#-]|x(?=[ 0-9]))*"
    r"(?:mm|cm|m|km|㎜|米|毫米|bar|kpa|mpa|psi|l/s|gpm|m3|°c|[a-zа-я])?",
)
#: A word with the stop of an abbreviation, where a statement or a name begins.
_SHORT = re.compile(r"(?:(?<=^)|(?<=[,;/&(] )|(?<=[,;/&(]))(\w{1,5})[.]\s*(?=\w)")
#: A name and the number of a house, or the number and the name; no year and no measure.
_HOUSE = r"(?!(?:19|20)[0-9]{2}\b)[0-9]{1,4} ?[a-zA-Zа-яА-Я]?(?: ?[-/] ?[0-9]{1,4}[a-zA-Z]?)?"
_PART_OF_NAME = r"[^\W\d_][\w.'’-]*[,]?"
_CAPITAL = r"(?=.*[A-ZÀ-ÖØ-ÞĄ-ŽА-Я])"
_ADDRESS = re.compile(
    rf"{_CAPITAL}(?:(?:{_PART_OF_NAME} ){{1,6}}{_HOUSE}|{_HOUSE},? {_PART_OF_NAME}"
    rf"(?: {_PART_OF_NAME}){{0,5}})"
)
#: So many different remarks show what a column holds, and this share of them.
_FEWEST_PLACES, _NEARLY_ALL = 4, 0.8
#: Parts of the word lists that say nothing against a good state.
_GOOD = ("nothing", "works", "yes", "in_use", "never_ends", "settled")
#: Signs of Chinese, Japanese and Korean, which say places without blanks.
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def not_understood(
    cells: Collection[str], named: Callable[[], Collection[str]] = frozenset
) -> set[str]:
    """Of different remarks those that are not understood.

    Parameters
    ----------
    named
        What other columns hold that name things: a remark that repeats it says no more.
    """
    left = {cell for cell in cells if not _at_once(cell)}
    shapes: dict[str, list[str]] = {}
    for cell in left:
        shapes.setdefault(_DIGITS.sub("0", cell) if len(left) > _MOST else cell, []).append(cell)
    if len(shapes) <= _MOST:
        left = {cell for shape, told in shapes.items() if not harmless(shape) for cell in told}
    if left and _of_places(cells):
        left = {cell for cell in left if not _ADDRESS.fullmatch(cell.strip())}
    if left:
        known = named()
        left = {cell for cell in left if cell.strip() not in known}
    return left


@lru_cache(maxsize=4096)
def harmless(text: str) -> bool:
    """Whether each statement of a text is understood as saying nothing against a good state."""
    plain = folded_text(text)
    if "?" in plain and plain.strip("? "):  # what doubts itself is no statement
        return False
    if plain_word(text) in _good_words():
        return True
    # what is left out of a good statement is not known, nor what comes behind its "but"
    if _hedged("always").search(plain) or breaks_off(plain):
        return False
    if speaks_of_fault(text):  # "closed" is good of an order, and not beside a hydrant's faults
        return False
    return all(map(_says_nothing_bad, clauses(_without_stops(text)))) or nothing_wrong(text)


def _without_stops(text: str) -> str:
    """A text in which what is short for a street before its name ends no statement: ul. Polna."""
    return _SHORT.sub(lambda m: m[1] + (" " if _is_noun(m[1]) else ". "), text)


def _is_noun(word: str) -> bool:
    return folded_text(word) in _place_words()[1]


def _of_places(cells: Collection[str]) -> bool:
    """Whether nearly all of different remarks are addresses, so that their column names places."""
    told = [cell.strip() for cell in cells if cell.strip()]
    if len(told) < _FEWEST_PLACES:
        return False
    other = [cell for cell in told if not _ADDRESS.fullmatch(cell)]
    if len(other) > (1 - _NEARLY_ALL) * len(told) and len(other) <= _MOST:
        other = [cell for cell in other if not says_place(cell)]
    return len(other) <= (1 - _NEARLY_ALL) * len(told)


def _at_once(cell: str) -> bool:
    plain = cell.strip()
    return not plain or plain.isdigit() or plain_word(plain) in _good_words()


def _says_nothing_bad(part: str) -> bool:
    if plain_word(part) in _good_words() or _NUMBER.fullmatch(part):
        return True
    if nothing_wrong(part) or only_denied(part) or _wholly_mended(part):
        return True
    return _routine().fullmatch(part) is not None or says_place(part)


def _wholly_mended(part: str) -> bool:
    """Whether a statement says that something was mended, all of it, for good, and not only meant.

    要求修复 and 待修复 ask for it, "half repaired" and "replaced, not yet connected" leave a rest.
    """
    end = mending_end(part)
    back = put_back_end(part)
    if end is None and (back is None or speaks_of_fault(part)):
        return False
    if not only_mends(part, max(end or 0, back or 0), fault_ends(part)):
        return False
    done = not _HAN.search(part) or _hedged("done").search(part) is not None
    return done and not _hedged("mended").search(part)


def says_place(part: str) -> bool:
    """Whether a statement is nothing but the description of a place."""
    if _HAN.search(part):
        return bool(_place("han").fullmatch(part)) and not _place("risky").search(part)
    tokens = re.findall(r"[^\s,/&+]+", folded_text(part))
    told = [token.rstrip(".") for token in tokens]
    known, nouns = _place_words()
    noun = [token in nouns or _place("suffixed").fullmatch(token) is not None for token in told]
    if not any(noun):
        return False
    return all(
        noun[n]
        or token in known
        or _DIGITS.match(token)
        # the name of a street stands beside the word for it
        or any(noun[max(0, n - 1) : n + 2])
        for n, token in enumerate(told)
    )


@cache
def _hedged(kind: str) -> re.Pattern[str]:
    """What leaves a rest of a good statement (always), or of a repair; and what ends one (done)."""
    return re.compile("|".join(f"(?:{one})" for one in words()["hedges"][kind]))


@cache
def _good_words() -> frozenset[str]:
    return frozenset().union(*(plain_words(part) for part in _GOOD))


@cache
def _routine() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in words()["routine"]))


@cache
def _place(part: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in words()["places"][part]))


@cache
def _place_words() -> tuple[frozenset[str], frozenset[str]]:
    told = words()["places"]
    return frozenset(map(folded_text, told["about"])), frozenset(map(folded_text, told["nouns"]))
