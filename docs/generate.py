"""Writes what can be generated: ``schemas/``, the reference, the manual, the program's picture.

``--write`` renews them, ``--check`` fails when they say something else than the program.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from typer.core import TyperCommand, TyperGroup

from docs import manual, structure
from hydrant.cli import language
from hydrant.cli.completion_table import commands_table
from hydrant.cli.main import COMMANDS, build
from hydrant.exchange.package_shapes import schema as package_schema
from hydrant.file_shapes import FILES, file_schema
from hydrant.shapes import OUTPUTS
from hydrant.topics import TOPICS, source
from hydrant.vocabulary import Language

ROOT = Path(__file__).resolve().parent.parent
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HEAD = """# Commands

Made from the program's own help by `nox -s docs -- --write`; every page is also shown by
`--help`, in English and, with `--lang zh`, in [Chinese](cli.zh.md). What holds for all of them:
[units](units.md), [dates](dates.md), [datums](datums.md), [exit codes](exit-codes.md),
[environment](environment.md).
"""
_HEAD_ZH = """# 命令

本页由 `nox -s docs -- --write` 根据程序自带的帮助生成；`--help --lang zh` 显示同样内容。
[English](cli.md) · 通用：[单位](units.zh.md)、[日期](dates.zh.md)、[坐标系](datums.zh.md)、
[退出码](exit-codes.zh.md)、[环境变量](environment.zh.md)
"""


#: What stands below the title of a topic's page: its twin, and how the program shows it.
_TOLD = {
    Language.EN: "[中文]({twin}) · at the terminal: `hydrant help {name}`",
    Language.ZH: "[English]({twin}) · 终端上：`hydrant help {name}`",
}


def schemas() -> Iterator[tuple[Path, str]]:
    """Every schema and the file it goes to."""
    found = {name: TypeAdapter(shape).json_schema() for name, shape in OUTPUTS.items()}
    found |= {name: file_schema(described) for name, described in FILES.items()}
    for name, shape in (found | {"package": package_schema()}).items():
        whole = {"$schema": _DIALECT, **_untitled(shape)}
        text = json.dumps(whole, indent=2, ensure_ascii=False, sort_keys=True)
        yield ROOT / "schemas" / f"{name}.schema.json", text + "\n"


def _untitled(schema: Any) -> Any:
    """Without the titles that only repeat the names."""
    if isinstance(schema, list):
        return [_untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _untitled(part)
        for key, part in schema.items()
        if not (key == "title" and isinstance(part, str))
    }


def commands() -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    """Every command with its full name, as the root lists them."""
    root = build()
    for name in COMMANDS:
        command = root.get_command(None, name)  # type: ignore[arg-type]
        assert isinstance(command, (TyperCommand, TyperGroup))
        yield from _with_inner(f"hydrant {name}", command)


def _with_inner(
    name: str, command: TyperCommand | TyperGroup
) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    yield name, command
    if isinstance(command, TyperGroup):
        for word, inner in command.commands.items():
            assert isinstance(inner, (TyperCommand, TyperGroup))
            yield from _with_inner(f"{name} {word}", inner)


def page(name: str, command: Any) -> str:
    """Help page of a command."""
    context = command.make_context(name, [], resilient_parsing=True)
    context.info_name = name
    return str(command.get_help(context))


def reference(lang: str = "en") -> str:
    """The reference of all commands in one language."""
    os.environ["COLUMNS"] = "80"
    language.choose(["--lang", lang])
    parts = [_HEAD if lang == "en" else _HEAD_ZH]
    for name, command in commands():
        parts.append(f"## {name}\n\n```text\n{page(name, command).strip()}\n```\n")
    return "\n".join(parts)


def topics() -> Iterator[tuple[Path, str]]:
    """The pages of ``hydrant help TOPIC``, as pages of the reference."""
    names = {Language.EN: "{}.md", Language.ZH: "{}.zh.md"}
    for name in TOPICS:
        for lang, other in ((Language.EN, Language.ZH), (Language.ZH, Language.EN)):
            title, _, rest = source(name, lang).partition("\n\n")
            told = _TOLD[lang].format(name=name, twin=names[other].format(name))
            page_ = ROOT / "docs" / "reference" / names[lang].format(name)
            yield page_, f"{title}\n\n{told}\n\n{rest}"


def completion() -> str:
    """Which words every command takes, for completion without loading any command."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(node)}" for name, node in commands_table(build()).items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def made(*, renewed: bool) -> Iterator[tuple[Path, str]]:
    """Everything that is generated."""
    yield from schemas()
    yield ROOT / "data" / "completion" / "commands.json", completion()
    yield ROOT / "docs" / "reference" / "cli.md", reference()
    yield ROOT / "docs" / "reference" / "cli.zh.md", reference("zh")
    yield from topics()
    yield from manual.pages()
    yield from structure.pages(renewed=renewed)


def main() -> int:
    """Write or check; the exit code of the check."""
    parser = argparse.ArgumentParser(description=__doc__)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", action="store_true")
    way.add_argument("--check", action="store_true")
    write = parser.parse_args().write
    stale = []
    for path, text in made(renewed=write):
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
    for name in stale:
        print(f"{name}: is not what the program says; renew it with: nox -s docs -- --write")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
