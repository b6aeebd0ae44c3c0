"""Links at a terminal (OSC 8): files that were written, addresses, places.

Only where the terminal is known to have them: others may show their marks. ``FORCE_HYPERLINK``
decides otherwise. Source: the proposal by E. Koblov, "Hyperlinks in terminal emulators".
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

#: Variables that only terminals with links set; Konsole, kitty, WezTerm, Windows Terminal.
_OWN = ("KONSOLE_VERSION", "KITTY_WINDOW_ID", "WEZTERM_PANE", "WT_SESSION", "DOMTERM")
_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"})
_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour")
#: VTE (GNOME Terminal and others) has links since 0.50.
_VTE = 5000
_ADDRESS = re.compile(
    r"(?:https?://[^\s\x1b<>\"'“”（）()，。；、]+[^\s\x1b<>\"'“”（）()，。；、.,;:!?]"
    r"|geo:-?[0-9][0-9.]*,-?[0-9][0-9.]*(?:;[a-z]+=[\w.-]+)*)"
)
_MARKS = re.compile(r"\x1b\]8;;[^\x1b]*\x1b\\")


def wanted(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream leads to a terminal that has links."""
    told = environment.get("FORCE_HYPERLINK")
    if told:
        return told != "0"
    term = environment.get("TERM", "")
    if not stream.isatty() or term == "dumb":
        return False
    if "TMUX" in environment or term.startswith("screen"):
        return False  # they pass links on only where they are told to
    vte = environment.get("VTE_VERSION", "")
    return (
        any(environment.get(name) for name in _OWN)
        or environment.get("TERM_PROGRAM") in _PROGRAMS
        or term.startswith(_TERMS)
        or (vte.isdigit() and int(vte) >= _VTE)
    )


def linked(line: str, files: Mapping[str, Path]) -> str:
    """A line with links on its addresses and on the files it names.

    Parameters
    ----------
    files
        Files by the words that stand for them in the line.
    """
    line = _ADDRESS.sub(lambda found: _link(found[0], found[0]), line)
    for words, file in files.items():
        if words and words in line and file.exists():
            line = line.replace(words, _link(words, file.absolute().as_uri()), 1)
    return line


def without(words: str) -> str:
    """Text without the marks of links."""
    return _MARKS.sub("", words)


def _link(words: str, target: str) -> str:
    return f"\x1b]8;;{target}\x1b\\{words}\x1b]8;;\x1b\\"
