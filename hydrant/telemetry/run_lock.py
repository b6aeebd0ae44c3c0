"""One poll at a time per registry: a lock of the system that ends with its process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from hydrant.errors import AlreadyRunning, StoreError
from hydrant.store.care.work import alone
from hydrant.store.ground.place import Place, Server


def lock_path(registry: Place, work: str) -> Path:
    """Path of the lock file of a registry, the same by whatever link it is reached."""
    return registry.resolve().with_suffix(f".{work}.lock")


@contextmanager
def only_one(registry: Place, work: str = "poll") -> Iterator[None]:
    """Hold the lock of one kind of work (poll or listen) on a registry for a block.

    On a server it holds for all machines.

    Raises
    ------
    AlreadyRunning
        Another process holds it.
    StoreError
        The lock file cannot be made beside the registry.
    """
    if isinstance(registry, Server):
        with alone(registry, work) as got:
            if not got:
                raise AlreadyRunning(f"cli_{work}.running", file=registry)
            yield
        return
    path = lock_path(registry, work)
    lock = FileLock(path, mode=0o600)  # whoever may write it can stop every poll
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunning(f"cli_{work}.running", file=registry) from None
    except OSError as error:
        raise StoreError("store.cannot_create", file=path, why=error.strerror) from None
    try:
        yield
    finally:
        lock.release()
