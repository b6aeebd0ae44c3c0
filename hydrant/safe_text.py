"""Text that a spreadsheet must not take for a formula, and back."""

from __future__ import annotations

from typing import TypeVar

_Value = TypeVar("_Value")

#: A cell that begins so is a formula to a spreadsheet. Source: OWASP, CSV injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARK = "'"


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
