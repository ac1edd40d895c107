"""The engine's speed with in-process connectors: `python -m tests.benchmarks.engine [RECORDS]`.

Both systems hold RECORDS persons of five properties. First sync: half of them match by e-mail, half
are created on the other side. Then a complete pass over unchanged systems, an incremental one, and
one with a hundred edits.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import structlog

from generator.runtime.flow import ALWAYS
from generator.runtime.report import Report
from tests.runtime.bench import Bench
from tests.runtime.people import person_flow


def make_bench(directory: Path, records: int) -> Bench:
    """Return a bench with that many persons on both sides, half of them the same."""
    bench = Bench(f"sqlite:///{directory / 'store.db'}", flows=(person_flow(ALWAYS, ALWAYS),))
    bench.ledgerly.page_size = bench.acme.page_size = 1000
    for number in range(records):
        person = {"Name": f"Name {number}", "Mail": f"p{number}@ledgerly.example"}
        bench.ledgerly.put("Persons", {**person, "Phone": f"+47 {number:08}", "FirmId": None})
    for number in range(records // 2, records + records // 2):
        user = {"name": f"Name {number}", "email": f"p{number}@ledgerly.example"}
        bench.acme.put("users", {**user, "phone": f"+47 {number:08}", "company_id": None})
    return bench


def measure(name: str, run: Callable[[], Report]) -> None:
    """Run and print wall time, CPU time, writes and requests."""
    wall, cpu = time.perf_counter(), time.process_time()
    report = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    reads = sum(usage.read for usage in report.requests.values())
    click.echo(
        f"{name:28} {wall:8.3f} s  {cpu:8.3f} s CPU  {report.writes:8} writes {reads:6} reads"
    )


def main(records: int = 10_000) -> None:
    """Print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as directory:
        bench = make_bench(Path(directory), records)
        measure(f"first sync of 2 x {records}", lambda: bench.sync(actions=False))
        measure("unchanged, everything read", lambda: bench.sync(actions=False, full=True))
        measure("unchanged, changes read", lambda: bench.sync(actions=False))
        for id_ in list(bench.ledgerly.records("Persons"))[:100]:
            bench.ledgerly.edit("Persons", id_, Name=f"New name {id_}")
        measure("100 edits, changes read", lambda: bench.sync(actions=False))
        size = (Path(directory) / "store.db").stat().st_size
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        click.echo(
            f"store: {size / (3 * records):.0f} bytes per record; peak memory: {peak:.0f} MB"
        )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
