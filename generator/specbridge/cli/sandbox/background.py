"""A sandbox in the background: started once it answers, and ended again."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from specbridge.cli.sandbox.shelf import ENV_FILE
from specbridge.companies.variables import read_variables
from specbridge.errors import SettingsError, SurroundingsError

FLAG = "--background"
PAGE = "SPECBRIDGE_SANDBOX_PAGE"
"""The variable with the address of the page on which records are edited."""

_PID = "# pid "
_PATIENCE = 60.0  # seconds in which the servers must answer
_LOOK = 0.05


def pid_line() -> str:
    """Return the comment by which `stop` finds this process."""
    return f"{_PID}{os.getpid()}\n"


def start(words: Sequence[str], env_file: Path) -> None:
    """Start a sandbox with the command's own words, and return once its environment is in the file.

    Raises SettingsError where one runs already that the file is about, and SurroundingsError with what it
    says where it ends before.
    """
    _refuse_second(env_file)
    told = (
        []
        if any(word.startswith("--env-file") for word in words)
        else ["--env-file", str(env_file)]
    )
    command = [sys.executable, "-m", "specbridge", *(w for w in words if w != FLAG), *told]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            # Ctrl-C in this terminal, and its end, are not the sandbox's.
            start_new_session=True,
        )
        up = _is_up(process, env_file)
        said.seek(0)
        text = said.read().decode(errors="replace").strip()
        if not up:
            process.terminate()
            raise SurroundingsError(
                f"the sandbox did not start: {text.removeprefix('specbridge: ')}"
            )
    for line in text.splitlines():
        # Its own announcement may or may not be there yet.
        if "the environment is in" not in line and "can be edited at" not in line:
            click.echo(line, err=True)
    click.echo(f"sandbox: all APIs answer; the environment is in {env_file}")
    click.echo(f"sandbox: records can be edited at {read_variables(env_file).get(PAGE, '')}")


@click.command(epilog="Example: `specbridge sandbox stop`.")
@click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=ENV_FILE,
    show_default=True,
    help="What the sandbox wrote.",
)
def stop(env_file: Path) -> None:
    """End a sandbox that was started with --background."""
    process = _read_pid(env_file)
    if process is None:
        raise SettingsError(f"{env_file} does not say which process is the sandbox's")
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        click.echo("sandbox: it had ended already")
    else:
        click.echo("sandbox: ended")
    env_file.unlink(missing_ok=True)


def _refuse_second(env_file: Path) -> None:
    running = _read_pid(env_file) if env_file.is_file() else None
    if running is not None and _runs(running):
        raise SettingsError(
            f"a sandbox runs already, whose environment is in {env_file}: `specbridge sandbox stop` ends it"
        )


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # Somebody else's by now: a number is given out again.
    except PermissionError:
        return False
    return True


def _is_up(process: "subprocess.Popen[bytes]", env_file: Path) -> bool:
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if env_file.exists() and _read_pid(env_file) == process.pid:
            return True
        time.sleep(_LOOK)
    return False


def _read_pid(env_file: Path) -> int | None:
    lines = env_file.read_text(encoding="utf-8").splitlines()
    found = (line.removeprefix(_PID) for line in lines if line.startswith(_PID))
    text = next(found, "")
    return int(text) if text.isdigit() else None
