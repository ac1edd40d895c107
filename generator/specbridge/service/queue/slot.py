"""A slot: a process that runs one company at a time, until it is told to stop.

It takes and ends jobs itself where the engine has a loop of its own: that one would keep a job for good whose
end it could not write down because the connection was cut just then. Here whoever has lost touch leaves, which
frees what it held, and begins anew.
"""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from threading import Event

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from specbridge.errors import StoreError
from specbridge.service.queue.engine import QUEUE, app_of_slot, company_of, reason_of
from specbridge.service.queue.jobs import AT_ONCE
from specbridge.service.queue.turns import Runs, take_turn

log = structlog.get_logger("specbridge")

BEAT = 2.0
"""Seconds between two signs of life of a slot."""

STALLED = 10.0
"""Seconds without one after which others take a slot for dead. One that lives all the same does no harm: the
company's lease keeps everybody else from it."""

_SWEEP = 2.0
_LOOK = 1.0
_KEPT_HOURS = 7 * 24
_LOST = ConnectorException, psycopg.Error, OSError, StoreError


class Slot:
    """Takes jobs from the queue of a store, one after the other."""

    def __init__(self, url: str, runs: Runs) -> None:
        """Do nothing yet; raises StoreError where the store is no PostgreSQL."""
        self._url, self._runs = url, runs
        self._stop = asyncio.Event()
        self._new = asyncio.Event()
        # What ends the run that is under way, and whose job that is.
        self._halt = Event()
        self._job: int | None = None

    def stop(self) -> None:
        """Have the run that is under way end cleanly, and take no other; to be called in the loop's thread."""
        self._stop.set()
        self._new.set()
        self._halt.set()

    async def serve(self) -> None:
        """Take jobs until told to stop; a database that is away is waited for."""
        while not self._stop.is_set():
            try:
                await self._serve_once()
            except _LOST as error:
                log.warning("a worker lost touch with the queue", reason=reason_of(error))
                await self._pause(1.0)

    async def _serve_once(self) -> None:
        async with app_of_slot(self._url).open_async() as app:
            manager = app.job_manager
            number = await manager.register_worker()
            try:
                async with self._beside(manager, number):
                    while not self._stop.is_set():
                        await self._take(manager, number)
            finally:
                # Whatever it holds is free from here on; where this cannot be said, its silence tells.
                with suppress(*_LOST):
                    await manager.unregister_worker(number)

    async def _take(self, manager: JobManager, number: int) -> None:
        self._new.clear()
        job = await manager.fetch_job(queues=[QUEUE], worker_id=number)
        if job is None:
            await self._pause(_LOOK)
            return
        well = await self._run(job)
        status = Status.SUCCEEDED if well else Status.FAILED
        if self._halt.is_set() and not self._stop.is_set():
            status = Status.ABORTED
        await manager.finish_job(job, status, delete_job=status is Status.SUCCEEDED)

    async def _run(self, job: Job) -> bool:
        self._job, self._halt = job.id, Event()
        # Told to stop between the two, it must not begin a run that nobody would end.
        if self._stop.is_set():
            self._halt.set()
        try:
            return await asyncio.to_thread(
                take_turn, self._url, company_of(job), self._runs, self._halt
            )
        finally:
            self._job = None

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._new.wait(), seconds)

    @asynccontextmanager
    async def _beside(self, manager: JobManager, number: int) -> AsyncIterator[None]:
        """Do beside the jobs what keeps a slot known, its jobs few, and others' jobs moving."""
        tasks = [
            asyncio.create_task(_again_and_again(BEAT, lambda: manager.update_heartbeat(number))),
            asyncio.create_task(_again_and_again(_LOOK, lambda: self._look_for_cancels(manager))),
            asyncio.create_task(_again_and_again(_SWEEP, lambda: sweep(manager))),
            asyncio.create_task(_again_and_again(1.0, lambda: self._listen(manager))),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_for_cancels(self, manager: JobManager) -> None:
        if self._job is not None and self._job in await manager.list_jobs_to_abort_async(QUEUE):
            self._halt.set()

    async def _listen(self, manager: JobManager) -> None:
        async def hear(**_told: object) -> None:
            self._new.set()

        await manager.listen_for_jobs(on_notification=hear, queues=[QUEUE])


async def sweep(manager: JobManager) -> None:
    """Put back the jobs of workers that gave no sign of life; of two of a company the stalled one ends.

    Nothing is locked meanwhile: who is killed here blocks nobody. Raises ConnectorException where the database fails.
    """
    for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED):
        log.warning("a worker died, or was cut off; its job is put back", company=company_of(job))
        # Where another sweep was quicker, it is no such job any more.
        with suppress(ConnectorException):
            await _put_back(manager, job)
    await manager.prune_stalled_workers(seconds_since_heartbeat=10 * STALLED)
    await manager.delete_old_jobs(
        nb_hours=_KEPT_HOURS,
        queue=QUEUE,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )


async def _put_back(manager: JobManager, job: Job) -> None:
    try:
        await manager.retry_job(job, retry_at=AT_ONCE)
    except UniqueViolation:
        # Its successor waits: that one is the company's next run, and could never begin before this one ends.
        await manager.finish_job(job, Status.FAILED, delete_job=True)


async def _again_and_again(seconds: float, do: Callable[[], Awaitable[None]]) -> None:
    """Do something every so many seconds, for ever; what fails is done again next time."""
    while True:
        with suppress(*_LOST):
            await do()
        await asyncio.sleep(seconds)


def serve_slot(url: str, runs: Runs, parent: int) -> int:
    """Serve as a slot until SIGTERM, SIGINT, or the end of `parent`, which started this process; return the signal's number."""
    # What they have to say of lost connections is told here, in our own words.
    for name in ("procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return asyncio.run(_serve_until_told(url, runs, parent))


async def _serve_until_told(url: str, runs: Runs, parent: int) -> int:
    slot, told = Slot(url, runs), list[int]()

    def stop(number: int) -> None:
        if told:
            # The second one: at once, without what a run would still have to say.
            os._exit(128 + number)
        told.append(number)
        slot.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)

    async def watch_parent() -> None:
        if os.getppid() != parent and not told:
            stop(signal.SIGTERM)

    watching = asyncio.create_task(_again_and_again(1.0, watch_parent))
    try:
        await slot.serve()
    finally:
        watching.cancel()
    return told[0] if told else 0
