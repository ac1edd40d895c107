"""A store behind pgbouncer in transaction mode: each transaction may be on a connection others have used."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from specbridge.cli.main import main
from specbridge.errors import StoreBusyError
from specbridge.runtime.engine.undo import Chosen, undo_run
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import open_store
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.runtime.bench import Bench

POOLS = (1, 2)
"""Connections to the server: a run has one, its heartbeat another, and whoever comes along shares them.

With a single one they take turns.
"""


@contextmanager
def pooled(url: str, folder: Path, size: int) -> Iterator[str]:
    """Give the URL of a database as a pooler of our own serves it."""
    program = shutil.which("pgbouncer")
    if program is None:
        pytest.skip("NO PGBOUNCER: the store was not tried behind a pooler")
    address = make_url(url)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "pgbouncer.ini"
    settings.write_text(_settings(address, port, size), encoding="utf-8")
    words = [program, str(settings)]
    if sys.platform != "win32" and os.geteuid() == 0:
        # It refuses to run as root; the server's own user reaches the server's socket.
        words = [program, "-u", Path(str(address.query["host"])).owner(), str(settings)]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        try:
            served = f"postgresql://postgres@127.0.0.1:{port}/{address.database}"
            _wait_for(served)
            yield served
        finally:
            process.kill()


def _settings(address: URL, port: int, size: int) -> str:
    return f"""
[databases]
* = host={address.query["host"]} user=postgres
[pgbouncer]
pool_mode = transaction
default_pool_size = {size}
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
"""


def _wait_for(url: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    until = time.monotonic() + 20
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(params=POOLS)
def pooler(postgresql_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    with pooled(postgresql_url, tmp_path, request.param) as url:
        yield url


def ask(url: str, *words: str) -> str:
    result = CliRunner().invoke(main, [*words, "--store", url])
    assert result.exit_code == 0, result.output
    return result.output


def test_runs_and_commands_work_behind_a_pooler(pooler: str) -> None:
    bench = Bench(pooler)
    for number in range(60):
        bench.ledgerly.put("Firms", {"Name": f"Firm {number}"})
    first = bench.sync()
    assert first.outcome is RunOutcome.CLEAN
    # More often than the driver sees a statement before it would prepare it.
    for number in range(7):
        firm = next(iter(bench.ledgerly.records("Firms")))
        bench.clock.advance()
        bench.ledgerly.edit("Firms", firm, Name=f"Another {number}")
        assert bench.plan().writes == 1
        assert bench.sync().writes == 1
    for words in (["links"], ["conflicts"], ["dead-letters"], ["status"], ["status", "--json"]):
        group, *rest = words
        assert CliRunner().invoke(main, [group, "--store", pooler, *rest]).exit_code == 0, words
    ask(pooler, "pause")
    assert bench.sync().outcome is RunOutcome.PAUSED
    with open_store(pooler) as store:
        report = undo_run(bench.task, store, bench.edges(), first.run, Chosen(creations=True))
    assert len(report.deleted) == 59
    ask(pooler, "resume")
    assert bench.sync().outcome is RunOutcome.CLEAN


def test_of_runs_at_once_behind_a_pooler_one_works_and_the_others_are_told(pooler: str) -> None:
    bench = Bench(pooler)
    for number in range(20):
        bench.ledgerly.put("Firms", {"Name": f"Firm {number}"})

    def run(_number: int) -> RunOutcome | None:
        try:
            return bench.sync().outcome
        except StoreBusyError:
            return None

    # More would wait for those that hold the connections; with a single one the two take turns on it.
    with ThreadPoolExecutor(2) as pool:
        ended = set(pool.map(run, range(4)))
    assert RunOutcome.CLEAN in ended
    assert ended <= {RunOutcome.CLEAN, None}
    assert len(bench.acme.records("companies")) == 20
