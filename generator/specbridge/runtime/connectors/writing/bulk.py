"""Writes by the hundred: a job that is completed may have failed, and its results have no order.

What became of each write is read from the system itself: created records by their external
references, changed ones by their ids. A job that failed, vanished or ended half done is no loss:
what it left undone is sent again, and singly in the end. What a job refused is asked once singly.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from specbridge.errors import ApiError, RefusedError
from specbridge.model.calls import BatchCall, BulkCall
from specbridge.model.profile import Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.finding import lookup_of
from specbridge.runtime.connectors.reading.forms import encode_changes
from specbridge.runtime.connectors.reading.rows import Row, nest, typed_id
from specbridge.runtime.connectors.transport.access import Access, in_batches, overlap
from specbridge.runtime.connectors.transport.pace import Watch
from specbridge.runtime.connectors.writing.batches import send_batch
from specbridge.runtime.connectors.writing.jobs import await_ends, await_own, start_job
from specbridge.runtime.connectors.writing.outcomes import UNCERTAIN
from specbridge.runtime.connectors.writing.settling import Settled, settle_creates, settle_updates
from specbridge.runtime.connectors.writing.singly import create_body, create_one
from specbridge.runtime.connectors.writing.updates import update_one
from specbridge.runtime.records import Create, Outcome, Refused, Update

_ROUNDS = 3

ManyCall = BulkCall | BatchCall
"""A call that writes many records: through a job, or at once."""

WriteT = TypeVar("WriteT", Create, Update)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Generic[WriteT]):
    """A batch whose job ended; `job` is "" where none was started, and `refused` says whether so."""

    batch: list[WriteT]
    job: str = ""
    results: tuple[Row, ...] | None = None
    refused: bool = False


def can_create_in_bulk(resource: Resource) -> bool:
    """Return whether many records can be created at once: only where each is found by its reference."""
    path = resource.external_reference
    return path is not None and lookup_of(resource, path) is not None


def create_in_bulk(
    access: Access, resource: Resource, call: ManyCall, writes: list[Create], names: frozenset[str]
) -> Iterator[Outcome]:
    """Create records many at once; yields each outcome once it is known."""

    def body(write: Create) -> Json:
        return create_body(resource, write, call.constants)

    def settle(ended: Ended[Create]) -> Settled[Create]:
        return settle_creates(access, resource, ended.batch, ended.results, names)

    singly = yield from write_rounds(access, call, writes, body, settle)
    yield from overlap(access, lambda write: create_one(access, resource, write, names), singly)


def update_in_bulk(
    access: Access, resource: Resource, call: ManyCall, writes: list[Update], names: frozenset[str]
) -> Iterator[Outcome]:
    """Change records many at once; yields each outcome once it is known."""

    def body(write: Update) -> Json:
        row = nest({resource.id: typed_id(resource, write.current.id)})
        return {**call.constants, **row, **nest(encode_changes(resource, write.changes))}

    def settle(ended: Ended[Update]) -> Settled[Update]:
        return settle_updates(access, resource, ended.batch, ended.results, names)

    singly = yield from write_rounds(access, call, writes, body, settle)
    yield from overlap(access, lambda write: update_one(access, resource, write, names), singly)


def write_rounds(
    access: Access,
    call: ManyCall,
    writes: list[WriteT],
    body: Callable[[WriteT], Json],
    settle: Callable[[Ended[WriteT]], Settled[WriteT]],
) -> Generator[Outcome, None, list[WriteT]]:
    """Send batches until nothing is left undone or the rounds are spent; what remains is returned."""
    left, singly = writes, list[WriteT]()
    for _ in range(_ROUNDS):
        again: list[WriteT] = []
        for ended in _run(access, call, list(in_batches(left, call.size)), body):
            if ended.refused:
                singly += ended.batch
                continue
            settled = _ask_refused(ended, settle(ended))
            again += settled.again
            singly += settled.singly
            yield from settled.outcomes
        left = again
        if not left:
            break
    return singly + left


def _ask_refused(ended: Ended[WriteT], settled: Settled[WriteT]) -> Settled[WriteT]:
    """Return what a job came to, with the rows that it refused among those to send singly.

    A row fails in a job for many reasons that are not its own: another row of the job, a lock, a
    moment's load. Only the answer to the record alone is the record's.
    """
    refused = {
        outcome.key
        for outcome in settled.outcomes
        if ended.job and isinstance(outcome, Refused) and not outcome.gone
    }
    if not refused:
        return settled
    certain = [outcome for outcome in settled.outcomes if outcome.key not in refused]
    asked: list[WriteT] = [write for write in ended.batch if write.key in refused]
    return Settled(outcomes=certain, again=settled.again, singly=list(settled.singly) + asked)


def _run(
    access: Access,
    call: ManyCall,
    batches: Sequence[list[WriteT]],
    body: Callable[[WriteT], Json],
) -> Iterator[Ended[WriteT]]:
    """Yield each batch once it has come to its end: its job, or the one call that writes it."""
    if isinstance(call, BulkCall):
        yield from _run_jobs(access, call, batches, body)
        return

    def send(batch: list[WriteT]) -> Ended[WriteT]:
        try:
            results = send_batch(access, call, [body(write) for write in batch])
        except RefusedError:
            return Ended(batch=batch, refused=True)
        except UNCERTAIN:
            return Ended(batch=batch)
        return Ended(batch=batch, results=results)

    yield from overlap(access, send, batches)


def _run_jobs(
    access: Access,
    call: BulkCall,
    batches: Sequence[list[WriteT]],
    body: Callable[[WriteT], Json],
) -> Iterator[Ended[WriteT]]:
    """Yield each batch once its job has ended; as many jobs at once as the API allows.

    After an ApiError no job is started, those under way are seen to their end, and it is raised.
    """
    waiting, under_way = deque(batches), dict[str, list[WriteT]]()
    watch = Watch(access.times, call.path, access.options.job_patience)
    failures: list[ApiError] = []

    def start(batch: list[WriteT]) -> Ended[WriteT]:
        return _start(access, call, batch, body, frozenset(under_way))

    while under_way or (waiting and not failures):
        room = call.jobs - len(under_way) if not failures else 0
        starting = [waiting.popleft() for _ in range(min(room, len(waiting)))]
        try:
            for started in overlap(access, start, starting):
                if started.job:
                    under_way[started.job] = started.batch
                    watch.add(started.job, len(started.batch), access.clock.monotonic())
                else:
                    yield started
        except ApiError as error:
            failures.append(error)
        for end in await_ends(access, call, watch):
            yield Ended(batch=under_way.pop(end.job), job=end.job, results=end.results)
    if failures:
        # Taken out: the error knows this frame, and the frame must not know the error.
        raise failures.pop()


def _start(
    access: Access,
    call: BulkCall,
    batch: list[WriteT],
    body: Callable[[WriteT], Json],
    known: frozenset[str],
) -> Ended[WriteT]:
    """Start the job of a batch; one whose start got no answer may be under way all the same."""
    try:
        # A PUT states what is to be, so that it may be sent twice; after a POST we look first.
        job = start_job(access, call, [body(write) for write in batch], call.method != "POST")
    except RefusedError:
        return Ended(batch=batch, refused=True)
    except UNCERTAIN:
        await_own(access, call, len(batch), known)
        return Ended(batch=batch)
    return Ended(batch=batch, job=job)
