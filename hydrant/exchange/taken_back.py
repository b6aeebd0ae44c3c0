"""Statements that deny or mend faults and say nothing else: 无漏水、锈死, "no leaks or damage".

One word that denies or mends clears the faults it stands with and nothing more. A statement is
read word by word from it on: what is left and is not known may be the next fault, so the whole is
not understood then. Nobody denies the water, the pressure or the way to a hydrant to call it good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from hydrant.exchange.suggestion import words

#: Signs of Chinese, Japanese and Korean, which are written without blanks.
HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: Longer statements are not taken for a mere denial.
_LONGEST = 300
#: Where each word for a fault ends that begins at a place of a statement.
Faults = Callable[[str, int], Iterator[int]]
#: By what was read last, which kinds of words may follow, and what has been read then.
_LETTERS: Mapping[str, Mapping[str, str]] = {
    "start": {"about": "start", "deny": "denied"},
    "denied": {"filling": "denied", "thing": "told", "fault": "told", "part": "of", "need": "of"},
    "of": {"thing": "told", "part": "of", "need": "of"},
    "told": {"behind": "told", "thing": "told", "or": "denied", "and": "and", "deny": "denied"},
    # what stands behind "and" is denied with it where it is the name of a fault: not "and dry"
    "and": {"filling": "and", "thing": "told", "deny": "denied", "part": "of", "need": "of"},
}
_HAN: Mapping[str, Mapping[str, str]] = {
    "start": {"about": "start", "deny": "denied"},
    "denied": {"filling": "denied", "thing": "told", "fault": "told"},
    "told": {"behind": "told", "thing": "told", "or": "listed", "deny": "denied"},
    "listed": {"filling": "listed", "thing": "told", "named": "told", "deny": "denied"},
}
_MENDED: Mapping[str, Mapping[str, str]] = {
    "told": {"after": "told", "number": "told", "part": "told", "and": "and"},
    "and": {"after": "told", "part": "told"},
}
#: The same where nothing before the word tells what was mended: "replaced broken cap".
_MENDED_WHAT: Mapping[str, Mapping[str, str]] = {
    "told": {**_MENDED["told"], "thing": "told", "fault": "of", "behind": "told"},
    "of": {"part": "told", "thing": "told", "behind": "told"},
    "and": {**_MENDED["and"], "thing": "told"},
}


def only_denies(part: str, faults: Faults) -> bool:
    """Whether a folded statement denies faults and says nothing else."""
    if len(part) > _LONGEST:
        return False
    if HAN.search(part):
        return _read(part, 0, "start", "han", _HAN, faults) or _denied_behind(part, faults)
    return _read(part, 0, "start", "letters", _LETTERS, faults)


def only_mends(part: str, end: int, faults: Faults) -> bool:
    """Whether about the word by which something was mended nothing stands that is not known.

    Parameters
    ----------
    end
        Where that word ends. Before it stands what was mended, unless what "and" joins to that is
        no thing: "dry and leak repaired".
    """
    if len(part) > _LONGEST:
        return False
    script = "han" if HAN.search(part) else "letters"
    before = [at for at in range(end) if any(True for _ in faults(part, at))]
    if script == "letters" and not all(map(_is_thing, _joined_before(part[:end]))):
        return False
    grammar = _MENDED if before else _MENDED_WHAT
    return _read(part, end, "told", script, grammar, faults)


def _joined_before(text: str) -> list[str]:
    """Words behind which "and" stands in a text."""
    return re.findall(rf"([^\W\d_]+)\s+(?:{_known('letters')['and'].pattern})\s", text)


def _is_thing(word: str) -> bool:
    kinds = ("thing", "part", "need", "after", "about")
    return any(_known("letters")[kind].fullmatch(word) for kind in kinds)


def begins_with_denial(text: str) -> bool:
    """Whether a word for a fault denies something itself: 无水, "not working"."""
    return _own().match(text) is not None


def _read(
    text: str,
    start: int,
    state: str,
    script: str,
    grammar: Mapping[str, Mapping[str, str]],
    faults: Faults,
) -> bool:
    """Whether a text from a place on consists of words as a grammar has them follow."""
    known, gap = _known(script), re.compile(r"[ ']*" if script == "letters" else " *")
    seen, open_ = set(), [(start, state)]
    while open_:
        at, state = open_.pop()
        begun = gap.match(text, at)
        at = begun.end() if begun else at
        if (at, state) in seen:
            continue
        seen.add((at, state))
        if at >= len(text):
            if state == "told":
                return True
            continue
        for kind, then in grammar[state].items():
            open_ += [(end, then) for end in _ends(text, at, kind, known, faults)]
    return False


def _ends(
    text: str, at: int, kind: str, known: Mapping[str, re.Pattern[str]], faults: Faults
) -> Iterator[int]:
    if kind not in ("fault", "named"):
        found = known[kind].match(text, at)
        if found and found.end() > at:
            yield found.end()
        return
    if begins_with_denial(text[at:]):
        return
    happening = kind == "named" and _happening().match(text, at)
    for end in faults(text, at):
        # 无漏水、滴水: what is seen to happen is no item unless the list goes on or is closed
        if not (happening and end == len(text)):
            yield end


def _denied_behind(part: str, faults: Faults) -> bool:
    """Whether a statement denies as Japanese and Korean do: 漏水なし, 누수 없음."""
    behind, joining = _any(words()["fault_denied"]["behind"]), re.compile(r"[ 、や・と]+")
    open_, seen = [0], set()
    while open_:
        at = open_.pop()
        if at in seen:
            continue
        seen.add(at)
        ends = list(faults(part, at))
        if any(behind.fullmatch(part, end) for end in ends):
            return True
        open_ += [found.end() for end in ends if (found := joining.match(part, end))]
    return False


@cache
def _known(script: str) -> Mapping[str, re.Pattern[str]]:
    """Words of each kind as one pattern; in letters they end where the word does."""
    told: Mapping[str, Sequence[str]] = words()["taken_back"][script]
    edge = r"(?!\w)" if script == "letters" else ""
    return {kind: re.compile(f"(?:{_any(one).pattern}){edge}") for kind, one in told.items()}


@cache
def needed() -> str:
    """Pattern of a denial before what is needed, unless that only begins the name of a fault."""
    told = words()["taken_back"]
    letters = told["letters"]
    deny, need = _any(letters["deny"]).pattern, _any(told["needed"]).pattern
    joining = _any([*letters["or"], *letters["and"]]).pattern
    first = "".join(sorted({one[0] for one in letters["deny"]}))  # most words begin otherwise
    some = rf"(?:\s+(?!(?:{_any(told['good']).pattern})(?!\w))[\w'’]+){{1,4}}?\s+(?:{joining})"
    return (
        rf"(?<!\w)(?=[{first}])(?:{deny})(?!\w)(?:{some})?(?:\s+(?:{_any(told['degrees']).pattern}))*\s*"
        rf"(?:{need})(?:\s*$|(?=\s+(?:{_any([*letters['or'], *told['beyond']]).pattern})(?!\w)))"
    )


@cache
def _own() -> re.Pattern[str]:
    told = words()["taken_back"]
    return re.compile(
        rf"(?:{_any(told['own']).pattern})|(?:{_any(told['letters']['deny']).pattern})(?!\w)"
    )


@cache
def _happening() -> re.Pattern[str]:
    return _any(words()["taken_back"]["happening"])


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    told = (one.replace("ß", "ss") for one in patterns)
    return re.compile("|".join(f"(?:{one})" for one in sorted(told, key=len, reverse=True)))
