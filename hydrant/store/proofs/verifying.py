"""Holds a registry against its chain of seals and names every row that does not agree.

First the seals themselves: each must follow from the one before, and say what it said. The last
of them that wrote a block of rows says what digest the block has; the block says what hash each
row has. Rows and blocks are read side by side, in the order of their numbers, a few thousand at
a time, so memory does not grow with the registry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hydrant import signing
from hydrant.model.values import Row
from hydrant.store.chain import blocks, reading
from hydrant.store.chain.hashes import GENESIS, chain_hash, row_hashes
from hydrant.store.chain.ledger import Ledger
from hydrant.store.chain.reading import Page
from hydrant.store.ground.touched import UNKNOWN
from hydrant.store.migrations import FOUND
from hydrant.store.opened.registry import Registry
from hydrant.store.outside.outside_edits import waiting_rows

Advance = Callable[[int], None]
#: Findings that stay, since they are about what was: a later seal cannot put them right.
PAST = ("noticed", "seal", "order")
#: Of each block the digest that the last seal of it told, and that seal's number.
Digests = dict[int, tuple[str, int]]
_HASHED = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree with the chain.

    Attributes
    ----------
    kind
        ``changed``, ``added``, ``removed`` or ``moved`` of a row; ``seals`` of rows whose seals
        themselves were changed, so that it cannot be said which of them is right; ``seal`` and
        ``order`` of a seal that was changed, or before which one is missing; ``noticed`` of a row
        that was so before the program wrote it anew.
    table, fid
        Which row; a seal has its number in place of the row's.
    uid
        Its key, as it was sealed, else as it is now; None where it has none.
    sealed
        Number of the seal that spoke of it last.
    found
        Of a row that was moved, the number at which it was sealed; of one noticed, what it was.
    """

    kind: str
    table: str
    fid: int
    uid: str | None = None
    sealed: int | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal: what a signature is made over, and a report prints."""

    number: int
    at: str
    hash: str
    signature: str | None = None
    signer: str | None = None


@dataclass(slots=True)
class Signed:
    """Seals with a good signature of one key: the first, the last and how many there are."""

    first: int
    last: int
    count: int = 0


@dataclass(slots=True)
class Verified:
    """What became of holding a registry against its chain.

    Attributes
    ----------
    head
        The last seal; None where there is none.
    taken
        When the registry was taken as found, for want of earlier seals; None where it never was.
    external
        Rows that were sealed as changed by other programs.
    accepted
        What somebody looked at and accepted: kind, table, row and the seal it was found by.
    signed
        Number of the last seal that bears a good signature of the key asked for.
    signers
        Whose good signatures there are, by public key; empty where no key was asked for.
    adopted
        Numbers of the seals with which somebody let the key asked for sign what it did not see.
    hashes
        Hashes of the seals asked for that are in the chain, with their numbers.
    waiting
        Rows that differ by changes of other programs that the registry wrote down and nobody has
        looked at yet: they will be sealed as such. Whatever was done to a row before that is a
        finding all the same.
    """

    head: Head | None = None
    seals: int = 0
    rows: int = 0
    external: int = 0
    accepted: set[Row] = field(default_factory=set)
    taken: str | None = None
    signed: int | None = None
    signers: dict[str, Signed] = field(default_factory=dict)
    adopted: list[int] = field(default_factory=list)
    hashes: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    waiting: list[Finding] = field(default_factory=list)


def head_of(registry: Registry) -> Head | None:
    """The last seal of a registry, as it says of itself."""
    found = registry.connection.execute(
        "SELECT number, at, hash, signature, signer FROM seal "
        "WHERE number = CAST(number AS BIGINT) ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return None if found is None else Head(*found)


def verify(
    registry: Registry, *, advance: Advance, key: str | None = None, head: str | None = None
) -> Verified:
    """Hold every row and every seal against the chain.

    Parameters
    ----------
    advance
        Called with the number of rows looked at in each step.
    key
        Public key whose signatures count.
    head
        The beginning of a seal's hash that must be in the chain.
    """
    reader = reading.Reader(registry.backend)
    return hold(reader, lambda: waiting_rows(registry), advance=advance, key=key, head=head)


def hold(
    reader: reading.Reader,
    edits: Callable[[], Mapping[str, Mapping[int, bytes | None]]],
    *,
    advance: Advance,
    key: str | None,
    head: str | None,
) -> Verified:
    """Hold rows against a chain; `edits` tells which rows others changed and wrote down."""
    result = Verified()
    with reader.at_one_moment():
        digests = _walk(reader, result, key, head)
        edited = edits()
        for table in reader.ledger.tables:
            found = _table(reader, table, digests.get(table, {}), advance, result)
            by_others = edited.get(table, {})
            result.waiting += (one.finding for one in found if _is_pending(one, by_others))
            result.findings += _with_moves(
                [one for one in found if not _is_pending(one, by_others)]
            )
    result.findings = [found for found in result.findings if not _was_accepted(found, result)]
    return result


def _is_pending(one: _Difference, edited: Mapping[int, bytes | None]) -> bool:
    """Whether a row differs by a change that was written down, and by nothing before it."""
    if one.finding.kind == "seals" or one.finding.fid not in edited:
        return False
    return edited[one.finding.fid] in (UNKNOWN, one.sealed)


def _was_accepted(found: Finding, result: Verified) -> bool:
    """Whether somebody looked at what cannot be put right: the past of a row, a broken seal."""
    what = (found.kind, found.table, found.fid, found.sealed)
    return found.kind in PAST and what in result.accepted


def _walk(
    reader: reading.Reader, result: Verified, key: str | None, head: str | None
) -> dict[str, Digests]:
    """Follow the seals; what the last of them said of each block."""
    digests: dict[str, Digests] = {}
    previous, number, seal = GENESIS, 0, reader.ledger.seal
    for row in reader.seals():
        fields, (before, digest, signature, signer) = row[:_HASHED], row[_HASHED:]
        if before != previous or row[0] != number + 1:
            result.findings.append(Finding("order", seal, row[0]))
        if digest != chain_hash(before, tuple(fields)) or not _take(
            result, digests, fields, reader.ledger
        ):
            result.findings.append(Finding("seal", seal, row[0]))
        previous, number = digest, row[0]
        if key is not None and signer is not None and signing.holds(digest, signature, signer):
            _take_signature(result, key, signer, number, adopted=row[4] == "adopted")
        if head is not None and str(digest).startswith(head):
            result.hashes[digest] = number
        result.head = Head(number, row[1], digest, signature, signer)
    result.findings += (Finding("order", seal, number + 1) for _ in range(reader.odd_seals()))
    return digests


def _take_signature(result: Verified, key: str, signer: str, number: int, *, adopted: bool) -> None:
    """Count a good signature."""
    known = result.signers.setdefault(signer, Signed(number, number))
    known.last = number
    known.count += 1
    if signer == key:
        result.signed = number
        result.adopted += [number] if adopted else []


def _take(result: Verified, digests: dict[str, Digests], fields: Row, ledger: Ledger) -> bool:
    """Remember what a seal says; False where it is no seal of ours."""
    number, at, _, _, kind, _, rows, _, lines, findings = fields
    try:
        for line in lines.splitlines():
            if not _line(digests, line, number):
                return False
        noticed = [tuple(one) for one in json.loads(findings or "[]")]
        if not all(_is_of_a_row(one, ledger) for one in noticed):
            return False
        external = int(rows) if kind == "external" else 0
        if kind == "accepted":
            result.accepted.update(
                (what, table, fid, sealed) for what, table, fid, _, sealed in noticed
            )
        else:
            result.findings.extend(
                Finding("noticed", table, fid, uid, number, what)
                for what, table, fid, uid in noticed
            )
    except (ValueError, TypeError, AttributeError):
        return False
    result.seals += 1
    result.external += external
    if kind == FOUND:
        result.taken = at
    return True


def _line(digests: dict[str, Digests], line: str, number: int) -> bool:
    """Remember what a line of a seal says of a block; False where it says nothing possible."""
    table, block, digest = line.split(" ")
    if digest == blocks.NOBODY:
        first, last = map(int, block.split(".."))
        of_table = digests.setdefault(table, {})
        few = last - first < len(of_table)
        for gone in range(first, last + 1) if few else [n for n in of_table if first <= n <= last]:
            of_table.pop(gone, None)
        return True
    if int(block) not in blocks.POSSIBLE:
        return False
    digests.setdefault(table, {})[int(block)] = (digest, number)
    return True


def _is_of_a_row(noticed: Row, ledger: Ledger) -> bool:
    """Whether what a seal noticed can be of a row, or of a seal."""
    _, table, fid, *_ = noticed
    return (
        isinstance(fid, int)
        and blocks.FIRST <= fid <= blocks.LAST
        and table in (*ledger.tables, ledger.seal)
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    """A row that is not as sealed, with the hash that was sealed and the one it has."""

    finding: Finding
    sealed: bytes | None = None
    now: bytes | None = None


def _table(
    reader: reading.Reader, table: str, digests: Digests, advance: Advance, result: Verified
) -> list[_Difference]:
    """What differs in one table."""
    found: list[_Difference] = []
    for page in reader.pages(table, digests):
        doubtful = _doubtful(page, digests)
        found += _differences(page, doubtful)
        found += (_Difference(Finding("seals", table, n * blocks.ROWS, sealed=digests[n][1]))
                  for n in sorted(doubtful) if n in digests and not page.has_rows(n))  # fmt: skip
        result.rows += len(page.rows)
        advance(len(page.rows))
    found += (_Difference(Finding("added", table, 0, uid)) for uid in reader.strays(table))
    if reader.impossible_blocks(table):
        found.append(_Difference(Finding("seals", table, blocks.LAST)))
    return found


def _with_moves(found: list[_Difference]) -> list[Finding]:
    """Findings, with rows recognised that stand at another's number."""
    sealed = {one.sealed: one.finding.fid for one in found if one.sealed is not None}
    return [
        replace(one.finding, kind="moved", found=str(sealed[one.now]))
        if one.now in sealed and sealed[one.now] != one.finding.fid
        else one.finding
        for one in found
    ]


def _doubtful(page: Page, digests: Digests) -> set[int]:
    """Blocks that are not what the last seal of them says: their rows have no good witness."""
    wanted = {n for n in digests if n * blocks.ROWS in page.fids} | page.blocks.keys()
    return {
        n
        for n in wanted
        if n not in digests
        or n not in page.blocks
        or blocks.digest(page.blocks[n]) != digests[n][0]
    }


def _differences(page: Page, doubtful: set[int]) -> Iterator[_Difference]:
    table = page.table
    hashes = row_hashes(table, [row[1:] for row in page.rows])
    for row, now in zip(page.rows, hashes, strict=True):
        entry = page.entry(row[0])
        if entry.startswith(now):
            if row[0] // blocks.ROWS in doubtful:
                number = blocks.unpacked(entry).number
                yield _Difference(Finding("seals", table, row[0], page.uid(row), number))
        elif entry == blocks.NOTHING:
            yield _Difference(Finding("added", table, row[0], page.uid(row)), None, now)
        else:
            said = blocks.unpacked(entry)
            uid = said.uid or page.uid(row)
            finding = Finding("changed", table, row[0], uid, said.number)
            yield _Difference(finding, said.hash, now)
    for fid, entry in page.entries_without_rows():
        said = blocks.unpacked(entry)
        yield _Difference(Finding("removed", table, fid, said.uid, said.number), said.hash)
