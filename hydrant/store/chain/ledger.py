"""Which rows are sealed where: a registry has one chain, its readings have another.

A poll opens the registry for looking only, and readings may lie in a file of their own; so their
seals lie beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.model.reading_columns import TABLES
from hydrant.store.chain.hashes import sealed_tables


@dataclass(frozen=True, slots=True)
class Ledger:
    """Tables of the seals and of their blocks, and the tables whose rows are sealed there."""

    seal: str
    block: str
    own: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables whose rows are sealed."""
        return self.own or sealed_tables()


REGISTRY = Ledger("seal", "seal_block")
READINGS = Ledger("reading_seal", "reading_block", tuple(TABLES))
