"""One sync after the other of one company: what `sync` does once, again and again, or for many."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from specbridge.cli.running import Setup, run_options
from specbridge.cli.runs.progress import Progress
from specbridge.cli.runs.run_names import name_records
from specbridge.cli.runs.waking import Pauses
from specbridge.errors import StoreBusyError
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.records import Connector
from specbridge.runtime.reports.observing import Observer, observe_run
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.engine import open_store

_OTHER = "another run", "it works on the same systems"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all syncs of a company share: connectors, the wish to stop, who measures, who looks on."""

    connectors: Mapping[str, Connector]
    stop: threading.Event
    observer: Observer
    progress: Progress


class Syncs:
    """One sync after the other, with the same connectors; each opens the store anew."""

    def __init__(
        self,
        setup: Setup,
        only: tuple[str, ...],
        flags: dict[str, float | None],
        around: Surroundings,
    ) -> None:
        """Take what is run, the flows of it, and the command's flags `force`, `full` and `no_names`, `actions`."""
        self._task = setup.task(only)
        self._url = setup.url
        # What runs: those that only help out are not named.
        self._names = [setup.package] if setup.alone else list(setup.packages)
        self._options = run_options(setup, force=bool(flags["force"]), full=bool(flags["full"]))
        self._actions = bool(flags["actions"])
        self._profiles = setup.profiles
        self._named = not flags["no_names"]
        self._around = around
        self.pauses = Pauses(self._url, self._task.company, around.stop)

    def run(self, unpolled: frozenset[str]) -> Report:
        """Run once; raises StoreBusyError where another process works on the company."""
        around, progress = self._around, self._around.progress
        edges = Edges(
            connectors=around.connectors,
            progress=progress.advance,
            expect=progress.expect,
            stop=around.stop,
        )
        options = replace(self._options, unpolled=unpolled)
        self.pauses.note_run(unpolled)
        # Between runs nobody holds the database, and no connection is there that it could drop.
        with open_store(self._url) as opened:
            report = run_sync(self._task, opened, edges, options, actions=self._actions)
            if report.error is not None:
                self.pauses.note_failure()
            return name_records(report, opened, self._profiles, shown=self._named)

    def run_once_free(self, seconds: float, unpolled: frozenset[str] = frozenset()) -> Report:
        """Run once no other process works on the package; raises StoreBusyError after some seconds.

        `unpolled` are systems of which only those records are read that webhooks told of.
        """
        around = self._around
        with (
            observe_run(around.observer, ", ".join(self._names)) as observed,
            around.progress.shown(),
        ):
            observed.report = report = _wait_for(partial(self.run, unpolled), seconds, around)
        return report


def _wait_for(run: Callable[[], Report], seconds: float, around: Surroundings) -> Report:
    """Run once no other process works on the package; raises StoreBusyError after some seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            return run()
        except StoreBusyError:
            left = end - time.monotonic()
            around.progress.wait(*_OTHER, left)
            if left <= 0 or around.stop.wait(1.0):
                raise
            around.progress.wait(*_OTHER, 0.0)
