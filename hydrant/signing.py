"""Signs the head of a registry's chain with a key that is kept outside it (Ed25519, RFC 8032).

The private key is looked for as ``HYDRANT_AUDIT_KEY`` in the environment, as
``hydrant.audit_key`` among systemd's credentials, in the file that ``HYDRANT_AUDIT_KEY_FILE``
names, and as ``audit.key`` in the user's configuration folder. Where there is none nothing is
signed. Public keys are 64 hexadecimal digits.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from hydrant import bounded, config, private, secrets
from hydrant.errors import InputRefused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_FILE = "HYDRANT_AUDIT_KEY_FILE"
_MOST_BYTES = 10_000
#: What is signed begins so, lest a signature be taken for one of something else.
_ABOUT = b"hydrant seal 1\n"


def key_path() -> Path:
    """Where the private key is looked for as a file."""
    named = os.environ.get(_FILE)
    return Path(named) if named else config.config_path().with_name("audit.key")


def make_key(path: Path) -> str:
    """Make a new private key, readable by its user alone; the public key.

    Raises
    ------
    InputRefused
        A file is there already, or it cannot be written.
    """
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  on demand
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  as above

    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    )  # fmt: skip
    try:
        if path.exists():
            raise InputRefused("signing.exists", file=path)
        private.folder(path.parent)
        private.new_file(path)
        path.write_bytes(pem)
    except OSError as error:
        raise InputRefused("signing.cannot_write", file=path, why=error.strerror) from None
    return _public(key)


def public_key() -> str | None:
    """The public key that belongs to the private key in use; None where there is none."""
    key = _private_key()
    return None if key is None else _public(key)


def sign(digest: str) -> tuple[str, str] | None:
    """Signature of a seal's hash and the public key; None where no key is in use."""
    key = _private_key()
    return None if key is None else (key.sign(_ABOUT + digest.encode()).hex(), _public(key))


def holds(digest: str, signature: str | None, public: str | None) -> bool:
    """Whether a signature of a seal's hash was made with the key of a public key."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  on demand
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  as above

    try:
        known = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(public or ""))
        known.verify(bytes.fromhex(signature or ""), _ABOUT + digest.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public(text: str) -> bool:
    """Whether a text can be a public key."""
    return len(text) == 64 and all(sign in "0123456789abcdef" for sign in text)


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def _private_key() -> Ed25519PrivateKey | None:
    path = key_path()
    try:
        text = secrets.given("audit_key")
        if text is None and (path.exists() or os.environ.get(_FILE)):
            text = bounded.content(path, most=_MOST_BYTES).decode("ascii")
    except (OSError, ValueError) as error:
        raise InputRefused("signing.key", file=path, why=error) from None
    return None if text is None else _parsed(text.strip(), path)


def _parsed(text: str, path: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  on demand
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  as above
        load_pem_private_key,
    )

    try:
        if not text.startswith("-----"):
            return ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
        found = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, ed25519.Ed25519PrivateKey):
        # what is in the file is a secret, also when it is of no use: it is not quoted
        raise InputRefused("signing.no_key", file=path)
    return found
