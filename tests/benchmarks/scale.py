"""How the engine grows: `python -m tests.benchmarks.scale 10000 100000 1000000`.

Both sides hold the same persons, made whenever they are read, so that the memory measured is the
engine's. Each size has a process of its own, on SQLite and (the sizes up to 100,000) on PostgreSQL, whose own
time is in the wall clock only. The goal is that it takes at most twice as long on PostgreSQL.
"""

import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import click
import structlog

from tests.benchmarks.engine import EngineBench, cpu_of
from tests.runtime.servers import new_database, running_postgresql

MOST_ON_POSTGRESQL = 100_000


def measure(records: int, url: str = "") -> str:
    """Return the line of one size: CPU microseconds per record of each side, memory, disk."""
    with tempfile.TemporaryDirectory() as name:
        bench = EngineBench(Path(name), records, "same", keep=False, url=url)
        began = time.perf_counter()
        first = cpu_of(bench.sync)
        full = cpu_of(partial(bench.sync, full=True))
        wall = time.perf_counter() - began
        changes = cpu_of(bench.sync)
        bench.edit()
        edits = cpu_of(bench.sync)
        size = sum(path.stat().st_size for path in Path(name).iterdir())
    each = 1_000_000 / records
    peak = _peak_kilobytes() / 1024
    stored = f"{size / 2 / records:8.0f} B" if size else f"{'':10}"
    return (
        f"{first * each:9.1f} us {full * each:9.1f} us {changes * 1000:9.0f} ms "
        f"{edits * 1000:9.0f} ms {stored} {peak:7.0f} MB {wall * each:8.1f} us"
    )


def _peak_kilobytes() -> int:
    """Return the most memory that this process held; getrusage counts what its parent held, too."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [row for row in status.read_text().splitlines() if row.startswith("VmHWM")]
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(*sizes: int) -> None:
    """Print the table; from 10,000 to 1,000,000 unless sizes are given."""
    click.echo(
        f"{'records':>20}  first/rec   full/rec       unchanged   100 edits  store/rec    peak"
        "  wall of both/rec"
    )
    with running_postgresql() as server:
        for records in sizes or (10_000, 100_000, 1_000_000):
            on_sqlite = _print("SQLite", records)
            # One right after the other: what else the machine does slows both.
            if records <= MOST_ON_POSTGRESQL:
                with new_database(server) as url:
                    ratio = _print("PostgreSQL", records, url) / on_sqlite
                click.echo(
                    f"{'':10} {records:9} wall on PostgreSQL / SQLite: {ratio:.2f} (goal: 2)"
                )


def _print(store: str, records: int, *url: str) -> float:
    """Print the line of one size; return its wall time per record, in microseconds."""
    command = [sys.executable, "-m", "tests.benchmarks.scale", "one", str(records), *url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    click.echo(f"{store:10} {records:9} {done.stdout.rstrip()}")
    return float(done.stdout.split()[-2])


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    if sys.argv[1:2] == ["one"]:
        click.echo(measure(int(sys.argv[2]), *sys.argv[3:]))
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
