"""One writer at any time: whoever else begins is kept out, while the first one waits longer than its lease."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import pytest
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import Office, opened_office
from tests.acceptance.stopping import BUSY, MODULE, run
from tests.runtime.servers import new_database

LEASE = 2.0

CONTAINER = ("unshare", "--pid", "--uts", "--fork", "--mount-proc")
"""Namespaces as containers have them: both have a process of this number, and both have this host's name."""


class Throttled:
    """Refuses what `concerns` says as too much until it is released."""

    def __init__(self, concerns: Callable[[Call], bool]) -> None:
        self.released = Event()
        self._concerns = concerns

    def __call__(self, call: Call, on: Callable[[Call], Answer]) -> Answer:
        if not self.released.is_set() and self._concerns(call):
            return Answer(status=429, headers={"Retry-After": "1"})
        return on(call)


def writes(call: Call) -> bool:
    return call.method != "GET"


@contextmanager
def opened_stage(
    directory: Path, server: str | None, **more: float
) -> Iterator[tuple[Office, str]]:
    """Give an office, and the URL of a store on a file or a database of the server."""
    options = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0, **more)  # type: ignore[arg-type]  # options' own fields
    with ExitStack() as stack:
        store = f"sqlite:///{directory / 'one.db'}"
        if server is not None:
            store = stack.enter_context(new_database(server))
        yield stack.enter_context(opened_office(directory, options)), store


def sync(office: Office, store: str, *before: str) -> subprocess.Popen[str]:
    """Start a sync in a process, which `before` may put into namespaces of its own."""
    return subprocess.Popen(
        [*before, sys.executable, "-m", MODULE, "run", store, str(LEASE)],
        env={**os.environ, **office.terminal.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def await_requests(office: Office, ended: Callable[[], bool], number: int = 1) -> None:
    """Return once Zendesk has been asked so often to write."""
    log = office.sandbox.zendesk.request_log
    while sum(method != "GET" for method, _, _ in log.entries) < number:
        assert not ended()
        time.sleep(0.01)


def assert_one_writes(
    office: Office, store: str, release: Callable[[], object], *before: str
) -> None:
    """Have another one begin while the first one waits, after its lease's seconds; then release that."""
    first = sync(office, store, *before)
    await_requests(office, lambda: first.poll() is not None)
    time.sleep(2 * LEASE)
    second = sync(office, store, *before)
    _, errors = second.communicate(timeout=60)
    assert (first.poll(), second.returncode) == (None, BUSY), errors
    assert "is working on this store" in errors
    release()
    _, errors = first.communicate(timeout=60)
    assert first.returncode == 0, errors
    assert_nothing_is_there_twice(office)


def assert_nothing_is_there_twice(office: Office) -> None:
    names = [row["name"].casefold() for row in office.sandbox.zendesk.records("organizations")]
    assert len(names) == len(set(names)) > 4


def test_a_run_that_is_asked_to_wait_for_longer_than_its_lease_keeps_it(
    tmp_path: Path, server: str | None
) -> None:
    with opened_stage(tmp_path, server) as (office, store):
        throttled = Throttled(writes)
        office.sandbox.zendesk.place_gateway(throttled)
        assert_one_writes(office, store, throttled.released.set)


def test_a_run_that_waits_while_it_reads_keeps_its_lease(
    tmp_path: Path, server: str | None
) -> None:
    """The store is not locked meanwhile, or its lease could not be renewed on SQLite."""
    throttled = Throttled(lambda call: call.path.endswith("/Customers"))
    with opened_stage(tmp_path, server) as (office, store):
        office.sandbox.poweroffice.place_gateway(throttled)
        first = sync(office, store)
        while not office.sandbox.poweroffice.request_log.count("GET"):
            assert first.poll() is None
            time.sleep(0.01)
        time.sleep(3 * LEASE)
        throttled.released.set()
        _, errors = first.communicate(timeout=60)
        assert first.returncode == 0, errors


def test_a_run_whose_job_takes_longer_than_its_lease_keeps_it(
    tmp_path: Path, server: str | None
) -> None:
    # Two seconds for each of the seven rows.
    with opened_stage(tmp_path, server, job_seconds=200) as (office, store):
        assert_one_writes(office, store, lambda: None)


def test_of_two_containers_one_writes(tmp_path: Path, server: str | None) -> None:
    words = [*CONTAINER, "true"]
    allowed = shutil.which("unshare") and subprocess.run(words, capture_output=True, check=False)
    if not allowed or allowed.returncode != 0:
        pytest.skip("NO NAMESPACES: containers were not told apart")
    with opened_stage(tmp_path, server) as (office, store):
        throttled = Throttled(writes)
        office.sandbox.zendesk.place_gateway(throttled)
        assert_one_writes(office, store, throttled.released.set, *CONTAINER)


def test_of_two_threads_one_writes(
    tmp_path: Path, server: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened_stage(tmp_path, server) as (office, store), ThreadPoolExecutor(1) as pool:
        for name, value in office.terminal.environment.items():
            monkeypatch.setenv(name, value)
        throttled = Throttled(writes)
        office.sandbox.zendesk.place_gateway(throttled)
        first = pool.submit(run, store, LEASE, wait=False)
        await_requests(office, first.done)
        time.sleep(2 * LEASE)
        assert run(store, LEASE, wait=False) == BUSY
        throttled.released.set()
        assert first.result() == 0
        assert_nothing_is_there_twice(office)
