"""Codes that differ only in case, width, blanks and signs, of assets that stand together.

``H-2`` and ``h-2``, ``H-3`` and ``H3``: either may be right, or they are one asset; a person looks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from hydrant.exchange.rows import ReadRows
from hydrant.exchange.twins import SAME_THING_M
from hydrant.geo.distance import neighbours_within
from hydrant.store.opened import bulk
from hydrant.vocabulary import family_of

#: What is written between letters and digits of one plate, or not.
_BETWEEN = str.maketrans("", "", " \t-_./\\·‐‑–—―号")


def spelled_alike(
    rows: ReadRows, brought: Sequence[int], known: bulk.Known, own: set[str]
) -> dict[int, str]:
    """Rows whose code is another spelling of one nearby, and that one.

    Parameters
    ----------
    brought
        Rows by which a code comes in.
    own
        Uids of assets that rows of the file mean.
    """
    codes = rows.fields.get("code")
    brought = [row for row in brought if codes and codes[row] and np.isfinite(rows.lons[row])]
    if not codes or not brought:
        return {}
    places = [n for n, code in enumerate(known.codes) if code and known.uids[n] not in own]
    told = [codes[row] for row in brought] + [str(known.codes[place]) for place in places]
    plain = _plain(told)
    spellings: dict[str, set[str]] = {}
    if len(set(plain)) == len(set(told)):
        return {}
    for code, bare in zip(told, plain, strict=True):
        spellings.setdefault(bare, set()).add(code)
    chosen = [n for n, bare in enumerate(plain) if len(spellings[bare]) > 1]
    numbers = {bare: n for n, bare in enumerate({plain[n] for n in chosen})}
    groups = np.array([numbers[plain[n]] for n in chosen])
    lons = np.concatenate([rows.lons[brought], known.lons[places]])[chosen]
    lats = np.concatenate([rows.lats[brought], known.lats[places]])[chosen]
    kinds = [rows.fields["kind"][row] for row in brought] + [known.kinds[n] for n in places]
    found: dict[int, str] = {}
    for one, other, _ in zip(*map(list, neighbours_within(lons, lats, groups, SAME_THING_M)),
                             strict=True):  # fmt: skip
        pair = chosen[one], chosen[other]
        families = {family_of(kinds[n]) for n in pair}
        if told[pair[0]] != told[pair[1]] and len(families) == 1:
            for mine, theirs in (pair, pair[::-1]):
                if mine < len(brought):
                    found.setdefault(brought[mine], told[theirs])
    return found


def _plain(codes: Sequence[str]) -> list[str]:
    """Codes as they are compared, all at once where none holds a line break."""
    whole = "\n".join(codes)
    if not whole.isascii():
        whole = unicodedata.normalize("NFKC", whole)
    plain = whole.casefold().translate(_BETWEEN).split("\n")
    if len(plain) == len(codes):
        return plain
    return [unicodedata.normalize("NFKC", code).casefold().translate(_BETWEEN) for code in codes]
