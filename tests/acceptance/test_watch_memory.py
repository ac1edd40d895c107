"""A watch holds as much after 500 runs as after 50: memory, handles, threads."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.acceptance.conftest import PACKAGE, ROOT, Office
from tests.acceptance.watching import HANDLES, STATM, Holding, lift_limits

LEFT_OVER = 3
MEGABYTE = 2**20
MOST_GROWTH = 5 * MEGABYTE
SECONDS = 280

pytestmark = pytest.mark.skipif(
    not (STATM.exists() and HANDLES.exists()),
    reason="NO /proc HERE: whether a watch's memory stays flat was not tested",
)


def watch(office: Office, runs: int, every: int, *options: str) -> Sequence[Holding]:
    """Return what a watch holds after every so many runs, the servers being in this process."""
    lift_limits(office.terminal.directory)
    words = ("-m", "tests.acceptance.watching", str(runs), str(every), str(PACKAGE), *options)
    done = subprocess.run(
        [sys.executable, *words],
        cwd=office.terminal.directory,
        env={
            **os.environ,
            **office.terminal.environment,
            "PYTHONPATH": f"{ROOT / 'generator'}{os.pathsep}{ROOT}",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == LEFT_OVER, done.stderr
    return [Holding(**json.loads(line)) for line in done.stdout.splitlines()]


def check_constant(first: Holding, later: Sequence[Holding]) -> None:
    """Check that no later run left a handle, a thread or (but for caches) an object behind."""
    assert {holding.threads for holding in later} == {first.threads}
    # What the first run's overlapping requests opened may have been closed since.
    assert max(holding.handles for holding in later) <= first.handles, later
    assert max(holding.objects for holding in later) <= first.objects * 1.01, later


def test_500_unchanged_runs_leave_nothing_behind(office: Office) -> None:
    held = watch(office, 500, 50)
    assert [holding.run for holding in held] == list(range(50, 501, 50))
    first, *later = held
    assert later[-1].resident - first.resident <= MOST_GROWTH, held
    check_constant(first, later)


def test_runs_on_postgresql_leave_no_handle_behind(office: Office, postgresql_url: str) -> None:
    first, *later = watch(office, 50, 10, "--store", postgresql_url)
    check_constant(first, later)
