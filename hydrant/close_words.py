"""Which known word somebody meant who slipped: for refusals, never for taking one by guess."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: How alike two words must be, 0 to 1; a slip of one letter in five is.
_ALIKE = 0.7
#: The same where a sign is a word: one in three may be another.
_ALIKE_HAN = 0.6
#: More words than this are no help.
MOST = 3


def folded(word: str) -> str:
    """A word as it is compared: wide letters narrow, case and blanks at its ends away."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


def bare(word: str) -> str:
    """Letters and digits alone: what two spellings of one plate share."""
    return "".join(char for char in folded(word) if char.isalnum())


def close_words(word: str, known: Iterable[str], *, most: int = MOST) -> tuple[str, ...]:
    """Known words that may be meant, the likeliest first; none where nothing is like it.

    Parameters
    ----------
    word
        As typed.
    known
        Words that would have been understood; several may be names of one thing.
    """
    import difflib  # noqa: PLC0415  only a refusal needs it

    by_form: dict[str, str] = {}
    for name in known:
        by_form.setdefault(folded(name), name)
    typed = folded(word)
    if not typed:
        return ()
    begun = sorted((name for name in by_form if len(typed) > 1 and typed in name), key=len)
    near = difflib.get_close_matches(
        typed, list(by_form), n=most, cutoff=_ALIKE if typed.isascii() else _ALIKE_HAN
    )
    return tuple(by_form[name] for name in dict.fromkeys((*near, *begun)))[:most]
