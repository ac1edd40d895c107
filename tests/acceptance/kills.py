"""Killing syncs: `python -m tests.acceptance.kills --instants 200 --store postgresql`.

Each instant has new systems with the same records and a new store. A first sync, or the one after people
have edited, is killed (SIGKILL) some milliseconds after a random number of requests, so that jobs and
writes are under way; one run follows at once. The systems must then hold what runs leave that nothing
disturbed, nothing may be there twice, and one more run must have nothing to write. The instants go round
the worlds of kills_worlds.py.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.acceptance.kills_worlds import WORLDS, Stage, staged
from tests.runtime.servers import new_database, running_postgresql

ENDED = (0, 3)
"""The exit statuses of a sync that ran to its end: some names are taken twice."""

MOST_DELAY = 0.05
"""Seconds that may pass between the request and the kill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What instants share: the world, its project's folder, the records, a PostgreSQL (None: files)."""

    world: str
    folder: Path
    records: int
    server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """When a sync is killed: so many requests and seconds after its start; `later`: after edits."""

    later: bool
    requests: int
    delay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What all systems hold after a run, what is there twice, what a run reports, its requests.

    `restless` are the writes of one more run.
    """

    holdings: Mapping[str, Counter[tuple[str, ...]]]
    twice: list[str]
    letters: int
    requests: int
    restless: int

    def differences(self, other: "Ending") -> list[str]:
        """Return the names of what differs, and what is there twice or still moves."""
        found = [kind for kind, rows in self.holdings.items() if rows != other.holdings[kind]]
        found += ["dead letters"] if self.letters != other.letters else []
        found += ["not at rest"] if self.restless else []
        return [*found, *self.twice]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Player:
    """Runs syncs of a course on a stage, with a store."""

    course: Course
    stage: Stage
    store: str

    def start(self) -> subprocess.Popen[str]:
        words = WORLDS[self.course.world].words
        own = {**self.stage.environment, "SPECBRIDGE_STORE": self.store}
        return subprocess.Popen(
            [sys.executable, "-m", "specbridge", "sync", *words, "--json"],
            cwd=self.course.folder,
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def sync(self) -> dict[str, Any]:
        """Run to the end, and return the report."""
        process = self.start()
        output, errors = process.communicate(timeout=300)
        if process.returncode not in ENDED:
            raise AssertionError(f"exit {process.returncode}: {errors}{output[-2000:]}")
        report: dict[str, Any] = json.loads(output)
        return report

    def kill(self, instant: Instant) -> None:
        """Run, and die at an instant; a run that is over by then is left alone."""
        wanted = self.stage.requests() + instant.requests
        process = self.start()
        while process.poll() is None and self.stage.requests() < wanted:
            time.sleep(0.001)
        time.sleep(instant.delay)
        process.kill()
        process.communicate()


def play(course: Course, instant: Instant | None = None, *, later: bool = False) -> Ending:
    """Sync, with `later` have people edit and sync again; the last one dies at the instant, and is run anew."""
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        store = f"sqlite:///{directory}/store.db"
        if course.server is not None:
            store = stack.enter_context(new_database(course.server))
        stage = stack.enter_context(staged(course.records, Path(directory)))
        player = _Player(course=course, stage=stage, store=store)
        if later:
            player.sync()
            stage.edit()
        before = stage.requests()
        if instant is not None:
            player.kill(instant)
        return _end(player, player.sync(), before)


def _end(player: _Player, report: dict[str, Any], before: int) -> Ending:
    stage = player.stage
    requests, holdings, twice = stage.requests() - before, stage.holdings(), stage.made_twice()
    # What exports withhold is shown by then.
    stage.office.pass_time(200)
    again = player.sync()
    return Ending(
        holdings=holdings,
        twice=twice,
        letters=sum(flow["dead_letters"] for flow in report["flows"]),
        requests=requests,
        restless=sum(usage["write"] for usage in again["requests"].values()),
    )


def draw_instants(count: int, ways: Mapping[bool, Ending], seed: int) -> list[Instant]:
    """Return random instants within runs of so many requests, first and later ones in turn."""
    choice = random.Random(seed)
    return [
        Instant(
            later=later,
            requests=choice.randint(1, max(1, ways[later].requests)),
            delay=choice.uniform(0.0, MOST_DELAY),
        )
        for later, _ in zip(cycle(ways), range(count), strict=False)
    ]


def open_course(folder: Path, world: str, records: int, server: str | None = None) -> Course:
    """Generate a world's packages in a folder of its own."""
    course = Course(world=world, folder=folder / world, records=records, server=server)
    WORLDS[world].write(course.folder)
    return course


def undisturbed(course: Course) -> dict[bool, Ending]:
    """Return how a course ends that nothing disturbs: after a first sync, and after edits."""
    return {later: play(course, later=later) for later in (False, True)}


def try_instant(course: Course, instant: Instant, expected: Ending) -> list[str]:
    """Return what ends differently, in a line that says when the sync was killed."""
    wrong = play(course, instant, later=instant.later).differences(expected)
    when = f"{instant.requests} requests and {instant.delay:.3f} s"
    run = "a sync after edits" if instant.later else "a first sync"
    return [f"{course.world}: {run} killed after {when}: {wrong}"] if wrong else []


def _kill_often(courses: list[Course], instants: int, seed: int, processes: int) -> list[str]:
    shares = Counter(
        course.world for course, _ in zip(cycle(courses), range(instants), strict=False)
    )
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        calm = dict(zip(courses, pool.map(undisturbed, courses), strict=True))
        tasks = [
            pool.submit(try_instant, course, instant, ways[instant.later])
            for course, ways in calm.items()
            for instant in draw_instants(shares[course.world], ways, seed)
        ]
        wrong: list[str] = []
        for number, task in enumerate(as_completed(tasks), start=1):
            wrong += task.result()
            sys.stderr.write(f"{number} of {instants}: {len(wrong)} ended differently\n")
        return wrong


def main() -> int:
    """Kill as many syncs as the command line says; the status is 1 where any ended differently."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instants", type=int, default=200)
    parser.add_argument("--records", type=int, default=150)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--world", choices=WORLDS, action="append")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        server = None
        if chosen.store == "postgresql":
            server = stack.enter_context(running_postgresql())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        worlds = chosen.world or list(WORLDS)
        courses = [open_course(folder, world, chosen.records, server) for world in worlds]
        wrong = _kill_often(courses, chosen.instants, chosen.seed, chosen.processes)
    summary = f"{chosen.instants} kills over {len(worlds)} worlds, {len(wrong)} ended differently"
    sys.stdout.write("\n".join([*wrong, summary, ""]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
