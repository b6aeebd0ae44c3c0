"""Assets and regions by what people call them: another spelling, a part of a code, a slip."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hydrant.close_words import bare, close_words, folded
from hydrant.errors import InputRefused
from hydrant.store.opened.registry import Registry

#: More than these nobody chooses from on a small screen.
MOST = 9
_CODES = "SELECT uid, code, kind, address FROM asset WHERE code IS NOT NULL ORDER BY code, uid"
_REGIONS = "SELECT code, name_zh, name_en FROM region WHERE valid_until IS NULL ORDER BY code"


class Called(NamedTuple):
    """An asset as somebody may have called it."""

    uid: str
    code: str
    kind: str
    address: str | None


def assets_called(registry: Registry, word: str) -> list[Called]:
    """Assets of a code, else of another spelling of it, else of codes that hold it.

    Spellings differ in case, width, blanks and the signs between letters and digits.
    """
    wanted, loose = folded(word), bare(word)
    if not loose:
        return []
    rows = [Called(*row) for row in registry.connection.execute(_CODES)]
    exact = [row for row in rows if folded(row.code) == wanted]
    alike = exact or [row for row in rows if bare(row.code) == loose]
    return alike or [row for row in rows if loose in bare(row.code)]


def spelled_alike(registry: Registry, words: Iterable[str]) -> dict[str, str]:
    """Of some words those that are another spelling of one asset's code, and its uid."""
    wanted = {word: loose for word in {*words} if (loose := bare(word))}
    found = {loose: set[str]() for loose in wanted.values()}
    for uid, code, *_ in registry.connection.execute(_CODES) if found else ():
        if (loose := bare(code)) in found:
            found[loose].add(uid)
    return {word: uid for word, loose in wanted.items() if len(found[loose]) == 1
            for uid in found[loose]}  # fmt: skip


def has_code(registry: Registry, code: str) -> bool:
    """Whether an asset bears exactly this code."""
    found = registry.connection.execute("SELECT 1 FROM asset WHERE code = ? LIMIT 1", (code,))
    return found.fetchone() is not None


def with_close(registry: Registry, refused: InputRefused) -> InputRefused:
    """A refusal of a code or region that is not on record, with those that may be meant."""
    known = {"store.no_asset": _codes_like, "store.no_region": _regions_like}.get(refused.key)
    close = () if known is None else known(registry, str(refused.facts["code"]))
    if not close:
        return refused
    return type(refused)(f"{refused.key}_close", **{**refused.facts, "close": close})


def _codes_like(registry: Registry, word: str) -> tuple[str, ...]:
    alike = assets_called(registry, word)
    if alike:
        return tuple(dict.fromkeys(row.code for row in alike[:MOST]))
    rows = registry.connection.execute(_CODES)
    return close_words(word, (code for _, code, _, _ in rows))


def _regions_like(registry: Registry, word: str) -> tuple[str, ...]:
    meant: dict[str, str] = {}
    told: dict[str, str] = {}
    for code, name_zh, name_en in registry.connection.execute(_REGIONS):
        meant |= {name: code for name in (code, name_zh, name_en) if name}
        told[code] = " ".join(filter(None, (code, name_zh or name_en)))
    return tuple(dict.fromkeys(told[meant[name]] for name in close_words(word, meant)))
