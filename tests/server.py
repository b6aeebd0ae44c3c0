"""A PostgreSQL of the tests' own: one throw-away cluster, a fresh database for each test."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ENVIRONMENT = "HYDRANT_TEST_POSTGRES"
#: Where its programs are, when they are neither on the path nor where Debian keeps them.
PROGRAMS = "HYDRANT_TEST_POSTGRES_PROGRAMS"
HINT = (
    "no PostgreSQL with PostGIS; apt-get install postgresql postgresql-15-postgis-3 "
    f"postgresql-15-partman, or name a server in {ENVIRONMENT}"
)
NEW = "apt-get install postgresql postgresql-15-postgis-3"
#: Said by tests that stop and start a server: not one that others use.
OWN = f"a server of the tests' own is needed; apt-get install postgresql, and unset {ENVIRONMENT}"
#: Oldest version that the tests can use: the first whose databases are dropped with (FORCE).
OLDEST = 13
#: Where Debian keeps the programs of each version.
DEBIAN = Path("/usr/lib/postgresql")
#: Where Linux keeps files in memory, and what a cluster may come to there, bytes.
MEMORY = Path("/dev/shm")
_ROOM = 4 << 30
_NEEDED = ("initdb", "pg_ctl", "postgres")
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB",
         "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60",
         "max_wal_size=256MB", "log_min_messages=panic")  # fmt: skip


class Lacking(Exception):
    """There is no server that the tests can use; says what lacks and what to install."""


def binaries() -> Path | None:
    """Folder of a PostgreSQL's programs: the named one, or the path's, or Debian's newest."""
    if (named := os.environ.get(PROGRAMS)) is not None:
        return Path(named) if (Path(named) / "initdb").exists() else None
    found = shutil.which("initdb")
    # what the path holds may be links to some of the programs only
    linked = [] if found is None else [Path(found).parent, Path(found).resolve().parent]
    folders = [*linked, *sorted(DEBIAN.glob("*/bin"), key=_number, reverse=True)]
    whole = [folder for folder in folders if all((folder / name).exists() for name in _NEEDED)]
    return next(iter((*whole, *linked)), None)


def _number(folder: Path) -> tuple[int, ...]:
    """Version in the path of Debian's programs: 9.6 is before 15."""
    return tuple(map(int, re.findall(r"\d+", folder.parent.name)))


def _require_programs(folder: Path) -> None:
    """Raise `Lacking` for a PostgreSQL that is half there, too old, or that nobody may start."""
    for name in _NEEDED:
        if not (folder / name).exists():
            raise Lacking(f"{folder} has no {name}; apt-get install postgresql")
    try:
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True,
                              check=True).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise Lacking(
            f"{folder}/postgres does not run ({error}); apt-get install postgresql"
        ) from None
    version = re.search(r"\d+", told)
    if version is None or int(version[0]) < OLDEST:
        told = told.strip()
        raise Lacking(f"{told} is too old, {OLDEST} or newer is needed; {NEW}")
    if why := nobody_may_start():
        raise Lacking(why)


def nobody_may_start() -> str | None:
    """Why no PostgreSQL can be started by whoever runs the tests; None when it can."""
    if _is_root() and (shutil.which("runuser") is None or not _has_user("postgres")):
        return ("root may start no PostgreSQL, and there is no user postgres or no runuser; "
                "apt-get install postgresql util-linux")  # fmt: skip
    return None


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _has_user(name: str) -> bool:
    import pwd  # noqa: PLC0415  POSIX only, as root is

    return name in {user.pw_name for user in pwd.getpwall()}


def _as_postgres(words: list[str], *, said: Path | None = None) -> None:
    """Run a program as anybody but root, whom initdb refuses.

    Parameters
    ----------
    said
        File for what it says; a pipe would be held open by the server that it starts.
    """
    if _is_root():
        words = ["runuser", "-u", "postgres", "--", *words]
    with (said or Path(os.devnull)).open("ab") as out:
        subprocess.run(words, check=True, stdout=out, stderr=out, cwd="/")


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
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """The server named in the environment, else one started for the tests.

    Raises
    ------
    Lacking
        There is none, or one that is half there or too old.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        server = Cluster(named.rstrip("/"))
        _require_postgis(server)
        try:
            yield server
        finally:
            for name in list(server.made):
                server.drop(name)
        return
    programs = binaries()
    if programs is None:
        raise Lacking(HINT)
    _require_programs(programs)
    with _started(programs, durable=durable) as server:
        _require_postgis(server)
        yield server


@contextmanager
def _started(programs: Path, *, durable: bool) -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="hydrant-pg-", dir=None if durable else in_memory()))
    folder.chmod(0o777)
    data, port, said = folder / "data", free_port(), folder / "said"
    chosen = _FAST[3:] if durable else _FAST
    options = " ".join(f"-c {option}" for option in (*chosen, f"port={port}"))
    stop = [str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
    try:
        try:
            _as_postgres([str(programs / "initdb"), "-k", "-D", str(data), "-U", "postgres",
                          "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
                         said=said)  # fmt: skip
            _as_postgres([str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-w", "-l",
                          str(folder / "log"), "start"], said=said)  # fmt: skip
        except subprocess.CalledProcessError as error:
            why = f"the PostgreSQL of {programs} does not start ({_last_words(folder, error)}); "
            raise Lacking(why + "apt-get install --reinstall postgresql postgresql-15") from None
        yield Cluster(f"postgresql://postgres@127.0.0.1:{port}", data=data)
    finally:
        if (data / "postmaster.pid").exists():
            _as_postgres(stop)
        shutil.rmtree(folder, ignore_errors=True)


def in_memory() -> str | None:
    """A folder in memory with room for a cluster and the tests' files; None where there is none.

    Thousands of databases and registries are made and dropped: on a disk, each waits until it is
    written, and a file system that does not give the places of files just deleted away again
    looks longer and longer for one that is free. Programs are run from there, too.
    """
    try:
        room = shutil.disk_usage(MEMORY).free >= _ROOM
        runs = not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    except (OSError, AttributeError):  # no such folder, or no such system
        return None
    return str(MEMORY) if room and runs and os.access(MEMORY, os.W_OK) else None


def _last_words(folder: Path, error: subprocess.CalledProcessError) -> str:
    """The line that says most about why a server does not start."""
    lines = [
        line.strip()
        for name in ("said", "log")
        if (folder / name).exists()
        for line in (folder / name).read_text("utf-8", "replace").splitlines()
    ]
    grave = [line for line in lines if re.search(r"FATAL|PANIC|error", line)]
    return next(iter((*grave[-1:], *lines[-1:])), str(error))


def _require_postgis(server: Cluster) -> None:
    """Raise `Lacking` where a server is not reached, is too old, or lets no PostGIS be made."""
    try:
        import psycopg  # noqa: PLC0415  an extra
    except ImportError:
        raise Lacking('psycopg is not installed; python -m pip install "psycopg[binary]"') from None
    try:
        connection = psycopg.connect(f"{server.url}/postgres", connect_timeout=10)
    except psycopg.Error as error:
        where = f"the server in {ENVIRONMENT}" if server.data is None else "the tests' server"
        raise Lacking(f"{where} cannot be reached ({_first(error)}); {HINT}") from None
    with closing(connection):
        version = connection.info.server_version // 10_000
        if version < OLDEST:
            raise Lacking(f"PostgreSQL {version} is too old, {OLDEST} or newer is needed; {NEW}")
        try:
            # made for a trial: its files may be there without its library
            connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            connection.execute("SELECT postgis_version()")
        except psycopg.Error as error:
            raise Lacking(
                f"PostgreSQL {version} has no PostGIS that works ({_first(error)}); "
                f"apt-get install postgresql-{version}-postgis-3"
            ) from None


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0]


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
