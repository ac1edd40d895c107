"""The engine beside vdirsyncer's algorithm: `python -m tests.benchmarks.engine [RECORDS]`.

Both sides hold RECORDS persons of five properties, in the process. *same*: each side holds the same;
*differ*: one property of each differs and one side wins; *half*: each side lacks what the other has.
First sync, then a complete pass over unchanged systems, then one after a hundred edits. The peer
always lists everything; for the engine that is the option `full`, beside what it does by itself. Both are
measured in turn, three times, and each figure is the best of the three: what else the machine does slows
either of them, and what is new to a process (imports, statements to be compiled) is new once.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import structlog
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.engine.run import Task, run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.engine import open_store

from tests.benchmarks.systems import FLOW, PROFILES, MemorySystem, person, user

EDITS = 100
TURNS = 3
SCENARIOS = ("same", "differ", "half")
STEPS = ("first sync", "unchanged", "100 edits")

Times = dict[str, float]
"""CPU seconds per step."""


class EngineBench:
    """Two systems in memory and a store on disk."""

    def __init__(
        self, directory: Path, records: int, scenario: str, *, keep: bool = True, url: str = ""
    ) -> None:
        """Fill both systems; without `keep` their persons are made whenever they are read.

        The store is at `url`, or else in a SQLite file of its own.
        """
        first = records if scenario == "half" else 0
        mark = "x" if scenario == "differ" else ""
        self.url = url or f"sqlite:///{directory / f'{scenario}.db'}"
        self.ledgerly = MemorySystem("ledgerly", records, person)
        self.acme = MemorySystem("acme", records, partial(user, first=first, mark=mark))
        for system in (self.ledgerly, self.acme) if keep else ():
            system.keep()
        # Made before the time is taken, as the peer's is.
        open_store(self.url).close()

    def sync(self, *, full: bool = False) -> Report:
        """Run once, opening the store anew."""
        policy = FlowPolicy(conflicts=ConflictPolicy.SOURCE)
        task = Task(package="ledgerly_acme", flows=(FLOW,), profiles=PROFILES)
        edges = Edges(connectors={"ledgerly": self.ledgerly, "acme": self.acme})
        with open_store(self.url) as store:
            return run_sync(task, store, edges, RunOptions(full=full, policy=policy))

    def edit(self) -> None:
        """Change a hundred persons on one side."""
        for number in range(EDITS):
            self.ledgerly.edit(str(number), Name=f"New {number} {time.perf_counter()}")


def time_engine(directory: Path, records: int, scenario: str) -> Times:
    """Return the engine's CPU time per step; `full` steps read everything, as the peer does."""
    bench = EngineBench(directory, records, scenario)
    times = {"first sync": cpu_of(bench.sync)}
    times["unchanged"] = cpu_of(partial(bench.sync, full=True))
    times["unchanged, changes read"] = cpu_of(bench.sync)
    bench.edit()
    times["100 edits"] = cpu_of(partial(bench.sync, full=True))
    bench.edit()
    times["100 edits, changes read"] = cpu_of(bench.sync)
    return times


def cpu_of(run: Callable[[], object]) -> float:
    """Return the CPU seconds that a call takes: others may use the machine at the same time."""
    before = time.process_time()
    run()
    return time.process_time() - before


class PeerBench:
    """The same scenario for vdirsyncer: cards in two of its memory storages, its SQLite status."""

    def __init__(self, directory: Path) -> None:
        """Import the peer; raises ImportError where it is not installed."""
        self._sync = import_module("vdirsyncer.sync").sync
        self._item = import_module("vdirsyncer.vobject").Item
        storage = import_module("vdirsyncer.storage.memory").MemoryStorage
        status = import_module("vdirsyncer.sync.status").SqliteStatus
        self._left, self._right = storage(), storage()
        self._status = status(str(directory / "status.db"))

    def _card(self, number: int, mark: str = "") -> Any:  # the peer's, untyped
        lines = ("BEGIN:VCARD", f"UID:{number}", f"FN:Name {number}{mark}")
        more = (f"EMAIL:p{number}@x.example", f"TEL:{number}", f"ADR:City {number}", "END:VCARD")
        return self._item("\r\n".join((*lines, *more)))

    async def fill(self, records: int, scenario: str) -> None:
        """Put the cards into both storages."""
        first = records if scenario == "half" else 0
        for number in range(records):
            await self._left.upload(self._card(number))
            mark = "x" if scenario == "differ" else ""
            await self._right.upload(self._card(number + first, mark))

    async def sync(self) -> None:
        """Sync once."""
        await self._sync(self._left, self._right, self._status, conflict_resolution="a wins")

    async def edit(self) -> None:
        """Change a hundred cards on one side."""
        for name in list(self._left.items)[:EDITS]:
            tag, item = self._left.items[name]
            await self._left.update(name, self._item(item.raw.replace("Name", "New")), tag)


async def time_peer(directory: Path, records: int, scenario: str) -> Times:
    """Return the peer's CPU time per step."""
    bench = PeerBench(directory)
    await bench.fill(records, scenario)
    times = {"first sync": await _cpu_of(bench.sync())}
    times["unchanged"] = await _cpu_of(bench.sync())
    await bench.edit()
    times["100 edits"] = await _cpu_of(bench.sync())
    return times


async def _cpu_of(run: Awaitable[None]) -> float:
    before = time.process_time()
    await run
    return time.process_time() - before


def main(records: int = 10_000) -> None:
    """Print the table; without the peer, say so and print the engine's half."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    click.echo(
        f"2 x {records} records, CPU seconds, best of {TURNS}: engine, vdirsyncer, engine/vdirsyncer"
    )
    for scenario in SCENARIOS:
        turns = [_take_turns(records, scenario) for _ in range(TURNS)]
        ours, peer = (_best(times) for times in zip(*turns, strict=True))
        for step, seconds in ours.items():
            click.echo(_line(f"{scenario}: {step}", seconds, peer.get(step.split(",")[0])))


def _take_turns(records: int, scenario: str) -> tuple[Times, Times]:
    """Return the engine's times, and right after them the peer's; none where it is not installed."""
    with tempfile.TemporaryDirectory() as name:
        ours = time_engine(Path(name), records, scenario)
        return ours, _try_peer(time_peer(Path(name), records, scenario))


def _best(times: Sequence[Times]) -> Times:
    return {step: min(one[step] for one in times) for step in times[0]}


def _try_peer(run: Coroutine[Any, Any, Times]) -> Times:
    try:
        return asyncio.run(run)
    except ImportError as error:
        click.echo(f"THE PEER IS MISSING: nothing is compared ({error})", err=True)
        return {}


def _line(title: str, ours: float, peer: float | None) -> str:
    beside = "" if peer is None else f" {peer:8.3f} {ours / peer:6.2f}"
    return f"{title:36} {ours:8.3f}{beside}"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
