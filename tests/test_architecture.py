"""Imports go down only, each outside library stays in its room, and errors are never swallowed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import hydrant

PACKAGE = Path(hydrant.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

#: Rooms from the ground up; a module imports from its own row of rooms or from lower ones.
LEVELS: tuple[tuple[str, ...], ...] = (
    (
        "errors",
        "vocabulary",
        "units",
        "ids",
        "times",
        "safe_text",
        "shapes",
        "source_shapes",
        "money_shapes",
        "completeness_shapes",
        "described",
        "guarded",
        "private",
        "durable",
        "secrets",
    ),
    ("resources", "messages", "config", "signing"),
    ("model", "geo", "integrity"),
    ("store",),
    ("survey", "telemetry"),
    ("report", "exchange"),
    ("file_shapes", "api"),
    ("cli", "__main__"),
)
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

#: Library: rooms that may import it.
WALLS = {
    "pymodbus": {"telemetry"},
    "pyproj": {"geo"},
    "typer": {"cli"},
    "rich": {"cli"},
    "sqlalchemy": {"store", "model"},
    "sqlite3": {"store"},
    "psycopg": {"store"},
    "procrastinate": {"store"},
    "filelock": {"telemetry"},
    "openpyxl": {"exchange"},
    "defusedxml": {"exchange"},
    "cryptography": {"signing"},
}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            if node.module.startswith("hydrant"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inner_room(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "hydrant" and len(parts) > 1 else None


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_and_stay_within_walls(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for name in imports(path):
        inner = inner_room(name)
        if inner is not None and inner in LEVEL:
            assert LEVEL[inner] <= LEVEL[room], f"{path} imports {name} from above"
        allowed = WALLS.get(name.split(".")[0])
        assert allowed is None or room in allowed, f"{path} imports {name} across a wall"


def test_rooms_on_one_level_do_not_lean_on_each_other_in_circles() -> None:
    arrows: dict[str, set[str]] = {}
    for path in MODULES:
        found = {inner_room(name) for name in imports(path)} - {None, room_of(path)}
        arrows.setdefault(room_of(path), set()).update(str(r) for r in found if r in LEVEL)
    seen: set[str] = set()

    def visit(room: str, way: tuple[str, ...]) -> None:
        assert room not in way, f"circle: {' > '.join((*way, room))}"
        if room in seen:
            return
        for other in arrows.get(room, ()):
            visit(other, (*way, room))
        seen.add(room)

    for room in arrows:
        visit(room, ())


def test_modules_do_not_import_in_circles() -> None:
    names = {
        ".".join(("hydrant", *p.relative_to(PACKAGE).with_suffix("").parts)): p for p in MODULES
    }
    arrows = {name: {i for i in _eager(path) if i in names} for name, path in names.items()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, f"circle: {' > '.join((*way, name))}"
        if name in done:
            return
        for other in arrows[name]:
            visit(other, (*way, name))
        done.add(name)

    for name in arrows:
        visit(name, ())


def _eager(path: Path) -> Iterator[str]:
    """Modules that are imported when this one is."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


SQL_WORDS = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "PRAGMA ")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_sql_stays_in_the_store_and_printing_in_cli(path: Path) -> None:
    room = room_of(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print" or room == "cli", f"{path} prints"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_sql = node.value.lstrip().startswith(SQL_WORDS)
            assert not is_sql or room in ("store", "model"), f"{path}:{node.lineno} holds SQL"


#: The one door at which a bug becomes one line.
DOOR = PACKAGE / "cli" / "main.py"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or (
            isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
        )
        raises_again = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        assert not broad or path == DOOR or raises_again, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 360
