"""Cells of which a program kept nothing: errors, cut numbers, days made of codes, control signs."""

from __future__ import annotations

import re
from collections.abc import Collection

from hydrant.errors import InputRefused
from hydrant.safe_text import control_in

#: What stands for a formula whose value the workbook does not hold.
NO_VALUE = "#FORMULA!"
#: Errors, in whatever language of the spreadsheet, and cells too narrow for their number.
_ERROR = re.compile(
    r"#(?:N/A|N/D|NV|Н/Д|DIV/0!|ДЕЛ/0!|[^\W\d_a-z]{2,14}[!?]|[A-Z]+_[A-Z]+|#{2,})"
    rf"|{re.escape(NO_VALUE)}.*",
    re.DOTALL,
)
#: A long number of which the first digits are left; a fraction of none shows that it was one.
_CUT = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}|[0-9]{16,}[.,]0+")
#: A day that a spreadsheet made of a code like 3-1.
_DAY = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+|[0-9]{1,2}月[0-9]{1,2}日"
    r"|[0-9]{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-[0-9]{2}"
)
#: Characters of a cell that a message shows.
_SHOWN = 80


#: What a destroyed code holds somewhere; where no cell of a column does, none is looked at.
_TRACE = re.compile(
    r"[eE]\+[0-9]|[0-9]{16}|[0-9]T[0-9]|月|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
)


def surely_whole(cells: Collection[str], *, code: bool) -> bool:
    """Whether one look at all cells of a column shows that no program destroyed any of them."""
    together = " ".join(cells)
    if not together.isprintable() or "#" in together:
        return False
    return not code or _TRACE.search(together) is None


def refuse_destroyed(cell: str, *, code: bool) -> None:
    """Refuse a cell whose content a program destroyed.

    Parameters
    ----------
    code
        Whether the cell is to name an asset or a row; digits and days are then destroyed, too.

    Raises
    ------
    InputRefused
        Nothing is left of what somebody wrote there, or it holds a control character.
    """
    if not cell.isprintable() and (sign := control_in(cell)) is not None:
        raise InputRefused("exchange.control", value=cell[:_SHOWN], sign=sign)
    if cell.startswith("#") and _ERROR.fullmatch(cell.strip()):
        if cell.startswith(NO_VALUE):
            raise InputRefused("exchange.no_value", value=cell.removeprefix(NO_VALUE).strip())
        raise InputRefused("exchange.cell_error", value=cell.strip())
    if not code:
        return
    text = cell.strip()
    if _CUT.fullmatch(text):
        raise InputRefused("exchange.cut_number", value=text)
    if _DAY.fullmatch(text):
        raise InputRefused("exchange.made_a_day", value=text)
