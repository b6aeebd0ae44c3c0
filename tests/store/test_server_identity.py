"""Over a network a server must prove its name, unless the user said otherwise."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hydrant.store.ground.place import Server
from tests.conftest import Program
from tests.server import Cluster

psycopg = pytest.importorskip("psycopg")
from psycopg.conninfo import conninfo_to_dict  # noqa: E402  as above

from hydrant.store.server.tls import secured  # noqa: E402  needs the driver

STATED = ("PGSSLMODE", "PGSERVICE", "PGHOST", "PGSSLROOTCERT")


@pytest.fixture(autouse=True)
def _nothing_stated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in STATED:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://u@db.example/county", "verify-full"),
        ("postgresql://u@10.1.2.3:5433/county?application_name=x", "verify-full"),
        ("postgresql://u@127.0.0.1,db.example/county", "verify-full"),
        ("postgresql://u@db.example/county?hostaddr=127.0.0.1", "verify-full"),
        ("postgresql://u@db.example/county?sslmode=disable", "disable"),
        ("postgresql://u@localhost/county", None), ("postgresql:///county", None),
        ("postgresql://u@127.0.0.1:5433/county", None), ("postgresql://u@[::1]/county", None),
        ("postgresql:///county?host=/run/postgresql", None),
    ],
)  # fmt: skip
def test_who_must_prove_itself(url: str, mode: str | None) -> None:
    assert conninfo_to_dict(secured(url)).get("sslmode") == mode


def test_what_the_environment_states_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")
    assert "sslmode" not in conninfo_to_dict(secured("postgresql://u@db.example/county"))
    monkeypatch.delenv("PGSSLMODE")
    monkeypatch.setenv("PGHOST", "db.example")
    assert conninfo_to_dict(secured("postgresql:///county"))["sslmode"] == "verify-full"
    monkeypatch.setenv("PGSSLROOTCERT", "/etc/own.crt")
    assert "sslrootcert" not in conninfo_to_dict(secured("postgresql:///county"))


@pytest.fixture
def named(database: Server) -> str:
    """The registry's URL under a name that is not this machine's own."""
    return database.url.replace("127.0.0.1", "db.hydrant.test") + "?hostaddr=127.0.0.1"


@pytest.fixture
def certificate(postgres: Cluster, tmp_path: Path) -> Iterator[Path]:
    """The server answers with a certificate of its own for ``db.hydrant.test``."""
    if postgres.data is None:
        pytest.skip("the server is not the tests' own")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "db.hydrant.test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("db.hydrant.test")]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                               serialization.NoEncryption())  # fmt: skip
    owner = postgres.data.stat()
    for file, content in (("server.crt", pem), ("server.key", secret)):
        path = postgres.data / file
        path.write_bytes(content)
        path.chmod(0o600)
        if path.stat().st_uid != owner.st_uid:
            shutil.chown(path, owner.st_uid, owner.st_gid)
    (tmp_path / "root.crt").write_bytes(pem)
    postgres.run("ALTER SYSTEM SET ssl = on")
    postgres.run("SELECT pg_reload_conf(), pg_sleep(0.3)")
    yield tmp_path / "root.crt"
    postgres.run("ALTER SYSTEM RESET ssl")
    postgres.run("SELECT pg_reload_conf(), pg_sleep(0.3)")


def refused(program: Program, *said: str) -> None:
    for words in (["db", "check"], ["asset", "list"], ["worker", "run", "--once"]):
        ran = program(*words)
        assert ran.code == 4, ran
        assert len(ran.err.strip().splitlines()) == 1
        assert "prove" in ran.err
        assert all(word in ran.err for word in said), ran.err


def test_a_server_without_a_certificate_is_refused(
    named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(Program(named, capsys), "does not support SSL", "sslmode=disable")
    assert Program(f"{named}&sslmode=disable", capsys)("db", "check").code == 0


def test_a_certificate_of_nobody_known_is_refused(
    named: str, certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(Program(named, capsys), "certificate")
    known = f"sslrootcert={certificate}"
    assert Program(f"{named}&{known}", capsys)("db", "check").code == 0
    other = named.replace("db.hydrant.test", "other.test")
    refused(Program(f"{other}&{known}", capsys), "other.test")
