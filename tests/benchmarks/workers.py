"""Workers on unchanged companies: `python -m tests.benchmarks.workers`.

Real workers, PostgreSQL and servers; each company has a key of its own, so that no limit of a system is what is measured. CPU
is that of the workers alone. Runs are measured over 1, 2 and 4 workers, and over 10 to 1,000 companies; the tick
on schedules alone.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
from specbridge.runtime.store.engine import Store, open_store
from specbridge.runtime.store.leasing.schedules import Ended, end_run, read_turns
from specbridge.service.queue.jobs import start_company
from specbridge.service.queue.schema import prepare_queue
from specbridge.service.queue.ticking import enrol, tick
from sqlalchemy import text

from tests.acceptance.crowd import Town, opened_town
from tests.acceptance.workers import ROOT, Worker, await_that, working
from tests.runtime.servers import new_database, running_postgresql

COMPANIES = 12
ROUNDS = 3
"""Rounds of all companies that are measured with so few."""

WORKERS = (1, 2, 4)
SIZES = (10, 100, 1000)
GROWTH_WORKERS = 2
GROWTH_ROUNDS = 1
"""As many for each size: a process that has not run a company yet signs in and asks whose account it is."""

SCHEDULE = 300.0
"""Seconds for which the cost of an idle company is reckoned."""

_TABLES = "SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables"


def main() -> None:
    """Print the table."""
    with running_postgresql() as server:
        few = [(COMPANIES, count, ROUNDS) for count in WORKERS]
        many = [(size, GROWTH_WORKERS, GROWTH_ROUNDS) for size in SIZES]
        for companies, workers, rounds in (*few, *many):
            with new_database(server) as url, opened_town(companies, limited=False) as town:
                click.echo(measure(town, url, workers, rounds))
        for size in SIZES:
            with new_database(server) as url:
                click.echo(measure_tick(url, size))


def measure(town: Town, url: str, count: int, rounds: int) -> str:
    """Return the line of so many workers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        town.settle_in(folder, ROOT / "generated", 86_400.0)
        workers = [Worker(folder=folder, url=url) for _ in range(count)]
        with working(workers):
            size = len(town.firms)
            await_that("the first runs", lambda: _runs(url) >= size, folder, 120.0 + size)
            _play_round(url)
            requests, cpu = _requests(town), _cpu(workers)
            began, rows = time.perf_counter(), _rows(url)
            for _ in range(rounds):
                _play_round(url)
            seconds, total = time.perf_counter() - began, rounds * size
            each = (_requests(town) - requests) / total, (_cpu(workers) - cpu) / total
            grown = (_rows(url) - rows) / total
    hourly = 3600 / SCHEDULE
    return (
        f"{size:5} companies, {count} workers: {total / seconds:5.1f} runs/s; an idle company, read every {SCHEDULE:.0f} s, costs "
        f"{each[0] * hourly:.0f} requests, {each[1] * hourly:.2f} s of CPU, {grown * hourly:.0f} rows an hour"
    )


def _play_round(url: str) -> None:
    """Have each company run once, and wait for all."""
    with open_store(url) as store:
        before = {turn.company: turn.runs for turn in read_turns(store.connection).values()}
        for name in before:
            start_company(store, name)
        store.commit()
    await_that("a round of runs", lambda: _all_ran(url, before), patience=600.0)


def _all_ran(url: str, before: dict[str, int]) -> bool:
    with open_store(url) as store:
        turns = read_turns(store.connection)
    return all(turn.runs > before[name] for name, turn in turns.items())


def _runs(url: str) -> int:
    with open_store(url) as store:
        return sum(turn.runs > 0 for turn in read_turns(store.connection).values())


def _rows(url: str) -> int:
    with open_store(url) as store:
        tables = store.connection.execute(text(_TABLES)).scalars().all()
        counts = (store.connection.execute(text(f"SELECT count(*) FROM {name}")) for name in tables)
        return sum(int(count.scalar_one()) for count in counts)


def _requests(town: Town) -> int:
    return len(town.poweroffice.request_log.entries) + len(town.zendesk.request_log.entries)


def _cpu(workers: Sequence[Worker]) -> float:
    """Return the seconds of CPU that workers and their slots have taken."""
    ids = [worker.process.pid for worker in workers if worker.process is not None]
    ids += [number for worker in workers for number in worker.slot_ids()]
    ticks = 0
    for number in ids:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure_tick(url: str, size: int) -> str:
    """Return the line of one number of companies: a tick where nobody is due, and one where all are."""
    names = [f"firm-{number:04}" for number in range(size)]
    enrol(url, [(name, SCHEDULE) for name in names])
    with open_store(url) as store:
        prepare_queue(store)
        queued = _cpu_of_tick(store, names)
        assert queued[1] == size
        for name in names:
            ended = Ended(next_at=4e9, period=SCHEDULE, polled_at=None, failed=False)
            end_run(store.connection, name, ended, 1.0)
        store.commit()
        calm = _cpu_of_tick(store, names)
        assert calm[1] == 0
    return (
        f"{size:5} companies: a tick takes {1000 * calm[0]:6.1f} ms where nobody is due, "
        f"{1000 * queued[0] / size:5.2f} ms for each that is"
    )


def _cpu_of_tick(store: Store, names: Sequence[str]) -> tuple[float, int]:
    before = time.process_time()
    queued = tick(store, names)
    return time.process_time() - before, queued


if __name__ == "__main__":
    main()
