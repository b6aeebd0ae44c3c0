"""A worker's life: it serves the queue, and begins anew when its session has ended."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from hydrant.errors import StoreError
from hydrant.store.ground.place import Server
from hydrant.store.server_work import work
from hydrant.store.server_work.guard import Guard, guarding
from hydrant.store.server_work.queue import Plan, Queue

#: Longest wait before a server that went away is tried again, s.
_LONGEST_WAIT_S = 30.0
_PASSING = frozenset({"server.lost", "server.unreachable", "server.busy", "worker.lost"})


def serve(
    place: Server,
    plan_for: Callable[[Guard], Plan],
    *,
    stalled_s: float,
    lost: Callable[[StoreError], None],
) -> tuple[int, int]:
    """Serve until asked to stop (SIGTERM, SIGINT) or one cycle is done; cycles begun, jobs closed.

    Parameters
    ----------
    plan_for
        Makes the worker's plan for the session that holds its gateways.
    stalled_s
        Silence after which this worker is taken for dead, seconds.
    lost
        Told why the session ended before a new one is begun.

    Raises
    ------
    AlreadyRunning
        ``hydrant poll`` is at work on the whole registry.
    StoreError
        The server cannot be reached at the start, or refuses.
    """
    work.ensure(place)
    _quiet()
    # psycopg cannot use the loop that is Windows' default
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(_serve(place, plan_for, stalled_s, lost))


async def _serve(
    place: Server,
    plan_for: Callable[[Guard], Plan],
    stalled_s: float,
    lost: Callable[[StoreError], None],
) -> tuple[int, int]:
    cycles = closed = 0
    stop, wait_s, begun = asyncio.Event(), 1.0, False
    asyncio.get_running_loop().set_exception_handler(_unheard)
    with _signals(stop):
        while not stop.is_set():
            try:
                with guarding(place, "worker", stalled_s=stalled_s) as guard:
                    plan = plan_for(guard)
                    queue, begun, wait_s = Queue(place, guard, plan), True, 1.0
                    try:
                        await queue.run(stop)
                    finally:
                        cycles, closed = cycles + queue.cycles, closed + queue.closed
                    if plan.once:
                        break
            except StoreError as error:
                if not begun or error.key not in _PASSING:
                    raise
                lost(error)
                share = random.uniform(0.5, 1.0)  # noqa: S311  all come back, but not at once
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait_s * share)
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
    return cycles, closed


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Let the first SIGTERM or SIGINT ask to stop; the second SIGINT interrupts."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    with suppress(NotImplementedError):  # Windows: Ctrl-C interrupts
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def _unheard(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Leave what went wrong beside a lost session to the session's own error, which is told."""
    del loop
    logging.getLogger("procrastinate").error("%s", context.get("message"))


def _quiet() -> None:
    """Keep Procrastinate and the pool from telling in their own words what we tell in ours."""
    for name in ("procrastinate", "psycopg.pool", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
