"""Help pages in both languages, aligned for double-width text, without loading rich."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from hydrant.cli import language, path
from hydrant.cli.language import worded
from hydrant.cli.screen import cell_width, pad, wrap
from hydrant.cli.values import choices_of, make_plain
from hydrant.messages import text

_LABEL_COLUMNS = 30


def _t(name: str, /, **facts: object) -> str:
    return text(f"cli_common.{name}", language.current(), **facts)


def columns() -> int:
    """Columns that a help page takes in this window."""
    return max(50, min(100, shutil.get_terminal_size((80, 24)).columns))


def section(title: str, rows: list[tuple[str, str]]) -> list[str]:
    """Lines of a titled list: label, explanation; long labels get a line of their own."""
    if not rows:
        return []
    widest = max(cell_width(label) for label, _ in rows)
    column = min(_LABEL_COLUMNS, widest) + 4
    lines = ["", title]
    for label, explanation in rows:
        parts = wrap(explanation, columns() - column)
        start = "  " + label
        if cell_width(start) + 2 > column:
            lines.append(start)
            start = ""
        lines.append((pad(start, column) + parts[0]).rstrip())
        lines.extend(" " * column + part for part in parts[1:])
    return lines


def _usage(command: Any, context: Any) -> str:
    pieces = [_t("help_options")]
    for parameter in command.get_params(context):
        if isinstance(parameter, TyperArgument):
            name = _argument_name(parameter)
            pieces.append(name if parameter.required else f"[{name}]")
    if isinstance(command, TyperGroup):
        pieces.append(_t("help_command"))
    return f"{context.command_path} {' '.join(pieces)}"


def _argument_name(parameter: TyperArgument) -> str:
    name = parameter.metavar or (parameter.name or "").upper()
    return f"{name}…" if parameter.nargs == -1 else name


def _option_row(parameter: TyperOption) -> tuple[str, str]:
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if not parameter.is_flag and not getattr(parameter, "count", False):
        choices = choices_of(parameter)
        value = parameter.metavar or (
            "|".join(choices) if choices else (parameter.name or "").upper()
        )
        names = f"{names} {value}"
    return names, _explanation(parameter)


def _explanation(parameter: Any) -> str:
    words = _t("help_option") if "--help" in parameter.opts else worded(parameter.help)
    extras = []
    if parameter.required and isinstance(parameter, TyperOption):
        extras.append(_t("help_required"))
    default = parameter.default
    shown = not callable(default) and default not in (None, False, True, (), [])
    if shown and getattr(parameter, "show_default", True):
        extras.append(_t("help_default", value=getattr(default, "value", default)))
    return " ".join([words, *extras])


@dataclass(frozen=True, slots=True)
class Page:
    """What the help page of a command says, for a window or a manual.

    Attributes
    ----------
    sections
        Titles, each with its rows: label and explanation; none is empty.
    """

    usage: str
    about: str
    examples: tuple[str, ...]
    sections: tuple[tuple[str, list[tuple[str, str]]], ...]


def content(command: Any, context: Any) -> Page:
    """What is said of a command or group."""
    parameters = command.get_params(context)
    inner = list(subcommands(command, context)) if isinstance(command, TyperGroup) else []
    arguments = [p for p in parameters if isinstance(p, TyperArgument)]
    options = [p for p in parameters if isinstance(p, TyperOption) and not p.hidden]
    sections = (
        (_t("help_commands"), inner),
        (_t("help_arguments"), [(_argument_name(p), _explanation(p)) for p in arguments]),
        (_t("help_options_title"), [_option_row(p) for p in options]),
    )
    return Page(
        _usage(command, context),
        worded(command.help),
        tuple(worded(command.epilog).split("\n")) if command.epilog else (),
        tuple((title, rows) for title, rows in sections if rows),
    )


def page(command: Any, context: Any) -> str:
    """Whole help page of a command or group."""
    told = content(command, context)
    lines = [f"{_t('help_usage')} {told.usage}", ""]
    lines.extend(part for line in told.about.split("\n") for part in wrap(line, columns()))
    if told.examples:
        lines.extend(["", _t("help_example"), *(f"  {line}" for line in told.examples)])
    for title, rows in told.sections:
        lines.extend(section(title, rows))
    return "\n".join(lines)


def subcommands(group: TyperGroup, context: Any) -> list[tuple[str, str]]:
    """Names and one-line explanations of a group's commands, loading none of them."""
    summaries = getattr(group, "summaries", None)
    if summaries is not None:
        return list(summaries())
    rows = []
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if found is not None and not found.hidden:
            rows.append((name, worded(found.help).split("\n")[0]))
    return rows


class HydrantCommand(TyperCommand):
    """A command whose help page is ours and whose arguments may be negative numbers."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, ``--help`` included, converted our way."""
        parameters: list[Any] = super().get_params(ctx)
        make_plain(parameters)
        return parameters

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        formatter.write(page(self, ctx) + "\n")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; where negative numbers may be arguments, other unknown options are refused."""
        path.reach(ctx)
        if any(isinstance(p, TyperArgument) and p.name == "region" for p in self.get_params(ctx)):
            args = _region_as_argument(args)
        if ctx.ignore_unknown_options:
            self._refuse_unknown(ctx, args)
        if not any("--region" in p.opts for p in self.get_params(ctx)) or ctx.allow_extra_args:
            return list(super().parse_args(ctx, args))
        ctx.allow_extra_args = True
        extra = list(super().parse_args(ctx, args))
        ctx.allow_extra_args = False
        return _region_as_option(ctx, extra)

    def _refuse_unknown(self, ctx: Any, args: list[str]) -> None:
        known = {opt for p in self.get_params(ctx) for opt in (*p.opts, *p.secondary_opts)}
        for index, argument in enumerate(args):
            if argument == "--":
                return
            name = argument.partition("=")[0]
            is_value = index > 0 and args[index - 1] in known
            if name.startswith("--") and name not in known and not is_value:
                ctx.fail(_t("no_such_option", option=name))


def _region_as_argument(args: list[str]) -> list[str]:
    """A line that states its region as an option, for a command that takes it as an argument."""
    for index, word in enumerate(args):
        name, equals, value = word.partition("=")
        if word == "--":
            break
        if name == "--region" and (equals or index + 1 < len(args)):
            rest = args[index + (1 if equals else 2) :]
            # it is the first argument of every command that has others
            return [value if equals else args[index + 1], *args[:index], *rest]
    return args


def _region_as_option(ctx: Any, extra: list[str]) -> list[str]:
    """Take one word too many for the region, for a command that has it as an option.

    A word that looks like a file is none; it is refused as the parser would.
    """
    if len(extra) == 1 and ctx.params.get("region") is None and not set(extra[0]) & set("./\\"):
        ctx.params["region"], extra = extra[0], []
    if extra and not ctx.resilient_parsing:
        ctx.fail(
            f"Got unexpected extra argument{'s' if len(extra) > 1 else ''} ({' '.join(extra)})"
        )
    ctx.args = extra
    return extra


class HydrantGroup(TyperGroup):
    """A group whose help page is ours."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, ``--help`` included, converted our way."""
        parameters: list[Any] = super().get_params(ctx)
        make_plain(parameters)
        return parameters

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        formatter.write(page(self, ctx) + "\n")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the part of the line before the subcommand."""
        path.reach(ctx)
        rest: list[str] = super().parse_args(ctx, args)
        return rest


def with_default(name: str) -> type[HydrantGroup]:
    """A group that runs its subcommand `name` when none is named."""

    class DefaultGroup(HydrantGroup):
        default_command = name

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            """Parse with the default subcommand put in where none is named."""
            if not args or (args[0].startswith("-") and args[0] != "--help"):
                args = [name, *args]
            return super().parse_args(ctx, args)

    return DefaultGroup
