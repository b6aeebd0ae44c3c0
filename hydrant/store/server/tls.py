"""How far a server must prove who it is: by default wholly, wherever a network lies in between."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

#: libpq that finds the system's own authorities. Source: PostgreSQL 16, section 34.1.2.
_KNOWS_SYSTEM = 160_000
_STATED = ("sslmode", "service", "requiressl")


def secured(url: str) -> str:
    """What to connect with: the server must prove its name, unless the user said otherwise.

    Raises
    ------
    psycopg.Error
        The URL cannot be read.
    """
    return make_conninfo(url, **_proof_wanted(url))


def _proof_wanted(url: str) -> dict[str, str]:
    told = conninfo_to_dict(url)
    if any(name in told for name in _STATED) or {"PGSSLMODE", "PGSERVICE"} & os.environ.keys():
        return {}
    hosts = str(told.get("host") or os.environ.get("PGHOST", "")).split(",")
    if all(map(_is_here, hosts)):
        return {}
    own = "sslrootcert" in told or "PGSSLROOTCERT" in os.environ or _own_root().is_file()
    if own or psycopg.pq.version() < _KNOWS_SYSTEM:
        return {"sslmode": "verify-full"}
    return {"sslmode": "verify-full", "sslrootcert": "system"}


def _is_here(host: str) -> bool:
    """Whether a host is this machine: a socket or the loopback."""
    return host in ("", "localhost", "::1") or host.startswith(("/", "@", "127."))


def _own_root() -> Path:
    """Where libpq looks for the authorities of this user. Source: PostgreSQL, section 34.19.1."""
    appdata = os.environ.get("APPDATA")
    if os.name == "nt" and appdata:
        return Path(appdata) / "postgresql" / "root.crt"
    return Path.home() / ".postgresql" / "root.crt"
