"""Metrics (Prometheus) and traces (OpenTelemetry) of requests and runs; without either, nothing.

Both come with the extra `specbridge[observability]` and are imported only where they are asked for. What is
told of a request is its system, method, route and status; never a query, a body, an id or a value.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from specbridge.errors import MissingExtraError, SettingsError, SurroundingsError
from specbridge.runtime.reports.measures import Measures
from specbridge.runtime.reports.report import SIDES, Report, RunOutcome

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider
    from prometheus_client import CollectorRegistry

log = structlog.get_logger("specbridge")


@dataclass(slots=True)
class Exchange:
    """One request while it is under way; `status` stays None where nothing answers."""

    status: int | None = None


@dataclass(slots=True)
class ObservedRun:
    """One run while it goes on; `report` stays None where it ends by an exception."""

    report: Report | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """Where measurements and spans go; None: nowhere. Shared by all threads and all runs.

    `logged` says that each request is logged, at level debug; `waits` is told of each wait that is long
    enough to be noticed: the system, what it is for, and its seconds.
    """

    measures: Measures | None = None
    tracer: "Tracer | None" = None
    logged: bool = False
    waits: Callable[[str, str, float], None] | None = None

    @property
    def active(self) -> bool:
        """Return whether anything is observed at all."""
        return self.measures is not None or self.tracer is not None or self.logged

    def count(self, system: str, event: str) -> None:
        """Count one of a system's events: `throttled` or `retried`; others are no concern here."""
        if self.measures is not None:
            self.measures.count_event(system, event)

    @contextmanager
    def request(self, system: str, method: str, route: str) -> Iterator[Exchange]:
        """Observe one request; the caller states the status as soon as it is known.

        `route` is the request's path with `{id}` in place of all that is not the API's own word.
        """
        if not self.active:
            yield Exchange()
            return
        # Not the time of day, which may be set while a request is under way.
        exchange, began = Exchange(), time.perf_counter()
        # By route, not by path: ids would make a name of their own of every record's requests.
        with self.span(f"{method} {route}", client=True) as span:
            try:
                yield exchange
            finally:
                # A request that nobody answers, or that is given up, is measured like any other.
                elapsed = time.perf_counter() - began
                if self.measures is not None:
                    self.measures.add_request(system, method, exchange.status, elapsed)
                if self.logged:
                    told = {"system": system, "method": method, "route": route}
                    log.debug("request", **told, status=exchange.status, seconds=round(elapsed, 3))
                if span is not None:
                    _describe_request(span, system, method, route)
                    _describe_status(span, exchange.status)

    def span(self, name: str, client: bool) -> AbstractContextManager["Span | None"]:
        """Begin a span, of a request to a system where `client`; None where nothing is traced."""
        if self.tracer is None:
            return nullcontext()
        from opentelemetry.trace import SpanKind  # noqa: PLC0415  # an extra

        kind = SpanKind.CLIENT if client else SpanKind.INTERNAL
        # An exception's text may name a record: its type is enough.
        return self.tracer.start_as_current_span(
            name, kind=kind, record_exception=False, set_status_on_exception=False
        )


SILENT = Observer()


def build_observer(
    *,
    registry: "CollectorRegistry | None" = None,
    tracer_provider: "TracerProvider | None" = None,
) -> Observer:
    """Return an observer that measures and traces.

    `registry` holds the metrics, one of its own where None; `tracer_provider` takes the spans, where
    None the process's own (which drops them unless something like `opentelemetry-instrument` has set
    it). Raises SettingsError where the extra is not installed.
    """
    try:
        from opentelemetry.trace import get_tracer  # noqa: PLC0415  # an extra

        measures = Measures(registry)
    except ImportError as error:
        raise MissingExtraError(
            f"metrics and traces need {error.name}, which", "observability"
        ) from None
    return Observer(measures=measures, tracer=get_tracer("specbridge", None, tracer_provider))


@contextmanager
def observe_run(observer: Observer, package: str) -> Iterator[ObservedRun]:
    """Observe one run of a package: a span around its requests, and counters of what it did.

    The caller puts the report in before the block ends; a run without one counts as `failed`.
    """
    run, began = ObservedRun(), time.perf_counter()
    with observer.span("specbridge sync", client=False) as span:
        try:
            yield run
        finally:
            outcome = (run.report.outcome if run.report else RunOutcome.FAILED).value
            if observer.measures is not None:
                elapsed = time.perf_counter() - began
                observer.measures.add_run(package, outcome, elapsed)
                if run.report is not None:
                    _measure_flows(observer.measures, run.report)
            if span is not None:
                _describe_run(span, package, outcome, run.report)


@contextmanager
def serve_metrics(observer: Observer, port: int, host: str = "127.0.0.1") -> Iterator[int]:
    """Serve the metrics at `http://host:port/metrics` until the block ends; gives the port.

    Port 0 is chosen by the system. Raises SurroundingsError where the port cannot be used, SettingsError
    where nothing is measured.
    """
    if observer.measures is None:
        raise SettingsError("there are no metrics to serve")
    with serve_registry(observer.measures.registry, port, host) as served:
        yield served


@contextmanager
def serve_registry(
    registry: "CollectorRegistry", port: int, host: str = "127.0.0.1"
) -> Iterator[int]:
    """Serve what a registry collects as serve_metrics does. Raises SurroundingsError where the port cannot be used."""
    from prometheus_client import start_http_server  # noqa: PLC0415  # an extra

    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise SurroundingsError(f"metrics cannot be served on {host}:{port}: {error}") from error
    try:
        yield server.server_port
    finally:
        # In this order: no new request, then no port, then no thread that could outlive the block.
        server.shutdown()
        server.server_close()
        thread.join()


def _measure_flows(measures: Measures, report: Report) -> None:
    for flow in report.flows:
        tally, standing = flow.tally, flow.standing
        counted = {"create": tally.created, "update": tally.updated, "delete": tally.deleted}
        for action, counts in counted.items():
            for side, number in zip(SIDES, counts, strict=True):
                measures.add_actions((flow.package, flow.name, action, side), number)
        # A link is of both sides, so it has no side.
        measures.add_actions((flow.package, flow.name, "link", ""), tally.linked)
        measures.add_actions((flow.package, flow.name, "conflict", ""), tally.conflicts)
        measures.state((flow.package, flow.name), "links", standing.links)
        measures.state((flow.package, flow.name), "dead_letters", standing.dead_letters)
        measures.state((flow.package, flow.name), "open_conflicts", standing.open_conflicts)


def _describe_request(span: "Span", system: str, method: str, route: str) -> None:
    span.set_attribute("specbridge.system", system)
    # The names of OpenTelemetry's conventions, by which tools know requests.
    span.set_attribute("http.request.method", method)
    span.set_attribute("url.template", route)


def _describe_status(span: "Span", status: int | None) -> None:
    if status is None:
        span.set_attribute("error.type", "no_answer")
    else:
        span.set_attribute("http.response.status_code", status)
    if status is None or status >= 400:  # noqa: PLR2004  # HTTP's own border
        _mark_failed(span)


def _describe_run(span: "Span", package: str, outcome: str, report: Report | None) -> None:
    span.set_attribute("specbridge.package", package)
    span.set_attribute("specbridge.outcome", outcome)
    if report is not None:
        span.set_attribute("specbridge.run", str(report.run))
        span.set_attribute("specbridge.writes", report.writes)
    if outcome == RunOutcome.FAILED.value:
        _mark_failed(span)


def _mark_failed(span: "Span") -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415  # an extra

    span.set_status(StatusCode.ERROR)
