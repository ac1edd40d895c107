"""What requests and runs tell to Prometheus and OpenTelemetry, and what they keep to themselves."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from specbridge.errors import SettingsError, SurroundingsError, UnreachableError
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.transport.telling.routes import path_words, route_of
from specbridge.runtime.records import Connector, Update, Usage
from specbridge.runtime.reports.observing import (
    SILENT,
    Observer,
    build_observer,
    observe_run,
    serve_metrics,
)
from specbridge.runtime.reports.report import FlowReport, Report, RunOutcome, Standing, Tally
from specbridge.sandbox.running import Sandbox

from tests.runtime.connectors.conftest import QUICK
from tests.runtime.connectors.reads import NAMES, find, read_all

ZENDESK = load_profiles()["zendesk"]


@dataclass
class Bench:
    """An observer and what it observed."""

    observer: Observer
    exporter: InMemorySpanExporter

    def value(self, name: str, **labels: str) -> float | None:
        assert self.observer.measures is not None
        return self.observer.measures.registry.get_sample_value(name, labels)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self.exporter.get_finished_spans()


@pytest.fixture
def bench() -> Bench:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Bench(build_observer(tracer_provider=provider), exporter)


@contextmanager
def observed(sandbox: Sandbox, observer: Observer) -> Iterator[Connector]:
    options = replace(QUICK, observer=observer)
    connector = build_connector(replace(ZENDESK, limits=()), sandbox.environment, options)
    try:
        yield connector
    finally:
        connector.close()


def report() -> Report:
    flow = FlowReport(
        name="a_to_b",
        package="acme",
        tally=Tally(linked=4, created=[0, 3], updated=[2, 0], conflicts=1),
        standing=Standing(links=7, dead_letters=2),
        ends=(("acme", "Buyers"), ("ledgerly", "Payers")),
        resources=(1, 2),
    )
    return Report(
        run=12,
        packages=("acme",),
        outcome=RunOutcome.LEFT_OVER,
        rounds=1,
        seconds=0.5,
        flows=(flow,),
        requests={"acme": Usage()},
    )


def test_requests_are_counted_by_system_method_and_status(sandbox: Sandbox, bench: Bench) -> None:
    with observed(sandbox, bench.observer) as connector:
        read_all(connector, "Users")
        list(connector.read_records("Users", ["1"], NAMES))
        sandbox.zendesk.replace_faults("429=1*1", "500=1*1")
        read_all(connector, "Organizations")
    total = "specbridge_requests_total"
    assert bench.value(total, system="zendesk", method="GET", status="2xx") == 3
    assert bench.value(total, system="zendesk", method="GET", status="4xx") == 1
    assert bench.value(total, system="zendesk", method="GET", status="5xx") == 1
    assert bench.value("specbridge_throttled_total", system="zendesk") == 1
    assert bench.value("specbridge_retries_total", system="zendesk") == 2
    latency = "specbridge_request_seconds_count"
    assert bench.value(latency, system="zendesk", method="GET") == 5


def test_a_request_without_an_answer_is_counted_too(sandbox: Sandbox, bench: Bench) -> None:
    with observed(sandbox, bench.observer) as connector:
        sandbox.zendesk.replace_faults("reset=1*1")
        read_all(connector, "Users")
    total = "specbridge_requests_total"
    assert bench.value(total, system="zendesk", method="GET", status="none") == 1
    assert bench.spans[0].status.status_code is StatusCode.ERROR


def test_spans_name_routes_and_nothing_of_a_person(sandbox: Sandbox, bench: Bench) -> None:
    with observed(sandbox, bench.observer) as connector:
        user = find(connector, "Users", "name", "Ingrid Dahl")
        change = Update(key="u", current=user, changes={("email",): "ny@fjellheim.example"})
        list(connector.write_records("Users", [change], NAMES))
    names = {span.name for span in bench.spans}
    assert "GET /api/v2/users/{id}/identities" in names
    assert "PUT /api/v2/users/{id}/identities/{id}" in names
    told = "".join(span.to_json() for span in bench.spans)
    for secret in ("fjellheim", "Ingrid", user.id, sandbox.environment["ZENDESK_OAUTH_TOKEN"]):
        assert secret not in told


def test_requests_of_all_threads_belong_to_their_run(sandbox: Sandbox, bench: Bench) -> None:
    with observed(sandbox, bench.observer) as connector:
        users = [user for user in read_all(connector, "Users") if user.properties["email"]][:3]
        bench.exporter.clear()
        with observe_run(bench.observer, "acme") as run:
            changes = [
                Update(key=u.id, current=u, changes={("email",): f"{u.id}@post.example"})
                for u in users
            ]
            list(connector.write_records("Users", changes, NAMES))
            run.report = report()
    *requests, whole = bench.spans
    assert whole.name == "specbridge sync"
    assert whole.context is not None
    assert {span.parent.span_id for span in requests if span.parent} == {whole.context.span_id}
    assert all(span.parent for span in requests)
    attributes: Mapping[str, object] = whole.attributes or {}
    assert attributes["specbridge.run"] == "12"
    assert attributes["specbridge.outcome"] == "left_over"
    assert whole.status.status_code is StatusCode.UNSET


def test_a_run_s_report_becomes_metrics(bench: Bench) -> None:
    for _ in range(2):
        with observe_run(bench.observer, "acme") as run:
            run.report = report()
    flow = {"package": "acme", "flow": "a_to_b"}
    total = "specbridge_actions_total"
    assert bench.value(total, **flow, action="create", side="target") == 6
    assert bench.value(total, **flow, action="update", side="source") == 4
    assert bench.value(total, **flow, action="link", side="") == 8
    assert bench.value("specbridge_dead_letters", **flow) == 2
    assert bench.value("specbridge_links", **flow) == 7
    assert bench.value("specbridge_runs_total", package="acme", outcome="left_over") == 2


def test_a_run_that_breaks_off_is_a_failed_one(bench: Bench) -> None:
    with (
        pytest.raises(UnreachableError),
        observe_run(bench.observer, "acme"),
    ):
        raise UnreachableError("ola@nordmann.example")
    assert bench.value("specbridge_runs_total", package="acme", outcome="failed") == 1
    assert bench.spans[0].status.status_code is StatusCode.ERROR
    assert "nordmann" not in bench.spans[0].to_json()


def test_metrics_are_served_until_the_end(bench: Bench) -> None:
    with serve_metrics(bench.observer, 0) as port:
        with observe_run(bench.observer, "acme") as run:
            run.report = report()
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        with (
            pytest.raises(SurroundingsError, match=str(port)),
            serve_metrics(bench.observer, port),
        ):
            pass
    assert 'specbridge_runs_total{outcome="left_over",package="acme"} 1.0' in text
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")


def test_without_an_observer_nothing_is_told(sandbox: Sandbox) -> None:
    with observed(sandbox, SILENT) as connector, observe_run(SILENT, "acme") as run:
        assert read_all(connector, "Users")
        run.report = report()
    with pytest.raises(SettingsError, match="no metrics"), serve_metrics(SILENT, 0):
        pass


def test_without_the_extra_the_connectors_work_and_an_observer_is_refused() -> None:
    source = """
import sys
for name in ("prometheus_client", "opentelemetry"):
    sys.modules[name] = None
import specbridge.runtime.connectors.build
from specbridge.errors import MissingExtraError
from specbridge.runtime.reports.observing import SILENT, build_observer, observe_run
with SILENT.request("a", "GET", "/"), observe_run(SILENT, "p"):
    pass
try:
    build_observer()
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert "specbridge[observability]" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/v2/users/17", "/api/v2/users/{id}"),
        ("/api/v2/users/show_many?ids=1,2", "/api/v2/users/show_many"),
        ("https://acme.zendesk.com/api/v2/users/17?x=y", "/api/v2/users/{id}"),
        ("/api/v2/users/ola@nordmann.example", "/api/v2/users/{id}"),
        ("/oauth/tokens", "/oauth/tokens"),
        ("/api/v2/job_statuses/82de0b04", "/api/v2/job_statuses/{id}"),
    ],
)
def test_routes_hold_the_api_s_own_words_only(path: str, route: str) -> None:
    assert route_of(path, path_words(ZENDESK)) == route
