"""What the store's values are to a type checker; nothing of it is there when the program runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

#: A row that a statement gave. What its columns hold is said by the statement's text, which no
#: type checker reads: with `Record` the one place of the store where nothing is
#: known of a value's type.
Row: TypeAlias = tuple[Any, ...]
#: The same by names: a row by its columns, an entry of the log as it was kept.
Record: TypeAlias = dict[str, Any]
#: What a statement is given for its placeholders, in order or by name.
Bound: TypeAlias = "Sequence[object] | Mapping[str, object]"
#: What a column of a row holds, as SQLite gives it and as a server is made to give it.
Cell: TypeAlias = str | bytes | int | float | None
#: A row with its number before its columns.
Numbered: TypeAlias = tuple[int, *tuple[Cell, ...]]
#: A column of many rows, and such columns by their names.
Column: TypeAlias = "Sequence[Any] | NDArray[Any]"
Columns: TypeAlias = "Mapping[str, Column]"
#: Degrees of positions side by side.
Positions: TypeAlias = "Sequence[float] | NDArray[np.float64]"
#: Numbers side by side, one for each row.
Numbers: TypeAlias = "NDArray[np.float64]"
