"""The terminal: lines and tables that stay aligned with double-width characters."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hydrant.cli import color, links
from hydrant.errors import Phrase
from hydrant.messages import label, text
from hydrant.safe_text import printable

if TYPE_CHECKING:
    from rich.console import Console

    from hydrant.vocabulary import Language

_WIDE = frozenset("WF")
#: Marks that begin no line, and those that end none.
_CLOSING, _OPENING = frozenset("，。、；：！？）》」』】〉”’％"), frozenset("（《「『【〈“‘")
#: A column narrower than this is hard to read, where its cells are wider.
_SLIVER = 14
#: How lines begin that are there to be copied.
_COMMANDS = ("hydrant ", "python -m hydrant ")
#: Columns between two columns of a table.
_GAP = 3
#: Columns of output that is piped: nothing is cut, the reader has no window.
_PIPED_COLUMNS = 4000


def cell_width(line: str) -> int:
    """Terminal columns of a text: wide characters take two, combining marks none."""
    return sum(
        0
        if unicodedata.combining(char)
        else 2
        if unicodedata.east_asian_width(char) in _WIDE
        else 1
        for char in line
    )


def pad(line: str, columns: int) -> str:
    """Text filled up with blanks to a number of terminal columns."""
    return line + " " * max(0, columns - cell_width(line))


def wrap(line: str, columns: int) -> list[str]:
    """Text broken into lines of at most `columns` columns, also within Chinese text."""
    lines, current, width = [], "", 0
    for word in _words(line):
        step = cell_width(word)
        if current and width + step > columns:
            lines.append(current.rstrip())
            current, width = "", 0
            word = word.lstrip()  # noqa: PLW2901  a new line does not begin with a blank
            step = cell_width(word)
        current, width = current + word, width + step
    return [*lines, current.rstrip()] if current.strip() or not lines else lines


def _words(line: str) -> Iterable[str]:
    """Pieces that may stand on lines of their own: Chinese breaks anywhere, Latin at blanks.

    A mark that closes stays with what is before it, one that opens with what follows.
    """
    piece = ""
    for char in line:
        if _is_wide(char) or char in _OPENING:
            if piece and char not in _CLOSING and piece[-1] not in _OPENING:
                yield piece
                piece = ""
            piece += char
        elif char == " ":
            yield piece + char
            piece = ""
        else:
            if piece and piece[-1] in _CLOSING and char not in _CLOSING and _is_wide(piece[-1]):
                yield piece
                piece = ""
            piece += char
    if piece:
        yield piece


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in _WIDE


def _within(fact: object) -> object:
    """What fills a sentence: data, which stays within its line whatever it is (also a path)."""
    if isinstance(fact, Phrase):
        return Phrase(fact.key, {name: _within(inner) for name, inner in fact.facts.items()})
    if isinstance(fact, tuple):
        return tuple(_within(one) for one in fact)
    if fact is None or isinstance(fact, int | float | dt.date):
        return fact
    return printable(str(fact))


class Screen:
    """Standard output for people, in one language."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang
        self.terminal = sys.stdout.isatty()
        self.width = shutil.get_terminal_size((80, 24)).columns if self.terminal else 80
        self.colour = color.wanted(sys.stdout)
        self.links = links.wanted(sys.stdout)
        self._console: Console | None = None

    def columns(self) -> int:
        """Columns of the window now: a window may have been made narrower since."""
        return shutil.get_terminal_size((80, 24)).columns if self.terminal else self.width

    def t(self, key: str, /, **facts: object) -> str:
        """Wording of a message in this screen's language."""
        return text(key, self.lang, **{name: _within(fact) for name, fact in facts.items()})

    def label(self, group: str, word: str) -> str:
        """Name of a vocabulary value in this screen's language."""
        return label(group, word, self.lang)

    def line(self, key: str, /, **facts: object) -> None:
        """Print a message; only its own wording has several lines, never what it tells of."""
        files = {printable(str(fact)): fact for fact in facts.values() if isinstance(fact, Path)}
        for part in self.t(key, **facts).split("\n"):
            self.text(part, files)

    def text(self, line: str = "", files: Mapping[str, Path] | None = None) -> None:
        """Print one line; in a window a long one is broken between words, not within them.

        What is in it begins no line of its own: a plate may hold a line break. Files that it
        names, given by their words, are links where the terminal has them.
        """
        for piece in self._broken(printable(line)):
            self._print(piece.rstrip(" "), files)

    def _print(self, line: str, files: Mapping[str, Path] | None = None) -> None:
        print(links.linked(line, files or {}) if self.links else line)

    def verbatim(self, text: str) -> None:
        """Print text that is for machines, never broken."""
        print("\n".join(map(printable, text.split("\n"))))

    def _broken(self, line: str) -> list[str]:
        """Pieces of a line that fit the window, what follows the first indented alike."""
        body = line.lstrip(" ")
        # a command to be copied stays whole
        if not self.terminal or cell_width(line) <= self.width or body.startswith(_COMMANDS):
            return [line]
        indent = " " * min(len(line) - len(body), self.width // 2)
        return [indent + piece for piece in wrap(body, self.width - len(indent))]

    def styled(self, line: str, style: str) -> None:
        """Print a line in a rich style where colours are wanted, plainly elsewhere."""
        if not self.colour:
            self.text(line)
            return
        from rich.text import Text  # noqa: PLC0415  only coloured output needs it

        self.console.print(Text(printable(line), style=style))

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        numeric: Sequence[int] = (),
        whole: Sequence[int] = (0,),
    ) -> None:
        """Print a table; `columns` are headings in the screen's language.

        Nothing is ever cut off: in a narrow window cells are broken, and where that would leave
        slivers each row becomes two lines, its key cells and the rest.

        Parameters
        ----------
        columns
            Headings, already worded.
        rows
            Cells; None is shown as a dash.
        numeric
            Positions of the columns that are aligned right.
        whole
            Positions of the key columns, whose cells are never broken.
        """
        cells = [["–" if cell is None else printable(str(cell)) for cell in row] for row in rows]
        keys = [index for index in range(len(columns)) if index in whole or index in numeric]
        if self._fits([list(columns), *cells], keys):
            self._grid(columns, cells, numeric, keys)
        else:
            self._blocks([list(columns), *cells], keys)

    def _fits(self, lines: list[list[str]], keys: list[int]) -> bool:
        widths = [max(map(cell_width, column)) for column in zip(*lines, strict=True)]
        least = [w if n in keys else min(w, _SLIVER) for n, w in enumerate(widths)]
        return not self.terminal or sum(least) + _GAP * (len(widths) - 1) <= self.width

    def _grid(
        self,
        columns: Sequence[str],
        cells: list[list[str]],
        numeric: Sequence[int],
        keys: list[int],
    ) -> None:
        from rich import box  # noqa: PLC0415  short commands print no table
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for index, heading in enumerate(columns):
            table.add_column(
                heading,
                justify="right" if index in numeric else "left",
                overflow="fold",
                no_wrap=index in keys,
            )
        for row in cells:
            table.add_row(*map(Text, row))
        with self.console.capture() as drawn:
            self.console.print(table)
        for line in drawn.get().split("\n")[:-1]:
            self._print(line.rstrip(" "))  # what is piped on has no blanks at the end

    def _blocks(self, lines: list[list[str]], keys: list[int]) -> None:
        widths = [max(map(cell_width, column)) for column in zip(*lines, strict=True)]
        for number, row in enumerate(lines):
            head = "  ".join(pad(row[index], widths[index]) for index in keys)
            rest = " · ".join(cell for index, cell in enumerate(row) if index not in keys)
            for part in wrap(head.rstrip(), self.width):
                self._print(part)
            for part in wrap(rest, self.width - 4):
                self._print(f"    {part}")
            if number == 0:
                print("─" * min(self.width, max(map(cell_width, (head, rest))) + 4))

    @property
    def console(self) -> Console:
        """Rich console on standard output, made when first needed."""
        if self._console is None:
            from hydrant.cli.console import OwnConsole  # noqa: PLC0415  as above

            self._console = OwnConsole(
                width=self.width if self.terminal else _PIPED_COLUMNS,
                force_terminal=self.colour,
                color_system=color.system() if self.colour else None,
                highlight=False,
                markup=False,
                emoji=False,
            )
        return self._console
