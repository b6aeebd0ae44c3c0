"""Words of people's files without what differs from writer to writer, and the known ones."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from hydrant.exchange.suggestion import words

#: Signs of a cell that are looked at; longer ones are no words for a state.
_LONGEST = 200
#: Blanks and the stops of abbreviations, which no word needs.
_STOPS = dict.fromkeys(
    [*map(ord, "._-/ "), *range(9, 14), *range(28, 32), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
     0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
)  # fmt: skip
#: What stands between the statements of one cell: 完好，但漏水; Broken. Closed.
_BETWEEN = re.compile(
    r"""[,;:!|/()\[\]{}<>+&=\n\r\u3001\u3002\u3008-\u3011\u3014\u3015]   # as widths were folded
      | [.](?:\s|$) | \s[-\u2012-\u2015]+\s | [\u2012-\u2015]+
      | \b(?:and|but|und|aber|et|mais|y|pero|i|ale|и|но)\b | [但且]""",
    re.VERBOSE,
)


def folded_text(text: str) -> str:
    """A text without case and width, and with single blanks."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return " ".join(plain.casefold().split())


def plain_word(word: str) -> str:
    """A word without case, width, blanks and the stops of abbreviations: N. i. O. is nio."""
    text = word.strip()[:_LONGEST]
    folded = (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()
    return folded.translate(_STOPS) or folded


@cache
def plain_words(part: str) -> frozenset[str]:
    """The known words of a part of the code list, as `plain_word` makes them."""
    return frozenset(plain_word(word) for word in words()[part])


def statements(text: str) -> list[str]:
    """What a cell says, one thing after another, folded; a word alone is one statement."""
    return [part.strip() for part in _BETWEEN.split(folded_text(text)) if part.strip()]
