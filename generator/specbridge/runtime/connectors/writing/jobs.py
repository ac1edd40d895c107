"""Jobs that a system works on by itself: started, watched with few requests, and ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from specbridge.errors import RefusedError
from specbridge.model.calls import BulkCall, ReadCall
from specbridge.model.profile import Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.batches import read_batches
from specbridge.runtime.connectors.reading.rows import Row, nest, read_rows, unwrap
from specbridge.runtime.connectors.transport.access import Access, in_batches
from specbridge.runtime.connectors.transport.clock import pause
from specbridge.runtime.connectors.transport.errors import describe, error_of
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import Request, fill_path, split_path
from specbridge.runtime.connectors.transport.pace import Watch

_DONE = ("completed",)
_FAILED = ("failed", "killed")
_SHOWN_AT_ONCE = 100
_FIRST_WAIT = 0.25
_LONGEST_WAIT = 10.0
_LEAST_TOLD = 1.0
_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnd:
    """How a job ended: its results row by row, or None where it failed or is not known any more."""

    job: str
    results: tuple[Row, ...] | None


def start_job(access: Access, call: BulkCall, rows: list[Json], safe: bool) -> str:
    """Start a job for the rows and return its id; raises RefusedError where the call is refused.

    That is so for a 403, too: bulk calls may be closed to an account that may write all the same.
    """
    request = Request(method=call.method, path=call.path, body=nest({call.wrap: rows}), safe=safe)
    answer = access.transport.send(request)
    if not answer.ok:
        raise RefusedError(describe(access.profile, request, answer), answer.status)
    job = unwrap(answer.body, call.job_wrap)
    identifier = None if job is None else job.get("id")
    if not isinstance(identifier, str) or not identifier:
        raise malformed(access.where(str(request)), "the answer names no job")
    return identifier


def await_ends(access: Access, call: BulkCall, watch: Watch) -> list[JobEnd]:
    """Wait until one job or more have ended, and return how.

    A job that the system does not know any more, or that takes longer than our patience, ends unknown.
    """
    while watch:
        wait = watch.wait(access.clock.monotonic())
        named = _name_jobs(watch)
        # The first looks follow one another soon, but it is one wait.
        access.clock.tell(named, max(wait, _LEAST_TOLD))
        pause(access.clock, wait)
        states = _look(access, call, list(watch))
        now = access.clock.monotonic()
        ends = []
        for job in watch:
            end = _read_end(access, call, job, states.get(job))
            if end is None and watch.is_overdue(job, now):
                end = JobEnd(job=job, results=None)
            if end is None:
                watch.delay(job, now, _share_done(states.get(job)))
            else:
                watch.end(job, now)
                ends.append(end)
        if ends:
            access.clock.tell(named, 0.0)
            return ends
    return []


def await_own(access: Access, call: BulkCall, rows: int, known: Collection[str]) -> None:
    """Return when no job is under way that may be ours: one whose start was not answered may be.

    Others start jobs, too, and nothing says whose they are. Ours has so many `rows`, and the type of
    the `known` ones, whose start was answered and which are watched apart.
    """
    if not call.recent_jobs_path:
        return
    deadline = access.clock.monotonic() + access.options.job_patience
    wait = _FIRST_WAIT
    while access.clock.monotonic() < deadline:
        if not _may_be_ours(_recent_jobs(access, call), rows, known):
            return
        access.clock.tell(f"a bulk job of {rows} rows whose start was not answered", wait)
        pause(access.clock, wait)
        wait = min(wait * 2.0, _LONGEST_WAIT)


def await_former(access: Access, resource: Resource, rows: int) -> None:
    """Return when no job is under way that an earlier run may have started: of so many rows at most.

    Jobs go on when nobody waits for them any more, and would write what is out of date by then. Those
    that begin later are others' own.
    """
    calls = (resource.create_many, resource.update_many, *resource.strategy_jobs.values())
    listed = {call.recent_jobs_path: call for call in calls if call and call.recent_jobs_path}
    for call in listed.values():
        _await_former(access, call, rows)


def _await_former(access: Access, call: BulkCall, rows: int) -> None:
    deadline = access.clock.monotonic() + access.options.job_patience
    former: set[Json] | None = None
    wait = _FIRST_WAIT
    while access.clock.monotonic() < deadline:
        running = {job.get("id") for job in _recent_jobs(access, call) if _is_former(job, rows)}
        former = running if former is None else former & running
        if not former:
            return
        access.clock.tell(f"bulk jobs of an earlier run ({len(former)})", wait)
        pause(access.clock, wait)
        wait = min(wait * 2.0, _LONGEST_WAIT)


def _name_jobs(watch: Watch) -> str:
    jobs = list(watch)
    if len(jobs) > 1:
        return f"{len(jobs)} bulk jobs of {watch.rows} rows"
    short = jobs[0] if len(jobs[0]) <= _SHOWN else f"{jobs[0][: _SHOWN - 1]}…"
    return f"bulk job {short} of {watch.rows} rows"


def _is_former(job: Row, rows: int) -> bool:
    total = job.get("total")
    return job.get("status") not in _DONE + _FAILED and not (
        isinstance(total, int) and total > rows
    )


def _recent_jobs(access: Access, call: BulkCall) -> list[Row]:
    listing = ReadCall(path=call.recent_jobs_path, items=call.jobs_items)
    return [row for batch in read_batches(access, listing, {}) for row in batch.rows]


def _may_be_ours(jobs: list[Row], rows: int, known: Collection[str]) -> bool:
    # Zendesk's answers of 2023 state no `job_type`: none is ruled out by its type then.
    kinds = {job.get("job_type") for job in jobs if job.get("id") in known} - {None}
    return any(
        job.get("id") not in known
        and job.get("status") not in _DONE + _FAILED
        and job.get("total") in (rows, None)
        and (not kinds or job.get("job_type") in kinds)
        for job in jobs
    )


def _look(access: Access, call: BulkCall, jobs: list[str]) -> dict[str, Row]:
    """Return the states of the jobs that the system knows."""
    shown: dict[str, Row] = {}
    if call.jobs_path and len(jobs) > 1:
        for batch in in_batches(jobs, _SHOWN_AT_ONCE):
            shown |= _show_many(access, call, batch)
    # That it is not shown with others does not mean that a job has ended.
    states = {job: _show(access, call, job) for job in jobs if job not in shown}
    return {**shown, **{job: state for job, state in states.items() if state is not None}}


def _show_many(access: Access, call: BulkCall, jobs: Sequence[str]) -> dict[str, Row]:
    path, query = split_path(fill_path(call.jobs_path, {"jobs": ",".join(jobs)}))
    answer = access.transport.fetch(Request(method="GET", path=path, query=query, safe=True))
    rows = read_rows(answer, call.jobs_items, access.where(path))
    return {str(row.get("id")): row for row in rows}


def _show(access: Access, call: BulkCall, job: str) -> Row | None:
    request = Request(method="GET", path=fill_path(call.job_path, {"job": job}), safe=True)
    answer = access.transport.send(request)
    if answer.gone:
        return None
    if not answer.ok:
        raise error_of(access.profile, request, answer)
    state = unwrap(answer.body, call.job_wrap)
    if state is None or not isinstance(state.get("status"), str):
        raise malformed(access.where(str(request)), "the answer shows no job")
    return state


def _share_done(state: Row | None) -> float:
    """Return how much of a job is done, 0 to 1; 0 where it does not say."""
    progress, total = (state or {}).get("progress"), (state or {}).get("total")
    if isinstance(progress, int) and isinstance(total, int) and total > 0:
        return min(1.0, max(0, progress) / total)
    return 0.0


def _read_end(access: Access, call: BulkCall, job: str, state: Row | None) -> JobEnd | None:
    """Return how a job ended, None while it is under way."""
    status = None if state is None else state.get("status")
    if state is None or status in _FAILED:
        # Zendesk shows a job for one day; what a lost or failed one did, the records tell.
        return JobEnd(job=job, results=None)
    if status not in _DONE:
        return None
    results = state.get("results")
    if results is None and call.jobs_path:
        # Jobs shown together may come without their results.
        alone = _show(access, call, job)
        results = None if alone is None else alone.get("results")
    if not isinstance(results, list):
        return JobEnd(job=job, results=None)
    return JobEnd(job=job, results=tuple(row for row in results if isinstance(row, dict)))
