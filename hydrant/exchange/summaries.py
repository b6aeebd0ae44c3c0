"""Rows of a register that are no assets: sums (合计, "Total"), examples, headings once more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from hydrant.exchange.named_states import bad_texts
from hydrant.exchange.plain_words import folded_text
from hydrant.exchange.suggestion import words
from hydrant.exchange.table import Table

#: What may stand behind such a word: how many, and of what.
_COUNT = r"[:\s]*(?:[0-9][0-9.,]*\s*\w{0,8})?"
#: A cell that a sum or an average may be: a number, with a unit or a percent sign.
_AMOUNT = re.compile(r"[-+]?[0-9][0-9.,\s]*\s*(?:%|[^\W\d]{1,5}(?:/[^\W\d]{1,3})?)?|#[A-Z/0]+[!?]?")
#: What stands around such a word.
_BRACKETS = re.compile(r"^[(\[<\u3010*#]+|[)\]>\u3011*]+$")
#: What an example is called in a remark.
_SURELY = re.compile(
    r"示例|样例|范例|example|sample|beispiel|exemple|ejemplo|przykład|пример|記入例|예시"
)
#: One of these stands in every remark that calls its row an example.
_HINTS = (*_SURELY.pattern.split("|"), "举例", "参考", "删", "delete", "remove", "ignore")
#: So many cells of a row are the headings above them where it is no asset.
_HEADINGS_AGAIN = 2
#: Signs of a remark that are looked at.
_LONGEST = 60


def summary_rows(
    table: Table,
    asked: Collection[str],
    remarks: Collection[str],
    keep: Mapping[str, Collection[str]],
) -> list[int]:
    """Rows that bear such a word where others bear a number or name.

    One whose word has a number behind it ("Total 2") counts only where all else that the row says
    are amounts; an example may be filled like any row, and an average, too.

    Parameters
    ----------
    asked
        Columns in which the word is looked for, beside the first one.
    remarks
        Columns in which a row may be called an example.
    keep
        Cells, by heading, of rows that are assets all the same.
    """
    names = [
        name for name in dict.fromkeys([*[*table.columns][:1], *asked]) if name in table.columns
    ]
    found: set[int] = set()
    for name in names:
        cells, kept = table.columns[name], {cell.strip() for cell in keep.get(name, ())}
        if _hinted("\n".join(cells)):
            told = {cell: _word_alone(cell) for cell in set(cells) if cell.strip() not in kept}
            found.update(
                row for row, cell in enumerate(cells)
                if (by := told.get(cell)) is not None and (by or _only_amounts(table, row))
            )  # fmt: skip
    for name in (column for column in remarks if column not in names):
        text = "\n".join(table.columns[name]).casefold()
        if not any(hint in text for hint in _HINTS):
            continue
        kept = {cell.strip() for cell in keep.get(name, ())}
        said = {c for c in set(table.columns[name]) if _says_example(c) and c.strip() not in kept}
        if said:
            found.update(row for row, cell in enumerate(table.columns[name]) if cell in said)
    notes, of_faults = _footers(table)
    return sorted((found - of_faults) | notes | headings_again(table))


def headings_again(table: Table) -> set[int]:
    """Rows that say the headings once more, as the head of each printed page does.

    Two cells at least, and each that is filled, are the heading above them; of headings in two
    rows either row may be said again, and one group alone where no more stands in its row.
    """
    same: Counter[int] = Counter()
    for (name, cells), texts in zip(table.columns.items(), _texts(table), strict=True):
        plain = {name.rstrip("_"), *texts} - {""}  # "_": what a heading got that stands twice
        if not plain.isdisjoint(cells):
            same.update(row for row, cell in enumerate(cells) if cell.strip() in plain)
    alone = {_filled(storey) for storey in table.storeys} if same else set()
    found = set()
    for row, count in same.items():
        cells = [column[row] for column in table.columns.values()]
        if count == len(filled := _filled(cells)) and (count >= _HEADINGS_AGAIN or filled in alone):
            found.add(row)
    return found


def _texts(table: Table) -> list[set[str]]:
    """What stands above each column in two rows of headings; a group stands above several."""
    found: list[set[str]] = [set() for _ in table.columns]
    for number, storey in enumerate(table.storeys):
        group = ""
        for texts, text in zip(found, storey, strict=False):
            group = text.strip() or (group if number == 0 else "")
            texts.add(group)
    return found


def _filled(cells: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Cells of a row that hold anything, with their places."""
    return tuple((place, cell.strip()) for place, cell in enumerate(cells) if cell.strip())


def _footers(table: Table) -> tuple[set[int], set[int]]:
    """Rows of nothing but a note or a signature below a table: 注：…, 审核人：….

    Those that speak of a fault may mean an asset and are told apart: somebody looks at them.
    """
    if not table.columns:
        return set(), set()
    first, *others = table.columns.values()
    told = {cell for cell in set(first) if _footer().match(folded_text(cell))}
    bad = bad_texts(told) if told else set()
    alone = [
        row for row, cell in enumerate(first)
        if cell in told and not any(column[row].strip() for column in others)
    ]  # fmt: skip
    of_faults = {row for row in alone if first[row] in bad}
    return {*alone} - of_faults, of_faults


def _word_alone(cell: str) -> bool | None:
    """Whether a cell alone tells that its row is no asset; None where it says nothing of it."""
    if not cell.strip():
        return None
    plain = _BRACKETS.sub("", folded_text(cell)).strip()
    if plain in _alone() or _example().fullmatch(plain):
        return True
    return False if _is_summary(cell) else None


def _says_example(cell: str) -> bool:
    """Whether a cell among the remarks says that its row is an example."""
    plain = _BRACKETS.sub("", folded_text(cell[:_LONGEST])).strip()
    return plain in _examples() or _said().fullmatch(plain) is not None


def _is_summary(cell: str) -> bool:
    return bool(cell.strip()) and _pattern().fullmatch(folded_text(cell)) is not None


def _only_amounts(table: Table, row: int) -> bool:
    """Whether everything else that a row says is an amount."""
    cells = (column[row].strip() for column in table.columns.values())
    return all(not cell or _is_summary(cell) or _AMOUNT.fullmatch(cell) for cell in cells)


@cache
def _alone() -> frozenset[str]:
    """Words that make a row a sum whatever else it says."""
    return frozenset(map(folded_text, words()["summary"]))


@cache
def _examples() -> frozenset[str]:
    """Words for an example that are none for a remark: 说明 is a remark like others."""
    known = map(folded_text, words()["example"])
    return frozenset(word for word in known if _SURELY.search(word))


@cache
def _said() -> re.Pattern[str]:
    """Remarks that call their row an example."""
    said = "|".join(f"(?:{one})" for one in words()["example_said"])
    return re.compile(rf"(?:(?:{said})[\s,;.!]*)+(?:请?(?:删除|删去|勿导入))?[\s.!]*")


@cache
def _example() -> re.Pattern[str]:
    """An example, also numbered (示例1) or followed by one (示例：XHS001)."""
    known = sorted(map(folded_text, words()["example"]), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, known))})(?:\s*[0-9]{{0,2}}|\s*:.*)")


@cache
def _footer() -> re.Pattern[str]:
    """What begins with a word for a note or who signs, and says on behind a colon or a number."""
    known = sorted(map(folded_text, words()["footer"]), key=len, reverse=True)
    said = "|".join(map(re.escape, known))
    return re.compile(rf"[*※(\[【（]*\s*(?:(?:{said})\s*[0-9一二三四五]*\s*[:：、.)）]|[*※]+\s*\S)")


@cache
def _pattern() -> re.Pattern[str]:
    known = sorted(map(folded_text, words()["summary"]), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, known))}){_COUNT}")


def _hinted(text: str) -> bool:
    plain = text.casefold()
    signs = set(plain)  # most words hold a sign that no text has
    return any(signs.issuperset(word) and word in plain for word in _words())


@cache
def _words() -> tuple[str, ...]:
    return tuple(word.casefold() for word in (*words()["summary"], *words()["example"]))
