"""The `specbridge` command as users run it: a process of its own, its exit status, what it prints.

Commands are forks of a process that has loaded the program once (tests/forking.py); what a fresh interpreter
does is the subject of tests that start one.
"""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from atexit import register
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).parents[1]
PROGRAM = "specbridge"
_START = 60.0
"""Seconds that the program may take to load."""

_NAME = "commands"


class Command:
    """A command that runs; `poll`, `wait`, `kill` and `returncode` are as those of subprocess.Popen.

    `streams` are the descriptors of its standard input, output and errors; `module` is what runs.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        streams: Sequence[int],
        module: str = PROGRAM,
    ) -> None:
        asked = {"directory": str(cwd), "environment": dict(env), "words": [module, *words]}
        self.returncode: int | None = None
        self._heard = b""
        self._caller = socket.socket(socket.AF_UNIX)
        self._caller.connect(_forking())
        self._caller.sendall(f"{len(json.dumps(asked)):08}".encode())
        socket.send_fds(self._caller, [json.dumps(asked).encode()], list(streams))
        self.pid = self._number(_START)

    def poll(self) -> int | None:
        """Return the exit status, None while the command runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0.0)
        return self.returncode

    def wait(self, timeout: float = 120.0) -> int:
        """Return the exit status; raise TimeoutExpired where there is none after so many seconds."""
        if self.returncode is None:
            self.returncode = self._number(timeout)
            self._caller.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the command has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the command, unless it has ended."""
        self.send_signal(signal.SIGKILL)

    def _number(self, timeout: float) -> int:
        deadline = monotonic() + timeout
        while b"\n" not in self._heard:
            left = max(0.0, deadline - monotonic())
            if not select.select([self._caller], [], [], left)[0]:
                raise subprocess.TimeoutExpired("specbridge", timeout)
            part = self._caller.recv(100)
            assert part, "the process that commands are forked from has ended"
            self._heard += part
        line, _, self._heard = self._heard.partition(b"\n")
        return int(line)


def run_command(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    typed: str = "",
    timeout: float = 120.0,
    module: str = PROGRAM,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE` with words to its end; `env` is its whole environment, None: that of the tests.

    A command that has not ended after `timeout` seconds is killed, and TimeoutExpired raised.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        files[0].write(typed.encode())
        files[0].seek(0)
        environment = os.environ if env is None else env
        streams = [file.fileno() for file in files]
        command = Command(words, cwd=cwd, env=environment, streams=streams, module=module)
        try:
            status = command.wait(timeout)
        finally:
            command.kill()
        texts = []
        for file in files[1:]:
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess([module, *words], status, *texts)


@contextmanager
def begun_command(words: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Iterator[Command]:
    """Begin a command of which nobody reads what it prints, and kill it at the end of the block."""
    with Path(os.devnull).open("r+b") as nowhere:
        command = Command(words, cwd=cwd, env=env, streams=[nowhere.fileno()] * 3)
    try:
        yield command
    finally:
        command.kill()
        command.wait()


@cache
def _forking() -> str:
    """Return the socket of the process that becomes commands; it ends when this one does."""
    folder = tempfile.mkdtemp(prefix="specbridge-")
    register(shutil.rmtree, folder, ignore_errors=True)
    place = Path(folder) / _NAME
    path = os.pathsep.join((str(ROOT / "generator"), str(ROOT)))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forking", str(place)],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
    )
    register(process.wait)
    register(_close, process)
    deadline = monotonic() + _START
    while not place.exists():
        assert process.poll() is None, "the program could not be loaded"
        assert monotonic() < deadline, "the program takes too long to load"
        sleep(0.01)
    return str(place)


def _close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
