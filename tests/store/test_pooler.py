"""Behind a real pgbouncer: sessions are as good as one's own, lent transactions are refused."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hydrant.store.ground.place import Server
from hydrant.store.server import pooler
from tests.conftest import Program, missing
from tests.parts import advice
from tests.server import free_port
from tests.store.test_backup import add
from tests.telemetry.lines import listening

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.peer


@contextmanager
def pgbouncer(database: Server, mode: str, size: int = 20) -> Iterator[str]:
    """URL of a database behind a pooler of its own."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing(advice("pgbouncer"))
    server, port = urlsplit(database.url), free_port()
    login = f"user={server.username}" + (f" password={server.password}" if server.password else "")
    folder = Path(tempfile.mkdtemp(prefix="hydrant-pgbouncer-"))
    folder.chmod(0o755)
    (folder / "users").write_text(f'"{server.username}" ""\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host={server.hostname} port={server.port} {login}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"auth_file = {folder}/users\npool_mode = {mode}\ndefault_pool_size = {size}\n"
    )
    words = [program, "-q", str(folder / "ini")]
    if os.geteuid() == 0:  # which it refuses
        words = ["runuser", "-u", "nobody", "--", *words]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _answers(port)
        yield database.url.replace(f"{server.hostname}:{server.port}", f"127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def _answers(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def direct(database: Server, capsys: pytest.CaptureFixture[str]) -> Iterator[Program]:
    """A registry with a sensor behind a gateway that never answers."""
    program = Program(database, capsys)
    add(program, "A")
    with listening(lambda _: None) as line:
        program.data("sensor", "add", "A", "--profile", "keller-33x", "--unit", 1, "--url",
                     f"tcp://127.0.0.1:{line.port}?timeout=0.2")  # fmt: skip
        yield program


def locks(database: Server) -> int:
    with closing(psycopg.connect(database.url)) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchone()
    assert found is not None
    return int(found[0])


def test_sessions_are_as_good_as_ones_own(
    direct: Program, database: Server, tmp_path: Path
) -> None:
    assert direct("worker", "prepare").code == 0
    with pgbouncer(database, "session") as url:
        pooled = Program(url, direct._capsys)
        assert pooled("poll", "--all").code == 5
        ran = pooled("worker", "--once", "--all", "--json")
        assert (ran.code, ran.data["failed"]) == (5, 1)
        assert pooled("near", 120.1, 30.2).code == 0
        assert pooled("db", "check").code == 0
        assert pooled("survey", "pack", tmp_path / "c.gpkg", "--crew", "a").code == 0
        with closing(psycopg.connect(url)) as raw:
            (runs,) = raw.execute("SELECT count(*) FROM hydrant.poll_run").fetchone()
        assert runs == 2
    assert locks(database) == 0


def test_transactions_that_are_lent_are_refused(
    direct: Program, database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pgbouncer(database, "transaction") as url:
        pooled = Program(url, direct._capsys)
        for words in (("poll", "--all"), ("worker", "--once"), ("listen", "--port", free_port()),
                      ("near", 120.1, 30.2), ("integrity",), ("worker", "status")):  # fmt: skip
            ran = pooled(*words)
            assert (ran.code, len(ran.err.splitlines())) == (4, 1), ran
            assert "pool_mode = session" in ran.err
        with closing(psycopg.connect(url, autocommit=True)) as raw:
            # nothing was set in a session that is anybody's
            (mode,) = raw.execute("SHOW default_transaction_read_only").fetchone()
            assert mode == "off"
    assert locks(database) == 0


def test_a_pool_without_a_session_to_spare_is_not_taken_for_one_that_lends(
    database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooler, "_WAIT_S", 1.0)
    with (
        pgbouncer(database, "session", size=1) as url,
        closing(psycopg.connect(url, autocommit=True)) as raw,
    ):
        assert not pooler.lends_transactions(Server(url), raw)


def test_a_busy_pool_that_lends_is_told_by_the_session_that_changes(database: Server) -> None:
    with pgbouncer(database, "transaction") as url, closing(psycopg.connect(url)) as busy:
        raw = psycopg.connect(url, autocommit=True)
        with closing(raw):
            raw.execute("SELECT 1")
            busy.execute("SELECT 1")  # holds what was idle until its transaction ends
            assert pooler.lends_transactions(Server(url), raw)
