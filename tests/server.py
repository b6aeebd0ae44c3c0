"""A PostgreSQL of the tests' own: one throw-away cluster, a fresh database for each test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ENVIRONMENT = "HYDRANT_TEST_POSTGRES"
#: Where its programs are, when they are neither on the path nor where Debian keeps them.
PROGRAMS = "HYDRANT_TEST_POSTGRES_PROGRAMS"
HINT = (
    "no PostgreSQL with PostGIS; apt-get install postgresql postgresql-15-postgis-3 "
    f"postgresql-15-partman, or name a server in {ENVIRONMENT}"
)
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB",
         "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60",
         "max_wal_size=2GB", "log_min_messages=panic")  # fmt: skip


def binaries() -> Path | None:
    """Folder of the newest PostgreSQL's programs, or of those in a named folder."""
    if (named := os.environ.get(PROGRAMS)) is not None:
        return Path(named) if (Path(named) / "initdb").exists() else None
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).parent if found else (folders[-1].parent if folders else None)


def _as_postgres(words: list[str]) -> None:
    """Run a program as anybody but root, whom initdb refuses."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   cwd="/")  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Cluster:
    """A server on which tests may make databases.

    Attributes
    ----------
    url
        Of its maintenance database, without the database's name.
    data
        Folder of a cluster of the tests' own; None for a server that was named.
    """

    url: str
    made: set[str] = field(default_factory=set)
    data: Path | None = None

    def run(self, statement: str) -> None:
        import psycopg  # noqa: PLC0415  an extra

        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(statement)

    def database(self, name: str, *, template: str = "template1") -> str:
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self.made.add(name)
        return f"{self.url}/{name}"

    def restart(self) -> None:
        """Stop the tests' own server as a power cut would, and start it again."""
        programs = binaries()
        assert programs is not None
        assert self.data is not None
        _as_postgres([str(programs / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "-w",
                      "restart", "-l", str(self.data.parent / "log")])  # fmt: skip

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.made.discard(name)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster | None]:
    """The server named in the environment, else one started for the tests; None if neither."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        server = Cluster(named.rstrip("/"))
        try:
            yield server
        finally:
            for name in list(server.made):
                server.drop(name)
        return
    programs = binaries()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="hydrant-pg-"))
    folder.chmod(0o777)
    data, port = folder / "data", free_port()
    _as_postgres([str(programs / "initdb"), "-k", "-D", str(data), "-U", "postgres", "-A", "trust",
                  "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])  # fmt: skip
    chosen = _FAST[3:] if durable else _FAST
    options = " ".join(f"-c {option}" for option in (*chosen, f"port={port}"))
    _as_postgres([str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-w", "-l",
                  str(folder / "log"), "start"])  # fmt: skip
    try:
        yield Cluster(f"postgresql://postgres@127.0.0.1:{port}", data=data)
    finally:
        _as_postgres([str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def emptied(url: str) -> None:
    """Empty every table of a registry but its settings and versions."""
    import psycopg  # noqa: PLC0415  an extra

    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE "
            "schemaname = 'hydrant' AND tablename NOT IN ('setting', 'migration', "
            "'readings_version') AND tablename NOT LIKE 'reading\\_p%'"
        ).fetchone()
        assert tables is not None
        connection.execute("SET search_path TO hydrant")
        connection.execute(f"TRUNCATE {tables[0]} RESTART IDENTITY CASCADE")
