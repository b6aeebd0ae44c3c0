"""What every command shares: its options, its frozen result, and how that is shown.

A command is a function that takes `Settings` and its own options and returns a `Result`; it
prints nothing and catches nothing. The frame adds ``--db``, ``--json`` and ``--lang``, shows
the result as JSON or for people, and hands errors to the handler in `hydrant.cli.main`.
"""

from __future__ import annotations

import inspect
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hydrant import config
from hydrant.cli import color as colors
from hydrant.cli import language, pager, path
from hydrant.cli.envelope import envelope, write_json
from hydrant.cli.help import HydrantCommand, HydrantGroup, with_default
from hydrant.cli.screen import Screen, wrap
from hydrant.errors import InputRefused
from hydrant.messages import Note as Note  # noqa: PLC0414  commands know it here
from hydrant.messages import text
from hydrant.safe_text import printable
from hydrant.store.ground.location import locate
from hydrant.store.ground.place import Place
from hydrant.vocabulary import Language

if TYPE_CHECKING:
    from hydrant.report.question import Basis, Question
    from hydrant.store.opened.registry import Registry
    from hydrant.store.opened.writer import Writer

helper = language.helper
h = helper("common")


@dataclass(frozen=True, slots=True)
class Result:
    """What a command found or did.

    Attributes
    ----------
    data
        JSON-able object: ``data`` of the envelope.
    show
        Shows the result to people.
    notes
        Remarks for stderr, and ``messages`` of the envelope.
    exit_code
        As the contract says; 0 is done.
    long
        Whether it may be longer than a window and is then shown page by page.
    """

    data: Mapping[str, Any]
    show: Callable[[Screen], None]
    notes: tuple[Note, ...] = ()
    exit_code: int = 0
    long: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the whole run of a command; `notes` fills with remarks on the way."""

    db: str | None
    json: bool
    lang: Language
    command: str
    notes: list[Note] = field(default_factory=list)

    def given(self, key: str) -> bool:
        """Whether a setting of the configuration stands on the command line itself."""
        if key == "db":
            return bool(self.db)
        return (
            pager.FLAG in sys.argv if key == "pager" else bool(language.flag(sys.argv, f"--{key}"))
        )

    @property
    def path(self) -> Place:
        """Where the registry is."""
        return locate(self.db)

    @contextmanager
    def registry(self, *, write: bool = False, hurry: bool = False) -> Iterator[Registry]:
        """The open registry, what other programs changed in it taken in.

        Parameters
        ----------
        hurry
            Only say that there is something to take in: an incident or a poll does not wait.
        """
        from hydrant.report.doubted_order import in_doubt  # noqa: PLC0415  help needs no store
        from hydrant.store.opened.registry import open_registry  # noqa: PLC0415  as above
        from hydrant.survey import outside_check  # noqa: PLC0415  as above

        with open_registry(self.path, write=write) as registry:
            outside_check.take_outside_edits(registry, self.notes, write=write, hurry=hurry)
            try:
                yield registry
            except InputRefused as refused:
                from hydrant.store.facts.naming import with_close  # noqa: PLC0415  a refusal may wait

                raise with_close(registry, refused) from None
            self.notes.extend(in_doubt(registry))

    @contextmanager
    def asking(
        self, question: Question, *, write: bool = False, hurry: bool = False
    ) -> Iterator[Basis]:
        """The open registry as the basis of figures; remarks on it go to `notes`."""
        from hydrant.report.question import ask  # noqa: PLC0415  help needs no figures

        with self.registry(write=write, hurry=hurry) as registry:
            yield ask(registry, question, self.notes.append)

    @contextmanager
    def writing(self, by: str | None = None, *, about: str = "") -> Iterator[Writer]:
        """The registry opened for one transaction, which is the whole of what a command writes."""
        with (
            self.registry(write=True) as registry,
            self.transaction(registry, by, about=about) as writer,
        ):
            yield writer

    @contextmanager
    def transaction(
        self, registry: Registry, by: str | None = None, *, about: str = ""
    ) -> Iterator[Writer]:
        """A transaction of an open registry, in the name of who acts and of this command.

        Parameters
        ----------
        by
            Who acts, where the command line says so.
        about
            What the audit log names behind the command, such as the file that is taken in.
        """
        from hydrant.store.opened.transactions import transaction  # noqa: PLC0415  reading needs no models

        origin = f"{self.command} {about}".rstrip()
        with transaction(registry, actor=self.actor(by), origin=origin) as writer:
            yield writer

    def actor(self, by: str | None = None) -> str:
        """Who records facts: the flag, else the configuration, else the system's user."""
        return config.actor(by)

    @contextmanager
    def progress(self, key: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Progress bar on stderr, only on a terminal; yields the function that advances it."""
        if self.json or not sys.stderr.isatty():
            yield lambda _steps: None
            return
        from rich.console import Console  # noqa: PLC0415  only long work needs it
        from rich.progress import Progress  # noqa: PLC0415

        bare = Console(
            stderr=True, color_system=colors.system() if colors.wanted(sys.stderr) else None
        )
        with Progress(console=bare, transient=True) as bar:
            task = bar.add_task(text(key, self.lang), total=total)
            yield lambda steps: bar.advance(task, steps)


DbOption = Annotated[str | None, typer.Option("--db", metavar="PATH", help=h("db"))]
JsonOption = Annotated[bool, typer.Option("--json", help=h("json"))]
ColorOption = Annotated[colors.Color | None, typer.Option("--color", help=h("color"))]
#: Taken everywhere, shown on the page of the program alone.
NoPagerOption = Annotated[bool, typer.Option(pager.FLAG, help=h("no_pager"), hidden=True)]
LangOption = Annotated[Language | None, typer.Option("--lang", help=h("lang"))]


def single(room: str) -> typer.Typer:
    """Application of a module that is one command."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, help=helper(room)("help"))


def group(room: str, *, default: str | None = None) -> typer.Typer:
    """Application of a module that holds several commands: ``hydrant <room> <command>``.

    Parameters
    ----------
    room
        The module's name; its texts are ``cli_<room>``.
    default
        Subcommand that is meant when none is named; without it the help is shown.
    """
    kind = HydrantGroup if default is None else with_default(default)
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        cls=kind,
        help=helper(room)("help"),
        no_args_is_help=default is None,
    )

    @app.callback()
    def _common(
        context: typer.Context,
        db: DbOption = None,
        json_output: JsonOption = False,
        lang: LangOption = None,
        color: ColorOption = None,
        no_pager: NoPagerOption = False,
    ) -> None:
        """Keep the options given before the subcommand."""
        del lang, color, no_pager  # decided before parsing, see their modules
        remember(context, db=db, json_output=json_output)

    return app


def remember(context: typer.Context, *, db: str | None, json_output: bool) -> dict[str, Any]:
    """Options seen so far on the line; the later one wins."""
    seen: dict[str, Any] = context.find_root().ensure_object(dict)
    if db is not None:
        seen["db"] = db
    seen["json"] = json_output or seen.get("json", False)
    return seen


def command(
    app: typer.Typer, name: str, *, numbers: bool = False
) -> Callable[[Callable[..., Result]], Callable[..., None]]:
    """Make a function a command of `app` named `name`.

    Parameters
    ----------
    app
        From `single` or `group`.
    name
        The command's word; help and example stand under it in the module's messages.
    numbers
        Whether arguments may be negative numbers (longitudes west of Greenwich).
    """

    def decorate(function: Callable[..., Result]) -> Callable[..., None]:
        run = _runner(function)
        room = function.__module__.rpartition(".")[2]
        texts = helper(room)
        prefix = f"{name}." if _is_group(app) else ""
        app.command(
            name,
            cls=HydrantCommand,
            help=texts(f"{prefix}help"),
            epilog=texts(f"{prefix}example"),
            context_settings={"ignore_unknown_options": True} if numbers else None,
        )(run)
        return run

    return decorate


def _is_group(app: typer.Typer) -> bool:
    return isinstance(app.info.cls, type) and issubclass(app.info.cls, HydrantGroup)


def _runner(function: Callable[..., Result]) -> Callable[..., None]:
    signature = inspect.signature(function, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != "settings"]
    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        inspect.Parameter("db", keyword, annotation=DbOption, default=None),
        inspect.Parameter("json_output", keyword, annotation=JsonOption, default=False),
        inspect.Parameter("lang", keyword, annotation=LangOption, default=None),
        inspect.Parameter("color", keyword, annotation=ColorOption, default=None),
        inspect.Parameter("no_pager", keyword, annotation=NoPagerOption, default=False),
    ]

    @wraps(function)
    def run(
        *,
        context: typer.Context,
        db: str | None,
        json_output: bool,
        lang: object,
        color: object,
        no_pager: object,
        **own: Any,
    ) -> None:
        del lang, color, no_pager  # decided before parsing, see their modules
        seen = remember(context, db=db, json_output=json_output)
        settings = Settings(
            db=seen.get("db"), json=seen["json"], lang=language.current(), command=path.words()
        )
        finish(function(settings, **own), settings)

    positional = [p.replace(kind=keyword) for p in own]
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*positional, *shared], return_annotation=None
    )
    run.__annotations__ = {p.name: p.annotation for p in [*positional, *shared]}
    del run.__wrapped__
    return run


def finish(result: Result, settings: Settings) -> None:
    """Show a result and end with its exit code."""
    notes = (*settings.notes, *result.notes)
    if settings.json:
        write_json(
            envelope(
                settings.command,
                data=result.data,
                messages=[
                    {
                        "level": note.level,
                        "key": note.key,
                        "text": text(note.key, settings.lang, **note.facts),
                    }
                    for note in notes
                ],
                exit_code=result.exit_code,
            )
        )
    else:
        try:
            with pager.paged() if result.long else nullcontext():
                result.show(Screen(settings.lang))
        except BrokenPipeError:
            sys.stdout = None  # who reads the first lines only (`| head`) is told the rest below
        for note in notes:
            say(text(note.key, settings.lang, **note.facts))
    raise typer.Exit(result.exit_code)


def say(line: str) -> None:
    """Print one line for people on stderr, control characters made harmless."""
    columns = shutil.get_terminal_size((80, 24)).columns
    for piece in wrap(printable(line), columns) if sys.stderr.isatty() else [printable(line)]:
        print(piece, file=sys.stderr)
