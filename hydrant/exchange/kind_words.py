"""In which words kinds are seen: a word of form alone is not yet a hydrant.

地下式 and "underground" say how something is built, and not what: 地下式水池 is a tank, and
地下式水泵接合器 nothing of ours. Such a word is taken for a hydrant where the cell calls it one, or
names nothing else. What is denied, or was changed into something else, is left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from hydrant.exchange.suggestion import words

#: A pattern and the kind that it shows; none where the word is left open.
KindPattern = tuple[str, str]

_HYDRANT = "hydrant"
#: Families that have a name in which a hydrant's stands: a dry hydrant takes water of a pond.
_BY_NAME = ("intake",)
#: What stands between two things of which neither is said of the other.
_JOINED = r"\s*(?:[/、，；;+&(（]|\b(?:and|or|und|oder|et|ou)\b|[和及与或])\s*"
#: A list of words that another one names.
_NAMED = re.compile(r"\{([a-z_]+)\}")


@cache
def kind_patterns(*, called_so: bool) -> tuple[KindPattern, ...]:
    """Patterns in the order in which they are tried; the first that fits decides.

    Parameters
    ----------
    called_so
        Whether the column is called one of kinds, so that a river in it is no part of a name.
    """
    told = [(str(pattern), str(kind)) for pattern, kind in words()["kinds"]]
    hydrant = next(n for n, (_, kind) in enumerate(told) if kind == _HYDRANT)
    more = [(str(pattern), str(kind)) for pattern, kind in words()["kinds_if_called_so"]]
    return (
        *_left_open(),
        *(one for one in told[:hydrant] if one[1] in _BY_NAME),
        *_built(),
        *_by_form(),
        *(one for one in told[: hydrant + 1] if not _has_form(one) and one[1] not in _BY_NAME),
        (_part("form"), ""),
        *told[hydrant + 1 :],
        *(more if called_so else ()),
    )


def _has_form(one: KindPattern) -> bool:
    return one[1].startswith(f"{_HYDRANT}.")


def _left_open() -> Iterator[KindPattern]:
    """What counts for nothing, whatever else a cell says: denied, changed, of several things."""
    yield from ((str(pattern), str(kind)) for pattern, kind in words()["no_kinds"])
    form, noun, thing = map(_part, ("form", "noun", "thing"))
    neutral = rf"\W|{_part('neutral')}"
    yield _part("denied"), ""
    yield rf"(?:{noun})(?:{_part('compound')})", ""
    yield rf"(?:{noun})\w{{0,12}}{_JOINED}(?:{form}|{neutral})*(?:{thing})", ""
    yield rf"(?:{thing}){_JOINED}(?:{form}|{neutral})*(?:{noun})", ""


def _built() -> Iterator[KindPattern]:
    """What a word of form says of a thing that is no hydrant."""
    form, neutral = _part("form"), rf"\W|_|{_part('neutral')}"
    other = rf"^(?!.*(?:{_part('noun')}))"
    for named, kind in words()["kind_words"]["built"]:
        yield rf"{other}.*(?:(?:{form})(?:{neutral})*(?:{named})|(?:{named})\W*(?:{form}))", kind
    yield rf"{other}(?=.*(?:{form})).*(?:{_part('thing')})", ""


def _by_form() -> Iterator[KindPattern]:
    """Hydrants by their form; that nothing else is named was looked at before."""
    for kind, forms in words()["kind_words"]["forms"].items():
        yield "|".join(map(_filled, forms)), kind


@cache
def _part(name: str) -> str:
    return "|".join(map(_filled, words()["kind_words"][name]))


def _filled(pattern: str) -> str:
    """A pattern with the lists of words that it names in braces."""
    return _NAMED.sub(lambda found: f"(?:{_part(found[1])})", pattern)
