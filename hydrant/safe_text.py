"""Text that a spreadsheet, a terminal, a file system or a log must not take for an order."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeVar

_Value = TypeVar("_Value")

#: A cell that begins so is a formula to a spreadsheet; the wide forms are in Chinese and
#: Japanese ones. Source: OWASP, CSV injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK = "'"

#: What a workbook is made with: no cell is a formula, a link or a number by its looks, whichever
#: way it is written.
WORKBOOK_OF_TEXT = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

#: Signs that nobody sees and that a screen, a log or another program obeys: the control characters
#: but for tabs and line breaks, and those that turn the direction of what follows.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

#: Names of devices on Windows, with whatever ending. Source: Microsoft, Naming Files, Paths,
#: and Namespaces.
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{device}{number}" for device in ("com", "lpt") for number in "0123456789¹²³"
}
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_LONGEST_NAME_BYTES = 200

#: A user and password within a URL, and options that carry a secret. A password with a slash in
#: it, or a URL of a server without its slashes, is a slip: the line that tells of it is an error.
_LOGIN = re.compile(
    r"(?P<scheme>\b[A-Za-z][\w+.-]*://|\bpostgres(?:ql)?:/?)(?P<login>[^\s\"'<>]*)@"
)
_OPTION = re.compile(
    r"(?i)(?P<name>\b\w*(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key)=)[^&\s\"']+"
)


def marked(value: _Value) -> _Value | str:
    """A cell for CSV; text that would be a formula, or looks marked, bears an apostrophe."""
    if isinstance(value, str) and value.startswith((*_FORMULA, _MARK)):
        return f"{_MARK}{value}"
    return value


def unmarked(cell: str) -> str:
    """A cell as it was before `marked`; an apostrophe before anything else is kept."""
    if cell.startswith(_MARK) and cell[1:].startswith((*_FORMULA, _MARK)):
        return cell[1:]
    return cell


def control_in(text: str) -> str | None:
    """The first control character of a text, as ``U+001B``; None where it has none."""
    found = None if text.isprintable() else _CONTROL.search(text)
    return None if found is None else f"U+{ord(found[0]):04X}"


#: Categories that a terminal obeys instead of showing; and marks that pile up on a letter.
_OBEYED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_MARKS = frozenset(("Mn", "Me"))
#: No script puts more marks on one letter (Biblical Hebrew has four).
_MOST_MARKS = 4


def printable(value: str) -> str:
    """Text on one line that moves no cursor, changes no colour and covers no other line."""
    if value.isprintable() and value.isascii():
        return value
    made, marks = [], 0
    for char in value:
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if category in _OBEYED and char != "\t":
            made.append("\ufffd")
        elif marks <= _MOST_MARKS:
            made.append(char)
    return "".join(made)


def storable_name(name: str) -> bool:
    """Whether a name can be given to a file here and on Windows, and means that file alone."""
    if _NOT_IN_NAMES.search(name) or name[-1:] in ("", ".", " "):
        return False
    if len(name.encode("utf-8", "replace")) > _LONGEST_NAME_BYTES:
        return False
    return name.partition(".")[0].rstrip().lower() not in _DEVICES


def without_secrets(text: str) -> str:
    """Text in which passwords of URLs are stars; for messages, logs and what is stored."""
    return _OPTION.sub(r"\g<name>***", _LOGIN.sub(r"\g<scheme>***@", text))
