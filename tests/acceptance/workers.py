"""Workers on one store, killed and cut off: `python -m tests.acceptance.workers [--companies N] [--workers N] …`.

Real workers run many companies, whose people edit on both sides, while slots and workers are killed and all connections to
the database are cut. In the end every company is in sync, none was run twice at once, nothing that was woken is
left, and the servers never saw more requests in a second than the key that all share allows.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from specbridge.runtime.store.engine import open_reading
from specbridge.runtime.store.opening.addresses import driver_address
from specbridge.runtime.store.tables.schema import companies, runs
from sqlalchemy import select

from tests.acceptance.crowd import PER_SECOND, Crowd, Firm, Town, opened_town
from tests.acceptance.webhooks import count_left
from tests.runtime.servers import new_database, running_postgresql

ROOT = Path(__file__).parents[2]
PATIENT = 240.0
_FAIR = 2.0
"""How many times as long as at the limit a company may wait."""

_CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(kw_only=True)
class Worker:
    """A `specbridge worker`, started anew where it died, as a service manager would."""

    folder: Path
    url: str
    slots: int = 1
    words: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "specbridge", "worker", "--slots", str(self.slots)]
        with (self.folder / "worker.log").open("ab") as errors:
            self.process = subprocess.Popen(
                [*command, *self.words],
                cwd=self.folder,
                env={**os.environ, "SPECBRIDGE_STORE": self.url},
                stderr=errors,
            )

    def slot_ids(self) -> list[int]:
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with suppress(OSError):
            return [int(word) for word in children.read_text().split()]
        return []

    def kill_something(self, chance: random.Random) -> None:
        """Kill a slot, or now and then the process above it."""
        slots = self.slot_ids()
        if slots and chance.random() < 0.75:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(slots), signal.SIGKILL)
            return
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.start()

    def end(self) -> int:
        """Ask it to end; return its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)


@contextmanager
def working(workers: Sequence[Worker]) -> Iterator[None]:
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            if worker.process is not None and worker.process.poll() is None:
                worker.process.terminate()
        for worker in workers:
            if worker.process is not None:
                worker.process.wait(60)


@contextmanager
def served(folder: Path, url: str, port: int) -> Iterator[None]:
    """Have `serve` take in what the companies' Zendesks tell of."""
    with (folder / "serve.log").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "specbridge", "serve", "--port", str(port)],
            cwd=folder,
            env={**os.environ, "SPECBRIDGE_STORE": url},
            stderr=errors,
        )
    try:
        await_that("serve answers", lambda: b"taken in" in (folder / "serve.log").read_bytes())
        yield
    finally:
        process.terminate()
        process.wait(60)


def cut_connections(url: str) -> None:
    """End all connections to a database but this one."""
    with closing(psycopg.connect(str(driver_address(url)))) as connection:
        connection.execute(_CUT)


def await_that(
    what: str,
    is_so: Callable[[], bool],
    folder: Path | None = None,
    patience: float = PATIENT,
    *,
    look: float = 0.2,
) -> None:
    """Return once something is so, looked at every so many seconds; raise AssertionError where it never is."""
    end = time.monotonic() + patience
    while not is_so():
        if time.monotonic() > end:
            told = folder and (folder / "worker.log").read_text(errors="replace")[-3000:]
            raise AssertionError(f"never: {what}\n{told}")
        time.sleep(look)


def overlapping(url: str) -> list[str]:
    """Return the companies of which two runs were under way at once, as far as runs came to their end."""
    with open_reading(url) as store:
        chosen = select(companies.c.name, runs.c.started_at, runs.c.ended_at).join(
            companies, companies.c.number == runs.c.company
        )
        rows = store.connection.execute(chosen.order_by(runs.c.number)).all()
    ends: dict[str, float] = {}
    found = []
    for name, started, ended in rows:
        if started < ends.get(name, 0.0):
            found.append(name)
        ends[name] = max(ends.get(name, 0.0), ended or 0.0)
    return found


@dataclass
class People:
    """Those who edit on both sides of all companies."""

    town: Town
    chance: random.Random
    edits: int = 0
    _names: dict[str, str] = field(default_factory=dict)

    def edit(self) -> None:
        """Rename a customer, or its organization where that is there already."""
        firm = self.chance.choice(self.town.firms)
        with self.town.poweroffice.server.lock, self.town.zendesk.server.lock:
            self._rename(firm)

    def _rename(self, firm: Firm) -> None:
        old = self._names.get(firm.name, f"Firma {firm.number} AS")
        new = f"Firma {firm.number} nr {self.edits} AS"
        if self.chance.random() < 0.5 and old in firm.customers():
            firm.rename_customer(old, new)
        elif old in firm.organizations():
            firm.rename_organization(old, new)
        else:
            return
        self.edits += 1
        self._names[firm.name] = new


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What goes on for how long: edits a second, kills and cuts in all.

    `refusals` is the share of requests that may come too early for the server: on a busy machine what left in time
    may arrive together.
    """

    seconds: float
    edits_per_second: float = 1.0
    kills: int = 0
    cuts: int = 0
    refusals: float = 0.0
    seed: int = 0


def make_trouble(town: Town, workers: Sequence[Worker], url: str, asked: Trouble) -> int:
    """Have people edit, and kill and cut meanwhile; return how many edits there were."""
    chance = random.Random(asked.seed)
    people = People(town, chance)
    began = time.monotonic()
    due = [
        *((chance.uniform(0, asked.seconds), "kill") for _ in range(asked.kills)),
        *((chance.uniform(0, asked.seconds), "cut") for _ in range(asked.cuts)),
        *(
            (place / asked.edits_per_second, "edit")
            for place in range(int(asked.seconds * asked.edits_per_second))
        ),
    ]
    for at, what in sorted(due):
        time.sleep(max(0.0, began + at - time.monotonic()))
        match what:
            case "kill":
                chance.choice(workers).kill_something(chance)
            case "cut":
                cut_connections(url)
            case _:
                people.edit()
    return people.edits


def densest(instants: Sequence[float]) -> int:
    """Return the most requests that any second had."""
    most, first = 0, 0
    for place, instant in enumerate(instants):
        while instants[first] <= instant - 1.0:
            first += 1
        most = max(most, place - first + 1)
    return most


def longest_wait(gateway: Crowd) -> float:
    """Return the most that any company waited for its first turn, as a share of what those before it take at the limit.

    All wait from the beginning. The first of all only waited for the workers' own start.
    """
    instants = gateway.instants
    waits = [
        (instants[before - 1] - instants[0]) / (before / PER_SECOND)
        for before in gateway.firsts.values()
        if before > PER_SECOND
    ]
    return max(waits, default=0.0)


def play(
    folder: Path, url: str, town: Town, workers: Sequence[Worker], asked: Trouble
) -> Mapping[str, object]:
    """Run the companies under trouble; return figures. Raises AssertionError for whatever went wrong."""
    with working(workers):
        await_that("the first syncs", town.is_in_sync, folder, PATIENT + 3 * len(town.firms))
        settled, first = time.monotonic(), len(town.gateway.instants)
        edits = make_trouble(town, workers, url, asked)
        await_that("all in sync again", town.is_in_sync, folder)
        await_that("all wakes are taken", lambda: not count_left(url), folder)
        seconds = time.monotonic() - settled
        assert [worker.end() for worker in workers] == [143] * len(workers)
    assert overlapping(url) == []
    found = {
        "companies": len(town.firms),
        "edits": edits,
        "requests": len(town.gateway.instants) - first,
        "seconds": round(seconds, 1),
        "requests a second while work waited": round(_rate(town.gateway.instants[:first]), 2),
        "densest second": densest(town.gateway.instants),
        "longest wait of what the limit makes of it": round(longest_wait(town.gateway), 2),
        "refused": town.gateway.refused,
    }
    assert town.gateway.refused <= asked.refusals * len(town.gateway.instants), found
    assert densest(town.gateway.instants) <= PER_SECOND, found
    assert longest_wait(town.gateway) <= _FAIR, found
    return found


def _rate(instants: Sequence[float]) -> float:
    """Return the requests a second of the first syncs, when companies wait all the time."""
    return (len(instants) - 1) / (instants[-1] - instants[0])


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--cuts", type=int, default=5)
    parser.add_argument("--every", type=float, default=120.0)
    given = parser.parse_args()
    asked = Trouble(
        seconds=60 * given.minutes,
        edits_per_second=given.companies / 200,
        kills=given.kills,
        cuts=given.cuts,
    )
    with (
        running_postgresql() as server,
        new_database(server) as url,
        tempfile.TemporaryDirectory() as name,
        opened_town(given.companies) as town,
    ):
        folder = Path(name)
        town.settle_in(folder, ROOT / "generated", given.every)
        workers = [Worker(folder=folder, url=url) for _ in range(given.workers)]
        sys.stdout.write(f"{json.dumps(play(folder, url, town, workers, asked))}\n")


if __name__ == "__main__":
    _main()
