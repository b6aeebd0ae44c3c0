"""Words for a bad state inside cells that name an asset: H-1（停用）, 废-6, 人民路3号-无水.

A code, a kind or an address is read for what it names. Only what plainly says a bad state or an
end matters there: in brackets, behind a stroke or the number, before them. The rest is a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache

from hydrant.exchange.end_words import state_of_whole
from hydrant.exchange.fault_words import faults_among, speaks_of_fault
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.objecting import by_words
from hydrant.exchange.plain_words import folded_text, plain_word, plain_words, statements
from hydrant.exchange.remarks import harmless, says_place
from hydrant.exchange.state_words import BAD, meaning
from hydrant.exchange.suggestion import MOST_WORDS, words
from hydrant.exchange.table import Table
from hydrant.vocabulary import LifecycleEvent

#: Targets whose cells name an asset, its place or who answers for it.
NAMING = ("code", "name", "address", "owner", "maintainer", "supervisor", "builder")
#: No name with a word for a state is longer.
_LONGEST = 200
#: So many different kinds may be read for words within them.
_MOST_KINDS = 1000
_WITHIN = re.compile(r"[(\[【（]([^()\[\]【】（）\n]*)")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_WIDE = re.compile(r"[\uff10-\uff5a]")
#: What stands behind the number of a code, or before it.
_BEHIND = re.compile(r"^[^()]*[0-9][^\W\d_]?[ \-_:,;/]+([^\d]{3,})$")
_BEFORE = re.compile(r"^([^\d]{3,}?)[ \-_:,;/]+[^ ]*[0-9]")
#: Chinese words that blanks or strokes set apart, and what is left behind the last number.
_BLANK = r"[\s\-_–—−/·]"
_APART = re.compile(rf"(?:^|(?<={_BLANK}))([\u3400-\u9fff]+)(?=$|{_BLANK})", re.MULTILINE)
_AT_END = re.compile(r"[0-9号號栓]([^\W0-9号號栓]{1,6})$", re.MULTILINE)
#: Words in letters behind a stroke, at the end.
_LETTERS = re.compile(r"[\w.)] ?[\-_–—/] ?([a-z][a-z./ ]*)$", re.MULTILINE)
#: What Chinese names of places end in.
_OF_PLACES = frozenset("村路街巷弄里湾河江溪塘湖洞桥井站厂场园区镇乡山岗坪庄屯")
#: Words in letters that are as short are parts of names, too, unless brackets set them apart.
_SHORT = 4
#: Kinds of hydrants that are dry by their make.
_DRY = re.compile(r"\b(?:dry|trocken|seco|suchy)\b|сухо\w*|干式")


def named_states(table: Table, mapping: Mapping) -> Iterator[tuple[str, set[str]]]:
    """Columns that name assets, and those of their cells that say a bad state, too."""
    if mapping.bears_uids:  # a name of ours is kept as it is
        return
    seen = set()
    for target in (*NAMING, "kind"):
        for name in mapping.fields.get(target, Spec()).columns:
            if name not in table.columns or name in seen:
                continue
            seen.add(name)
            cells = {*table.columns[name]}
            if target == "kind":
                found = _kinds(cells)
            else:
                found = _names(cells, code=True) if target == "code" else bad_names(cells)
            if found:
                yield name, {cell.strip() for cell in found}


def bad_names(cells: Collection[str]) -> set[str]:
    """Of different names those that say a bad state: the whole of one, or a part set apart.

    Leaky Lane, Broken Arrow and 停水村 are names.
    """
    return {c for c in cells if c.strip() and _is_bad(c)} | _names({*cells}, code=False)


def bad_texts(cells: Collection[str]) -> set[str]:
    """Of different texts those that say a bad state or an end, as a remark or as a name does."""
    said = by_words({*cells}, remark=True)
    return said | {c for c in cells if _says_bad(c, code=True) or _says_bad(c, code=False)}


def unclear_codes(table: Table, mapping: Mapping) -> Iterator[tuple[str, set[str]]]:
    """Columns of codes, and those with a word in brackets that is not understood: XF-4（漏）."""
    if mapping.bears_uids:
        return
    for name in mapping.fields.get("code", Spec()).columns:
        found = unclear_in({cell.strip() for cell in table.columns.get(name, ())})
        if found:
            yield name, found


def unclear_in(codes: Collection[str]) -> set[str]:
    """Of different codes those with such a word.

    Where many different things stand in brackets they are part of how things are numbered.
    """
    behind = (code for code in codes if code and code[0] not in "([【（")
    within = {code: part for code in behind if (part := _WITHIN.findall(code))}
    said = {part for parts in within.values() for part in parts}
    unclear = {part for part in said if not harmless(part)}
    if len(said) > MOST_WORDS:
        return set()
    return {code for code, parts in within.items() if not unclear.isdisjoint(parts)}


def _kinds(cells: Collection[str]) -> set[str]:
    """Kinds among which a word for a bad state stands: 停用地上式消火栓."""
    if len(cells) > _MOST_KINDS:
        return _names(cells, code=False)
    of_make = {cell: _DRY.sub(" ", folded_text(cell)) for cell in cells}
    faults = faults_among(of_make.values())
    bad = {cell for cell, text in of_make.items() if meaning(text) in BAD or text in faults}
    return bad | _names(cells, code=False)


def _names(cells: Collection[str], *, code: bool) -> set[str]:
    """Names in which such a word stands apart; most columns hold none, which is found at once."""
    text = _folded("\n".join(cells))
    signs = set(text)  # of hundreds of words most hold a sign that no name has
    hints = {word for word in _hints() if signs.issuperset(word) and word in text}
    hints |= faults_among({*_WITHIN.findall(text), *_apart(text)})
    if not hints:
        return set()
    near = re.compile("|".join(map(re.escape, sorted(hints))))
    return {c for c in cells if near.search(_folded(c)) and _says_bad(c, code=code)}


def _folded(text: str) -> str:
    """A text without case, and without width where letters or digits of it are wide."""
    wide = not text.isascii() and _WIDE.search(text)
    return (unicodedata.normalize("NFKC", text) if wide else text).casefold()


def _says_bad(cell: str, *, code: bool) -> bool:
    plain = folded_text(cell[: _LONGEST + 1])
    if len(plain) > _LONGEST:
        return False
    within = _WITHIN.findall(plain)
    if any(
        _is_bad(part) or _is_sign(part) or speaks_of_fault(part) for part in within if part.strip()
    ):
        return True
    parts = statements(plain)
    if len(parts) > 1 and any(map(_is_bad_apart, parts)):
        return True
    # in Chinese words stand apart by blanks and strokes, in a code by any letter or digit
    if any(map(_is_bad, _HAN.findall(plain) if code else _APART.findall(plain))):
        return True
    if any(_is_sign(part) or _is_fault(part) for part in _apart(plain) if part != plain):
        return True
    if any(map(_is_bad, _AT_END.findall(plain))) or plain.endswith(_phrases()):
        return True
    beside = (_BEHIND.match(plain), _BEFORE.match(plain)) if code else (_LETTERS.search(plain),)
    return any(_is_bad_apart(match[1]) for match in beside if match)


def _apart(text: str) -> list[str]:
    """Chinese words that strokes or the end of a name set apart, in one name or several lines."""
    return [*_APART.findall(text), *_AT_END.findall(text)]


def _is_fault(part: str) -> bool:
    """Whether a word that is set apart is one for a fault, and no name of a place: 漏水, 缺水村."""
    of_place = says_place(part) or part[-1] in _OF_PLACES
    return len(part) <= _SHORT and speaks_of_fault(part) and not of_place


def _is_sign(part: str) -> bool:
    """Whether a part is nothing but a sign for bad: 断, ×."""
    return plain_word(part) in plain_words("bad_signs")


def _is_bad_apart(part: str) -> bool:
    """Whether a part that no brackets set apart is such a word, and no short one in letters."""
    if not _is_bad(part):
        return False
    plain = plain_word(part)
    return len(plain) > _SHORT or bool(_HAN.search(plain)) or plain in plain_words("plainly_bad")


def _is_bad(part: str) -> bool:
    """Whether a part of a name as a whole is a word for a bad state, or for an end."""
    return plain_word(part) in _bad() or state_of_whole(part) is LifecycleEvent.REMOVED


@cache
def _bad() -> frozenset[str]:
    return plain_words("fails") | plain_words("not_found") | plain_words("plainly_bad")


@cache
def _phrases() -> tuple[str, ...]:
    """Such words of several parts, as they stand at the end of a name: 12 Mill Lane NO WATER."""
    known = (*words()["fails"], *words()["plainly_bad"])
    return tuple(f" {one}" for word in known if " " in (one := folded_text(word)))


@cache
def _hints() -> frozenset[str]:
    """Of every such word what a cell that says it holds: a part without blanks and stops."""
    parts = ("fails", "not_found", "plainly_bad", "bad_signs", "removed")
    known = (folded_text(word) for part in parts for word in words()[part])
    return frozenset(max(word.split(), key=len) for word in known)
