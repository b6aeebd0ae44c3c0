"""The log keeps the login of a server; what was logged before stays as it was."""

from __future__ import annotations

import pytest

from hydrant.store.file import migrate
from hydrant.store.ground.place import Place
from hydrant.store.migrations import LATEST
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.writer import Entry
from hydrant.store.proofs import audit
from hydrant.store.proofs.verifying import verify
from tests.older import turn_back


def write(path: Place, action: str) -> None:
    with (
        open_registry(path, write=True) as registry,
        transaction(registry, actor="boss", origin="test") as writer,
    ):
        writer.log(Entry(action, "asset"))


def test_entries_of_before_stay_whole(
    registry_path: Place, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_registry(registry_path) as registry:
        backend = type(registry.backend)
    with monkeypatch.context() as before:
        before.setattr(backend, "login", lambda _self: None)
        write(registry_path, "old")
    with open_registry(registry_path, write=True) as registry:
        turn_back(registry.connection, 5)
    assert migrate.migrate(registry_path) == [LATEST]
    write(registry_path, "new")
    with open_registry(registry_path) as registry:
        assert audit.verify(registry) == []
        assert verify(registry, advance=lambda _: None).findings == []
        new, old = audit.log(registry, asset_uid=None, limit=2)
    assert (old["actor"], old["login"]) == ("boss", None)
    assert (new["actor"], new["login"]) == ("boss", "postgres" if store == "server" else None)
