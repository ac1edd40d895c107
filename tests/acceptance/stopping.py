"""Stopping syncs: `python -m tests.acceptance.stopping --stops 50 --store postgresql`.

A process that syncs is stopped (SIGSTOP) at a random instant, for longer than its lease. People edit,
another process takes over and syncs, and then the first one goes on: it must send no write any more, and
what people edited must be in both systems in the end.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from specbridge.cli.running import load_setup, open_connectors, run_options
from specbridge.errors import StoreBusyError
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.store.engine import open_store
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import PACKAGE, Office, opened_office
from tests.runtime.servers import new_database, running_postgresql

MODULE = "tests.acceptance.stopping"

BUSY = 75
"""The exit status of a sync that another one kept from working, or took over from."""

DRAIN = 2.0
"""Seconds that requests to the sandbox may take, and a check may be old."""

EDITS = 12
MOST_REQUESTS = 16
"""Of those that a run with so many edits makes, so that most stops come before its end."""


@dataclass(slots=True)
class Tally:
    """What became of the stops.

    How many runs gave up when they went on, how often nobody could work in the meantime, what was
    written afterwards, and which edits were lost.
    """

    stops: int = 0
    gave_up: int = 0
    kept_out: int = 0
    sent_afterwards: int = 0
    lost_edits: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return a line of figures."""
        return (
            f"{self.stops} stops, {self.gave_up} runs gave up, {self.kept_out} kept others out; "
            f"{self.sent_afterwards} writes afterwards, edits lost: {len(self.lost_edits)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A sandbox with a first sync behind it, a store, and a lease in seconds."""

    office: Office
    store: str
    lease: float
    chance: random.Random

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a sync in a process of its own; with `wait` it waits for its turn."""
        variables = {**os.environ, **self.office.terminal.environment}
        return subprocess.Popen(
            [sys.executable, "-m", MODULE, "run", self.store, str(self.lease), *words],
            env={**variables, "SPECBRIDGE_PATIENCE": "2"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def requests(self, *, writing: bool = False) -> int:
        """Return how many requests both systems have answered."""
        logs = (self.office.sandbox.poweroffice, self.office.sandbox.zendesk)
        entries = [entry for system in logs for entry in system.request_log.entries]
        return sum(not writing or (m != "GET" and "Token" not in p) for m, p, _ in entries)


@contextmanager
def staged(directory: Path, seed: int, lease: float, server: str | None = None) -> Iterator[Stage]:
    """Give a stage on a new SQLite file, or on a new database of a PostgreSQL."""
    options = SandboxOptions(
        records=60, limits=LimitsPlan.OFF, withhold_seconds=0, token_seconds=1_000_000
    )
    with ExitStack() as stack:
        url = f"sqlite:///{directory / 'stopping.db'}"
        if server is not None:
            url = stack.enter_context(new_database(server))
        office = stack.enter_context(opened_office(directory, options))
        stage = Stage(office=office, store=url, lease=lease, chance=random.Random(seed))
        _finish(stage.start())
        yield stage


def stop_often(stage: Stage, stops: int) -> Tally:
    """Stop so many syncs, and count what came of it."""
    tally = Tally()
    for number in range(stops):
        _stop_once(stage, number, tally)
        sys.stderr.write(f"{tally}\n")
    return tally


def _stop_once(stage: Stage, number: int, tally: Tally) -> None:
    names = _edit_many(stage, number)
    before = stage.requests()
    process = stage.start()
    wanted = before + stage.chance.randint(1, MOST_REQUESTS)
    while process.poll() is None and stage.requests() < wanted:
        time.sleep(0.001)
    time.sleep(stage.chance.uniform(0.0, 0.05))
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        tally.stops += 1
    edits = _edit_meanwhile(stage, number, names)
    tally.kept_out += not _take_over(stage)
    sent = stage.requests(writing=True)
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
    process.communicate(timeout=120)
    tally.gave_up += process.returncode == BUSY
    tally.sent_afterwards += stage.requests(writing=True) - sent
    # What a run that stood still journalled and did not send, and what follows from its edits.
    for _ in range(2):
        _finish(stage.start("wait"))
    tally.lost_edits += [name for name in edits if not _is_on_both_sides(stage.office, name)]


def _take_over(stage: Stage) -> bool:
    """Sync in another process, and return whether it could: a stopped one may hold the store's own locks."""
    process = stage.start("wait")
    try:
        _finish(process, stage.lease + DRAIN + 15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return False
    return True


def _edit_many(stage: Stage, number: int) -> list[tuple[str, str]]:
    """Have people rename records on both sides in turn; returns the pairs' names before and after."""
    office = stage.office
    linked = [c for c in _customers(office) if _is_on_both_sides(office, str(c["Name"]))]
    names = []
    for place, customer in enumerate(stage.chance.sample(linked, EDITS)):
        before, after = str(customer["Name"]), f"Plan {number} {place}"
        if place % 2:
            office.rename_organization(office.organization(before), after)
        else:
            office.rename_customer(customer, after)
        names.append((before, after))
    office.pass_time(5)
    return names


def _edit_meanwhile(stage: Stage, number: int, names: list[tuple[str, str]]) -> list[str]:
    """Have people rename some of what is being written, on the side where it arrives."""
    office, edits = stage.office, list[str]()
    for place, pair in enumerate(names[:4]):
        edits.append(f"Person {number} {place}")
        if place % 2:
            customer = next(c for c in _customers(office) if c["Name"] in pair)
            office.rename_customer(customer, edits[-1])
        else:
            organizations = office.sandbox.zendesk.records("organizations")
            row = next(one for one in organizations if one["name"] in pair)
            office.rename_organization(row, edits[-1])
    office.pass_time(5)
    return edits


def _customers(office: Office) -> list[Mapping[str, object]]:
    return list(office.sandbox.poweroffice.records("Customers"))


def _is_on_both_sides(office: Office, name: str) -> bool:
    organizations = office.sandbox.zendesk.records("organizations")
    sides = ([row["name"] for row in organizations], [row["Name"] for row in _customers(office)])
    return all(side.count(name) == 1 for side in sides)


def _finish(process: subprocess.Popen[str], seconds: float = 120) -> None:
    _, errors = process.communicate(timeout=seconds)
    if process.returncode != 0:
        raise AssertionError(f"exit {process.returncode}: {errors[-2000:]}")


def run(url: str, lease: float, *, wait: bool) -> int:
    """Sync once in this process, and return its exit status; whatever is left over, it ran."""
    setup = load_setup(str(PACKAGE), url)
    options = replace(run_options(setup, force=True), lease=lease, drain=DRAIN)
    with open_connectors(setup) as connectors:
        while True:
            try:
                with open_store(url) as store:
                    run_sync(setup.task(), store, Edges(connectors=connectors), options)
                return 0
            except StoreBusyError as error:
                sys.stderr.write(f"{error}\n")
                if not wait:
                    return BUSY
                time.sleep(0.2)


def main() -> int:
    """Stop as many syncs as the command line says; the status is 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=50)
    parser.add_argument("--lease", type=float, default=3.0)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        postgresql = chosen.store == "postgresql"
        server = stack.enter_context(running_postgresql()) if postgresql else None
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stage = stack.enter_context(staged(directory, chosen.seed, chosen.lease, server))
        tally = stop_often(stage, chosen.stops)
    sys.stdout.write(f"{tally}\n")
    return 1 if tally.sent_afterwards or tally.lost_edits else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        sys.exit(run(sys.argv[2], float(sys.argv[3]), wait="wait" in sys.argv[4:]))
    sys.exit(main())
