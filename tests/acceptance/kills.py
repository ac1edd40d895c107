"""Killing first syncs: `python -m tests.acceptance.kills --instants 200 --records 2000`.

Each instant has a new sandbox with the same records and a new store. The process is killed (SIGKILL)
some milliseconds after a random number of requests, so that jobs and writes are under way; one run
follows at once. Both systems must then hold what a run holds that nothing disturbed.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.runtime.servers import new_database, running_postgresql

PACKAGE = Path(__file__).parents[2] / "generated" / "powerofficego_zendesk"
LEFT_OVER = 3
"""The exit status of a sync of the sandbox's records: two names are taken twice."""

MOST_DELAY = 0.05
"""Seconds that may pass between the request and the kill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What all instants share: the records, and a PostgreSQL (None: SQLite files)."""

    records: int
    server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What both systems hold after a run, ids aside, and the requests that it took."""

    organizations: Counter[tuple[str, str]]
    users: Counter[tuple[str, str, str]]
    customers: Counter[str]
    requests: int

    def differences(self, other: "Ending") -> list[str]:
        """Return the names of what differs, the requests aside."""
        names = ("organizations", "users", "customers")
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    @property
    def duplicates(self) -> list[str]:
        """Return the names and external references of organizations that are there twice."""
        names = Counter(name.casefold() for name, _ in self.organizations.elements())
        references = Counter(text for _, text in self.organizations.elements() if text)
        return [text for text, number in (names + references).items() if number > 1]


def run_through(course: Course) -> Ending:
    """Return the end of a first sync that nothing disturbs."""
    with _stage(course) as (sandbox, environment):
        _sync(environment)
        return _ending(sandbox)


def run_killed(course: Course, requests: int, delay: float) -> Ending:
    """Kill a first sync so many seconds after a number of requests, run again, return the end."""
    with _stage(course) as (sandbox, environment):
        process = _start(environment)
        while process.poll() is None and _requests(sandbox) < requests:
            time.sleep(0.001)
        time.sleep(delay)
        process.kill()
        process.communicate()
        _sync(environment)
        return _ending(sandbox)


def draw_instants(count: int, requests: int, seed: int) -> list[tuple[int, float]]:
    """Return random instants within a run of so many requests."""
    choice = random.Random(seed)
    return [(choice.randint(1, requests), choice.uniform(0.0, MOST_DELAY)) for _ in range(count)]


@contextmanager
def _stage(course: Course) -> Iterator[tuple[Sandbox, Mapping[str, str]]]:
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{directory}/store.db"
        if course.server is not None:
            url = stack.enter_context(new_database(course.server))
        options = SandboxOptions(records=course.records, limits=LimitsPlan.OFF)
        sandbox = stack.enter_context(running_sandbox(options))
        yield sandbox, {**os.environ, **sandbox.environment, "SPECBRIDGE_STORE": url}


def _start(environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "specbridge", "sync", str(PACKAGE), "--json"],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _sync(environment: Mapping[str, str]) -> None:
    process = _start(environment)
    output, errors = process.communicate(timeout=300)
    if process.returncode != LEFT_OVER:
        raise AssertionError(f"exit {process.returncode}: {errors}{output[-2000:]}")


def _requests(sandbox: Sandbox) -> int:
    return sum(len(side.request_log.entries) for side in (sandbox.poweroffice, sandbox.zendesk))


def _ending(sandbox: Sandbox) -> Ending:
    organizations = sandbox.zendesk.records("organizations")
    names = {row["id"]: row["name"] for row in organizations}
    return Ending(
        organizations=Counter((row["name"], row["external_id"] or "") for row in organizations),
        users=Counter(
            (row["name"], row["email"] or "", names.get(row["organization_id"], ""))
            for row in sandbox.zendesk.records("users")
        ),
        customers=Counter(str(row["Name"]) for row in sandbox.poweroffice.records("Customers")),
        requests=_requests(sandbox),
    )


def _try_instant(course: Course, instant: tuple[int, float], expected: Ending) -> list[str]:
    ending = run_killed(course, *instant)
    wrong = [*ending.differences(expected), *ending.duplicates]
    return [f"killed after {instant[0]} requests and {instant[1]:.3f} s: {wrong}"] if wrong else []


def _kill_often(course: Course, instants: int, seed: int, processes: int) -> list[str]:
    expected = run_through(course)
    drawn = draw_instants(instants, expected.requests, seed)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        tasks = [pool.submit(_try_instant, course, instant, expected) for instant in drawn]
        wrong: list[str] = []
        for number, task in enumerate(as_completed(tasks), start=1):
            wrong += task.result()
            sys.stderr.write(f"{number} of {instants}: {len(wrong)} ended differently\n")
        return wrong


def main() -> int:
    """Kill as many syncs as the command line says; the status is 1 where any ended differently."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instants", type=int, default=200)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        postgresql = chosen.store == "postgresql"
        server = stack.enter_context(running_postgresql()) if postgresql else None
        course = Course(records=chosen.records, server=server)
        wrong = _kill_often(course, chosen.instants, chosen.seed, chosen.processes)
    summary = f"{chosen.instants} kills, {len(wrong)} ended differently"
    sys.stdout.write("\n".join([*wrong, summary, ""]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
