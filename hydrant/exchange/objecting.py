"""Cells that say of an asset otherwise than that it is good, in columns that no state is read from.

A register keeps faults, ends and what was not mended in columns of their own (存在问题, 弃用,
整改情况, "end date") or among the remarks. What such a column asks for is told by its heading; what
a cell says by itself counts in every column. What is not understood under such a heading objects,
too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.answers import answers, not_known, says
from hydrant.exchange.end_words import (
    only_denied,
    said_of_whole,
    speaks_of_removal,
    spoken_of,
    was_put_back,
)
from hydrant.exchange.fault_words import (
    clauses,
    denies_fault,
    faults_among,
    mended,
    nothing_wrong,
    speaks_of_fault,
)
from hydrant.exchange.moments import moment_reader
from hydrant.exchange.plain_words import folded_text, plain_word, plain_words
from hydrant.exchange.remarks import harmless
from hydrant.exchange.state_headings import bad_since, is_bad_sign
from hydrant.exchange.state_words import BAD, meaning
from hydrant.exchange.suggestion import MOST_WORDS, folded, words
from hydrant.exchange.table import Table, is_unnamed
from hydrant.vocabulary import Outcome

#: So many different remarks are read statement by statement; of more, whole cells and clear words.
_MOST_REMARKS = 5_000
#: No word for a bad state is longer.
_LONGEST_WORD = 40
#: A year, as people write when something ended.
_YEAR = re.compile(r"(?<![0-9])(?:1[89]|[2-9][0-9])[0-9]{2}(?![0-9])")
_DIGITS = re.compile(r"[0-9]+")
#: Where two words of a program's name meet.
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
#: A spreadsheet's number of a day.
_SERIAL = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True)
class Objecting:
    """A column, those of its cells that object, and those by which nobody knows.

    The latter only under a question of yes and no.
    """

    column: str
    cells: frozenset[str]
    not_known: frozenset[str] = frozenset()


def objecting(
    table: Table, columns: Collection[str], remarks: Collection[str]
) -> Iterator[Objecting]:
    """Of some columns those of which a cell says otherwise than that an asset is good.

    Parameters
    ----------
    remarks
        Of these columns those of free text.
    """
    for name in columns:
        distinct = {cell for cell in set(table.columns[name]) if cell.strip()}
        if not distinct:
            continue
        asked = _asked(split_heading(name))
        question = asked in _QUESTIONS or (asked is not None and answers(distinct))
        unsure = {cell for cell in distinct if not_known(cell)} if question else set()
        distinct -= unsure
        found = by_words(distinct, remark=name in remarks)
        if is_unnamed(name):  # what it asks is not known: a sign for bad there is never harmless
            found = found | _signs_for_bad(distinct)
        if asked is not None:
            # what the heading asks for decides what its cells mean, of a good thing besides
            days = _Days(distinct)
            said = {cell for cell in distinct if asked(cell, days)}
            found = found | said if asked in (_denied, _ungranted) else said
        if asked in _GOOD_QUESTIONS:
            unsure |= _no_answers(distinct, found)
        if found or unsure:
            yield Objecting(name, frozenset(found), frozenset(unsure))


def _signs_for_bad(cells: Collection[str]) -> set[str]:
    """Cells that deny whatever may be asked; nought among other numbers is a number."""
    numbers = any(map(_NUMBER.fullmatch, {cell.strip() for cell in cells} - {"0", "1"}))
    said = {cell for cell in cells if says(cell, "no") or is_bad_sign(cell)}
    return {cell for cell in said if not (numbers and cell.strip() == "0")}


def _no_answers(cells: Collection[str], found: Collection[str]) -> set[str]:
    """Where some cells answer yes or no, those that are no answer: OK? = pending."""
    answered = {cell for cell in cells if says(cell, "yes") or says(cell, "no")}
    odd = {cell for cell in cells if cell not in found and cell not in answered}
    if not answered or len(odd) > MOST_WORDS:
        return set()
    return {cell for cell in odd if not harmless(cell)}


def is_question(name: str) -> bool:
    """Whether a heading asks a question of yes and no whose answer tells of a state."""
    return _asked(split_heading(name)) in _QUESTIONS


def split_heading(name: str) -> str:
    """A heading folded, with the words of a program's name apart: IsActive, OOSDate."""
    return folded(_JOINED.sub(" ", name))


def asks_something(name: str) -> bool:
    """Whether it is known what a heading asks for, or that it says nothing of a state."""
    heading = split_heading(name)
    return _asked(heading) is not None or bool(_heading("asks_nothing").search(heading))


def asks_good(name: str) -> bool:
    """Whether a heading asks for something good, or for what a good state goes with."""
    return _asked(split_heading(name)) in (_ungranted, _denied)


def asks_fault(name: str) -> bool:
    """Whether a heading or a title is of what is wrong: 存在问题, "faults found"."""
    return _heading("asks_fault").search(split_heading(name)) is not None


def asks_name(name: str) -> bool:
    """Whether a heading asks for the name of a place, a maker, an owner or a file."""
    heading = split_heading(name)
    return _asked(heading) is None and bool(_heading("asks_name").search(heading))


def past_ends(cells: Collection[str], heading: str) -> set[str]:
    """Under a heading that asks until when something holds, the days that have come."""
    if not _heading("asks_end").search(folded(heading)):
        return set()
    days = _Days({*cells})
    return {cell.strip() for cell in {*cells} if days.past(cell)}


def by_words(distinct: set[str], *, remark: bool) -> set[str]:
    """Cells that object by themselves, whatever their heading."""
    if len(distinct) > _MOST_REMARKS:
        # numbers of many rows are one text, in which nothing is found at once
        shapes = set(_DIGITS.sub("0", "\n".join(distinct)).split("\n"))
        if 2 * len(shapes) < len(distinct) and not by_words(shapes, remark=True):
            return set()
    few = len(distinct) <= MOST_WORDS
    faults = faults_among(distinct)
    if few or (remark and len(distinct) <= _MOST_REMARKS):
        bad = {cell for cell in distinct if meaning(cell) in BAD and _is_bad(cell)}
    else:
        bad = {cell for cell in distinct if _is_bad_word(cell)}
    told = spoken_of(distinct)
    ended = {cell for cell in distinct if cell.strip() in told} if told else set()
    if remark:
        ended = {c for c in ended if said_of_whole(c.strip()).event or speaks_of_removal(c)}
    elif not few:
        ended = {cell for cell in ended if said_of_whole(cell.strip()).event}
    return {cell for cell in faults | bad | ended if not _taken_back(cell)}


def _taken_back(cell: str) -> bool:
    """Whether a cell says itself that what it speaks of was mended or put back."""
    return (mended(cell) or was_put_back(cell)) and not speaks_of_fault(cell)


def _is_bad(cell: str) -> bool:
    """Whether a bad word of a cell is not one of an enumeration that is denied: 无漏水、锈死."""
    return any(meaning(part) in BAD and not denies_fault(part) for part in clauses(cell))


def _is_bad_word(cell: str) -> bool:
    if len(cell) > _LONGEST_WORD or cell[:1].isdigit():
        return False
    return plain_word(cell) in _bad_words()


@cache
def _bad_words() -> frozenset[str]:
    return plain_words("fails") | plain_words("not_found")


class _Days:
    """Days of a column, as the whole column shows how they are written."""

    def __init__(self, cells: Collection[str]) -> None:
        self._now, zone = times.now(), times.zone()
        told = {cell.strip() for cell in cells}
        #: Whether the column holds numbers, of which nought is one like others.
        self.numbers = any(map(_NUMBER.fullmatch, told - {"0", "1"}))
        self._read = moment_reader((), cells, zone)
        self._serial = moment_reader(("excel",), (), zone)

    def past(self, cell: str) -> bool | None:
        """Whether a day or year has come; None of what is neither."""
        text = cell.strip()
        reader = self._serial if _SERIAL.fullmatch(text) else self._read
        with suppress(InputRefused):  # a year alone, a month, or a day that could be two
            return reader(text) <= self._now
        years = [int(found) for found in _YEAR.findall(text)]
        return min(years) <= self._now.year if years else None


_Asked = Callable[[str, _Days], bool]


def _asked(heading: str) -> _Asked | None:
    """What a heading asks for: how its cells are looked at; None where it asks for nothing bad."""
    if _heading("asks_nothing").search(heading):
        return None
    parts: tuple[tuple[str, _Asked], ...] = (
        ("asks_order", _unsettled),
        ("asks_end", _ended),
        ("asks_needed", _wrong),
        ("asks_mended", _unmended),
        ("asks_use", _unused),
        ("asks_fault", _wrong),
        ("asks_denied", _wrong),
        ("asks_gone", _gone),
        ("asks_good", _ungranted),
        ("asks_state", _denied),
        ("asks_figure", _no_figure),
    )
    found = next((judge for part, judge in parts if _heading(part).search(heading)), None)
    return _wrong if found is None and bad_since(heading) else found


def _ended(cell: str, days: _Days) -> bool:
    """Under the day of an end: a day that has come, or what is no day."""
    plain = plain_word(cell)
    if _says_nothing(plain) or plain in plain_words("never_ends"):
        return False
    past = days.past(cell)
    return past if past is not None else True


def _unmended(cell: str, days: _Days) -> bool:
    """Under what was done about a fault: anything but that it was mended, or need not be."""
    plain = plain_word(cell)
    if plain in plain_words("no"):
        return True
    fine = plain_words("nothing") | plain_words("yes") | plain_words("settled")
    if plain in fine or meaning(cell) == Outcome.WORKS:
        return False
    return not (
        mended(cell) or nothing_wrong(cell) or days.past(cell) is not None
    ) or speaks_of_fault(cell)


def _unused(cell: str, _days: _Days) -> bool:
    """Under whether an asset is in use: that it is not, or is no more."""
    plain = plain_word(cell)
    if plain in plain_words("no") | plain_words("not_in_use"):
        return True
    return bool(by_words({cell}, remark=False))


def _unsettled(cell: str, days: _Days) -> bool:
    """Under the state of an order to mend: anything but that there is none, or no more."""
    plain = plain_word(cell)
    return not (_says_nothing(plain) or plain.isdigit()) and _unmended(cell, days)


def _denied(cell: str, days: _Days) -> bool:
    """Under what a good state goes with (water, pressure, an open valve): that it is denied."""
    plain = plain_word(cell)
    if plain == "0" and days.numbers:
        return False
    return plain in plain_words("no") | plain_words("denies") | plain_words("not_in_use")


def _no_figure(cell: str, _days: _Days) -> bool:
    """Under a pressure or flow that is not read: that there is none, or less than was asked."""
    plain = plain_word(cell)
    return bool(_NOTHING_MEASURED.match(plain)) or plain in plain_words("denies")


#: Nought, or a bound from above: 0.00, <0.1.
_NOTHING_MEASURED = re.compile(
    r"0+(?:[.,]0+)?(?: ?[a-z/]+)?$|[<≤]|(?:小于|低于|不足|不到|below|under|less than)"
)


def _ungranted(cell: str, days: _Days) -> bool:
    """Under a question whether something is good: a no in any words, 不达标, "not fully"."""
    negated = _NEGATED.match(folded_text(cell).strip()) and not (
        nothing_wrong(cell) or denies_fault(cell)
    )
    return bool(negated) or _denied(cell, days)


#: A short text that begins with a denial.
_NEGATED = re.compile(
    r"(?:不|未|无|無|没|沒|非|(?:not|no|never|cannot|nicht|kein|pas|non|sin|не)\b)"
)


def _wrong(cell: str, days: _Days) -> bool:
    """Under faults: anything but that there is none, or that it was mended."""
    plain = plain_word(cell)
    if _says_nothing(plain) or meaning(cell) == Outcome.WORKS or plain in _FINE:
        return False
    if nothing_wrong(cell) or _taken_back(cell):
        return False
    return days.past(cell) is not False


def _gone(cell: str, days: _Days) -> bool:
    """Under an end: anything but that there was none."""
    plain = plain_word(cell)
    if plain in plain_words("in_use") | plain_words("never_ends"):
        return False
    if only_denied(cell) or _denying().match(folded_text(cell)):
        return False
    return _wrong(cell, days)


#: Answers of a search for faults that say that there was none.
_FINE = frozenset({"未发现", "未见", "没有", "暂无", "暫無"})

#: Questions that are answered by yes and no, and those of them whose yes is good.
_GOOD_QUESTIONS: tuple[_Asked, ...] = (_ungranted, _unused)
_QUESTIONS: tuple[_Asked, ...] = (*_GOOD_QUESTIONS, _wrong, _gone)


def _says_nothing(plain: str) -> bool:
    return plain in plain_words("nothing") | plain_words("no")


@cache
def _heading(part: str) -> re.Pattern[str]:
    told = "|".join(f"(?:{one})" for one in words()[part])
    return re.compile(told)


@cache
def _denying() -> re.Pattern[str]:
    """A short text that begins with a denial: 未停用, "not retired"."""
    return re.compile(r"(?:(?:未|没有?|不|非|无需|尚未)\w{0,6}|not? \w+(?: \w+)?)\Z")
