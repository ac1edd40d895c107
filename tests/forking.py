"""What a fork of the server that has loaded the program (tests/preloaded.py) does: it becomes a command."""

import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

PRELOADED = "tests.preloaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a process is to become: `python -m MODULE WORDS` in a directory, with an environment.

    `streams` are the files of its standard input, output and errors.
    """

    module: str
    words: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    streams: tuple[Path, Path, Path]


def become(order: Order) -> None:
    """Run what is ordered; this process ends with its status."""
    # It is there by now, unless it could not be loaded: then this says why.
    import_module(PRELOADED)
    os.chdir(order.directory)
    os.environ.clear()
    os.environ.update(order.environment)
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = dict.fromkeys((str(order.directory), *filter(None, named), *sys.path[1:]))
    sys.stdin, sys.stdout, sys.stderr = (
        _take_over(number, path) for number, path in enumerate(order.streams)
    )
    sys.argv = [order.module, *order.words]
    runpy.run_module(order.module, run_name="__main__", alter_sys=True)


def _take_over(number: int, path: Path) -> Any:
    """Return a standard stream as an interpreter opens it at its start."""
    opened = os.open(path, os.O_RDWR)
    os.dup2(opened, number)
    os.close(opened)
    how = {"errors": "backslashreplace", "buffering": 1} if number == 2 else {}
    mode = "w" if number else "r"
    return open(number, mode, encoding="utf-8", closefd=False, **how)  # type: ignore[call-overload]
