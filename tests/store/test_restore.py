"""Dumps and base backups bring a registry back, by the very commands of the manual."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hydrant.ids import new_uid
from hydrant.store.file.migrate import create
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Server
from hydrant.store.readings.readings import Reading
from hydrant.store.readings.readings_file import open_readings
from tests.conftest import SETTINGS, TWO_TOWNSHIPS, Program, missing
from tests.parts import advice
from tests.server import OWN, Cluster, binaries, free_port

pytestmark = pytest.mark.peer
psycopg = pytest.importorskip("psycopg")

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "operate-province.md"
BLOCKS = dict(re.findall(r"<!-- ([a-z]+: [a-z]+) -->\n```bash\n(.*?)```",
                         PAGE.read_text("utf-8"), re.DOTALL))  # fmt: skip


def filled(program: Program, folder: Path) -> None:
    regions = folder / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    for number in range(20):
        program.data("asset", "add", f"H{number}", "--kind", "hydrant.pillar", "--lon",
                     120 + number / 1000, "--lat", 30.2, "--crs", "cgcs2000", "--region",
                     "330199001")  # fmt: skip
    program.data("survey", "record", "H1", "--outcome", "works", "--static-kpa", 300)
    program.data("require", "set", "330199001", "hydrant", 30, "--from", "2021-01-01")
    program.data("sensor", "add", "H2", "--profile", "keller-33x", "--url", "tcp://127.0.0.1:1",
                 "--unit", 1)  # fmt: skip
    begun = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    with open_readings(readings_path(program.db)) as store:
        store.save([Reading("s", "a", begun + dt.timedelta(hours=n), 1.0, 0, None, None)
                    for n in range(60)])  # fmt: skip


def told(program: Program) -> list[object]:
    """What a registry says of itself."""
    assert program("db", "check").code == 0
    assert program("audit", "verify").code == 0
    with open_readings(readings_path(program.db)) as store:
        (readings,) = one_row(store.connection.execute("SELECT count(*) FROM reading"))
    return [
        program.data("integrity"), program.data("asset", "list"), program.data("sensor", "list"),
        program.data("audit", "log"), readings,
    ]  # fmt: skip


def search_path() -> str:
    """Where the server's programs are; Debian keeps some out of everybody's way."""
    own = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return ":".join([*filter(None, [str(binaries() or "")]), *own, os.environ["PATH"]])


def _need(*programs: str) -> None:
    """Say which of the programs that a manual's commands call are not there."""
    for name in ("bash", *programs):
        if shutil.which(name, path=search_path()) is None:
            missing(advice(name))


def run(script: str, environment: dict[str, str]) -> None:
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=environment, cwd="/",
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, script + done.stdout + done.stderr


def test_a_dump_is_restored(
    database: Server, postgres: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _need("psql", "pg_dump", "pg_restore")
    office = Program(database, capsys)
    filled(office, tmp_path)
    office.data("db", "roles")
    name = database.url.rpartition("/")[2]
    again = f"again_{new_uid()[-12:]}"
    place = {"county_again": again, "/srv/pg": str(tmp_path)}
    script = BLOCKS["dump: make"].replace(" county\n", f" {name}\n") + BLOCKS["dump: restore"]
    for word, own in place.items():
        script = script.replace(word, own)
    connection = psycopg.conninfo.conninfo_to_dict(database.url)
    environment = {"PATH": search_path(),
                   "PGHOST": str(connection["host"]), "PGPORT": str(connection["port"]),
                   "PGUSER": str(connection["user"]),
                   "PGPASSWORD": str(connection.get("password", ""))}  # fmt: skip
    postgres.made.add(again)
    try:
        run(script, environment)
        copy = Program(Server(f"{postgres.url}/{again}"), capsys)
        copy.data("db", "roles")  # what a database lets everybody do is not in a dump
        assert told(copy) == told(office)
        copy.data("asset", "edit", "H3", "--owner", "X")
        refused = copy("db", "publish", tmp_path / "web", "--json")
        assert refused.code == 0, refused
    finally:
        postgres.drop(again)


@pytest.fixture
def durable(postgres: Cluster) -> Iterator[tuple[Path, int]]:
    """A cluster with its usual durability, whose folders a test may break."""
    if postgres.data is None:
        missing(OWN)
    _need("psql", "pg_basebackup")
    folder = Path(tempfile.mkdtemp(prefix="hydrant-pitr-"))
    folder.chmod(0o777)
    port = free_port()
    settings = f"port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
    _as_owner(folder, f"initdb -D {folder}/main -U postgres -A trust --no-sync -E UTF8 "
              f"--locale=C.UTF-8 >/dev/null\ncat >> {folder}/main/postgresql.conf <<'END'\n"
              f"{settings}END\n{_started(folder)}")  # fmt: skip
    try:
        yield folder, port
    finally:
        for name in ("main", "broken"):
            if (folder / name / "postmaster.pid").exists():
                _as_owner(folder, f"pg_ctl -D {folder}/{name} -m immediate stop >/dev/null")
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path) -> str:
    return f"pg_ctl -D {folder}/main -w -l {folder}/log start >/dev/null"


def _as_owner(folder: Path, script: str, **more: str) -> None:
    """Run a script as the user that the cluster belongs to, anybody but root."""
    words = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    environment = {"PATH": search_path(), "LC_ALL": "C.UTF-8", **more}
    done = subprocess.run([*words, "bash", "-euo", "pipefail", "-c", script], env=environment,
                          cwd="/", capture_output=True, text=True, check=False)  # fmt: skip
    log = folder / "log"
    assert done.returncode == 0, (
        f"{script}\n{done.stdout}{done.stderr}{log.read_text() if log.exists() else ''}"
    )


def test_the_server_goes_back_to_a_moment(
    durable: tuple[Path, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, port = durable
    to_psql = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "postgres"}

    def manual(block: str, **own: str) -> None:
        script = BLOCKS[block]
        stop = f"pg_ctl -D {folder}/main -w -m fast stop >/dev/null"
        for word, meant in {
            "systemctl restart postgresql": f"{stop}; {_started(folder)}",
            "systemctl stop postgresql": stop,
            "systemctl start postgresql": _started(folder),
            "/usr/lib/postgresql/15/bin/": "",
            "/var/lib/postgresql/15": str(folder),
            "/srv/pg": f"{folder}/srv",
            **own,
        }.items():
            script = script.replace(word, meant)
        _as_owner(folder, script, **to_psql)

    _as_owner(folder, "createdb county", **to_psql)
    office = Program(Server(f"postgresql://postgres@127.0.0.1:{port}/county"), capsys)
    create(office.db, settings=SETTINGS)
    manual("pitr: archive")
    manual("pitr: base")
    filled(office, tmp_path)
    before = told(office)
    time.sleep(1.1)
    moment = dt.datetime.now(dt.UTC)
    time.sleep(1.1)
    for number in range(10):
        office.data("asset", "retire", f"H{number}")
    assert told(office) != before
    found = {c["name"]: c for c in office("health", "--json").json["data"]["checks"]}
    assert found["archive"]["state"] in ("ok", "unknown")
    manual("pitr: recover", **{"2026-11-24 16:20:00+08": moment.isoformat(" ")})
    _until_promoted(office.db.url)
    assert told(office) == before
    office.data("asset", "edit", "H3", "--owner", "X")


def _until_promoted(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with psycopg.connect(url) as connection:
            (recovering,) = connection.execute("SELECT pg_is_in_recovery()").fetchone() or (True,)
        if not recovering:
            return
        time.sleep(0.1)
    pytest.fail("the server does not end its recovery")
