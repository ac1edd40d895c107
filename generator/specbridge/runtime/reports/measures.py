"""The metrics of requests and runs; imports prometheus_client when an instance is made."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_REQUEST_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_RUN_SECONDS = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)
# prometheus_client ends the names of counters in `_total` by itself.
_EVENTS = {
    "throttled": ("specbridge_throttled", "Answers 429, and those that mean the same"),
    "retried": ("specbridge_retries", "Requests that were made again"),
}
_STATES = {
    "links": ("specbridge_links", "Linked pairs of records"),
    "dead_letters": ("specbridge_dead_letters", "Writes that wait for somebody to look at them"),
    "open_conflicts": ("specbridge_open_conflicts", "Conflicts that wait for somebody to settle"),
}


class Measures:
    """Counters, histograms and gauges in one registry; safe to use from all threads."""

    def __init__(self, registry: "CollectorRegistry | None" = None) -> None:
        """Register all metrics; raises ImportError where prometheus_client is not installed."""
        import prometheus_client as metrics  # noqa: PLC0415  # an extra

        # One of its own by default: the process's would refuse the same names a second time.
        self.registry = registry if registry is not None else metrics.CollectorRegistry()
        own, flow = self.registry, ("package", "flow")
        self._requests = metrics.Counter(
            "specbridge_requests", "Requests", ("system", "method", "status"), registry=own
        )
        self._latency = metrics.Histogram(
            "specbridge_request_seconds",
            "Time until the answer of a request",
            ("system", "method"),
            registry=own,
            buckets=_REQUEST_SECONDS,
        )
        self._events = {
            event: metrics.Counter(name, text, ("system",), registry=own)
            for event, (name, text) in _EVENTS.items()
        }
        self._runs = metrics.Counter(
            "specbridge_runs", "Runs", ("package", "outcome"), registry=own
        )
        self._run_seconds = metrics.Histogram(
            "specbridge_run_seconds",
            "Time of a run",
            ("package",),
            registry=own,
            buckets=_RUN_SECONDS,
        )
        self._last_run = metrics.Gauge(
            "specbridge_last_run_timestamp_seconds",
            "When a run ended last",
            ("package",),
            registry=own,
        )
        self._actions = metrics.Counter(
            "specbridge_actions", "What runs did", (*flow, "action", "side"), registry=own
        )
        self._states = {
            state: metrics.Gauge(name, text, flow, registry=own)
            for state, (name, text) in _STATES.items()
        }

    def count_event(self, system: str, event: str) -> None:
        """Count an event of a system; those that are no metric are left out."""
        if event in self._events:
            self._events[event].labels(system).inc()

    def add_request(self, system: str, method: str, status: int | None, seconds: float) -> None:
        """Count a request by the class of its status (`2xx`; `none` where nothing answered)."""
        # The class alone: each status that a system ever gave would be a series of its own.
        shown = "none" if status is None else f"{status // 100}xx"
        self._requests.labels(system, method, shown).inc()
        self._latency.labels(system, method).observe(seconds)

    def add_run(self, package: str, outcome: str, seconds: float) -> None:
        """Count a run that ended now."""
        self._runs.labels(package, outcome).inc()
        self._run_seconds.labels(package).observe(seconds)
        self._last_run.labels(package).set(time.time())

    def add_actions(self, labels: tuple[str, str, str, str], number: int) -> None:
        """Count what a run did; `labels` are package, flow, action and side ("" for both)."""
        self._actions.labels(*labels).inc(number)

    def state(self, labels: tuple[str, str], name: str, number: int) -> None:
        """State how a flow stands now; `labels` are package and flow."""
        self._states[name].labels(*labels).set(number)
