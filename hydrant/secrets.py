"""Passwords: from the environment, from systemd, or from the system's keyring, and kept nowhere.

Nothing reads a secret from a registry, a configuration file or a command line, and nothing
writes one: see ``SECURITY.md``.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from hydrant import bounded

#: Folder in which systemd puts credentials for a service. Source: systemd.exec(5), CREDENTIALS.
_SYSTEMD = "CREDENTIALS_DIRECTORY"
_MOST_BYTES = 10_000


def secret(name: str) -> str | None:
    """A secret by its name, for example ``tls_key_password``; None where nobody has set it.

    Looked for as ``HYDRANT_TLS_KEY_PASSWORD`` in the environment, as ``hydrant.tls_key_password``
    among systemd's credentials, and as ``tls_key_password`` of the service ``hydrant`` in the
    keyring where the package of that name is installed.

    Raises
    ------
    OSError
        A credential is there and cannot be read.
    """
    found = given(name)
    return _from_keyring(name) if found is None else found


def given(name: str) -> str | None:
    """A secret from the environment or from systemd, without asking the keyring; else None."""
    found = os.environ.get(f"HYDRANT_{name.upper()}")
    if found:
        return found
    given = os.environ.get(_SYSTEMD)
    if given:
        path = Path(given) / f"hydrant.{name}"
        if path.is_file():
            return bounded.content(path, most=_MOST_BYTES).decode("utf-8").rstrip("\r\n")
    return None


def _from_keyring(name: str) -> str | None:
    if importlib.util.find_spec("keyring") is None:
        return None
    keyring = importlib.import_module("keyring")
    kept = keyring.get_password("hydrant", name)
    return kept if isinstance(kept, str) else None
