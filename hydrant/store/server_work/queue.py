"""The queue of many pollers: Procrastinate on the registry's own database.

Each cycle every shard of gateways gets one job, due at its moment within the cycle. A shard whose
last job still waits gets none (`queueing_lock`), so nothing piles up; a shard is polled by one
worker at a time (`lock`). The job of a dead worker is closed, not retried: the next cycle polls
what it left, and a retried job would collide with the one that waits already.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from procrastinate import App, PsycopgConnector, exceptions, jobs, manager
from procrastinate.worker import Worker

from hydrant.errors import HydrantError, StoreError
from hydrant.model.values import Row
from hydrant.store.ground.place import Server
from hydrant.store.server.errors import connect_error, store_error
from hydrant.store.server.tls import secured
from hydrant.store.server_work.guard import Guard

QUEUE = "gateways"
_TASK = "poll"
#: How often it is looked for jobs whose time has come, for dead workers, and for a new cycle, s.
_LOOK_S = 0.5
#: Procrastinate forgets workers by heartbeat, and then whose their jobs were; we do it by lock.
_NEVER_S = 1e9


@dataclass(frozen=True, slots=True)
class Plan:
    """How a worker works.

    Attributes
    ----------
    shards
        Tells how many jobs a cycle has.
    work
        Polls one shard (number, of how many); called in a thread.
    every_s
        Length of a cycle, seconds.
    at_once
        Shards polled side by side.
    once
        Whether to end after one cycle, all of it due at once.
    grace_s
        How long a poll under way may go on when the worker is asked to stop, seconds.
    """

    shards: Callable[[], int]
    work: Callable[[int, int], None]
    every_s: float
    at_once: int
    once: bool
    grace_s: float = 20.0


class _Manager(manager.JobManager):
    """Procrastinate's, which also notes which worker of ours one of its workers is."""

    def __init__(self, connector: PsycopgConnector, number: int) -> None:
        super().__init__(connector)
        self._number = number

    async def register_worker(self) -> int:
        known = await super().register_worker()
        await self.connector.execute_query_async(
            "UPDATE worker SET queue_worker = %(known)s WHERE id = %(number)s",
            known=known, number=self._number,
        )  # fmt: skip
        return known


async def _at_home(connection: psycopg.AsyncConnection[Row]) -> None:
    """Let a session look for tables where workers meet; a pooler takes no options at the start."""
    await connection.execute("SET search_path TO hydrant_work")
    await connection.commit()


class Queue:
    """One worker on the queue.

    Attributes
    ----------
    closed
        Jobs of dead workers that this one closed.
    cycles
        Cycles that this one began.
    """

    def __init__(self, place: Server, guard: Guard, plan: Plan) -> None:
        self._place, self._guard, self._plan = place, guard, plan
        self.closed = self.cycles = 0
        connector = PsycopgConnector(
            conninfo=secured(place.url), min_size=1, max_size=plan.at_once + 2, timeout=10.0,
            configure=_at_home, kwargs={"connect_timeout": 10,
                    "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
                    "tcp_user_timeout": 30_000, "application_name": "hydrant worker"},
        )  # fmt: skip
        self._app = App(connector=connector)
        self._app.job_manager = _Manager(connector, guard.number)
        self._app.task(name=_TASK, queue=QUEUE)(plan.work)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, or until one cycle is done.

        Raises
        ------
        StoreError
            The connection to the server broke.
        """
        try:
            async with self._app.open_async():
                await self._reap()
                if self._plan.once:
                    await self._begin(0.0)
                await self._work(stop)
        except psycopg.Error as error:
            self._guard.end()  # polls may be under way in threads that nobody waits for any more
            raise connect_error(error, self._place) from None
        except exceptions.ConnectorException as error:
            self._guard.end()
            raise self._cause(error) from None

    async def _work(self, stop: asyncio.Event) -> None:
        worker = Worker(  # `App.run_worker_async` gives no handle by which to stop it
            self._app,
            queues=[QUEUE], concurrency=self._plan.at_once, wait=not self._plan.once,
            fetch_job_polling_interval=_LOOK_S, delete_jobs="always", listen_notify=False,
            install_signal_handlers=False, stalled_worker_timeout=_NEVER_S,
        )  # fmt: skip
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        keepers = {asyncio.create_task(self._guard.keep()), asyncio.create_task(self._care())}
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({running, stopped, *keepers}, return_when=asyncio.FIRST_COMPLETED)
            broken = next((k.exception() for k in keepers if k.done()), None)
            if broken is not None:
                self._guard.end()
            worker.stop()  # type: ignore[no-untyped-call]
            await self._finish(running, broken)
        finally:
            for task in (stopped, *keepers):
                task.cancel()
            await asyncio.gather(stopped, *keepers, return_exceptions=True)

    async def _finish(self, running: asyncio.Task[None], broken: BaseException | None) -> None:
        """Let polls under way end; those that take too long are broken off."""
        done, _ = await asyncio.wait({running}, timeout=self._plan.grace_s)
        if not done:
            self._guard.end()
        if broken is not None:
            with suppress(exceptions.ConnectorException, psycopg.Error):
                await running
            raise broken
        await running

    async def _care(self) -> None:
        while True:
            await self._reap()
            if not self._plan.once:
                await self._begin(self._plan.every_s)
            await asyncio.sleep(_LOOK_S)

    async def _reap(self) -> None:
        """Free what stalled workers hold, and close the jobs of dead ones."""
        await asyncio.to_thread(self._guard.tidy)
        self.closed += len(await self._app.connector.execute_query_all_async(_CLOSE))

    async def _begin(self, every_s: float) -> None:
        """Begin the cycle that is due, if no other worker has; one job for each shard."""
        pool = self._app.connector.pool  # type: ignore[attr-defined]
        async with pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(_ONCE if not every_s else _NEXT, {"every": every_s})
            if await cursor.fetchone() is None:
                return
            count = await asyncio.to_thread(self._plan.shards)
            waits = await connection.execute(_WAITING)
            waiting = {lock for (lock,) in await waits.fetchall()}
            cursor = await connection.execute("SELECT now()")
            ((now,),) = await cursor.fetchall()
            wanted = [
                job
                for n in range(count)
                if (job := _job(n, count, now, every_s)).lock not in waiting
            ]
            if wanted:
                await self._app.job_manager.batch_defer_jobs_async(wanted, connection)
        self.cycles += 1

    def _cause(self, error: BaseException) -> HydrantError:
        cause = error.__cause__
        if isinstance(cause, psycopg.Error):
            return store_error(cause, self._place)
        return StoreError("server.lost", file=self._place, why=str(cause or error))


def _job(number: int, count: int, now: dt.datetime, every_s: float) -> jobs.Job:
    """The job of a shard, at its own moment within the cycle, the same in each."""
    name = f"{number}/{count}"
    jitter = zlib.crc32(name.encode()) / 2**32
    offset_s = every_s * (number + jitter) / count * _SPREAD
    return jobs.Job(
        id=None, queue=QUEUE, task_name=_TASK, priority=0, lock=name, queueing_lock=name,
        task_kwargs={"number": number, "count": count},
        scheduled_at=now + dt.timedelta(seconds=offset_s) if every_s else None,
    )  # fmt: skip


#: Share of the cycle over which its jobs are spread; the rest is for the last ones to be done.
_SPREAD = 0.8

_ONCE = "UPDATE cycle SET number = extract(epoch FROM now()) RETURNING number"
#: A cycle is named by the moment at which it began, a multiple of its length.
_NEXT = """
UPDATE cycle SET number = floor(extract(epoch FROM now()) / %(every)s) * %(every)s
WHERE number < floor(extract(epoch FROM now()) / %(every)s) * %(every)s
  OR number > extract(epoch FROM now()) + %(every)s
RETURNING number
"""
_WAITING = "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo'"
_CLOSE = """
SELECT procrastinate_finish_job_v1(j.id, 'failed', true) FROM (
  SELECT id FROM procrastinate_jobs j WHERE status = 'doing' AND NOT EXISTS (
    SELECT 1 FROM worker w WHERE w.queue_worker = j.worker_id) FOR UPDATE SKIP LOCKED) j
"""
