"""A watch outlives what fails: a system, or the store; its runs share connectors, not counts."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tests.acceptance.conftest import IMPATIENT, PACKAGE, Office
from tests.acceptance.watching import lift_limits

LEFT_OVER, FAILED = 3, 5
SECONDS = 60
SHORT = 0.2
"""Seconds between runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A `sync --watch` that is running, and what it says."""

    process: subprocess.Popen[str]

    def report(self) -> dict[str, Any]:
        """Return the next report."""
        assert self.process.stdout is not None
        loaded: dict[str, Any] = json.loads(self.process.stdout.readline())
        return loaded

    def report_with(self, outcome: str) -> dict[str, Any]:
        """Return the next report with an outcome; a run may have been under way before."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if (report := self.report())["outcome"] == outcome:
                return report
        raise AssertionError(f"no run was {outcome}")

    def says(self, words: str) -> bool:
        """Return whether these words come on stderr; reads up to them."""
        assert self.process.stderr is not None
        return any(words in line for line in self.process.stderr)

    def end(self) -> int:
        """Tell it to end as a service manager would, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=SECONDS)
        return self.process.returncode


@contextmanager
def watching(office: Office, seconds: float, *options: str) -> Iterator[Watch]:
    lift_limits(office.terminal.directory)
    words = ("-m", "specbridge", "sync", str(PACKAGE), "--json", "--watch", str(seconds), *options)
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=office.terminal.directory,
        env={**os.environ, **IMPATIENT, **office.terminal.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Watch(process=process)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def connected(url: str, database: str | None = None) -> Iterator[Connection]:
    """Connect to a store's database, or to another one of its server."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    if database is not None:
        address = address.set(database=database)
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def tokens(office: Office) -> int:
    """Return how often a token was asked for so far."""
    return office.sandbox.poweroffice.request_log.count("POST", "/OAuth/Token")


def test_each_run_counts_its_own_requests_and_they_share_a_token(office: Office) -> None:
    signed_in = tokens(office)
    with watching(office, SHORT) as watch:
        first = watch.report()["requests"]
        later = [watch.report()["requests"] for _ in range(4)]
        assert watch.end() == LEFT_OVER
    assert first["zendesk"]["write"] > 0
    assert later[0]["zendesk"]["write"] == 0
    assert all(requests == later[0] for requests in later)
    assert tokens(office) == signed_in + 1


@pytest.mark.parametrize("fault", ["500=1", "429=1", "reset=1", "302=1"])
def test_a_run_after_one_that_failed_is_well_again(office: Office, fault: str) -> None:
    with watching(office, SHORT) as watch:
        assert watch.report()["outcome"] == "left_over"
        for system in (office.sandbox.poweroffice, office.sandbox.zendesk):
            system.replace_faults(fault)
            failed = watch.report_with("failed")
            system.replace_faults()
            assert failed["error"]
            assert watch.report_with("left_over")["error"] is None
        assert watch.end() == LEFT_OVER


def test_a_store_that_was_gone_for_a_while_ends_no_watch(
    office: Office, postgresql_url: str
) -> None:
    name = make_url(postgresql_url).database
    closed, opened = (f"ALTER DATABASE {name} ALLOW_CONNECTIONS {word}" for word in ("0", "1"))
    thrown = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    with watching(office, SHORT, "--store", postgresql_url) as watch:
        assert watch.report()["outcome"] == "left_over"
        with connected(postgresql_url, "postgres") as server:
            server.execute(text(closed))
            server.execute(text(thrown))
            assert watch.says("the store failed")
            server.execute(text(opened))
        with connected(postgresql_url) as connection:
            last = connection.execute(text("SELECT max(number) FROM runs")).scalar_one()
        while int((report := watch.report())["run"]) <= last:
            pass
        assert report["outcome"] == "left_over"
        assert watch.end() == LEFT_OVER


def test_a_store_that_cannot_be_opened_ends_the_first_run(
    office: Office, postgresql_url: str
) -> None:
    missing = make_url(postgresql_url).set(database="missing").render_as_string(hide_password=False)
    with watching(office, SHORT, "--store", missing) as watch:
        assert watch.process.wait(SECONDS) == FAILED
