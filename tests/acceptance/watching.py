"""A watch that tells what it holds: `python -m tests.acceptance.watching RUNS EVERY PACKAGE [OPTION...]`.

The real command runs in this process. After every so many reports, between two runs, a line of JSON
says what the process holds; after the last one it is told to end as a service manager would.
"""

import gc
import io
import json
import os
import re
import resource
import signal
import sys
import threading
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TextIO

from specbridge.cli.runs.sync import sync

STATM = Path("/proc/self/statm")
HANDLES = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a process holds after a run: resident bytes, open handles, threads, Python's objects."""

    run: int
    resident: int
    handles: int
    threads: int
    objects: int


def weigh(run: int) -> Holding:
    """Return what this process holds now, without having the collector look first."""
    return Holding(
        run=run,
        resident=int(STATM.read_text().split()[1]) * resource.getpagesize(),
        handles=len(list(HANDLES.iterdir())),
        threads=threading.active_count(),
        objects=len(gc.get_objects()),
    )


def lift_limits(directory: Path) -> None:
    """Have commands in this directory use the built-in profiles without their rate limits.

    A watch keeps limits from run to run, so hundreds of runs would take most of an hour.
    """
    names = ("poweroffice_go.toml", "zendesk.toml")
    for name in names:
        text = files("specbridge.profiles").joinpath(name).read_text(encoding="utf-8")
        free = re.sub(r"^\[\[limits\]\]\n(?:\w.*\n)+", "", text, flags=re.MULTILINE)
        (directory / name).write_text(free, encoding="utf-8")
    settings = f"[tool.specbridge]\nprofiles = {json.dumps(names)}\n"
    (directory / "pyproject.toml").write_text(settings, encoding="utf-8")


class _Reports(io.StringIO):
    """Counts the reports that are written to it."""

    def __init__(self, runs: int, every: int, told: TextIO) -> None:
        super().__init__()
        self._runs = runs
        self._every = every
        self._told = told
        self._count = 0

    def write(self, text: str) -> int:
        if not text.startswith("{"):
            return len(text)
        self._count += 1
        if self._count % self._every == 0:
            print(json.dumps(asdict(weigh(self._count))), file=self._told, flush=True)
        if self._count == self._runs:
            os.kill(os.getpid(), signal.SIGTERM)
        return len(text)


def _main() -> None:
    runs, every, package, *options = sys.argv[1:]
    with redirect_stdout(_Reports(int(runs), int(every), sys.stdout)):
        sync.main([package, "--json", "--watch", "0", *options])


if __name__ == "__main__":
    _main()
