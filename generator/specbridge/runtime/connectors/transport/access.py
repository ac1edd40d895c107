"""What the calls of a connector share, and work that overlaps."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Lock
from typing import ParamSpec, TypeVar

from specbridge.errors import ApiError
from specbridge.model.profile import AuthScheme, Profile
from specbridge.runtime.connectors.transport.clock import Clock, read_halt
from specbridge.runtime.connectors.transport.http import Transport
from specbridge.runtime.connectors.transport.pace import JobTimes
from specbridge.runtime.connectors.transport.retry import RetryPolicy
from specbridge.runtime.connectors.transport.telling.taping import Tape
from specbridge.runtime.hiding import Secrets
from specbridge.runtime.reports.observing import SILENT, Observer
from specbridge.runtime.turns import Turns

ItemT = TypeVar("ItemT")
ParamsT = ParamSpec("ParamsT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorOptions:
    """How a connector works.

    `workers` requests may be under way at once. `verify`: before an update that cannot carry a
    precondition the record is read again (100 in one request where the API can), and refused as
    stale where somebody changed it since it was planned. `bulk_from` is the number of writes from
    which a job is cheaper than single calls; `job_patience` the seconds that a job may take;
    `timeout` the seconds of silence after which an answer is given up, `deadline` the seconds that
    it may take in all; `observer` is told of every request, and `tape` of the shape of every answer.
    `turns` gives those at the limits that a profile says are shared; None: no other process counts against them.
    """

    workers: int = 16
    verify: bool = True
    bulk_from: int = 4
    job_patience: float = 900.0
    timeout: float = 30.0
    # A full page (5,000 rows) takes the slow ones of such systems some twenty seconds.
    deadline: float = 90.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    observer: Observer = SILENT
    tape: Tape | None = None
    turns: Turns | None = None


class Threads:
    """A pool of so many threads at most, of which there are none before the first work and after a rest."""

    def __init__(self, most: int, name: str) -> None:
        """Begin none yet; `name` is what they are called."""
        self._most = most
        self._name = name
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._ended = False

    def submit(
        self,
        work: Callable[ParamsT, ResultT],
        *args: ParamsT.args,
        **kwargs: ParamsT.kwargs,
    ) -> Future[ResultT]:
        """Have a thread do some work; raises RuntimeError after the end."""
        with self._lock:
            if self._ended:
                raise RuntimeError(f"the threads of {self._name} have ended")
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._most, thread_name_prefix=self._name)
            return self._pool.submit(work, *args, **kwargs)

    def rest(self) -> None:
        """End the threads once they have done what was given to them; the next work begins others."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)

    def end(self) -> None:
        """End the threads for good; what is not begun yet is given up."""
        with self._lock:
            pool, self._pool, self._ended = self._pool, None, True
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A system that can be called: its profile, its transport, threads, time.

    `scheme` is how requests are authorized, `times` what jobs lately took, `secrets` what is never
    told.
    """

    profile: Profile
    transport: Transport
    clock: Clock
    threads: Threads
    options: ConnectorOptions
    scheme: AuthScheme
    times: JobTimes = field(default_factory=JobTimes)
    secrets: Secrets = field(default_factory=Secrets)

    def where(self, call: str) -> str:
        """Return how an error names a call of this system."""
        return f"{self.profile.name}: {call}"


def overlap(
    access: Access, work: Callable[[ItemT], ResultT], items: Iterable[ItemT]
) -> Iterator[ResultT]:
    """Yield the result of the work on each item as it is known, several under way at once.

    A single item is worked on by the caller's own thread, so that work may itself look one up. After
    an ApiError nothing more is begun; what is under way is yielded first, then it is raised. So it is
    with a HaltedError where somebody asks the run to stop.
    """
    listed = list(items)
    if len(listed) == 1:
        yield work(listed[0])
        return
    failures = yield from _results(access, work, listed)
    if failures:
        # Taken out: the error knows this frame, and the frame must not know the error.
        raise failures.pop()


def _results(
    access: Access, work: Callable[[ItemT], ResultT], items: Sequence[ItemT]
) -> Generator[ResultT, None, list[ApiError]]:
    """Yield the results of work that overlaps, and return the ApiError that ended it, if one did."""
    waiting = deque(items)
    pending: set[Future[ResultT]] = set()
    failures: list[ApiError] = []
    try:
        while True:
            if waiting and not failures and (halt := read_halt()) is not None:
                failures.append(halt)
            if not failures:
                room = min(access.options.workers - len(pending), len(waiting))
                begun = [waiting.popleft() for _ in range(room)]
                pending |= {access.threads.submit(copy_context().run, work, item) for item in begun}
            if not pending:
                return failures[:1]
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                error = future.exception()
                if isinstance(error, ApiError):
                    failures.append(error)
                else:
                    yield future.result()
    except (KeyboardInterrupt, SystemExit):
        # Somebody who waits for a turn would keep the command from ending.
        access.transport.interrupt()
        raise
    finally:
        for future in pending:
            future.cancel()
        wait(pending)


def in_batches(items: list[ItemT], size: int) -> Iterator[list[ItemT]]:
    """Yield the items in lists of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
