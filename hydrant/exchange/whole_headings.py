"""Headings that are understood whole: only such a one gives the fact that its known word names.

下次检查日期 ends with 检查日期 and is another day; 泵房压力 is a pressure, and not the hydrant's;
"Inspection date (next)" says so in brackets. What such a heading says besides its word must be
known to say nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import cache, lru_cache

from hydrant import units
from hydrant.exchange.heading_units import unit_in
from hydrant.exchange.measured import MEASURED
from hydrant.exchange.suggestion import folded, words
from hydrant.exchange.table import Table

#: What a heading is asked for: the day of a visit, of building, of a removal, a figure that was
#: measured, a state, or what only describes an asset, whose words are too many to be known.
DAY, BUILT, REMOVED, FIGURE, STATE = "day", "built", "removed", "figure", "state"
DESCRIBED = "described"
_LONGEST = 200
_WITHIN = re.compile(r"[(\[{（【〔｛]([^()\[\]{}（）【】〔〕｛｝]*)[)\]}）】〕｝]?")
#: A group that states its unit, and the heading below it.
_GROUP = re.compile(r"(?P<group>[^()]+)\((?P<unit>[^()]+)\)\s+(?P<name>.+)")
_BETWEEN = re.compile(r"[\s_\-.:/№?]+")
#: Signs of Chinese and Japanese, whose compounds end with what they are: 设施地址 is a 地址.
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
#: Internal units of what columns may hold, whose names stand in headings.
_MEASURES = ("kPa", "L/s", "mm", "m3")
#: Where two words of a program's name meet: LastInspDate.
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: Words for a day that do not say of what.
_BARE = frozenset({"日期"})


@cache
def _unit() -> re.Pattern[str]:
    """A unit at the end of a folded heading, behind what is measured: 静压 MPa, and 静压MPa."""
    spelled = (one for internal in _MEASURES for one in units.heading_spellings(internal))
    known = sorted({folded(one) for one in spelled} - {""}, key=len, reverse=True)
    return re.compile(rf"(?:, ?| |(?<=[\u4e00-\u9fff]))(?:{'|'.join(map(re.escape, known))})$")


def matching(
    table: Table,
    headings: Sequence[str],
    used: Collection[str],
    *,
    compounds: bool = False,
    fact: str = DESCRIBED,
) -> Iterator[str]:
    """Headings of the table that mean one of the known ones, the best known first.

    Parameters
    ----------
    compounds
        Whether a Chinese heading that ends with a known one will do, where the rest is understood.
    fact
        What the headings are asked for.
    """
    whole = {name: folded(name) for name in table.columns if name not in used}
    at_hand = {name: plain.replace(" ", "") for name, plain in whole.items()}
    bare = {name: _unit().sub("", plain).replace(" ", "") for name, plain in whole.items()}
    grouped = {name: _in_group(name) for name in whole}
    known = [heading.replace(" ", "") for heading in headings]
    meant: dict[str, list[str]] = {}
    for name, plain in at_hand.items():
        for word in {plain, bare[name], *grouped[name]}:
            meant.setdefault(word, []).append(name)
    for word in known:
        yield from (n for n in meant.get(word, ()) if understood(n, word, "", fact))
    for word in filter(_HAN.fullmatch, known if compounds else ()):
        for name, plain in at_hand.items():
            ending = next((p for p in (plain, bare[name]) if p.endswith(word)), "")
            before = ending.removesuffix(word)
            if before and understood(name, word, before, fact):
                yield name
    if fact == DAY:
        yield from filter(is_visit_day, at_hand)


@lru_cache(maxsize=4096)
def _in_group(heading: str) -> Sequence[str]:
    """What a heading below a group of measurements means, folded: 压力(MPa) 静压 is a 静压.

    The group says what is measured and its unit; what stands below it may say the whole again, or
    be the beginning of a Chinese compound: 静 below 压力(MPa).
    """
    told = _GROUP.fullmatch(unicodedata.normalize("NFKC", heading[:_LONGEST]))
    if told is None:
        return ()
    group, name = folded(told["group"]).replace(" ", ""), folded(told["name"]).replace(" ", "")
    measured = (unit_in(f"({told['unit']})", unit) for unit in _MEASURES)
    if group not in _measurements() or not any(unit and unit.name for unit in measured):
        return ()
    return [said for said in (name, f"{name}{group}") if said in _measurements()]


@cache
def _measurements() -> frozenset[str]:
    """Words for what is measured, folded and without blanks."""
    known = words()["inspection"]
    named = (word for target in MEASURED for word in known.get(target, ()))
    return frozenset(word.replace(" ", "") for word in named)


def fact_of(part: str, target: str) -> str:
    """What a heading must be understood as for a target in a part of a mapping."""
    if part == "lifecycle":
        return REMOVED
    if part == "inspection" and target == "at":
        return DAY
    if part == "inspection" and target in MEASURED:
        return FIGURE
    return BUILT if target == "built" else DESCRIBED


def understood(heading: str, word: str, before: str, fact: str) -> bool:
    """Whether a heading says no more than a known word of it.

    Parameters
    ----------
    word
        The known one, folded and without blanks.
    before
        What stands before it, folded so, too.
    fact
        What the heading is asked for.
    """
    if not before and not _brackets(heading):
        return True
    return _neutral_before(before, word, fact) and all(
        _neutral_within(within, fact) for within in _brackets(heading)
    )


def _brackets(heading: str) -> Sequence[str]:
    if heading.isalpha():
        return ()
    plain = unicodedata.normalize("NFKC", heading[:_LONGEST]).lower()
    return [" ".join(within.split()) for within in _WITHIN.findall(plain)]


@lru_cache(maxsize=4096)
def _neutral_before(before: str, word: str, fact: str) -> bool:
    if fact == DESCRIBED:
        return not _another_time().search(before)
    if fact == DAY and word in _BARE and not any(act in before for act in _known()["act"]):
        return not before  # the day of what?
    return _before(fact).fullmatch(before) is not None


@lru_cache(maxsize=4096)
def _neutral_within(within: str, fact: str) -> bool:
    if fact == DESCRIBED:
        return not _another_time().search(within)
    if _in_brackets().fullmatch(within) or _before(fact).fullmatch(_BETWEEN.sub("", within)):
        return True
    return fact == FIGURE and any(unit_in(f"({within})", unit) is not None for unit in _MEASURES)


@lru_cache(maxsize=4096)
def is_visit_day(heading: str) -> bool:
    """Whether each word of a heading says that it is the day of a visit, a check, a test."""
    known: dict[str, list[str]] = words()["whole_headings"]["visit_words"]
    told = {name: frozenset(part) for name, part in known.items()}
    plain = _WITHIN.sub(" ", _JOINED.sub(" ", unicodedata.normalize("NFKC", heading[:_LONGEST])))
    plain = plain.lower()
    found = set(re.findall(r"[^\W\d_]+", plain))
    if re.search(r"[0-9]", plain) or not found or not found <= frozenset().union(*told.values()):
        return False
    if not (found & told["act"] and found & (told["date"] | told["last"])):
        return False
    return all(_neutral_within(within, DAY) for within in _brackets(heading))


def _known() -> dict[str, list[str]]:
    known: dict[str, list[str]] = words()["whole_headings"]
    return known


@cache
def _before(fact: str) -> re.Pattern[str]:
    known = _known()
    acts = known["act"] if fact in (DAY, FIGURE) else ()
    told = sorted({*known["neutral"], *known[fact], *acts}, key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, told))})*")


@cache
def _in_brackets() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in _known()["in_brackets"]))


@cache
def _another_time() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in _known()["another_time"]))
