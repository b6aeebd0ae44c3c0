"""Imports go down only, each outside library stays in its room, and errors are never swallowed."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest

import hydrant
from docs.structure import Checkout, asks_store, command_bodies
from tests.late_imports import LATE

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
        "import_shapes",
        "money_shapes",
        "completeness_shapes",
        "described",
        "guarded",
        "private",
        "durable",
        "secrets",
        "close_words",
        "plain_text",
        "written_dates",
    ),
    ("workbooks",),
    ("resources", "messages", "config", "signing"),
    ("shipped", "topics"),
    ("model", "geo", "integrity"),
    ("store",),
    ("survey", "telemetry"),
    ("report", "exchange"),
    ("file_shapes", "api"),
    ("cli", "__main__"),
)
#: Rooms of the store from the ground up; each imports from those before it only.
STORE = (
    *(
        "migrations",
        "ground",
        "sql",
        "chain",
        "server",
        "server_schema",
        "server_tables",
        "server_work",
        "file",
    ),
    *("opened", "readings", "facts", "regions", "evidence", "views", "outside", "proofs", "care"),
    "sides",
)
#: A room that has more modules is two rooms.
MOST_IN_A_ROOM = 15
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

#: Library: rooms, or parts of them, that may import it.
WALLS = {
    "pymodbus": {"telemetry"},
    "pyproj": {"geo"},
    "shapely": {"geo", "exchange", "survey", "report", "cli/coverage_view", "cli/survey_area"},
    "numpy": {"geo", "exchange", "survey", "report", "store", "model"},
    "pyogrio": {"exchange"},
    "typer": {"cli"},
    "rich": {"cli"},
    "sqlmodel": {"store", "model", "survey/row_rules", "survey/submitted",
                 "exchange/package_shapes"},
    "sqlalchemy": {"store", "model"},
    "sqlite3": {"store"},
    "psycopg": {"store/server", "store/server_schema", "store/server_work",
                "store/care/server_restoring"},
    "procrastinate": {"store/server_work"},
    "pydantic": {"model", "exchange", "shapes", "source_shapes", "import_shapes", "money_shapes",
                 "completeness_shapes", "file_shapes"},
    "filelock": {"telemetry"},
    "openpyxl": {"exchange"},
    "defusedxml": {"exchange"},
    "cryptography": {"signing"},
}  # fmt: skip


#: A gate that only another library goes through: openpyxl, by itself.
IDLE = {"defusedxml": {"exchange"}}


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
        assert allowed is None or within(path, allowed), f"{path} imports {name} across a wall"


def within(path: Path, parts: Collection[str]) -> bool:
    """Whether a module is one of some rooms or parts of rooms, or stands in one of them."""
    way = path.relative_to(PACKAGE).with_suffix("").parts
    return any("/".join(way[:depth]) in parts for depth in range(1, len(way) + 1))


@pytest.mark.parametrize("library", WALLS)
def test_no_wall_has_an_idle_gate(library: str) -> None:
    users = [path for path in MODULES if library in {n.split(".")[0] for n in imports(path)}]
    for part in WALLS[library] - IDLE.get(library, set()):
        assert any(within(path, {part}) for path in users), f"{part} does not import {library}"


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


NAMES = {".".join(("hydrant", *p.relative_to(PACKAGE).with_suffix("").parts)): p for p in MODULES}


def test_modules_do_not_import_in_circles() -> None:
    """Imports within functions and for types alone count: what they hide is a circle, too."""
    arrows = {name: {i for i in imports(path) if i in NAMES} for name, path in NAMES.items()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, f"circle: {' > '.join((*way[way.index(name) :], name))}"
        if name in done:
            return
        for other in arrows[name]:
            visit(other, (*way, name))
        done.add(name)

    for name in arrows:
        visit(name, ())


def late_imports(path: Path) -> set[str]:
    """Modules of ours that are imported within functions, or for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    eager = {id(node) for node in tree.body}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in eager:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found |= {name for name in (full, node.module) if name in NAMES}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_late_imports_are_those_that_have_a_reason(name: str) -> None:
    given = [other for reasons in LATE.values() for other in reasons.get(name, ())]
    assert len(given) == len(set(given)), f"{name}: two reasons for one import"
    found = late_imports(NAMES[name])
    assert not found - set(given), f"{name} imports late, without a reason in late_imports.py"
    assert not set(given) - found, f"late_imports.py names what {name} does not import late"


def test_reasons_name_modules() -> None:
    assert {name for reasons in LATE.values() for name in reasons} <= NAMES.keys()


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


#: What asks whether a registry is a file or on a server, outside the server's own rooms, and how
#: often; all else asks the `Backend` of an open registry. These have a place, and nothing open:
ASKS_STORE = {
    # opens, makes or finds what the place names: here the two ways part
    "store/ground/place": 2,
    "store/ground/location": 1,
    "store/opened/registry": 1,
    "store/file/migrate": 2,
    "store/readings/readings_file": 2,
    # a file is replaced by another beside it, a server's registry is worked on where it stands
    "store/care/backup": 1,
    "store/care/copying": 1,
    "store/care/repair": 1,
    "store/care/restoring": 1,
    # one process of a machine, or one of all machines
    "telemetry/run_lock": 1,
    # readings that are held end nothing, but whoever lost a server has lost its seats there
    "cli/listen": 2,
    # a prompt does not wait for a network; what a copy of a server's registry lacks
    "cli/complete_words": 1,
    "cli/db_backup": 1,
}


def test_only_those_ask_which_store_it_is_that_have_a_reason() -> None:
    checkout = Checkout(PACKAGE.parent)
    found = {
        "/".join(name.split(".")[1:]): len(asks_store(path.read_text(encoding="utf-8")))
        for name, path in checkout.modules.items()
        if "server" not in checkout.room(name)
    }
    assert {name: count for name, count in found.items() if count} == ASKS_STORE


def test_commands_are_thin() -> None:
    """What a command does stands in functions that can be called without a command line."""
    bodies = sorted(command_bodies(Checkout(PACKAGE.parent)))
    assert statistics.median(bodies) < 10, "half of the commands: at most 9 code lines"
    assert bodies[int(0.9 * len(bodies))] <= 20, "nine of ten commands: at most 20 code lines"


#: Most uses of `Any` in a room; what a new one hides, no type checker sees. What values a
#: statement gives is told by its text alone: the store calls that `Row`, and by names `Record`
#: (`hydrant.model.values`), and is bound by how often it does.
ANY = {"store": 0, "telemetry": 4, "integrity": 11, "survey": 30, "model": 38, "report": 110,
       "geo": 195, "exchange": 260, "cli": 270}  # fmt: skip
UNTYPED = {"Row": 76, "Record": 45}


def names_used(path: Path, name: str) -> int:
    """How often a module uses a name, its import apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


@pytest.mark.parametrize("room", ANY)
def test_no_more_any_than_there_is(room: str) -> None:
    found = {path: names_used(path, "Any") for path in (PACKAGE / room).rglob("*.py")}
    most = {str(p.relative_to(PACKAGE)): n for p, n in found.items() if n}
    assert sum(found.values()) <= ANY[room], f"`Any` {sum(found.values())} times: {most}"


@pytest.mark.parametrize("name", UNTYPED)
def test_no_more_rows_of_unknown_columns_than_there_are(name: str) -> None:
    found = sum(names_used(path, name) for path in (PACKAGE / "store").rglob("*.py"))
    assert found <= UNTYPED[name]


def test_the_backend_promises_types() -> None:
    """What its protocols take and give is told in types, and not as `object` throughout."""
    path = PACKAGE / "store" / "ground" / "backend.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            given = [ast.unparse(one.annotation) for one in node.args.args if one.annotation]
            given += [ast.unparse(node.returns)] if node.returns else []
            assert "object" not in given or node.name == "state", f"{node.name} in backend.py"


#: The one handler in which a bug becomes one line.
HANDLER = PACKAGE / "cli" / "main.py"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or (
            isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
        )
        raises_again = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        assert not broad or path == HANDLER or raises_again, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 360


def store_room(parts: Sequence[str]) -> str | None:
    """The room of the store that a way leads to; None for what is not of the store."""
    return parts[1] if parts[0] == "store" and len(parts) > 1 else None


def test_rooms_of_the_store_lean_on_those_below_only() -> None:
    wrong = []
    for path in MODULES:
        room = store_room(path.relative_to(PACKAGE).with_suffix("").parts)
        if room is None or room == "__init__":
            continue
        for name in imports(path):
            other = store_room(name.split(".")[1:]) if name.startswith("hydrant.store.") else None
            if other is not None and STORE.index(other) > STORE.index(room):
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name} from above")
    assert not wrong, wrong


def test_rooms_of_the_store_stay_small_and_say_what_they_are() -> None:
    store = PACKAGE / "store"
    assert {p.name for p in store.iterdir() if (p / "__init__.py").exists()} == set(STORE)
    assert [p.name for p in store.glob("*.py")] == ["__init__.py"]
    for room in STORE:
        modules = [p for p in (store / room).glob("*.py") if p.name != "__init__.py"]
        assert len(modules) <= MOST_IN_A_ROOM, room
        assert ast.get_docstring(ast.parse((store / room / "__init__.py").read_text("utf-8")))
