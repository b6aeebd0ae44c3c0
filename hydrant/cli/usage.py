"""Wrong command lines, worded in both languages."""

from __future__ import annotations

import re
from typing import Any

from typer._click import exceptions

from hydrant.cli import language
from hydrant.close_words import close_words
from hydrant.errors import HydrantError, Phrase
from hydrant.messages import meanings, text
from hydrant.vocabulary import Language

_QUOTED = re.compile(r"'([^']*)'")


#: How the parser begins what it says of a group without a command behind its options.
_NO_COMMAND = "Missing command"
#: How it begins what it says of a word that is no command, and of one word too many.
_NO_SUCH_COMMAND = "No such command"
_EXTRA = "Got unexpected extra argument"


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
    if isinstance(error, exceptions.NoSuchOption):
        said = _t("no_such_option", option=error.option_name)
        return _with_close(said, error.option_name, _options(error))
    told = str(error.format_message())
    if told.startswith(_NO_SUCH_COMMAND):
        typed = (_QUOTED.findall(told) or [""])[0]
        return _with_close(_t("no_such_command", first=typed), typed, _commands(error))
    return told if language.current() is Language.EN else _general(told)


#: Refusals of a word outside a closed set: which fact was typed, and which holds the words.
_CLOSED = {
    "cli_asset.field": ("field", "known"),
    "cli_topic.unknown": ("word", "known"),
    "cli_health.no_name": ("name", "known"),
    "cli_supply.station_unknown": ("station", "known"),
    "config.key": ("key", "known"),
    "config.value": ("value", "known"),
    "exchange.no_layer": ("layer", "known"),
    "exchange.no_mapping": ("name", "known"),
    "exchange.unknown_value": ("value", "known"),
    "integrity.cut": ("cut", "known"),
    "model.choice": ("value", "allowed"),
    "model.kind": ("value", "allowed"),
    "policy.unknown": ("name", "known"),
    "server.no_role": ("role", "known"),
    "survey.no_side": ("side", "known"),
    "telemetry.profile_missing": ("name", "known"),
    "telemetry.parameter": ("name", "known"),
    "units.unknown": ("unit", "known"),
}


def with_likely(error: HydrantError, said: str) -> str:
    """A refusal of a word outside a closed set, with the words of the set that may be meant."""
    if error.key not in _CLOSED:
        return said
    typed, known = (error.facts.get(name, "") for name in _CLOSED[error.key])
    meant = meanings(_words(known), "kind")
    close = tuple(
        dict.fromkeys(meant[name] for name in close_words(str(typed).partition("=")[0], meant))
    )
    return said if not close else _joined(said, _t("did_you_mean", close=close))


def _words(known: object) -> list[str]:
    """Words of a closed set as a refusal holds them: a list, each with its name, or one text."""
    if isinstance(known, tuple):
        return [str(one.facts["word"]) if isinstance(one, Phrase) else str(one) for one in known]
    return [word for word in str(known).split(", ") if word]


def _with_close(said: str, typed: str, known: list[str]) -> str:
    """A refusal of a word, with those of its kind that may be meant."""
    close = close_words(typed, known)
    return _joined(said, _t("did_you_mean", close=close)) if close else said


def _joined(first: str, second: str) -> str:
    return f"{first}{' ' if language.current() is Language.EN else ''}{second}"


def _options(error: Any) -> list[str]:
    """Options of the command that was meant."""
    context = error.ctx
    if context is None:
        return []
    parameters = context.command.get_params(context)
    return [name for one in parameters for name in (*one.opts, *one.secondary_opts)
            if name.startswith("-")]  # fmt: skip


def _commands(error: Any) -> list[str]:
    """Commands of the group that was meant."""
    context = error.ctx
    names = getattr(context.command, "list_commands", None) if context is not None else None
    return [] if names is None else list(names(context))


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
        (_EXTRA, "extra_argument"),
        ("Option", "option_needs_value"),
    ):
        if message.startswith(start):
            first = quoted[0] if quoted else message.rpartition("(")[2].rstrip(").")
            return _t(name, first=first)
    return message
