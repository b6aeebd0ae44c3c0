"""A visit that was recorded by mistake is taken back, with the defects that it found."""

from __future__ import annotations

from hydrant.model.tables import Asset
from hydrant.store.facts import withdrawing
from hydrant.store.opened.writer import Writer


def take_back(writer: Writer, asset: Asset, inspection: str, reason: str) -> None:
    """Withdraw a visit and what was found with it; both stay to be seen with the reason.

    Raises
    ------
    InputRefused
        There is no such visit of the asset.
    """
    meant = withdrawing.visit_meant(writer.registry, asset, uid=inspection)
    found = withdrawing.found_with(writer.registry, meant.row)
    withdrawing.withdraw(writer, meant.row, reason)
    for fault in found:
        withdrawing.withdraw(writer, fault, reason)
    writer.flush()
