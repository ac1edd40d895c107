"""What Prometheus is told of companies and their queue: as the store has it, whoever did it, whenever it is asked."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from specbridge.errors import StoreError
from specbridge.runtime.reports.observing import serve_registry
from specbridge.runtime.store.engine import open_store, store_errors
from specbridge.runtime.store.leasing.leases import read_clock
from specbridge.runtime.store.leasing.schedules import Turn, read_turns
from specbridge.service.queue.jobs import QueuedJob, read_jobs

_COMPANY = ("company",)


class _QueueCollector(Collector):
    """Reads the store each time it is asked."""

    def __init__(self, url: str) -> None:
        self._url = url

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what there is shows when it is asked for, not before."""
        return ()

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("specbridge_store_up", "Whether the store answers")
        try:
            with store_errors(), open_store(self._url) as store:
                jobs, turns = read_jobs(store), read_turns(store.connection)
                now = read_clock(store.connection)
        except StoreError:
            up.add_metric((), 0.0)
            return [up]
        up.add_metric((), 1.0)
        return [up, *_of_queue(jobs, now), *_of_companies(list(turns.values()))]


def _of_queue(jobs: Iterable[QueuedJob], now: float) -> Iterator[Metric]:
    waiting = [job for job in jobs if job.state == "todo"]
    running = [job for job in jobs if job.state == "doing"]
    ages = [now - job.since for job in waiting if job.since is not None]
    told = (
        ("specbridge_queue_length", "Companies that wait for a worker", len(waiting)),
        ("specbridge_queue_running", "Companies that are run just now", len(running)),
        (
            "specbridge_queue_oldest_seconds",
            "How long the first of the queue has waited",
            max([0.0, *ages]),
        ),
    )
    for name, text, value in told:
        yield GaugeMetricFamily(name, text, value=float(value))


def _of_companies(turns: Iterable[Turn]) -> Iterator[Metric]:
    runs = CounterMetricFamily("specbridge_company_runs", "Runs by workers", labels=_COMPANY)
    failed = CounterMetricFamily(
        "specbridge_company_failed_runs", "Runs that failed", labels=_COMPANY
    )
    gauges = {
        name: GaugeMetricFamily(f"specbridge_company_{name}", text, labels=_COMPANY)
        for name, text in _GAUGES.items()
    }
    for turn in turns:
        label = (turn.company,)
        runs.add_metric(label, turn.runs)
        failed.add_metric(label, turn.failed)
        values = (turn.failures, turn.ran_at, turn.next_at, turn.heard_at or 0.0)
        for gauge, value in zip(gauges.values(), values, strict=True):
            gauge.add_metric(label, value)
    yield from (runs, failed, *gauges.values())


_GAUGES = {
    "failures_in_a_row": "Failures since the last run that went well",
    "last_run_timestamp_seconds": "When a run ended last (Unix time), 0: never",
    "next_run_timestamp_seconds": "When the next one is due (Unix time), 0: at once",
    "last_event_timestamp_seconds": "When a webhook came last (Unix time), 0: never",
}


@contextmanager
def serve_gauges(url: str, port: int) -> Iterator[int]:
    """Serve the gauges of a store on a port of this machine (0: any that is free), and give it, as long as the block runs.

    Raises SurroundingsError where the port cannot be used.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_QueueCollector(url))
    with serve_registry(registry, port) as served:
        yield served
