"""Fixtures shared by all tests: a registry of one's own, and the program in-process."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest
from typer.main import get_command

from hydrant.cli import main
from hydrant.cli.main import RootGroup, run
from hydrant.ids import new_uid
from hydrant.store.chain.reading_chain import CREATED, found
from hydrant.store.chain.sealing import founding
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened.registry import Registry, open_registry
from tests.parts import advice, lacking, modbus_flags
from tests.server import Cluster, Lacking, cluster, emptied, in_memory

# machines are noisy: how long an example takes is no property of the program
hypothesis.settings.register_profile("noisy", deadline=None)
hypothesis.settings.load_profile("noisy")
if (memory := in_memory()) is not None:
    # https://docs.pytest.org/en/stable/reference/reference.html#envvar-PYTEST_DEBUG_TEMPROOT
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own configuration or registry."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("HYDRANT_DB", "HYDRANT_LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def peer() -> Callable[[str], str]:
    """Path of a peer's program; where it is missing the test is skipped, or fails in CI."""

    def find(name: str) -> str:
        lacks = lacking(name)
        if lacks is not None:
            missing(lacks)
        return str(shutil.which(name))

    return find


@pytest.fixture
def with_libmodbus(peer: Callable[[str], str]) -> Callable[[Path, Path], None]:
    """Makes a program of a C source that uses libmodbus."""

    def build(source: Path, program: Path) -> None:
        compiler, flags = peer("gcc"), modbus_flags()
        if flags is None:
            missing(advice("libmodbus"))
        subprocess.run([compiler, source, "-o", program, *flags], check=True)

    return build


def missing(what: str) -> NoReturn:
    """Say that a peer is not there: a failure when HYDRANT_REQUIRE_PEERS=1, else a skip."""
    if os.environ.get("HYDRANT_REQUIRE_PEERS") == "1":
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def own_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A server for the tests; where there is none that can be used they say so."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(cluster(durable=durable))
        except Lacking as lacking:
            missing(str(lacking))
        yield server


#: A county with two townships, as a region file.
TWO_TOWNSHIPS = (
    "code,name_zh,name_en,level,parent_code\n330199,县,County,county,\n"
    "330199001,甲镇,A,township,330199\n330199002,乙镇,B,township,330199\n"
)


SETTINGS = {"policy": "zhejiang", "zone": "Asia/Shanghai"}
#: Modules whose tests run on a file and on a server, but for those marked ``file_only``.
ON_BOTH = (
    *(
        "store.test_writer",
        "report.test_doubled",
        "store.test_both",
        "store.test_reading_seals",
        "contracts.test_json",
        "contracts.test_command_line",
    ),
    *(
        "cli.test_health",
        "report.test_units_placed",
        "report.test_followed_policy",
        "cli.test_said_of_an_edit",
        "exchange.test_outdated_exports",
        "exchange.test_moved_and_bad",
        "exchange.test_notes_at_doors",
        "exchange.test_repeated_rows",
        "cli.test_day",
        "cli.test_order_of_a_day",
        "cli.test_told_at_once",
        "cli.test_coverage",
        "cli.test_out_of_force",
        "exchange.test_import_laws",
        "exchange.test_export",
    ),
    *("exchange.test_bad_input", "exchange.test_gis_files", "exchange.test_foreign_registers"),
    *("report.test_integrity", "report.test_change", "report.test_todo", "report.test_files"),
    *("report.test_completeness", "report.test_split_numbers", "report.test_units_compared"),
    *(
        "report.test_supply",
        "survey.test_round",
        "survey.test_visit_files",
        "telemetry.test_care",
        "telemetry.test_dialin",
    ),
    *(
        "telemetry.test_evidence",
        "telemetry.test_history",
        "telemetry.test_ingest",
        "telemetry.test_intake",
        "telemetry.test_mail",
        "telemetry.test_poll",
        "telemetry.test_silent_registers",
    ),
    *("report.test_duplicates", "survey.test_phone", "survey.test_plan", "exchange.test_suggested"),
    *(
        "exchange.test_package",
        "exchange.test_package_evidence",
        "exchange.test_package_histories",
        "exchange.test_package_kept",
        "exchange.test_package_regions",
        "exchange.test_package_senders",
        "exchange.test_package_stated",
        "exchange.test_package_units",
        "exchange.test_package_went",
        "exchange.test_reading_export",
        "store.test_chain",
    ),
    *("hostile.test_orders", "integrity.test_flow", "peers.test_qgis_map", "survey.test_merging"),
    *("cli.test_completion", "cli.test_preferences", "cli.test_regions", "cli.test_beside"),
    "cli.test_redated",
    "cli.test_ended_numbers",
    "store.test_check_seals",
    *(
        "survey.test_unsealed_rows",
        "store.test_at_once",
        "store.test_versions",
        "report.test_readback",
    ),
    *("report.test_money", "survey.test_wrong_answers", "store.test_withdrawing"),
    *(
        "store.test_uniting",
        "store.test_found_again",
        "exchange.test_register_visits",
        "exchange.test_deliveries",
    ),
    *("report.test_histories", "report.test_page"),
    *("exchange.test_package_own", "exchange.test_package_numbers", "store.test_number_ends"),
    "store.test_logins",
)
TEMPLATE = f"hydrant_{new_uid()[-12:]}"


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over the 16,000 tests, which stay until the end anyway."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of some modules on both stores."""
    module = metafunc.module.__name__.removeprefix("tests.")
    if (
        module in ON_BOTH
        and {"registry_path", "level", "office"} & set(metafunc.fixturenames)
        and metafunc.definition.get_closest_marker("file_only") is None
    ):
        metafunc.parametrize("store", ["file", "server"], indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _built_once() -> Iterator[None]:
    """Commands are built at their first use, as in one process of the program, and kept."""
    built: dict[int, Any] = {}

    def once(app: Any) -> Any:
        if app.info.cls is RootGroup:
            return get_command(app)
        return built.get(id(app)) or built.setdefault(id(app), get_command(app))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "get_command", once)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL with a template for registries; where there is none tests say so."""
    with own_cluster() as server:
        create(Server(server.database(TEMPLATE)), settings=SETTINGS)
        yield server
        server.drop(TEMPLATE)


@pytest.fixture
def database(postgres: Cluster) -> Iterator[Server]:
    """An empty registry on the server."""
    name = f"test_{new_uid()[-12:]}"
    yield Server(postgres.database(name, template=TEMPLATE))
    postgres.drop(name)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Which store a test runs on."""
    return str(getattr(request, "param", "file"))


@pytest.fixture(scope="session")
def registry_to_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty registry in a file, to be copied: making one takes longer than most tests do."""
    path = tmp_path_factory.mktemp("blank") / "blank.gpkg"
    create(path, settings=SETTINGS)
    return path


@pytest.fixture
def registry_path(tmp_path: Path, store: str, request: pytest.FixtureRequest) -> Any:
    """An empty registry: a file, or a database where the test runs on a server."""
    if store == "server":
        return request.getfixturevalue("database")
    return Path(shutil.copy(request.getfixturevalue("registry_to_copy"), tmp_path / "test.gpkg"))


def renew(place: Place) -> None:
    """Make a registry empty again."""
    if isinstance(place, Server):
        emptied(place.url)
        with open_registry(place, write=True) as opened:
            founding(opened.connection, "created", actor="hydrant", origin="init")
            found(opened.connection, CREATED)
    else:
        place.unlink()
        place.with_suffix(".readings.db").unlink(missing_ok=True)
        create(place, settings=SETTINGS)


@pytest.fixture
def registry(registry_path: Place) -> Iterator[Registry]:
    """An empty registry, open for writing."""
    with open_registry(registry_path, write=True) as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The envelope of a ``--json`` run."""
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    @property
    def data(self) -> dict[str, Any]:
        """``data`` of the envelope."""
        data: dict[str, Any] = self.json["data"]
        return data


class Program:
    """The program, run in this process on one registry."""

    def __init__(self, db: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self.db, self._capsys = db, capsys

    def __call__(self, *arguments: object, lang: str = "en", db: bool = True) -> Ran:
        """Run a command line; the registry is given unless `db` is false."""
        words = [str(word) for word in arguments]
        if db:
            words = ["--db", str(self.db), *words]
        code = run([*words, "--lang", lang])
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def data(self, *arguments: object) -> dict[str, Any]:
        """Data of a command that must succeed."""
        ran = self(*arguments, "--json")
        assert ran.code == 0, ran
        return ran.data


@pytest.fixture
def program(registry_path: Place, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program on an empty registry."""
    return Program(registry_path, capsys)


@pytest.fixture
def bare_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program with a registry path at which nothing is."""
    return Program(tmp_path / "none.gpkg", capsys)
