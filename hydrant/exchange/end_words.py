"""What a cell says of an asset as a whole, in however many words: that it is no more, or not yet.

Registers say more than one word: 已拆除（道路施工）, "demolished 2023", "cap removed".
What is plain is read; what speaks of an end and is not plain is for a person to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from hydrant.exchange.plain_words import folded_text, plain_word, plain_words, statements
from hydrant.exchange.suggestion import words
from hydrant.vocabulary import LifecycleEvent


@dataclass(frozen=True, slots=True)
class Whole:
    """What a cell says of its asset as a whole.

    Attributes
    ----------
    event
        That it was removed or is planned; None where it says neither, or not plainly.
    unclear
        Whether it speaks of an end or a plan in words that may mean several things.
    """

    event: LifecycleEvent | None = None
    unclear: bool = False

    @property
    def spoken(self) -> bool:
        """Whether it may be that the asset does not stand there."""
        return self.event is not None or self.unclear


_NOTHING, _UNCLEAR = Whole(), Whole(unclear=True)


def state_of_whole(word: str) -> LifecycleEvent | None:
    """What a cell plainly says of the asset as a whole: that it was removed or is planned."""
    return said_of_whole(word).event


#: A letter with another one before it.
_INSIDE = re.compile(r"[a-zà-öø-žа-яё]{2}\Z")
#: What is left of a word in letters behind a part of it.
_REST = re.compile(r"[a-zà-öø-žа-яё]*")
#: Signs of a cell that are looked at, and those about a word that may deny it.
_LONGEST, _NEAR = 4000, 40


@lru_cache(maxsize=4096)
def said_of_whole(text: str) -> Whole:
    """What a cell says of the asset as a whole.

    Plain is a word for an end, with what tells of its day, reason or order beside it. Not plain is
    one that something else in the cell takes back (完好（已拆除）; "removed, reinstated 2024"), one
    with a question mark, and one inside a longer statement (已拆除待恢复; "cap removed").
    What denies or intends it (未拆除, 待拆除, "not removed", "to be removed") says nothing.
    """
    text = text[:_LONGEST]
    event = _alone(text)
    if event is not None:
        return Whole(event)
    parts = statements(text)
    told = {event for part in parts if (event := _alone(part)) is not None}
    rest = [part for part in parts if _alone(part) is None]
    if not told:
        return _UNCLEAR if any(map(_mentions, rest)) else _NOTHING
    if told == {LifecycleEvent.PLANNED} and any(_is(part, "fails", "not_found") for part in rest):
        return _NOTHING  # 停用（施工中）: it is there, and out of use for that reason
    plain = len(told) == 1 and "?" not in folded_text(text) and not any(map(_takes_back, rest))
    return Whole(told.pop()) if plain else _UNCLEAR


def spoken_of(cells: Iterable[str]) -> dict[str, Whole]:
    """Of different cells those that speak of an end or a plan, and what each says."""
    told = set(cells)
    hints = _hints_in("\n".join(told))
    if not hints:  # most columns hold none of the words, which is found at once
        return {}
    near = (cell for cell in told if any(hint in _squeezed(cell) for hint in hints))
    found = {cell.strip(): said_of_whole(cell) for cell in near}
    return {cell: one for cell, one in found.items() if one.spoken}


def _hints_in(text: str) -> list[str]:
    """Of what any text that speaks of an end holds a part, that which a text holds."""
    squeezed = _squeezed(text)
    signs = set(squeezed)  # most hints hold a sign that no text has
    return [hint for hint in _hints() if signs.issuperset(hint) and hint in squeezed]


@cache
def _hints() -> frozenset[str]:
    stems = (*words()["removed_within"], *words()["not_yet_within"])
    return plain_words("removed") | plain_words("not_yet") | {_squeezed(stem) for stem in stems}


def _squeezed(text: str) -> str:
    return folded_text(text).translate(_STOPS)


_STOPS = dict.fromkeys(map(ord, " ._-/"))


#: Digits, brackets and stops about such a word, and what may stand before or behind it in Chinese.
_AROUND = re.compile(r"[0-9年月日()\[\],;:,。，、；]+")
_BEFORE = (
    "(?:(?:该|此|本)?(?:处|栓|消火栓|消防栓|水鹤|设施|设备))?(?:现已|现|已)?"
    "(?:因[^未不没无待拟将应需可]{1,12}?)?(?:现场|现|已经|已|均|全部|整体|于|被|经|予以|尚|还)*"
)
_BEHIND = "(?:了|处理|处置|完毕|完成|状态|设施|设备|消火栓|消防栓|水鹤)*"


def _alone(text: str) -> LifecycleEvent | None:
    """What a statement says that is nothing but a word for an end, and its day."""
    plain = _AROUND.sub("", plain_word(text))
    if "?" in plain:
        return None
    for part, event in _EVENTS.items():
        if {plain, _without_fillers(text)} & plain_words(part) or _bare(part).fullmatch(plain):
            return event
    return None


_EVENTS = {"removed": LifecycleEvent.REMOVED, "not_yet": LifecycleEvent.PLANNED}


@cache
def _bare(part: str) -> re.Pattern[str]:
    """Words of a part as Chinese writes them, with what says no more than they do."""
    known = (re.escape(word) for word in plain_words(part) if not _is_letters(word))
    return re.compile(f"{_BEFORE}(?:{_any(known)}){_BEHIND}")


def _without_fillers(text: str) -> str:
    """A statement in letters without what stands about its words: "was removed in" is removed."""
    found = re.findall(r"[^\W\d_]+", folded_text(text))
    fillers = words()["around_ends"]
    while found and found[0] in fillers:
        del found[0]
    while found and found[-1] in fillers:
        del found[-1]
    return "".join(found)


def _takes_back(part: str) -> bool:
    """Whether a statement beside a word for an end makes it doubtful."""
    return bool(_is(part, "works", "yes", "no") or put_back(part) or _within(part))


def put_back(text: str) -> bool:
    """Whether a cell speaks of what was removed or broken as put back, replaced or mended."""
    return _pattern("put_back").search(folded_text(text)) is not None


def was_put_back(text: str) -> bool:
    """Whether a cell says so of what happened, not of what is intended: not 待恢复."""
    return put_back_end(folded_text(text)) is not None


def put_back_end(plain: str) -> int | None:
    """Where in a folded text the last word ends that says so; None without one."""
    told = _pattern("put_back").finditer(plain)
    # what begins within a word in letters is another one: "unrepaired"
    done = [
        found for found in told
        if not not_yet(plain, found) and not _INSIDE.search(plain[: found.start()] + found[0][:1])
    ]  # fmt: skip
    rest = _REST.match(plain, done[-1].end()) if done else None
    return rest.end() if rest else None


def _is(part: str, *kinds: str) -> bool:
    plain = plain_word(part)
    bare = re.sub(r"^(?:现已|现场|目前|现在|仍|现|已|均|又)+", "", plain)
    return any(form in plain_words(kind) for kind in kinds for form in (plain, bare))


def _mentions(part: str) -> bool:
    """Whether a statement speaks of an end that nothing denies or only intends."""
    return any(not denied for denied in _within(part))


def _within(part: str) -> list[bool]:
    """Each word for an end inside a statement: whether it is denied or only intended."""
    return [not_yet(part, found) for found in _ends().finditer(part)]


def not_yet(part: str, found: re.Match[str]) -> bool:
    """Whether what was found in a statement is denied there or only intended."""
    return bool(_denying()[0].search(part[max(0, found.start() - _NEAR) : found.start()])) or bool(
        _denying()[1].match(part[found.end() : found.end() + _NEAR])
    )


def only_denied(text: str) -> bool:
    """Whether a text speaks of an end only to deny or to plan it: 未拆除, "not removed"."""
    found = [denied for part in statements(text) for denied in _within(part)]
    return bool(found) and all(found)


def speaks_of_removal(text: str) -> bool:
    """Whether a text holds a word for a removal, not a plan, that nothing denies or intends."""
    parts = statements(text)
    return any(not not_yet(part, found) for part in parts for found in _gone().finditer(part))


@cache
def _gone() -> re.Pattern[str]:
    return _words_for(("removed_within",))


@cache
def _ends() -> re.Pattern[str]:
    """Words for an end or a plan within a text."""
    return _words_for(("removed_within", "not_yet_within"))


def _words_for(stems: Sequence[str]) -> re.Pattern[str]:
    """Words for a removal and more within a text: Chinese ones anywhere, others as whole words."""
    alone = {folded_text(word) for word in words()["removed"]}
    alone = {re.escape(word) for word in alone if _is_letters(word) or len(word) > 1}
    parts = (words()[stem] for stem in stems)
    known = alone | {pattern for part in parts for pattern in part.values()}
    lettered = {word for word in known if _is_letters(word)}
    return re.compile(rf"(?<!\w)(?:{_any(lettered)})(?!\w)|{_any(known - lettered)}")


def _any(found: Iterable[str]) -> str:
    return "|".join(sorted(found, key=len, reverse=True))


def _is_letters(word: str) -> bool:
    """Whether a word belongs to a language that has blanks between words."""
    return not re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", word)


@cache
def _denying() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands before and behind a word for an end that did not come."""
    known = words()["not_any_more_or_yet"]
    one = f"(?:{_any(known['before'])})(?:{_any(known['filling'])}|[0-9年月日季度底初内]+)*"
    filling = rf"(?:\s+(?:{_any(known['words_filling'])}|\w+ly))*"
    other = rf"(?<!\w)(?:{_any(known['words_before'])}|\w+n['’]t){filling}\s+"
    return re.compile(rf"(?:{one}|{other})\Z"), re.compile(rf"\s*(?:{_any(known['behind'])})")


@cache
def _pattern(part: str) -> re.Pattern[str]:
    return re.compile(_any(words()[part]))
