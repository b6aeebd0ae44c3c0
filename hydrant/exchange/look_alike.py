"""Codes that look like others or like what they are not: O for 0, Cyrillic А for A, wide signs.

They are taken as they stand, for either may be right; a person looks.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

#: Letters of other alphabets as the Latin one that nobody can tell from them. Source: Unicode
#: Technical Standard 39, confusables.txt, its part of capital and plain letters.
_FOREIGN_SIGNS = "АВЕЅІЈКМНОРСТУХасеорхуіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_LATIN = dict(zip(_FOREIGN_SIGNS, "ABESIJKMHOPCTYXaceopxyijsABEZHIKMNOPTYXo", strict=True))
#: Latin letters as the digit that they are typed for.
_DIGIT = {"O": "0", "o": "0", "I": "1", "l": "1"}
_AS_LATIN, _AS_DIGITS = str.maketrans(_LATIN), str.maketrans(_DIGIT)
_FOREIGN = re.compile(f"[{''.join(_LATIN)}]")
_AMONG_DIGITS = re.compile(r"(?<=[0-9])[OoIl](?=[0-9])")
#: A number that was kept as one with decimals, so that its code is another than it was: 12.0.
_DECIMAL = re.compile(r"^[0-9]+\.0$", re.MULTILINE)
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WIDE_STOPS = str.maketrans("（），：；！？", "(),:;!?")
_LATIN_LETTER = re.compile("[A-Za-z]")


def look_alikes(codes: Mapping[int, str]) -> list[int]:
    """Rows of codes to look at, in their order.

    Parameters
    ----------
    codes
        By row.
    """
    distinct = set(codes.values())
    if _plainly_different(distinct):
        return []
    seen = {code: _look(code) for code in distinct}
    counted = Counter(seen.values())
    # in a register that is Cyrillic throughout such a letter is what it is
    latin = any(_LATIN_LETTER.search(code) for code in distinct)
    odd = {code for code in distinct if counted[seen[code]] > 1 or _is_odd(code, latin=latin)}
    return [row for row, code in codes.items() if code in odd]


def _plainly_different(distinct: Collection[str]) -> bool:
    """Whether one look at all codes shows that none is odd and none looks like another."""
    whole = "\n".join(distinct)
    if not whole.isascii() or _AMONG_DIGITS.search(whole) or _DECIMAL.search(whole):
        return False
    # a code of several lines only makes the count differ, so that each is looked at
    return len(set(whole.translate(_AS_DIGITS).split("\n"))) == len(distinct)


def _is_odd(code: str, *, latin: bool) -> bool:
    """Whether a code by itself is written with signs that stand for others."""
    if code.isascii():
        return (_AMONG_DIGITS.search(code) or _DECIMAL.search(code)) is not None
    # brackets and stops are wide about Chinese, and stand for nothing else
    code = code.translate(_WIDE_STOPS) if _HAN.search(code) else code
    if _ZERO_WIDTH.search(code) or unicodedata.normalize("NFKC", code) != code:
        return True
    others = _FOREIGN.findall(code)
    return bool(others) and (_LATIN_LETTER.search(code) is not None or (latin and _all_alike(code)))


def _all_alike(code: str) -> bool:
    """Whether each letter of a code could be Latin as well."""
    return all(sign in _LATIN or not sign.isalpha() for sign in code)


def _look(code: str) -> str:
    """What a reader sees of a code, O and 0 taken for the same."""
    if code.isascii():
        return code.translate(_AS_DIGITS)
    plain = unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", code))
    return plain.translate(_AS_LATIN).translate(_AS_DIGITS)


def look_alike_rows(codes: Sequence[str | None], rows: Sequence[int]) -> list[int]:
    """Of some rows those whose codes somebody should look at."""
    return look_alikes({row: code for row in rows if (code := codes[row]) is not None})
