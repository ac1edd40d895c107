"""What takes longer than a page may: planning, running, undoing; one at a time, in a thread."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from specbridge.errors import ChangedError, SpecbridgeError
from specbridge.runtime.engine.undo import Chosen, UndoReport
from specbridge.runtime.reports.report import Report

_KEPT = 20
MOST_ACTIONS = 500
"""Actions of a plan that are kept to be shown; a first one may have a million."""


class Which(NamedTuple):
    """What is planned or run: a package, None for all; a company's, "" where the settings name none."""

    package: str | None = None
    company: str = ""

    def __str__(self) -> str:
        """Return what people call it."""
        packages = self.package or "all packages"
        return f"{self.company}: {packages}" if self.company else packages


class Work(Protocol):
    """What the console has done elsewhere; the commands' own functions stand behind it."""

    def companies(self) -> Sequence[str]:
        """Return the names of the companies that the settings name, none where they name none."""

    def packages(self) -> Sequence[str]:
        """Return the names of the packages that can be run here."""

    def plan(self, which: Which, progress: Callable[[str, int], None]) -> Report:
        """Return what a run would do now."""

    def run(
        self, which: Which, progress: Callable[[str, int], None], stop: threading.Event
    ) -> Report:
        """Run, and return what was done."""

    def undo(self, run: int, chosen: Chosen, who: str) -> UndoReport:
        """Undo what is chosen of a run's writes, and keep who did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something that was begun from the console, who began it, and how far it is.

    `ended_at` is None as long as it goes on; then there is a report, or why there is none.
    """

    number: int
    kind: str
    what: str
    who: str
    started_at: float
    ended_at: float | None = None
    progress: Mapping[str, int] = field(default_factory=dict)
    report: Report | UndoReport | None = None
    actions: int = 0
    error: str = ""


Carrying = Callable[[Callable[[str, int], None]], Report | UndoReport]


class Jobs:
    """The jobs of a console, the last ones kept; threads share it."""

    def __init__(self) -> None:
        """Begin without any."""
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._jobs: OrderedDict[int, Job] = OrderedDict()
        self._thread: threading.Thread | None = None

    def begin(self, kind: str, what: str, who: str, carry_out: Carrying) -> Job:
        """Begin a job; raises ChangedError while another one is under way."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                running = next(reversed(self._jobs.values()))
                raise ChangedError(f"a {running.kind} by {running.who} is under way")
            number = max(self._jobs, default=0) + 1
            job = Job(number=number, kind=kind, what=what, who=who, started_at=time.time())
            self._jobs[number] = job
            while len(self._jobs) > _KEPT:
                self._jobs.popitem(last=False)
            # Not a daemon: what it sends must be journalled to its end.
            self._thread = threading.Thread(target=self._carry_out, args=(number, carry_out))
            self._thread.start()
        return job

    def find(self, number: int) -> Job | None:
        """Return a job, None where there is none of this number any more."""
        with self._lock:
            return self._jobs.get(number)

    def last(self) -> list[Job]:
        """Return the jobs that are kept, newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def end(self) -> None:
        """Have what is under way stop, and wait until it has."""
        self.stop.set()
        if self._thread is not None:
            self._thread.join()

    def _carry_out(self, number: int, carry_out: Carrying) -> None:
        def advance(subject: str, count: int) -> None:
            job = self._jobs[number]
            self._set(replace(job, progress={**job.progress, subject: count}))

        try:
            report = carry_out(advance)
        except SpecbridgeError as error:
            self._set(replace(self._jobs[number], ended_at=time.time(), error=str(error)))
            return
        except Exception as error:
            # Nobody waits for this thread: what is not told here is told nowhere.
            told = f"it broke off: {type(error).__name__}"
            self._set(replace(self._jobs[number], ended_at=time.time(), error=told))
            raise
        kept, count = _shortened(report)
        ended = replace(self._jobs[number], ended_at=time.time(), report=kept, actions=count)
        self._set(ended)

    def _set(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.number] = job


def _shortened(report: Report | UndoReport) -> tuple[Report | UndoReport, int]:
    """Return a report with no more actions than are shown, and how many there were."""
    if isinstance(report, UndoReport) or report.actions is None:
        return report, 0
    return replace(report, actions=list(report.actions)[:MOST_ACTIONS]), len(report.actions)
