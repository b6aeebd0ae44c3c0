"""Which words every command takes, made from the commands for `hydrant.cli.complete`.

A parameter is known by its name: ``--region`` of any command is a region. A command that uses
the usual names is completed without being mentioned here; only what a name does not tell
stands in `_PLACES`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer.core import TyperArgument, TyperGroup

from hydrant import config
from hydrant.cli.values import choices_of
from hydrant.report.grouping import CUTS
from hydrant.topics import TOPICS

#: What is meant by a parameter of this name, wherever it stands.
_NAMES: dict[str, tuple[str, ...]] = {
    "--region": ("region",),
    "--kind": ("kind",),
    "--policy": ("policy", "file"),
    "--profile": ("driver",),
    "--mapping": ("mapping", "file"),
    "--defect": ("defect",),
    "--asset": ("asset",),
    "--db": ("file",),
    "--take": ("crew",),
    "asset": ("asset",),
    "region": ("region",),
    "kind": ("kind",),
    "sensor": ("sensor",),
    "alarm": ("sensor",),
    "assessment": ("assessment",),
    "conflict": ("conflict",),
    "code": ("asset",),
    "file": ("file",),
}
#: What is meant in one command by a name that elsewhere means nothing or something else.
_PLACES: dict[tuple[str, str], tuple[str, ...]] = {
    ("asset add", "code"): (),
    ("asset edit", "--code"): (),
    ("defect open", "code"): ("defect",),
    ("defect clear", "code"): ("defect",),
    ("defect confirm", "code"): ("defect",),
    ("defect edit", "code"): ("defect",),
    ("defect withdraw", "code"): ("defect",),
    ("defect reopen", "code"): ("defect",),
    ("duplicates merge", "keep"): ("asset",),
    ("duplicates merge", "lose"): ("asset",),
    ("duplicates keep", "one"): ("asset",),
    ("duplicates keep", "other"): ("asset",),
    ("region succeed", "old"): ("region",),
    ("region succeed", "new"): ("region",),
    ("sensor list", "asset"): ("sensor",),
    ("driver show", "name"): ("driver",),
    ("policy show", "name"): ("policy",),
    ("policy adopt", "name"): ("policy", "file"),
    ("policy diff", "one"): ("policy", "file"),
    ("policy diff", "other"): ("policy", "file"),
}
_CRS = ("cgcs2000", "wgs84", "gcj02", "bd09", "EPSG:")
#: Parameters with a fixed choice that is no enumeration of the code.
_WORDS: dict[str, tuple[str, ...]] = {
    "--crs": _CRS,
    "--roads-crs": _CRS,
    "--buildings-crs": _CRS,
    "--boundary-crs": _CRS,
    "--area-crs": _CRS,
}
_PLACE_WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("integrity", "--by"): CUTS,
    ("report", "--by"): CUTS,
    ("survey conflicts resolve", "--take"): ("base", "registry"),
    ("help", "words"): TOPICS,
    ("config set", "key"): config.KEYS,
    ("config unset", "key"): config.KEYS,
}


def commands_table(root: TyperGroup) -> dict[str, Any]:
    """Options, arguments and subcommands of every command by its words; ``""`` is the root."""
    context = root.make_context("hydrant", [], resilient_parsing=True)
    made: dict[str, Any] = {}
    _add(made, "", root, context)
    return made


def _add(made: dict[str, Any], path: str, command: Any, context: Any) -> None:
    node = _node(path, command, context)
    made[path] = node
    if not isinstance(command, TyperGroup):
        return
    names = command.list_commands(context)
    for name in names:
        inner = command.get_command(context, name)
        if inner is None or inner.hidden:
            continue
        way = f"{path} {name}".strip()
        _add(made, way, inner, context)
        summary = f"cli_common.summary_{name}" if not path else _key(inner.help)
        node["commands"][name] = {"path": way, "help": summary}
    default = made.get(f"{path} {getattr(command, 'default_command', '')}")
    if default is not None:
        node["options"] |= default["options"]
        node["arguments"] = default["arguments"]


def _node(path: str, command: Any, context: Any) -> dict[str, Any]:
    node: dict[str, Any] = {"options": {}, "arguments": [], "commands": {}}
    for parameter in command.get_params(context):
        entry = _parameter(path, parameter)
        if isinstance(parameter, TyperArgument):
            node["arguments"].append(entry)
        elif not parameter.hidden:
            names = [*parameter.opts, *parameter.secondary_opts]
            for name in names:
                node["options"][name] = entry | {"also": [n for n in names if n != name]}
    return node


def _parameter(path: str, parameter: Any) -> dict[str, Any]:
    is_argument = isinstance(parameter, TyperArgument)
    is_flag = not is_argument and (parameter.is_flag or getattr(parameter, "count", False))
    name = parameter.name if is_argument else parameter.opts[-1]
    takes = [] if is_flag else list(_takes(path, name, parameter))
    words = [] if is_flag else _words(path, name, parameter)
    return {
        "help": "cli_common.help_option" if "--help" in parameter.opts else _key(parameter.help),
        # a value of which nothing is known is a value still
        "takes": takes if takes or is_flag or is_argument else ["any"],
        "words": words,
        "many": bool(parameter.nargs == -1 or getattr(parameter, "multiple", False)),
    }


def _takes(path: str, name: str, parameter: Any) -> tuple[str, ...]:
    known = _PLACES.get((path, name), _NAMES.get(name))
    if known is not None:
        return known
    annotation = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    return ("file",) if annotation in (Path, list[Path]) else ()


def _words(path: str, name: str, parameter: Any) -> list[str]:
    fixed = _PLACE_WORDS.get((path, name)) or _WORDS.get(name)
    return list(fixed) if fixed else choices_of(parameter)


def _key(marked: str | None) -> str | None:
    """The message key behind a text given to Typer."""
    return marked[1:] if marked and marked.startswith("@") else None
