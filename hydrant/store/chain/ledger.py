"""Which rows are sealed where: a registry has one chain, its readings have another.

A poll opens the registry for looking only, and readings may lie in a file of their own; so their
seals lie beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.store.chain.hashes import sealed_tables
from hydrant.store.ground.reading_columns import TABLES


@dataclass(frozen=True, slots=True)
class Ledger:
    """Tables of the seals and of their blocks, and the tables whose rows are sealed there."""

    seal: str
    block: str
    tables: tuple[str, ...]


REGISTRY = Ledger("seal", "seal_block", sealed_tables())
READINGS = Ledger("reading_seal", "reading_block", tuple(TABLES))
