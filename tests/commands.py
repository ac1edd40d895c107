"""The `specbridge` command as users run it: a process of its own, its exit status, what it prints.

Commands are forks of a server that has loaded the program once: loading SQLAlchemy, httpx and the rest anew for
each of thousands would take longer than they do. What a fresh interpreter does is the subject of tests that
start one.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock

from tests.forking import PRELOADED, Order, become

PROGRAM = "specbridge"
_NOWHERE = Path(os.devnull)
_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload([PRELOADED])
# Of two threads that ask after a process at once, one would read its status and the other none.
_ASKING = Lock()


class Command:
    """A command that runs; `poll`, `wait`, `terminate` and `kill` are as those of subprocess.Popen."""

    def __init__(self, order: Order) -> None:
        self._process = _FORKING.Process(target=become, args=(order,))
        with _ASKING:
            self._process.start()

    def poll(self) -> int | None:
        """Return the exit status, None while the command runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0.0)
        return None

    def wait(self, timeout: float = 120.0) -> int:
        """Return the exit status; raise TimeoutExpired where there is none after so many seconds."""
        if not wait([self._process.sentinel], timeout):
            raise subprocess.TimeoutExpired(PROGRAM, timeout)
        with _ASKING:
            self._process.join()
            status = self._process.exitcode
        assert status is not None
        return status

    def terminate(self) -> None:
        """Ask the command to end (SIGTERM), unless it has ended."""
        with _ASKING:
            self._process.terminate()

    def kill(self) -> None:
        """Kill the command, unless it has ended."""
        with _ASKING:
            self._process.kill()


def run_command(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    module: str = PROGRAM,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE` with words to its end; `env` is its whole environment, None: that of the tests.

    It reads nothing. One that has not ended after two minutes is killed, and TimeoutExpired raised.
    """
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "output", Path(folder) / "errors"
        for path in printed:
            path.touch()
        environment = os.environ if env is None else env
        order = _order(words, cwd, environment, (_NOWHERE, *printed), module)
        with _begun(order) as command:
            status = command.wait()
        texts = [path.read_text(encoding="utf-8") for path in printed]
    return subprocess.CompletedProcess([module, *words], status, *texts)


def run_without(module: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in an interpreter of its own, in which a module cannot be imported."""
    code = (
        f"import sys; sys.modules[{module!r}] = None; sys.argv = {[PROGRAM, *words]!r}; "
        "from specbridge.cli.main import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False
    )


@contextmanager
def begun_command(words: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Iterator[Command]:
    """Begin a command of which nobody reads what it prints, and kill it at the end of the block."""
    with _begun(_order(words, cwd, env, (_NOWHERE,) * 3)) as command:
        yield command


@contextmanager
def _begun(order: Order) -> Iterator[Command]:
    command = Command(order)
    try:
        yield command
    finally:
        command.kill()
        command.wait()


def _order(
    words: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    streams: tuple[Path, Path, Path],
    module: str = PROGRAM,
) -> Order:
    return Order(
        module=module,
        words=tuple(words),
        directory=directory,
        environment=dict(environment),
        streams=streams,
    )
