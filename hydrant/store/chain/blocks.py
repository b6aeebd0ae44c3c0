"""Blocks of row hashes: 64 rows each, so that a row's seal is found and renewed in one step.

An entry holds a row's hash, the number of the seal that wrote it and its key; zeros mean that no
row is there.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hydrant.ids import is_uid
from hydrant.store.chain.hashes import HASH_BYTES
from hydrant.store.ground.backend import Connection

ROWS = 64
_KEY = 16
_NUMBER = struct.Struct(">I")
WIDTH = HASH_BYTES + _NUMBER.size + _KEY
SIZE = ROWS * WIDTH
NOTHING = bytes(WIDTH)
EMPTY = bytes(SIZE)
_NO_KEY = bytes(_KEY)
#: The first and last number that a row can have. Source: sqlite.org/lang_createtable.html#rowid.
FIRST, LAST = -(2**63), 2**63 - 1
#: The last number that a seal can have: an entry keeps it in four bytes.
LAST_SEAL = 2**32 - 1
#: Blocks of rows that there can be.
POSSIBLE = range(FIRST // ROWS, LAST // ROWS + 1)


class Entry(NamedTuple):
    """What was last sealed of a row; `uid` is None where the key is no UUID."""

    hash: bytes
    number: int
    uid: str | None


def packed(hashes: Sequence[bytes], number: int, uids: Sequence[str] | None) -> list[bytes]:
    """Entries of rows that a seal writes."""
    middle = _NUMBER.pack(number)
    keys = [_NO_KEY] * len(hashes) if uids is None else _keys(uids)
    return [found + middle + key for found, key in zip(hashes, keys, strict=True)]


def _keys(uids: Sequence[str]) -> list[bytes]:
    try:
        digits = "".join(uids).replace("-", "")
        if len(digits) == 32 * len(uids) and all(len(uid) == 36 for uid in uids):
            whole = bytes.fromhex(digits)
            return [whole[start : start + _KEY] for start in range(0, len(whole), _KEY)]
    except (TypeError, ValueError):
        pass  # another program's keys are looked at one by one
    return [bytes.fromhex(uid.replace("-", "")) if is_uid(uid) else _NO_KEY for uid in uids]


def put(block: bytearray, fid: int, entry: bytes) -> None:
    """Set the entry of a row within its block."""
    start = fid % ROWS * WIDTH
    block[start : start + WIDTH] = entry


def put_run(held: dict[int, bytearray], first: int, entries: list[bytes]) -> None:
    """Set the entries of rows whose numbers follow each other."""
    start = 0
    while start < len(entries):
        number, within = divmod(first + start, ROWS)
        run = entries[start : start + ROWS - within]
        held[number][within * WIDTH : (within + len(run)) * WIDTH] = b"".join(run)
        start += len(run)


def entry_in(block: bytes | bytearray, fid: int) -> bytes:
    """The entry of a row within its block, as it is stored."""
    start = fid % ROWS * WIDTH
    return bytes(block[start : start + WIDTH])


def unpacked(entry: bytes) -> Entry:
    """What an entry says."""
    key = entry[-_KEY:].hex()
    uid = "-".join((key[:8], key[8:12], key[12:16], key[16:20], key[20:]))
    (number,) = _NUMBER.unpack_from(entry, HASH_BYTES)
    return Entry(entry[:HASH_BYTES], number, None if entry[-_KEY:] == _NO_KEY else uid)


def fetch(
    connection: Connection, table: str, numbers: Iterable[int], *, book: str = "seal_block"
) -> dict[int, bytearray]:
    """Blocks by number; one that is not there is empty.

    Parameters
    ----------
    book
        Table of the ledger's blocks (`hydrant.store.chain.ledger`).
    """
    wanted = sorted(set(numbers))
    found = {number: bytearray(SIZE) for number in wanted}
    if not wanted:
        return found
    for number, entries in connection.execute(
        f"SELECT block, entries FROM {book} WHERE entity = ? AND block BETWEEN ? AND ?",
        (table, wanted[0], wanted[-1]),
    ):
        if number in found and isinstance(entries, bytes) and len(entries) == SIZE:
            found[number] = bytearray(entries)
    return found


def store(
    connection: Connection, table: str, blocks: dict[int, bytearray], *, book: str = "seal_block"
) -> None:
    """Write blocks, new ones and those that are there."""
    connection.executemany(
        f"INSERT INTO {book} (entity, block, entries) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (entity, block) DO UPDATE SET entries = excluded.entries",
        [(table, number, bytes(entries)) for number, entries in blocks.items()],
    )


def digest(entries: bytes | bytearray) -> str:
    """What a seal says of a block, as hexadecimal digits."""
    return hashlib.sha256(entries).hexdigest()


#: What a seal says in place of a digest of blocks that were emptied and are kept no longer.
NOBODY = "-"
