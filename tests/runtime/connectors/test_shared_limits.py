"""Limits that processes share, on the sandbox: as the server counts them, whichever process asks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from threading import Event

import pytest
from specbridge.errors import ApiError, HaltedError, StoreError
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.connectors.transport.clock import halted_by
from specbridge.runtime.records import Create, Written
from specbridge.runtime.store.limits.turns import StoreTurns
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Running, Sandbox, running_sandbox

from tests.runtime.connectors.conftest import QUICK
from tests.runtime.connectors.reads import NAMES, read_all
from tests.runtime.store.test_turns import execute


@dataclass
class Arrivals:
    """When which firm's requests arrived at a server, by its own clock; calls for tokens aside."""

    times: list[float] = field(default_factory=list)
    firms: list[str] = field(default_factory=list)

    def watch(self, running: Running) -> None:
        """Note what arrives at a server from now on."""

        def note(call: Call, answer: Callable[[Call], Answer]) -> Answer:
            if call.method == "POST" and "token" not in call.path.lower():
                self.times.append(time.monotonic())
                self.firms.append(call.json()["Name"])
            return answer(call)

        running.place_gateway(note)

    @property
    def most_in_a_second(self) -> int:
        """Return the most requests that arrived in any second."""
        return max(sum(t <= other < t + 1.0 for other in self.times) for t in self.times)

    def rate(self, first: int, last: int) -> float:
        """Return the requests a second between two of them."""
        return (last - first) / (self.times[last] - self.times[first])

    def longest_wait(self, firm: str) -> float:
        """Return the longest time between two requests of a firm."""
        own = [t for t, name in zip(self.times, self.firms, strict=True) if name == firm]
        return max(later - t for t, later in pairwise(own))


@contextmanager
def writing(
    sandbox: Sandbox, url: str, counts: Sequence[int]
) -> Iterator[list[subprocess.Popen[str]]]:
    """Have a process for each firm write so many customers, and end those that are left."""
    words = [sys.executable, "-m", "tests.runtime.connectors.sharing", url]
    environment = {**os.environ, **sandbox.environment}
    processes = [
        subprocess.Popen(
            [*words, f"firm {number}", str(count)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, count in enumerate(counts)
    ]
    try:
        yield processes
    finally:
        for one in processes:
            one.kill()
            one.communicate()


def wait_for(arrivals: Arrivals, firms: int) -> int:
    """Wait until requests of so many firms have arrived, and return how many had by then."""
    until = time.monotonic() + 60
    while len(set(arrivals.firms)) < firms:
        assert time.monotonic() < until
        time.sleep(0.02)
    return len(arrivals.times)


def test_processes_share_ten_a_second_and_each_has_its_turn(url: str) -> None:
    arrivals = Arrivals()
    with running_sandbox(SandboxOptions()) as sandbox:
        arrivals.watch(sandbox.poweroffice)
        with writing(sandbox, url, [26, 26, 8]) as processes:
            begun = wait_for(arrivals, 3)
            said = [int(one.communicate(timeout=60)[0]) for one in processes]
    # A machine that is busy with other tests may bunch two requests up.
    assert sum(said) <= 1
    assert len(arrivals.times) == 60 + sum(said)
    assert arrivals.most_in_a_second <= 10 + sum(said)
    # As long as two have work: 9.4 where nothing else runs.
    assert arrivals.rate(begun, 50) >= 8.5
    # Sixteen threads of each wait for a turn at once: of so many requests none waits for twice 4.8 s.
    assert all(arrivals.longest_wait(f"firm {n}") < 2.0 for n in range(3))


def test_a_process_that_is_killed_takes_no_turns_along(postgresql_url: str) -> None:
    arrivals = Arrivals()
    with running_sandbox(SandboxOptions()) as sandbox:
        arrivals.watch(sandbox.poweroffice)
        with writing(sandbox, postgresql_url, [500, 500, 20]) as (killed, stopped, left):
            wait_for(arrivals, 3)
            killed.kill()
            stopped.send_signal(signal.SIGSTOP)
            begun = len(arrivals.times)
            said = int(left.communicate(timeout=60)[0])
    assert arrivals.most_in_a_second <= 10 + said <= 11
    # One turn of each was under way.
    assert arrivals.rate(begun + 2, len(arrivals.times) - 1) >= 8.5


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(SandboxOptions()) as running:
        yield running


@contextmanager
def sharing(
    sandbox: Sandbox, url: str, system: str, number: int = 2
) -> Iterator[list[RestConnector]]:
    """Give connectors of so many companies, each with turns of its own as in another process."""
    profile, given = load_profiles()[system], [StoreTurns(url) for _ in range(number)]
    connectors = [
        build_connector(profile, sandbox.environment, replace(QUICK, turns=turns))
        for turns in given
    ]
    try:
        yield connectors
    finally:
        for connector, turns in zip(connectors, given, strict=True):
            connector.close()
            turns.disconnect()


def write(connector: RestConnector, count: int) -> None:
    creates = [
        Create(key=str(n), properties={"Name": f"Kunde {n}"}, external_reference="")
        for n in range(count)
    ]
    outcomes = connector.write_records("Customers", creates, NAMES)
    assert all(isinstance(one, Written) for one in outcomes)


def test_a_pause_that_one_is_asked_for_all_keep(sandbox: Sandbox, url: str) -> None:
    log = sandbox.poweroffice.request_log
    with sharing(sandbox, url, "poweroffice-go") as (one, another), ThreadPoolExecutor(1) as pool:
        write(one, 1)
        write(another, 1)
        refused = log.count(status=429)
        sandbox.poweroffice.replace_faults("429=1*1")
        waiting = pool.submit(write, one, 1)
        while log.count(status=429) == refused:
            time.sleep(0.005)
        began = time.monotonic()
        # The one that was refused tells the others before it waits itself.
        time.sleep(0.1)
        write(another, 1)
        assert time.monotonic() - began > 0.8
        waiting.result()
        assert (one.usage.throttled, another.usage.throttled) == (1, 0)


def test_who_waits_for_a_turn_can_be_stopped(sandbox: Sandbox, sqlite_url: str) -> None:
    """Sixteen threads of a process wait for a minute, one for the turn and the others for that one."""
    with sharing(sandbox, sqlite_url, "poweroffice-go") as (one, another):
        write(one, 1)
        execute(sqlite_url, "UPDATE turns SET closed_until = asked_at + 60")
        wish = Event()
        with ThreadPoolExecutor(2) as pool:
            halted = pool.submit(write_until, wish, one)
            closed = pool.submit(write, another, 20)
            time.sleep(0.3)
            began = time.monotonic()
            wish.set()
            another.close()
            assert isinstance(halted.exception(), HaltedError)
            assert isinstance(closed.exception(), ApiError)
            assert time.monotonic() - began < 3.0


def write_until(wish: Event, connector: RestConnector) -> None:
    with halted_by(wish):
        write(connector, 20)


def test_a_store_that_fails_is_told_as_such(sandbox: Sandbox) -> None:
    turns = StoreTurns("postgresql://us@127.0.0.1:9/none")
    options = replace(QUICK, turns=turns)
    connector = build_connector(load_profiles()["poweroffice-go"], sandbox.environment, options)
    with pytest.raises(StoreError, match=r"^the store failed: "):
        read_all(connector, "Departments")
    connector.close()


def test_what_an_answer_states_of_the_account_all_know(sandbox: Sandbox, sqlite_url: str) -> None:
    """The profile plans for ten exports a minute, and the account has thirty."""
    with sharing(sandbox, sqlite_url, "zendesk") as (one, another):
        began = time.monotonic()
        read_all(one, "Organizations")
        for _ in range(6):
            read_all(one, "Organizations")
            read_all(another, "Organizations")
        assert time.monotonic() - began < 10.0
        assert one.usage.throttled == another.usage.throttled == 0
