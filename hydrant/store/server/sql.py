"""Turns a statement from SQLite's words into PostgreSQL's; each text is looked at once.

What differs and is translated here: placeholders, the schema of temporary tables, where nulls
sort (SQLite: before everything), ``IS ?``, ``INSERT OR IGNORE``, the function `json_each`, and the
type `moment_text` of a computed moment (SQLite: text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from hydrant.model.values import Bound

_TOKEN = re.compile(
    r"(?P<string>'(?:[^']|'')*')|(?P<name>\"[^\"]*\")|(?P<note>--[^\n]*)|(?P<space>\s+)"
    r"|(?P<cast>::)|(?P<mark>\?\d*|:[A-Za-z_]\w*)|(?P<word>[A-Za-z_]\w*)|(?P<other>.)",
    re.DOTALL,
)
#: Columns that are never null, so that an index can give their order.
_NEVER_NULL = frozenset({"fid", "uid", "effective_at", "sensor_uid", "asset_uid", "code_order"})
#: Words that end a list of ORDER BY at its own depth.
_ENDS = frozenset({"LIMIT", "OFFSET", "ROWS", "RANGE", "UNION", "EXCEPT", "FOR"})
_SCHEMAS = {"temp": "pg_temp", "main": "hydrant"}
_TEMP_INDEX = re.compile(r"^\s*CREATE INDEX temp\.(\w+) ON (\w+)", re.IGNORECASE)
_IGNORE = re.compile(r"^\s*INSERT OR IGNORE INTO\b", re.IGNORECASE)


@dataclass(slots=True)
class _Token:
    kind: str
    text: str

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind == "word" else self.text


@dataclass(frozen=True, slots=True)
class Statement:
    """A translated statement; `numbered` placeholders are bound by name."""

    text: str
    numbered: bool

    def bound(self, values: Bound) -> Bound:
        """Values as the driver wants them."""
        if self.numbered and not isinstance(values, Mapping):
            return {f"p{index}": value for index, value in enumerate(values, start=1)}
        return values


@lru_cache(maxsize=2048)
def translate(sql: str) -> Statement:
    """The statement in PostgreSQL's words."""
    sql = _TEMP_INDEX.sub(r"CREATE INDEX \1 ON pg_temp.\2", sql)
    if _IGNORE.match(sql):
        sql = _IGNORE.sub("INSERT INTO", sql).rstrip() + " ON CONFLICT DO NOTHING"
    tokens = _tokens(sql)
    numbered = any(t.kind == "mark" and t.text[0] == "?" and len(t.text) > 1 for t in tokens)
    tokens = _sort_nulls_first(tokens)
    return Statement("".join(_worded(tokens)), numbered)


@lru_cache(maxsize=2048)
def with_null_order(sql: str) -> str:
    """A statement that is PostgreSQL's already, with nulls sorted as SQLite does."""
    return "".join(token.text for token in _sort_nulls_first(_tokens(sql)))


def _tokens(sql: str) -> list[_Token]:
    return [_Token(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(sql)]


def _worded(tokens: list[_Token]) -> Iterator[str]:
    meant = [token for token in tokens if token.kind not in ("space", "note")]
    after = {id(token): following for token, following in pairwise(meant)}
    for token in tokens:
        following = after.get(id(token))
        if token.kind == "mark":
            yield _placeholder(token.text)
        elif token.kind == "word":
            yield _word(token, following)
        else:
            yield token.text.replace("%", "%%")


def _placeholder(mark: str) -> str:
    if mark == "?":
        return "%s"
    return f"%({'p' if mark[0] == '?' else ''}{mark[1:]})s"


def _word(token: _Token, following: _Token | None) -> str:
    if following is not None:
        if following.text == "." and token.text in _SCHEMAS:
            return _SCHEMAS[token.text]
        if token.upper == "IS" and following.kind == "mark":
            return "IS NOT DISTINCT FROM"
        if token.text == "json_each" and following.text == "(":
            return "json_texts"
    if token.text == "moment_text":
        return "timestamptz"
    return token.text


class _OrderList:
    """One ORDER BY while its items are read."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.words: list[_Token] = []

    def close_item(self, out: list[_Token]) -> None:
        """Say where nulls sort in the item just read, unless it says so itself."""
        words = [token.upper for token in self.words]
        descending = words[-1:] == ["DESC"]
        name = [w for w in words if w not in ("ASC", "DESC")]
        if words and "NULLS" not in words and name[-1].lower() not in _NEVER_NULL:
            place = max(i for i, token in enumerate(out) if token.kind not in ("space", "note"))
            out.insert(place + 1, _Token("added", " NULLS LAST" if descending else " NULLS FIRST"))
        self.words = []


def _sort_nulls_first(tokens: list[_Token]) -> list[_Token]:
    out: list[_Token] = []
    open_lists: list[_OrderList] = []
    depth, previous = 0, ""
    for token in tokens:
        if token.kind in ("space", "note"):
            out.append(token)
            continue
        depth += (token.text == "(") - (token.text == ")")
        while open_lists and (
            depth < open_lists[-1].depth or (depth == open_lists[-1].depth and token.upper in _ENDS)
        ):
            open_lists.pop().close_item(out)
        if open_lists and token.text == "," and depth == open_lists[-1].depth:
            open_lists[-1].close_item(out)
        elif open_lists:
            open_lists[-1].words.append(token)
        if token.upper == "BY" and previous == "ORDER":
            open_lists.append(_OrderList(depth))
        out.append(token)
        previous = token.upper
    while open_lists:
        open_lists.pop().close_item(out)
    return out
