"""Lists of a large store begin at once and stay small, whatever there is to list."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.leftover.listing import list_conflicts, list_dead_letters, list_links
from specbridge.runtime.store.packages import known_flows
from specbridge.runtime.store.tables import schema
from specbridge.runtime.store.tables.rows import insert_rows
from sqlalchemy import Connection, insert

from tests.cli.terminal import Shown, run_in_terminal
from tests.runtime.servers import new_database

LINKS, CONFLICTS, LETTERS = 200_000, 20_000, 50_000
MEGABYTES = 150
SECONDS = 0.5
"""Of the processor's time, beyond what the command takes where there is nothing to list."""

_ROWS = {
    schema.companies: {"number": 1, "name": ""},
    schema.packages: {"number": 1, "company": 1, "name": "package"},
    schema.accounts: {"number": 1, "company": 1, "system": "ledgerly"},
    schema.runs: {"number": 1, "company": 1, "packages": "[]", "kind": "sync", "started_at": 1.0},
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def long(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the store of a company that has left much over; nothing here writes to it."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('long') / 'store.db'}"
        else:
            url = stack.enter_context(new_database(request.getfixturevalue("postgresql")))
        _leave_much_over(url)
        yield url


def _leave_much_over(url: str) -> None:
    with open_store(url) as store:
        for table, row in _ROWS.items():
            store.connection.execute(insert(table).values(**row))
        _fill_flow(store.connection)
        _fill_records(store.connection)
        _fill_lists(store.connection)
        store.commit()


def _fill_flow(connection: Connection) -> None:
    for number, name in ((1, "Persons"), (2, "users")):
        values = {"number": number, "account": 1, "name": name}
        connection.execute(insert(schema.resources).values(**values))
    connection.execute(insert(schema.pairings).values(number=1, source=1, target=2))
    connection.execute(insert(schema.flows).values(number=1, package=1, name="flow", pairing=1))


def _fill_records(connection: Connection) -> None:
    instants = ("2026-01-01T00:00:00Z",) * 2
    held = (*instants, "d" * 32, '{"name":"n"}', 1, False)
    rows = [
        (number, f"{name}-{n:08}", *held, f"{name} no. {n} Ltd")
        for number, name in ((1, "source"), (2, "target"))
        for n in range(LINKS)
    ]
    state = ("modified_at", "edited_at", "digest", "properties", "generation", "gone", "name")
    insert_rows(connection, schema.records, ("resource", "id", *state), rows)


def _fill_lists(connection: Connection) -> None:
    pairs = [(1, f"source-{n:08}", f"target-{n:08}") for n in range(LINKS)]
    ends = ("pairing", "source_id", "target_id")
    linked = [(*pair, False, False, '{"name":"n"}', 1, "rule") for pair in pairs]
    state = ("vanished", "pinned", "base", "made_in", "made_by")
    insert_rows(connection, schema.links, (*ends, *state), linked)
    clashes = [(*pair, 1, "name", f'"{"s" * 99}"', '"t"', "open") for pair in pairs[:CONFLICTS]]
    content = ("run", "unit", "source_value", "target_value", "state")
    insert_rows(connection, schema.conflicts, (*ends, *content), clashes)
    letters = [(1, 0, id_, f"it is refused: {'r' * 99}", 1) for _, id_, _ in pairs[:LETTERS]]
    columns = ("pairing", "side", "id", "reason", "run")
    insert_rows(connection, schema.dead_letters, columns, letters)


def test_the_first_rows_of_long_lists_are_there_at_once(long: str) -> None:
    with open_store(long) as store:
        connection = store.connection
        lists: dict[str, Iterator[object]] = {
            "links": list_links(connection, 1),
            "conflicts": list_conflicts(connection, [1], everything=False),
            "dead letters": list_dead_letters(connection, known_flows(connection)),
        }
        for name, rows in lists.items():
            started = time.monotonic()
            assert next(rows), name
            assert time.monotonic() - started < 1, name


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="NO WAIT4: the time of commands is not known")
def test_a_command_shows_its_first_row_at_once(long: str, tmp_path: Path) -> None:
    nothing = f"sqlite:///{tmp_path / 'empty.db'}"
    open_store(nothing).close()
    for command in ("links", "conflicts", "dead-letters", "status"):
        # Not wall time: others may be busy on the machine, which may be a slow one.
        least = _begin_to_print(nothing, command)
        assert _begin_to_print(long, command) < least + SECONDS, command


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="NO WAIT4: the time of commands is not known")
def test_a_pager_shows_the_first_screen_at_once(long: str, tmp_path: Path) -> None:
    nothing = f"sqlite:///{tmp_path / 'empty.db'}"
    open_store(nothing).close()
    for command in ("links", "conflicts", "dead-letters"):
        least = _leave_after_three_lines(nothing, command).seconds
        shown = _leave_after_three_lines(long, command)
        assert shown.text.splitlines()[0].split()[-1] in ("State", "Winner", "Reason")
        assert shown.seconds < least + SECONDS, command


def _begin_to_print(url: str, command: str) -> float:
    """Return the seconds of the processor until a command has printed its first letter, or has ended."""
    words = (sys.executable, "-m", "specbridge", command, "--store", url)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        # It may have ended, which Popen's own kill would hear of first.
        os.kill(process.pid, signal.SIGKILL)
        *_, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return used.ru_utime + used.ru_stime


def _leave_after_three_lines(url: str, command: str) -> Shown:
    shown = run_in_terminal((command, "--store", url), environment={"PAGER": "head -n 3"})
    assert shown.status == 0
    return shown


def test_long_lists_are_printed_whole_in_little_memory(long: str, tmp_path: Path) -> None:
    expected = {"links": LINKS, "conflicts": CONFLICTS, "dead-letters": LETTERS, "status": 1}
    for command, count in expected.items():
        printed = tmp_path / command
        assert _print(printed, (command, "--store", long, "--json")) < MEGABYTES, command
        assert len(json.loads(printed.read_text(encoding="utf-8"))) == count, command


_MEASURED = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "specbridge", *sys.argv[1:]], check=True, stdout=sys.stdout)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def _print(printed: Path, words: tuple[str, ...]) -> float:
    """Write what a command prints to a file; return the most megabytes that it held."""
    with printed.open("w", encoding="utf-8") as file:
        # From a process of its own: what this one has run before would count as well.
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, *words],
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
            timeout=300,
        )
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return int(done.stderr.split()[-1]) / unit
