"""Wrong command lines, worded in both languages."""

from __future__ import annotations

import re
from typing import Any

from typer._click import exceptions

from hydrant.cli import language
from hydrant.messages import text
from hydrant.vocabulary import Language

_QUOTED = re.compile(r"'([^']*)'")


#: How the parser begins what it says of a group without a command behind its options.
_NO_COMMAND = "Missing command"


def usage_text(error: Any) -> str:
    """One line for an error of the command line's form, with where to find help."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "hydrant"
    between = " " if language.current() is Language.EN else ""
    return f"{_what(error)}{between}{_t('see_help', command=path)}"


def help_meant(error: Any) -> str | None:
    """Help page of a group that was named without a command, options or not; else None."""
    return str(error.ctx.get_help()) if _is_bare(error) else None


def _is_bare(error: Any) -> bool:
    told = str(getattr(error, "message", ""))
    return isinstance(error, exceptions.NoArgsIsHelpError) or told.startswith(_NO_COMMAND)


def _t(name: str, /, **facts: object) -> str:
    return text(f"cli_common.{name}", language.current(), **facts)


def _what(error: Any) -> str:
    if _is_bare(error):
        return _t("missing_command")
    if isinstance(error, exceptions.BadParameter) and not isinstance(
        error, exceptions.MissingParameter
    ):
        return _t("bad_value", name=_hint(error), why=error.message)
    if isinstance(error, exceptions.MissingParameter):
        return _missing(error)
    if language.current() is Language.EN:
        return str(error.format_message())
    if isinstance(error, exceptions.NoSuchOption):
        return _t("no_such_option", option=error.option_name)
    return _general(str(error.format_message()))


def _missing(error: Any) -> str:
    """What is missing, and what it may be where only some words are taken."""
    described = getattr(error.param, "type_descriptor", None)
    choices = None if described is None else described.choices
    if not choices:
        return _t("missing_parameter", name=_hint(error))
    words = tuple(str(getattr(choice, "value", choice)) for choice in choices)
    return _t("missing_choice", name=_hint(error), choices=words)


def _hint(error: Any) -> str:
    if error.param is None:
        return ""
    hint = str(error.param.get_error_hint()).replace("'", "")
    return hint if hint.startswith("-") else hint.upper()  # arguments as the help names them


def _general(message: str) -> str:
    """Chinese wording of the few messages the parser has as plain sentences."""
    quoted = _QUOTED.findall(message)
    for start, name in (
        ("No such command", "no_such_command"),
        ("Got unexpected extra argument", "extra_argument"),
        ("Option", "option_needs_value"),
    ):
        if message.startswith(start):
            facts = {
                "first": quoted[0] if quoted else message.rpartition("(")[2].rstrip(")."),
                "others": ", ".join(quoted[1:]),
            }
            return _t(name, **facts)
    return message
