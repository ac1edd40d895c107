"""A process that has loaded what commands load, and becomes any of them: `python -m tests.forking SOCKET`.

Whoever connects says module, words, directory and environment, and gives the three standard streams. A fork of this
process then runs `python -m MODULE WORDS` as a process of its own: it can be killed, and its exit status
is told. Loading SQLAlchemy, httpx and the rest anew for each of thousands of commands is what it saves.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import specbridge

NOT_LOADED = (
    "specbridge.__main__",
    "specbridge.runtime.store.migrations.env",
    "specbridge.sandbox",
    "specbridge.service",
)
"""What runs when it is imported, and what few commands need."""

_MORE = (
    "alembic.command",
    "psycopg",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
)
_LONGEST = 1 << 20


def main() -> None:
    """Serve at the socket that is named, until the one who started this process is gone."""
    _load()
    place = socket.socket(socket.AF_UNIX)
    place.bind(sys.argv[1])
    place.listen(64)
    # Nobody waits for those who attend to callers.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    words = _serve(place)
    if words is not None:
        _run(words)


def _load() -> None:
    for found in walk_packages(specbridge.__path__, "specbridge."):
        if not found.name.startswith(NOT_LOADED):
            import_module(found.name)
    for name in _MORE:
        import_module(name)
    # Objects that are never written to stay shared between the forks.
    gc.collect()
    gc.freeze()


def _serve(place: socket.socket) -> Sequence[str] | None:
    """Fork for each who connects; return the words of the command in the process that is to run it."""
    while True:
        ready, _, _ = select.select([place, sys.stdin], [], [])
        if sys.stdin in ready:
            return None
        caller, _ = place.accept()
        if os.fork() == 0:
            place.close()
            return _attend(caller)
        caller.close()


def _attend(caller: socket.socket) -> Sequence[str]:
    """Have one more fork run what a caller asks for, and tell its number and its end; return only in that fork."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked, streams = _receive(caller)
    pid = os.fork()
    if pid == 0:
        caller.close()
        return _sit_down(asked, streams)
    for stream in streams:
        os.close(stream)
    with suppress(BrokenPipeError):
        caller.sendall(f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        caller.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _receive(caller: socket.socket) -> tuple[Any, Sequence[int]]:
    length = int(caller.recv(8, socket.MSG_WAITALL))
    part, streams, _, _ = socket.recv_fds(caller, length, 3)
    rest = caller.recv(length - len(part), socket.MSG_WAITALL) if len(part) < length else b""
    return json.loads(part + rest), streams


def _sit_down(asked: Any, streams: Sequence[int]) -> Sequence[str]:
    """Take over streams, directory, environment and path, as an interpreter does at its start."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["directory"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = list(dict.fromkeys((asked["directory"], *filter(None, named), *sys.path[1:])))
    sys.stdin, sys.stdout = _text(0, "r"), _text(1, "w")
    sys.stderr = _text(2, "w", buffering=1, errors="backslashreplace")
    words: Sequence[str] = asked["words"]
    return words


def _run(words: Sequence[str]) -> None:
    """Run the program, and end as an interpreter does, but for taking every module apart."""
    sys.argv = list(words)
    status: object = 0
    try:
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


def _text(number: int, mode: str, **options: Any) -> Any:
    return open(number, mode, encoding="utf-8", closefd=False, **options)


if __name__ == "__main__":
    main()
