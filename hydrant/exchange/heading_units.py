"""What a heading states of its numbers: their unit, and that nobody measured them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from hydrant import units
from hydrant.exchange.suggestion import words

#: Target of a flow that a register states and nobody measured.
DESIGN = "design_flow_l_s"
#: Characters of a heading that are looked at.
_LONGEST = 200
#: Signs of Chinese and Japanese, which stand without blanks.
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_BRACKETS = str.maketrans("[]{}【】〔〕", "()()()()")
_WITHIN = re.compile(r"\(([^()]*)\)?")
#: What stands before a unit in brackets: 单位：MPa, "unit: bar", "in psi".
_BEFORE = re.compile(
    r"^(?:单位|單位|단위|units?|einheit|unité|unidad|ед\.? ?изм\.?|in|en)?\s*[:=]?\s*"
)
#: Not the pressure over that of the air.
_ABSOLUTE = re.compile(
    r"psia\b|bara\b|kpaa\b|\bata\b|\babs\b|\babsolut|绝对|絶対|绝压|абс|(?:pa|bar|psi) ?\(?a\)"
)
_IMPERIAL = re.compile(r"(?<![a-z])(?:imp|imperial|uk|british)(?![a-z])|英制")
#: Signs and words of which units are made, in no heading's comment.
_UNIT_LIKE = re.compile(
    r"[/^%²³'\"′″⁄]|[a-zа-я][23]|[米升吨噸方斤帕巴磅柱尺寸仑侖]|水头|大气|毫|"
    r"\b(?:head|feet|foot|met(?:re|er)s?|lit(?:re|er)s?|gallons?|pounds?|bars?|tons?|tonnes?|"
    r"inch(?:es)?|cusecs?|atmospheres?|wassersäule|eau|agua|метр\w*|литр\w*|атмосфер\w*)\b"
)
#: Short words that are no units.
_SHORT = {"at", "of", "the", "no", "max", "min", "avg", "est", "if", "and", "or", "by", "on", "opt",
          "as", "am", "pm", "last", "new", "old", "l1", "bei", "der", "die", "le", "la", "de", "du",
          "при", "на", "за"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatedUnit:
    """A unit that a heading states; without a name it is none that is known."""

    name: str | None


def unit_in(heading: str, internal: str) -> StatedUnit | None:
    """The unit that a heading states for a quantity; None where it states none.

    What stands in brackets and is neither a known unit nor a comment counts as a unit that is not
    known, and so do several, a multiple (×0.1 MPa) and absolute pressures.

    Parameters
    ----------
    internal
        Internal unit of the quantity.
    """
    plain = _plain(heading)
    if internal == "kPa" and _ABSOLUTE.search(plain):
        return StatedUnit(None)
    found = {*_found(plain, internal)}
    if not found:
        return StatedUnit(None) if any(map(_may_be_unit, _WITHIN.findall(plain))) else None
    if len(found) > 1 or None in found:
        return StatedUnit(None)
    name = found.pop()
    return StatedUnit("imp gpm" if name == "gpm" and _IMPERIAL.search(plain) else name)


def is_stated_figure(heading: str) -> bool:
    """Whether a heading speaks of design, a rating, a requirement, a model: nobody measured it."""
    return _stated().search(_plain(heading)) is not None


def _plain(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading[:_LONGEST].translate(_BRACKETS)).casefold()
    return re.sub(r"(?<![0-9])\.|\.(?![0-9])", "", re.sub(r"[\s_]+", " ", text)).strip()


def _found(plain: str, internal: str) -> list[str | None]:
    """Names of the units in a heading, None for a multiple of one."""
    pattern, names = _pattern(internal)
    found = []
    for match in pattern.finditer(plain):
        written = match[0]
        if _is_short(written) and not _stands_alone(plain, match):
            continue
        times = re.search(r"[0-9] ?$", plain[: match.start()])
        found.append(None if times else names[written])
    return found


def _stands_alone(plain: str, match: re.Match[str]) -> bool:
    """Whether a short name of a unit is all that brackets hold, or the end of the heading."""
    before, behind = plain[: match.start()], plain[match.end() :]
    opened = before.rpartition("(")
    if opened[1] and ")" not in opened[2]:
        return not _BEFORE.sub("", opened[2], count=1).strip() and behind[:1] in ("", ")")
    return behind.strip()[:1] in ("", "(") and (
        before[-1:] in " ,/" or bool(_HAN.match(before[-1:]))
    )


def _is_short(written: str) -> bool:
    return len(written) <= (1 if _HAN.search(written) else 2)


def _may_be_unit(within: str) -> bool:
    """Whether what brackets hold may be a unit: not a comment, a year, a condition."""
    text = _BEFORE.sub("", within.strip(), count=1).strip()
    if not re.search(r"[^\W\d_]|[\"'′″%°]", text):
        return False
    if re.search(r"[0-9] ?(?:[a-z]|帕|公斤|巴)|^[0-9]{4}", text) and not text[:1].isalpha():
        return False  # at so much pressure, of such a year
    if re.match(r"(?:at|@|bei|à|при) ?[0-9]", text):
        return False
    if _UNIT_LIKE.search(text):
        return True
    short = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) < 4]
    return any(word not in _SHORT and not _HAN.search(word) for word in short)


@cache
def _pattern(internal: str) -> tuple[re.Pattern[str], dict[str, str]]:
    known = units.heading_spellings(internal)
    names = {_plain(written): name for written, name in known.items()}
    parts = sorted(names, key=len, reverse=True)
    lettered = [re.escape(one) for one in parts if not _HAN.match(one)]
    han = [re.escape(one) for one in parts if _HAN.match(one)]
    ends = r"(?![a-zа-яё0-9/²³₂])"
    return re.compile(
        rf"(?<![a-zа-яё/])(?:{'|'.join(lettered)}){ends}|(?:{'|'.join(han)}){ends}"
    ), names


@cache
def _stated() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in words()["stated_figure"]))
