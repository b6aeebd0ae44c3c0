"""Patterns and forms of dates in mapping files, which somebody else wrote.

No pattern runs for long on any cell, and no form fails only when it meets a date.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import regex

from hydrant.errors import InputRefused

#: Longest search in one cell, s; an honest pattern takes microseconds.
_LONGEST_S = 0.5


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that is given up when it takes too long."""

    text: str
    compiled: regex.Pattern[str]

    @property
    def groups(self) -> int:
        """Number of its groups."""
        return self.compiled.groups

    def search(self, cell: str) -> regex.Match[str] | None:
        """First match in a cell; raises `InputRefused` naming the pattern that takes too long."""
        try:
            return self.compiled.search(cell, timeout=_LONGEST_S)
        except TimeoutError:
            raise InputRefused(SLOW, pattern=self.text) from None


#: Key of the error that concerns a whole file, not a cell.
SLOW = "exchange.slow_pattern"


def pattern_of(text: str) -> Pattern:
    """A pattern; raises `ValueError` with what is wrong."""
    try:
        return Pattern(text, regex.compile(text))
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise ValueError(str(error)) from None


#: Forms of dates that are no format: ISO 8601, time since 1970 in seconds or milliseconds, and the
#: numbers that spreadsheets keep for days, counted from 1900 or 1904.
ISO, EPOCH_S, EPOCH_MS = "iso", "epoch_s", "epoch_ms"
EXCEL, EXCEL_1904 = "excel", "excel_1904"
#: As offices write dates, where of two numbers the day or the month stands first.
ORDERS = ("dm", "md")
#: The same of days without a year, with the year that they are of: ``md 2026``.
_OF_YEAR = re.compile(r"(dm|md) ((?:19|20)[0-9]{2})")
_WORDS = (ISO, EPOCH_S, EPOCH_MS, EXCEL, EXCEL_1904, *ORDERS)
#: Directives of `datetime.strptime`. Source: Python documentation, "strftime() and strptime()
#: Format Codes".
_DIRECTIVES, _YEARS = set("aAwdbBmyYHIMSfzZjUWcxXpGuV%"), set("yYcxG")


def of_year(form: str) -> tuple[str, int] | None:
    """Order and year that a form states for days without one; None where it is another form."""
    found = _OF_YEAR.fullmatch(form)
    return None if found is None else (found[1], int(found[2]))


def is_date_form(form: str) -> bool:
    """Whether dates can be read by a form: one of the words, or a format of `datetime.strptime`."""
    if form in _WORDS or of_year(form) is not None:
        return True
    directives = re.findall(r"%(.?)", form, re.DOTALL)
    if not _YEARS.intersection(directives) or not _DIRECTIVES.issuperset(directives):
        return False  # without a year every date would be one of 1900
    try:
        dt.datetime.strptime("", form)  # noqa: DTZ007  only whether it is a format is asked
    except re.error:  # one that says something twice
        return False
    except ValueError:  # an empty text is no date
        pass
    return True
