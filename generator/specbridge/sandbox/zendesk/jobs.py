"""Bulk jobs: rows are written one by one while time passes, whether anybody asks or not."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, RefusalError, Row
from specbridge.sandbox.zendesk.refusals import not_found, reason_of

MOST_ROWS = 100
# Queued or under way at once, in the whole account.
_MOST_JOBS = 30
_READABLE_SECONDS = 24 * 60 * 60

Work = Callable[[Row], Row]  # writes one row and returns its result


@dataclass(slots=True)
class Job:
    """A bulk call under way; `stops_at` is the row before which a half-done one fails."""

    identifier: str
    kind: str
    rows: Sequence[Any]  # as sent: not every one need be an object
    work: Work
    failure: str
    started: float
    asked_at: int
    stops_at: int | None = None
    results: list[Row] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Return whether no further row will be written."""
        return len(self.results) == len(self.rows) or len(self.results) == self.stops_at


@dataclass(slots=True)
class Jobs:
    """The account's jobs, readable for a day; `seconds` is how long a hundred rows take."""

    origin: str
    clock: Clock
    seconds: float
    otherwise: frozenset[Doubt] = frozenset()
    jobs: dict[str, Job] = field(default_factory=dict)

    def start(  # a job is what it is
        self, kind: str, rows: Sequence[Row], work: Work, failure: str, half_done: bool
    ) -> Answer:
        """Queue a job; raises RefusalError for more than 100 rows or when 30 jobs are under way."""
        if len(rows) > MOST_ROWS:
            text = f"Parameter  cannot specify more than {MOST_ROWS} values"
            body = {"error": "TooManyValues", "description": text, "max_count": MOST_ROWS}
            raise RefusalError(Answer(status=400, body=body))
        running = [job.identifier for job in self.jobs.values() if not job.ended]
        if len(running) >= _MOST_JOBS:
            text = f"Too many {kind} jobs are currently queued or running."
            full = {"error": "TooManyJobs", "description": text, "current_job_ids": running}
            # That it is refused is documented, the status is not.
            status = 400 if Doubt.FULL_QUEUE_400 in self.otherwise else 429
            raise RefusalError(Answer(status=status, body=full))
        job = Job(
            identifier=uuid.uuid4().hex,
            kind=kind,
            rows=rows,
            work=work,
            failure=failure,
            # Rows are written in real time, whatever a test does to the clock.
            started=time.monotonic(),
            asked_at=self.clock.seconds(),
        )
        job.stops_at = len(rows) // 2 if half_done else None
        self.jobs[job.identifier] = job
        remaining = _MOST_JOBS - len(running) - 1
        header = f"total={_MOST_JOBS}; remaining={remaining}; resets=60"
        return Answer(
            body={"job_status": self._status(job, queued=True)},
            headers={"zendesk-ratelimit-inflight-jobs": header},
        )

    def advance(self) -> None:
        """Write the rows whose time has come."""
        now = time.monotonic()
        for job in self.jobs.values():
            if not job.ended:
                self._advance(job, now)

    def show(self, identifier: str) -> Row:
        """Return a job's status; raises RefusalError 404."""
        job = self.jobs.get(identifier)
        if job is None or not self._is_readable(job):
            raise not_found()
        return self._status(job)

    def recent(self) -> list[Row]:
        """Return the status of all jobs, the newest first."""
        return [self._status(job) for job in reversed(self.jobs.values()) if self._is_readable(job)]

    def _is_readable(self, job: Job) -> bool:
        return self.clock.seconds() - job.asked_at < _READABLE_SECONDS

    def _advance(self, job: Job, now: float) -> None:
        per_row = self.seconds / MOST_ROWS
        due = int((now - job.started) / per_row) if per_row else len(job.rows)
        while len(job.results) < min(due, len(job.rows)) and not job.ended:
            job.results.append(_write_row(job, len(job.results)))

    def _status(self, job: Job, queued: bool = False) -> Row:
        failed = job.ended and len(job.results) < len(job.rows)
        state = "queued" if queued else "failed" if failed else "working"
        if job.ended and not failed and not queued:
            state = "completed"
        done = state in ("completed", "failed")
        return {
            "id": job.identifier,
            "url": f"{self.origin}/api/v2/job_statuses/{job.identifier}.json",
            "job_type": job.kind,
            "total": len(job.rows),
            "progress": None if queued else len(job.results),
            "status": state,
            "message": f"{state.capitalize()} at sandbox" if done else None,
            # "Completed" is not success: a row that failed is among them, with its `error`.
            "results": self._results(job) if done else None,
        }

    def _results(self, job: Job) -> list[Row]:
        if Doubt.SHUFFLED_RESULTS not in self.otherwise:
            return job.results
        # Nothing says that rows keep their order; the vendor's schema has an `index`.
        return [{"index": i, **row} for i, row in reversed([*enumerate(job.results)])]


def _write_row(job: Job, index: int) -> Row:
    """Return the row's result; whatever is wrong with a row is a failure of that row alone."""
    row = job.rows[index]
    try:
        return job.work(row)
    except RefusalError as refusal:
        reason = reason_of(refusal)
    except (ValueError, AttributeError, KeyError, TypeError):
        reason = "The row could not be understood"
    # Recorded answers have an `index` on failures only, though the vendor's schema wants it always.
    failed: Row = {"index": index, "error": job.failure, "details": reason}
    if isinstance(row, dict) and "id" in row:
        failed["id"] = row["id"]
    return failed
