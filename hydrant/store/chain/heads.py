"""The last seal of a chain, and what is appended to it."""

from __future__ import annotations

from collections.abc import Sequence

from hydrant import signing
from hydrant.errors import InputRefused, StoreError
from hydrant.store.chain import blocks
from hydrant.store.chain.hashes import GENESIS, chain_hash
from hydrant.store.chain.ledger import REGISTRY, Ledger
from hydrant.store.ground.backend import Connection, one_row


def following(connection: Connection, ledger: Ledger) -> int:
    """Number of the seal that follows; raises `StoreError` where the last is at the end."""
    number = last(connection, ledger)[0] + 1
    if not 0 < number <= blocks.LAST_SEAL:
        raise StoreError("store.number_end", table=ledger.seal, row=number - 1)
    return number


def last(connection: Connection, ledger: Ledger) -> tuple[int, str]:
    """Number and hash of the last seal."""
    # another program may leave a text for a number, which SQLite sorts last
    found = connection.execute(
        f"SELECT number, hash FROM {ledger.seal} WHERE number = CAST(number AS BIGINT) "
        "ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return (0, GENESIS) if found is None else (found[0], found[1])


def is_first_use(connection: Connection) -> bool:
    """Whether no seal names the key in use as its signer: it never signed this registry."""
    public = signing.public_key()
    found = connection.execute("SELECT 1 FROM seal WHERE signer = ? LIMIT 1", (public,))
    return found.fetchone() is None


def refuse_unseen_head(connection: Connection) -> None:
    """Refuse to sign where the key in use signed this registry before, but not its last seal.

    Raises
    ------
    InputRefused
        Somebody wrote without the key, or put another past in the registry's place.
    """
    if not is_first_use(connection) and not head_is_own(connection, REGISTRY):
        raise InputRefused("signing.unseen", number=last(connection, REGISTRY)[0])


def head_is_own(connection: Connection, ledger: Ledger) -> bool:
    """Whether the key in use signed the last seal, so that it saw all before; so it did of none."""
    public = signing.public_key()
    if public is None:
        return False
    number, digest = last(connection, ledger)
    if number == 0:
        return True
    signature, signer = one_row(
        connection.execute(
            f"SELECT signature, signer FROM {ledger.seal} WHERE number = ?", (number,)
        )
    )
    return signer == public and signing.holds(digest, signature, public)


def append(
    connection: Connection, ledger: Ledger, fields: Sequence[object], *, deliberate: bool
) -> None:
    """Append a seal; it is signed where the key in use saw all before, or by somebody's decision.

    Parameters
    ----------
    fields
        What is hashed of it, from its number to its findings.
    """
    _, previous = last(connection, ledger)
    may_sign = deliberate or head_is_own(connection, ledger)
    digest = chain_hash(previous, fields)
    signature = signing.sign(digest) if may_sign else None
    connection.execute(
        f"INSERT INTO {ledger.seal} (number, at, actor, origin, kind, writer, rows, removed, "
        "blocks, findings, previous_hash, hash, signature, signer) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*fields, previous, digest, *(signature or (None, None))),
    )
