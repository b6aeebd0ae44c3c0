"""Which language this run speaks, decided before anything is parsed.

The ``--lang`` flag wherever it stands, else ``HYDRANT_LANG``, else the configuration file,
else the locale; everything that is not Chinese is English.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Sequence

from hydrant import config
from hydrant.messages import text
from hydrant.vocabulary import Language

ENVIRONMENT = "HYDRANT_LANG"
_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_MARK = "@"
_current = Language.EN


def current() -> Language:
    """Language of this run."""
    return _current


def choose(arguments: Sequence[str]) -> Language:
    """Decide the language of this run from its arguments and surroundings."""
    global _current  # noqa: PLW0603  one process speaks one language
    wanted = (
        flag(arguments, "--lang") or os.environ.get(ENVIRONMENT) or _configured() or _locale_name()
    )
    _current = Language.ZH if wanted.lower().startswith(("zh", "chinese")) else Language.EN
    return _current


def flag(arguments: Sequence[str], name: str) -> str | None:
    """Value of an option wherever it stands on the line; None when it is not given."""
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
    return None


def _configured() -> str | None:
    path = config.config_path()
    return config.load(path).lang if path.exists() else None


def _locale_name() -> str:
    for variable in _LOCALE_VARIABLES:
        if os.environ.get(variable):
            return os.environ[variable]
    if sys.platform == "win32":
        return locale.getlocale()[0] or "en"
    return "en"


def helper(room: str) -> Callable[[str], str]:
    """Texts of one command module for Typer: ``h("within")`` stands for ``cli_<room>.within``.

    What Typer is given is the key behind a mark; the help page words it when it is shown.
    """
    return lambda name: f"{_MARK}cli_{room}.{name}"


def worded(value: str | None) -> str:
    """Wording of what `helper` gave out; other text as it is."""
    if value is None or not value.startswith(_MARK):
        return value or ""
    return text(value[len(_MARK) :], _current)
