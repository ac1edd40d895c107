"""Bulk jobs: rows are written one by one while time passes, whether anybody asks or not."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from generator.sandbox.messages import Answer, RefusalError, Row
from generator.sandbox.zendesk.refusals import reason_of, refuse

MOST_ROWS = 100
_MOST_JOBS = 30

Work = Callable[[Row], Row]  # writes one row and returns its result


@dataclass(slots=True)
class Job:
    """A bulk call under way; `stops_at` is the row before which a half-done one fails."""

    identifier: str
    kind: str
    rows: Sequence[Row]
    work: Work
    failure: str
    started: float
    stops_at: int | None = None
    results: list[Row] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Return whether no further row will be written."""
        return len(self.results) == len(self.rows) or len(self.results) == self.stops_at


@dataclass(slots=True)
class Jobs:
    """The account's jobs; `seconds` is how long a hundred rows take."""

    origin: str
    seconds: float
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
            raise refuse(
                429, "TooManyJobs", f"Too many {kind} jobs are currently queued or running."
            )
        job = Job(uuid.uuid4().hex, kind, rows, work, failure, time.monotonic())
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
        if identifier not in self.jobs:
            raise refuse(404, "RecordNotFound", "Not found")
        return self._status(self.jobs[identifier])

    def recent(self) -> list[Row]:
        """Return the status of all jobs, the newest first."""
        return [self._status(job) for job in reversed(self.jobs.values())]

    def _advance(self, job: Job, now: float) -> None:
        per_row = self.seconds / MOST_ROWS
        due = int((now - job.started) / per_row) if per_row else len(job.rows)
        while len(job.results) < min(due, len(job.rows)) and not job.ended:
            index = len(job.results)
            try:
                job.results.append(job.work(job.rows[index]))
            except RefusalError as refusal:
                result: Row = {"index": index, "error": job.failure, "details": reason_of(refusal)}
                if "id" in job.rows[index]:
                    result["id"] = job.rows[index]["id"]
                job.results.append(result)

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
            "results": job.results if done else None,
        }
