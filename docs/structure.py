"""Measures and draws how the program is built, for ``docs/explanation/architecture.md``.

``python -m docs.structure [CHECKOUT]`` prints the figures of a checkout as JSON; those of the page
are renewed by `docs/generate.py`.
"""

from __future__ import annotations

import ast
import json
import re
import statistics
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from docs import structure_words

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "explanation" / "architecture.md"
TWIN = PAGE.with_name("architecture.zh.md")
#: Figures of the release before, measured by this command: what the page compares with.
BEFORE = ROOT / "docs" / "explanation" / "architecture.before.json"

#: Places outside the server's rooms that ask which of the two stores they are on.
_ASKS = re.compile(
    r'isinstance\([^()]*\bServer\)|hasattr\([^()]*"server"\)|server_part\("|is_server\('
)
#: What is described in more than one place, by files of the checkouts measured.
_DESCRIBED = ("*policy*reader*", "*policy*shapes*", "policy_model*", "mapping*", "profile*",
              "file_shapes*", "shipped*")  # fmt: skip

#: Modules at the top that stand above the rooms, and the room each counts to.
_ABOVE = {
    "hydrant": "api",
    "hydrant.api": "api",
    "hydrant.file_shapes": "api",
    "hydrant.__main__": "cli",
}
_TOP = "Words, units, times, errors, messages and bounds of files: what every room uses."

_NAMES = {
    "modules": "modules",
    "lines": "lines",
    "functions": "functions and methods",
    "function_median": "lines of a function, median",
    "function_p90": "lines of a function, 90 of 100",
    "largest_room": "modules in the largest room",
    "circles": "import circles, also in functions and for types",
    "asks_store": "places that ask “file or server?” outside the server's rooms",
    "commands": "commands",
    "command_median": "code lines of a command's body, median",
    "command_p90": "code lines of a command's body, 90 of 100",
    "any_in_store": "uses of `Any` as a type in store/",
    "described": "lines that describe policies, mappings and driver profiles",
}


class Checkout:
    """The modules of one checkout and what they import."""

    def __init__(self, root: Path) -> None:
        self.package = root / "hydrant"
        self.modules = {self._name(path): path for path in sorted(self.package.rglob("*.py"))}
        self.trees = {name: ast.parse(p.read_text("utf-8")) for name, p in self.modules.items()}
        self.arrows = {name: set(self._imports(name)) - {name} for name in self.modules}

    def _name(self, path: Path) -> str:
        parts = path.relative_to(self.package).with_suffix("").parts
        return ".".join(("hydrant", *parts)).removesuffix(".__init__")

    def _imports(self, name: str) -> Iterator[str]:
        for node in ast.walk(self.trees[name]):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    found = whole if whole in self.modules else node.module
                    if found in self.modules:
                        yield found
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in self.modules)

    def room(self, name: str) -> str:
        """The folder of a module; what stands above the rooms, though at the top, is told apart."""
        if name in _ABOVE:
            return _ABOVE[name]
        path = self.modules[name].parent.relative_to(self.package)
        return "/".join(path.parts) or "(top)"

    def rooms(self) -> dict[str, list[str]]:
        """Modules by room, without a package's own ``__init__`` beside others."""
        found: dict[str, list[str]] = {}
        for name in self.modules:
            found.setdefault(self.room(name), []).append(name)
        own = {name for name, path in self.modules.items() if path.name == "__init__.py"}
        return {room: [n for n in names if n not in own] or names
                for room, names in sorted(found.items())}  # fmt: skip

    def between(self) -> dict[str, set[str]]:
        """Which rooms each room imports from."""
        found: dict[str, set[str]] = {room: set() for room in self.rooms()}
        for name, others in self.arrows.items():
            if self.modules[name].name == "__init__.py" and name not in _ABOVE:
                continue
            found[self.room(name)] |= {self.room(other) for other in others} - {self.room(name)}
        return found

    def circles(self) -> list[list[str]]:
        """Groups of modules each of which reaches every other by imports."""
        return [group for group in _connected(self.arrows) if len(group) > 1]


def _connected(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """Strongly connected components (Tarjan 1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        waiting.append(name)
        for other in sorted(arrows.get(name, ())):
            if other not in number:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in waiting:
                low[name] = min(low[name], number[other])
        if low[name] == number[name]:
            place = waiting.index(name)
            found.append(sorted(waiting[place:]))
            del waiting[place:]

    for name in arrows:
        if name not in number:
            visit(name)
    return found


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _code_lines(function: ast.FunctionDef) -> int:
    """Lines of a body that hold code, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    lines: set[int] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.expr | ast.stmt):
                lines |= {node.lineno, node.end_lineno or node.lineno}
    return len(lines)


def _commands(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions that are commands: by a decorator, or by a call `command(app, …)(function)`."""
    given = {
        argument.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _makes_command(node.func)
        for argument in node.args
        if isinstance(argument, ast.Name)
    }
    for function in _functions(tree):
        if function.name in given or any(map(_makes_command, function.decorator_list)):
            yield function


def _makes_command(node: ast.expr) -> bool:
    name = node.func if isinstance(node, ast.Call) else None
    return isinstance(name, ast.Name) and name.id == "command"


def command_bodies(checkout: Checkout) -> list[int]:
    """Code lines of each command's body."""
    return [
        _code_lines(function)
        for name, tree in checkout.trees.items()
        if checkout.room(name) == "cli"
        for function in _commands(tree)
    ]


def _p90(values: list[int]) -> int:
    return sorted(values)[min(len(values) - 1, int(0.9 * len(values)))] if values else 0


def figures(root: Path) -> dict[str, int]:
    """What the page's table says of a checkout."""
    checkout = Checkout(root)
    texts = {name: path.read_text("utf-8") for name, path in checkout.modules.items()}
    lengths = [
        (function.end_lineno or function.lineno) - function.lineno + 1
        for tree in checkout.trees.values()
        for function in _functions(tree)
    ]
    bodies = command_bodies(checkout)
    described = {path for pattern in _DESCRIBED for path in checkout.package.rglob(f"{pattern}.py")}
    return {
        "modules": len(checkout.modules),
        "lines": sum(len(text.splitlines()) for text in texts.values()),
        "functions": len(lengths),
        "function_median": int(statistics.median(lengths)),
        "function_p90": _p90(lengths),
        "largest_room": max(map(len, checkout.rooms().values())),
        "circles": len(checkout.circles()),
        "asks_store": sum(
            len(asks_store(text))
            for name, text in texts.items()
            if "server" not in checkout.room(name)
        ),
        "commands": len(bodies),
        "command_median": int(statistics.median(bodies)),
        "command_p90": _p90(bodies),
        "any_in_store": sum(
            len(
                re.findall(
                    r"[:\[>|, ]Any\b", re.sub(r"^from typing.*$", "", text, flags=re.MULTILINE)
                )
            )
            for name, text in texts.items()
            if checkout.room(name).startswith("store")
        ),
        "described": sum(len(path.read_text("utf-8").splitlines()) for path in described),
    }


def asks_store(text: str) -> list[str]:
    """Where a module asks which of the two stores it is on."""
    found: list[str] = _ASKS.findall(text)
    return found


def table(
    before: Mapping[str, int], now: Mapping[str, int], names: Mapping[str, str], head: str
) -> str:
    """The figures of two checkouts side by side, in Markdown."""
    rows = [f"| {names[key]} | {before[key]:,} | {now[key]:,} |" for key in _NAMES]
    return "\n".join([head, "|---|---:|---:|", *rows])


def picture(root: Path) -> str:
    """Rooms and the arrows between them, in Mermaid; what follows from other arrows is left out."""
    checkout = Checkout(root)
    rooms, between = checkout.rooms(), checkout.between()
    marks = {room: f"r{number}" for number, room in enumerate(rooms)}
    lines = ["```mermaid", "flowchart TD"]
    lines += [f'  {marks[room]}["{room} · {len(names)}"]' for room, names in rooms.items()]
    for room, others in between.items():
        direct = others - {far for other in others for far in _reached(between, other)}
        lines += [f"  {marks[room]} --> {marks[other]}" for other in sorted(direct)]
    return "\n".join([*lines, "```"])


def _reached(between: Mapping[str, set[str]], room: str) -> set[str]:
    """Rooms that a room imports from, straight or through others."""
    found: set[str] = set()
    waiting = list(between[room])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(between[other])
    return found


def sentences(root: Path) -> dict[str, str]:
    """What each room is for: the first line of its docstring."""
    checkout = Checkout(root)
    told = {"(top)": _TOP}
    for room in checkout.rooms():
        if room not in told:
            name = "hydrant." + room.replace("/", ".")
            first, _, _ = (ast.get_docstring(checkout.trees[name]) or "").partition("\n")
            told[room] = first.replace("``", "`")
    return told


def pages(*, renewed: bool) -> Iterator[tuple[Path, str]]:
    """The page and its Chinese twin as they are now; their figures where they are renewed.

    Figures change with every line: they are those of when the page was last written.
    """
    rooms = sentences(ROOT)
    assert set(rooms) == set(structure_words.ROOMS), "docs/structure_words.py: a room has no words"
    drawn = picture(ROOT)
    told = {
        PAGE: (rooms, ": ", _NAMES, "| | 0.1.0 | now |"),
        TWIN: (structure_words.ROOMS, "：", structure_words.FIGURES, structure_words.HEAD),
    }
    figures_ = (json.loads(BEFORE.read_text("utf-8")), figures(ROOT)) if renewed else None
    for page, (words, colon, names, head) in told.items():
        lines = "\n".join(f"- **{room}**{colon}{words[room]}" for room in rooms)
        parts = {"rooms": drawn, "sentences": lines}
        if figures_ is not None:
            parts["figures"] = table(*figures_, names, head)
        yield page, _filled(page, parts)


def _filled(page: Path, parts: Mapping[str, str]) -> str:
    """A page with its made parts between their marks."""
    text = page.read_text("utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        head, _, rest = text.partition(begin)
        _, found, tail = rest.partition(end)
        assert found, f"{page.name}: no place for {name}"
        text = f"{head}{begin}{part}\n{end}{tail}"
    return text


if __name__ == "__main__":
    print(json.dumps(figures(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT), indent=2))
