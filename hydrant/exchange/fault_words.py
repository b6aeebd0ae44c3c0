"""Faults, wreck, burial and disappearance inside a text, and what denies or mends them.

One reading of these words for every column: 被车撞坏, 阀门打不开, "leaking badly" speak of a fault;
无漏水, 未发现问题, 漏水已修复, "no leaks or damage" do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache, lru_cache

from hydrant.exchange.end_words import not_yet
from hydrant.exchange.plain_words import folded_text
from hydrant.exchange.suggestion import words
from hydrant.exchange.taken_back import begins_with_denial, needed, only_denies

#: Signs of a cell that are looked at, and those before a word that may deny it.
_LONGEST, _NEAR = 4000, 40
#: What is left of a word in letters behind the part by which it is known.
_ENDING = re.compile(r"[a-zà-öø-žа-яё]+")
_LINES = re.compile(r"\s*[\n\r]+\s*|(?<=[\u4e00-\u9fff])[ \u3000]+(?=[\u4e00-\u9fff])")
#: Signs that end a statement; items of an enumeration stay together, as what denies one denies all.
_STOPS = (
    r"[,;!?\n\r\u3002()\[\]{}<>|]+|[.](?:\s|$)|:(?! ?[0-9零])"
    r"|\s[-\u2010-\u2015]+\s(?![0-9])|[\u2013-\u2015]+(?![0-9])"
)


def speaks_of_fault(text: str) -> bool:
    """Whether a text speaks of a fault that nothing denies and nobody mended since."""
    return _speaks(text, None)


@lru_cache(maxsize=4096)
def _speaks(text: str, hints: tuple[str, ...] | None) -> bool:
    """Whether a text speaks of a fault, of which it holds at most some hints; None are all."""
    parts = clauses(text)
    for n, part in enumerate(parts):
        faults = _left(part, hints)
        if faults and not any(_mends(one, faults) for one in parts[n + 1 :]):
            return True
    return False


def _left(part: str, hints: tuple[str, ...] | None) -> set[str]:
    """Hints of the faults that a statement neither denies nor mends: 漏水已修复无水 has one."""
    end = mending_end(part)
    return {
        hint
        for hint, found, denied in _denials(part, hints)
        if not denied and (end is None or (found.start() >= end and _tells_anew(found)))
    }


def _tells_anew(found: re.Match[str]) -> bool:
    """Whether a word for a fault behind a denial or a repair begins another statement: 无水.

    Such a word denies something itself, and nothing calls it a case or a problem: 已解决无水问题.
    """
    return begins_with_denial(found[0]) and not _closing().match(found.string, found.end())


@cache
def _closing() -> re.Pattern[str]:
    return _compiled("|".join(words()["taken_back"]["closing"]))


def _mends(part: str, faults: Collection[str]) -> bool:
    """Whether a later statement says of faults, and not only of others, that they were mended."""
    if not mended(part):
        return False
    its = {hint for hint, *_ in _denials(part)}
    return not its or not its.isdisjoint(faults)


def faults_among(cells: Iterable[str]) -> set[str]:
    """Of different cells those that speak of a fault."""
    told = set(cells)
    # no hint holds a blank, and of words that many cells share one is enough
    joined = "\n".join(set(_plain("\n".join(told)).split()))
    signs = set(joined)  # of hundreds of hints most hold a sign that no cell has
    hints = [hint for hint in _faults() if signs.issuperset(hint) and hint in joined]
    if not hints:  # most columns hold none of the words, which is found at once
        return set()
    few = tuple(hints)
    near = (cell for cell in told if any(hint in _plain(cell) for hint in few))
    return {cell for cell in near if _speaks(cell, few)}


def _plain(text: str) -> str:
    """A text without case and width, which is all that hints need."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()


def mended(text: str) -> bool:
    """Whether a text says that something was mended, or need not be."""
    return mending_end(folded_text(text)) is not None


def mending_end(plain: str) -> int | None:
    """Where in a folded text the last word for a repair ends that was made; None without one."""
    if _again().search(plain):
        return None
    told = _pattern("mended").finditer(plain)
    return max((found.end() for found in told if not not_yet(plain, found)), default=None)


def nothing_wrong(text: str) -> bool:
    """Whether each statement of a text says that nothing is wrong: 未发现问题, "no defects"."""
    parts = clauses(text)
    said = all(
        _pattern("nothing_wrong").fullmatch(part) or only_denies(part, fault_ends(part))
        for part in parts
    )
    return bool(parts) and said and not speaks_of_fault(text)


def clauses(text: str) -> list[str]:
    """What a text says, one thing after another, with its enumerations whole."""
    lines = _LINES.sub(";", text[:_LONGEST].strip())  # folded, the end of a line is a blank
    plain = folded_text(lines)
    return [part.strip() for part in _ends_of_clauses().split(plain) if part.strip()]


def denies_fault(part: str) -> bool:
    """Whether a statement holds words for faults and denies them all."""
    told = [denied for *_, denied in _denials(folded_text(part))]
    return bool(told) and all(told)


def fault_ends(part: str) -> Callable[[str, int], Iterator[int]]:
    """Where words for faults end that begin at a place of a folded statement."""
    told: list[list[re.Pattern[str]]] = []  # most statements end before a fault is looked for

    def ends(text: str, at: int) -> Iterator[int]:
        if not told:
            told.append([pattern for hint, pattern in _faults().items() if hint in part])
        for found in (pattern.match(text, at) for pattern in told[0]):
            if found and found.end() > at:
                rest = _ENDING.match(text, found.end())
                yield rest.end() if rest else found.end()

    return ends


def _denials(
    part: str, hints: tuple[str, ...] | None = None
) -> Iterator[tuple[str, re.Match[str], bool]]:
    """Each word for a fault in a statement, by its hint: whether it is denied."""
    faults = _faults()
    for hint in faults if hints is None else hints:
        if hint in part:
            for found in faults[hint].finditer(part):
                yield hint, found, _denied(part, found)


def _denied(part: str, fault: re.Match[str]) -> bool:
    """Whether what stands about a word denies it: 无漏水、锈死, "no leaks or damage", 漏水なし.

    A word that denies something itself is not one more item of what is denied before it.
    """
    if _denying_behind().match(part[fault.end() :]):
        return True
    found = _denying().search(part[max(0, fault.start() - _NEAR) : fault.start()])
    return found is not None and not (_tells_anew(fault) and _names_fault(found[0]))


def _names_fault(text: str) -> bool:
    """Whether a text holds a word for a fault, whatever denies it."""
    return any(hint in text and pattern.search(text) for hint, pattern in _faults().items())


@cache
def _faults() -> dict[str, re.Pattern[str]]:
    """Patterns by a hint, without which they are not looked for; several may lead to one."""
    told: dict[str, str] = words()["fault_within"]
    found: dict[str, str] = {}
    for hints, pattern in told.items():
        for words_of in hints.split("|"):
            hint = max(folded_text(words_of).split(), key=len)  # blanks may be doubled in a text
            found[hint] = f"{found[hint]}|{pattern}" if hint in found else pattern
    for word in words()["taken_back"]["needed_hints"]:
        found[word] = f"{found[word]}|{needed()}" if word in found else needed()
    return {hint: _compiled(pattern) for hint, pattern in found.items()}


@cache
def _denying() -> re.Pattern[str]:
    known, one = words()["fault_denied"], _denied_in_chinese()
    other = (
        rf"(?<!\w)(?:{'|'.join(known['words_before'])})(?!\w)"
        rf"(?:\s*(?:{'|'.join(known['words_filling'])})){{0,4}}?\s+"
    )
    return _compiled(rf"(?:{one}|{other})\Z")


@cache
def _denying_behind() -> re.Pattern[str]:
    return _compiled("|".join(words()["fault_denied"]["behind"]))


def _denied_in_chinese() -> str:
    known = words()["fault_denied"]
    faults = "|".join(words()["fault_within"].values())
    return f"(?:{'|'.join(known['before'])})(?:{'|'.join(known['filling'])}|{faults})*"


@cache
def _ends_of_clauses() -> re.Pattern[str]:
    """Signs, conjunctions and exceptions behind which another thing is said."""
    return _compiled("|".join([_STOPS, *words()["clause_ends"]]))


def breaks_off(plain: str) -> bool:
    """Whether a folded text ends with a conjunction: "repaired but"."""
    return _conjunction_last().search(plain) is not None


@cache
def _conjunction_last() -> re.Pattern[str]:
    return _compiled(rf"(?:{'|'.join(words()['clause_ends'])})\W*\Z")


@cache
def _again() -> re.Pattern[str]:
    return _compiled("|".join(words()["fault_denied"]["again"]))


@cache
def _pattern(part: str) -> re.Pattern[str]:
    return _compiled("|".join(f"(?:{one})" for one in words()[part]))


def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as texts are folded: without ß."""
    return re.compile(pattern.replace("ß", "ss"))
