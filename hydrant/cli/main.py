"""The program's entry: commands loaded when used, one handler for every error."""

from __future__ import annotations

import importlib
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from hydrant import __version__, private
from hydrant.cli import color as colors
from hydrant.cli import language, pager, path
from hydrant.cli.envelope import envelope, write_json
from hydrant.cli.first_steps import LACKING, first_step, first_steps
from hydrant.cli.frame import (
    ColorOption,
    DbOption,
    JsonOption,
    LangOption,
    h,
    remember,
    say,
)
from hydrant.cli.help import HydrantGroup
from hydrant.cli.usage import help_meant, usage_text, with_likely
from hydrant.config import data_path
from hydrant.errors import HydrantError
from hydrant.messages import error_text, text
from hydrant.safe_text import without_secrets

#: Commands in the order of a user's day; each stands in the module of its name.
COMMANDS = (
    "demo",
    "init",
    "import",
    "export",
    "asset",
    "near",
    "survey",
    "defect",
    "duplicates",
    "package",
    "require",
    "integrity",
    "todo",
    "money",
    "report",
    "trend",
    "compare",
    "assessment",
    "explain",
    "coverage",
    "supply",
    "flow",
    "sensor",
    "driver",
    "poll",
    "worker",
    "listen",
    "ingest",
    "alarm",
    "policy",
    "region",
    "audit",
    "db",
    "health",
    "config",
    "completion",
    "help",
)
_MODULES = {"import": "import_", "help": "topic"}

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


class RootGroup(HydrantGroup):
    """The root command; a subcommand's module is imported when it is called, not before."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  the signature is Typer's
        """Names of all commands."""
        return list(COMMANDS)

    def summaries(self) -> Iterator[tuple[str, str]]:
        """Names and one-line explanations, from the catalogue alone."""
        for name in COMMANDS:
            yield name, text(f"cli_common.summary_{name}", language.current())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  as above
        """Load a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            module = importlib.import_module(f"hydrant.cli.{_MODULES.get(cmd_name, cmd_name)}")
            self.commands[cmd_name] = get_command(module.app)
            self.commands[cmd_name].name = cmd_name
        return self.commands[cmd_name]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"hydrant {__version__}")
        raise typer.Exit


def build() -> TyperGroup:
    """The whole command, in the language chosen for this run."""
    app = typer.Typer(
        cls=RootGroup,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        help=h("about"),
    )

    @app.callback()
    def _root(
        context: typer.Context,
        db: DbOption = None,
        json_output: JsonOption = False,
        lang: LangOption = None,
        color: ColorOption = None,
        no_pager: Annotated[bool, typer.Option(pager.FLAG, help=h("no_pager"))] = False,
        version: Annotated[
            bool,
            typer.Option(
                "--version",
                callback=_version,
                is_eager=True,
                help=h("version"),
            ),
        ] = False,
    ) -> None:
        """Keep the options given before the command."""
        del lang, color, no_pager, version
        remember(context, db=db, json_output=json_output)

    root = get_command(app)
    assert isinstance(root, TyperGroup)  # noqa: S101  Typer builds what `cls` says
    return root


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; every error is shown in one line."""
    as_json = "--json" in arguments
    path.begin()
    try:
        language.choose(arguments)
        colors.choose(arguments)
        pager.choose(arguments)
        ended = build().main(args=list(arguments), prog_name="hydrant", standalone_mode=False)
    except HydrantError as error:
        return _fail(error.exit_code, error.key, _error_line(error, arguments), as_json=as_json)
    except typer.TyperException as error:
        return _misused(error, arguments, as_json=as_json)
    except UnicodeEncodeError:  # an argument that is half a character, or bytes of no encoding
        line = text("cli_common.not_text", language.current())
        return _fail(EXIT_USAGE, "cli_common.not_text", line, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        ended = EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the latter is how Click takes a closed pipe
        return _closed_pipe()
    except OSError as error:  # a disk that is full or fails, a folder that went away
        return _fail(EXIT_FAILED, "cli_common.system", _system(error), as_json=as_json)
    except Exception as error:  # noqa: BLE001  the one handler: a bug becomes one line and a trace
        return _fail(EXIT_BUG, "cli_common.bug", _bug(error), as_json=as_json)
    if ended == EXIT_INTERRUPTED:
        line = text("cli_common.interrupted", language.current())
        return _fail(EXIT_INTERRUPTED, "cli_common.interrupted", line, as_json=as_json)
    return int(ended or 0)


def _error_line(error: HydrantError, arguments: Sequence[str]) -> str:
    if error.key == LACKING:
        return first_step(error, language.flag(arguments, "--db"))
    return with_likely(error, error_text(error, language.current()))


def _fail(code: int, key: str, line: str, *, as_json: bool) -> int:
    line = without_secrets(line)
    if as_json:
        message = {"level": "error", "key": key, "text": line}
        write_json(envelope(path.words(), data={}, messages=[message], exit_code=code))
    else:
        say(line)
    return code


def _misused(error: typer.TyperException, arguments: Sequence[str], *, as_json: bool) -> int:
    """Tell what is wrong with a command line; a bare group shows people its help page."""
    page = None if as_json else help_meant(error)
    if page is None:
        return _fail(EXIT_USAGE, "cli_common.usage", usage_text(error), as_json=as_json)
    steps = first_steps(language.flag(arguments, "--db")) if not path.words() else []
    for line in (*page.split("\n"), *map(without_secrets, steps)):
        print(line, file=sys.stderr)
    return EXIT_USAGE


def _system(error: OSError) -> str:
    """Word what the operating system refused; where it happened goes to the log."""
    _keep_trace(error)
    where = error.filename if error.filename is not None else text("cli_common.some_file",
                                                                   language.current())  # fmt: skip
    why = error.strerror or repr(error)
    return text("cli_common.system", language.current(), file=where, why=why)


def _bug(error: Exception) -> str:
    """Keep the trace in the log and word one line about it."""
    what, log = repr(error), _keep_trace(error)
    if log is None:
        return text("cli_common.bug_unlogged", language.current(), what=what)
    return text("cli_common.bug", language.current(), what=what, log=log)


def _keep_trace(error: Exception) -> Path | None:
    """Add a trace to the log; where that is, or None where it cannot be written."""
    log = data_path() / "hydrant.log"
    trace = without_secrets("".join(traceback.format_exception(error)))
    try:
        private.folder(log.parent)
        private.new_file(log)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(trace)
    except OSError:
        return None
    return log


def _closed_pipe() -> int:
    """The reader of our output went away (``| head``): that is its right."""
    sys.stdout = None
    return 0


def main() -> None:
    """Entry point of the installed program."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what libraries tell their developers
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # a terminal that lacks a character shows a question mark instead of a traceback
            stream.reconfigure(errors="replace")
    if hasattr(sys.stdin, "reconfigure"):
        # bytes of no encoding, from a terminal or a pipe, are asked for again where they were given
        sys.stdin.reconfigure(errors="surrogateescape")
    sys.exit(run(sys.argv[1:]))
