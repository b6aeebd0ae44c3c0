"""Codes that look like others or like what they are not: O for 0, Cyrillic А for A, wide signs.

They are taken as they stand, for either may be right; a person looks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

#: Letters of other alphabets as the Latin one that nobody can tell from them. Source: Unicode
#: Technical Standard 39, confusables.txt, its part of capital and plain letters.
_FOREIGN_SIGNS = "АВЕЅІЈКМНОРСТУХасеорхуіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_LATIN = dict(zip(_FOREIGN_SIGNS, "ABESIJKMHOPCTYXaceopxyijsABEZHIKMNOPTYXo", strict=True))
#: Latin letters as the digit that they are typed for.
_DIGIT = {"O": "0", "o": "0", "I": "1", "l": "1"}
_FOREIGN = re.compile(f"[{''.join(_LATIN)}]")
_AMONG_DIGITS = re.compile(r"(?<=[0-9])[OoIl](?=[0-9])")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_LATIN_LETTER = re.compile("[A-Za-z]")


def look_alikes(codes: Mapping[int, str]) -> list[int]:
    """Rows of codes to look at, in their order.

    Parameters
    ----------
    codes
        By row.
    """
    by_look: dict[str, set[str]] = {}
    for code in set(codes.values()):
        by_look.setdefault(_look(code), set()).add(code)
    # in a register that is Cyrillic throughout such a letter is what it is
    latin = any(_LATIN_LETTER.search(code) for code in codes.values())
    several = {code for same in by_look.values() if len(same) > 1 for code in same}
    return [row for row, code in codes.items() if code in several or _is_odd(code, latin=latin)]


def _is_odd(code: str, *, latin: bool) -> bool:
    """Whether a code by itself is written with signs that stand for others."""
    if code.isascii():
        return _AMONG_DIGITS.search(code) is not None
    if _ZERO_WIDTH.search(code) or unicodedata.normalize("NFKC", code) != code:
        return True
    others = _FOREIGN.findall(code)
    return bool(others) and (_LATIN_LETTER.search(code) is not None or (latin and _all_alike(code)))


def _all_alike(code: str) -> bool:
    """Whether each letter of a code could be Latin as well."""
    return all(sign in _LATIN or not sign.isalpha() for sign in code)


def _look(code: str) -> str:
    """What a reader sees of a code, O and 0 taken for the same."""
    plain = unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", code))
    latin = "".join(_LATIN.get(sign, sign) for sign in plain)
    return "".join(_DIGIT.get(sign, sign) for sign in latin)


def look_alike_rows(codes: Sequence[str | None], rows: Sequence[int]) -> list[int]:
    """Of some rows those whose codes somebody should look at."""
    return look_alikes({row: code for row in rows if (code := codes[row]) is not None})
