"""A pseudo terminal of a stated size, in which commands are run as people run them."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a terminal was sent, its line ends as one character, and how the command ended.

    `seconds` are those of the processor.
    """

    text: str
    status: int
    seconds: float


def run_in_terminal(
    words: Sequence[str],
    *,
    lines: int = 24,
    columns: int = 80,
    typed: str = "",
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Shown:
    """Run the program with words on a terminal that a person sits at, who has typed a text."""
    near, far = open_terminal(lines, columns)
    command = (sys.executable, "-m", "specbridge", *words)
    settings = {**terminal_environment(), **(environment or {})}
    with subprocess.Popen(
        command, stdin=far, stdout=far, stderr=far, env=settings, cwd=cwd, close_fds=True
    ) as process:
        os.close(far)
        if typed:
            os.write(near, typed.encode())
        sent = _read_all(near)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    os.close(near)
    return Shown(
        text=sent.decode(errors="replace").replace("\r\n", "\n"),
        status=process.returncode,
        seconds=used.ru_utime + used.ru_stime,
    )


def open_terminal(lines: int, columns: int) -> tuple[int, int]:
    """Open a pseudo terminal of a size; return the end of who looks on, and that of the program."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    return near, far


def terminal_environment() -> Mapping[str, str]:
    """Return this process's environment, but for what the developer's own terminal says in it."""
    left_out = {"COLUMNS", "LINES", "NO_COLOR", "LESS", "PAGER", "CI", "FORCE_COLOR"}
    kept = {name: text for name, text in os.environ.items() if name not in left_out}
    return {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8"}


def _read_all(near: int) -> bytes:
    parts = []
    # Linux answers EIO, others nothing, once nobody has the other end open.
    with suppress(OSError):
        while part := os.read(near, 65536):
            parts.append(part)
    return b"".join(parts)
