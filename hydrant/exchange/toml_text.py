"""Text of mapping files: strings that stand on one line, and a shipped mapping made to fit."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping as Dict

from hydrant.exchange.mapping import Mapping, mapping_text

_SECTION = re.compile(r"\[\[?[\w.]+\]\]?")
#: Categories of characters that show nothing: controls, formats, separators of lines.
_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp"))


def quoted(text: str) -> str:
    """A TOML string in which everything that nobody sees is escaped."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(
        char if unicodedata.category(char) not in _UNSEEN else f"\\U{ord(char):08X}"
        for char in plain
    )


def as_read(
    name: str,
    rules: Mapping,
    *,
    header_row: int,
    encoding: str | None,
    stated: Dict[str, str | None] | None = None,
    constants: Dict[str, str] | None = None,
) -> tuple[str, bool]:
    """A shipped mapping's text as it reads this file, and whether that is another text.

    A file whose encoding nobody stated was read as UTF-8.

    Parameters
    ----------
    stated
        Other keys of the file's top that somebody stated, and their values.
    constants
        Fields of every row that somebody stated, and their values.
    """
    told = mapping_text(name)
    wanted = {key: quoted(value) for key, value in (stated or {}).items() if value is not None}
    if rules.header_row != header_row:
        wanted["header_row"] = str(header_row)
    read = encoding or ("utf-8" if rules.encoding is not None else None)
    if read != rules.encoding:
        wanted["encoding"] = quoted(read or "utf-8")
    for key, value in wanted.items():
        top, bracket, rest = told.partition("\n[")
        rows = [row for row in top.split("\n") if not row.startswith(f"{key} = ")]
        told = "\n".join([*rows, f"{key} = {value}", ""]) + bracket + rest
    if constants:
        told = _with_constants(told, constants)
    return told, bool(wanted or constants)


def _with_constants(text: str, constants: Dict[str, str]) -> str:
    """A mapping's text with some fields that are one value for every row, whatever it said."""
    parts = {f"[fields.{name}]" for name in constants}
    kept: list[str] = []
    section = ""
    for row in text.split("\n"):
        section = row if _SECTION.fullmatch(row) else section
        name = row.partition(" = ")[0]
        if section not in parts and not (section == "[fields]" and name in constants):
            kept.append(row)
    added = [f"{name} = {{ constant = {quoted(value)} }}" for name, value in constants.items()]
    if "[fields]" not in kept:
        return "\n".join([*kept, "", "[fields]", *added])
    at = kept.index("[fields]") + 1
    return "\n".join([*kept[:at], *added, *kept[at:]])


def one_line(text: str) -> str:
    """Text as a remark of a TOML file: on one line, nothing in it that nobody sees."""
    return "".join(
        char if unicodedata.category(char) not in (*_UNSEEN, "Cs") else "\ufffd"
        for char in " ".join(text.split())
    )
