"""A person at a terminal who looks at what a command shows while it runs, and may press Ctrl-C."""

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.cli.terminal import open_terminal, terminal_environment

ROOT = Path(__file__).parents[2]
CHECKOUT = os.pathsep.join([str(ROOT / "generator"), str(ROOT)])
HIDDEN, VISIBLE = "\x1b[?25l", "\x1b[?25h"
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

# The terminal becomes that of the session, so that what is typed reaches it as signals; who starts the tests
# may ignore these, as a shell does for what runs in the background.
_SIT_DOWN = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)

Look = Callable[[str], str]
"""Told all that was shown so far, gives what is typed next ("" for nothing)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a terminal was sent, and how the command ended."""

    sent: str
    status: int

    @property
    def text(self) -> str:
        """Return it without the sequences that a terminal obeys."""
        return _SEQUENCE.sub("", self.sent).replace("\r\n", "\n")

    @property
    def last(self) -> str:
        """Return what stays once nothing is drawn any more."""
        return _SEQUENCE.sub("", self.sent.rpartition(VISIBLE)[2]).replace("\r\n", "\n")


def watch(
    *words: str,
    folder: Path,
    environment: Mapping[str, str],
    columns: int = 80,
    look: Look = lambda _shown: "",
) -> Seen:
    """Run the program on a terminal of its own, so that Ctrl-C is a signal as it is for people."""
    near, far = open_terminal(24, columns)
    process = subprocess.Popen(
        [sys.executable, "-c", _SIT_DOWN, sys.executable, "-m", "specbridge", *words],
        cwd=folder,
        env={**terminal_environment(), "PYTHONPATH": CHECKOUT, **environment},
        stdin=far,
        stdout=far,
        stderr=far,
        start_new_session=True,
    )
    os.close(far)
    sent = _follow(near, look)
    os.close(near)
    return Seen(sent=sent, status=process.wait(timeout=30))


def _follow(near: int, look: Look) -> str:
    sent, end = b"", time.monotonic() + 90
    # Linux answers EIO once nobody has the other end open.
    with suppress(OSError):
        while time.monotonic() < end:
            ready, _, _ = select.select([near], [], [], 0.2)
            part = os.read(near, 65_536) if ready else b""
            if ready and not part:
                break
            sent += part
            if typed := look(sent.decode(errors="replace")):
                os.write(near, typed.encode())
    return sent.decode(errors="replace")


def once(marker: str, typed: str) -> Look:
    """Return a look that types a text once a marker has been shown."""
    done: list[str] = []

    def look(shown: str) -> str:
        if done or marker not in shown:
            return ""
        done.append(typed)
        return typed

    return look
