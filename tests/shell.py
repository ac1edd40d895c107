"""A shell that tells what each command printed, and how it ended."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

_END = "-- ended with "
_PATIENCE = 120


class Shell:
    """One bash, so that folders, variables and jobs outlive a command; no terminal, and nothing to read.

    Used as a context manager: what still runs in it ends with it.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Start in a folder, with no more variables than these."""
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> "Shell":
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the shell."""
        self._bash.communicate("exit\n", timeout=_PATIENCE)

    def run(self, command: str) -> tuple[int, str]:
        """Return a command's exit code and what it printed, both streams together."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        quoted = command.replace("'", "'\\''")
        self._bash.stdin.write(f"eval '{quoted}' </dev/null; echo; echo '{_END}'$?\n")
        self._bash.stdin.flush()
        lines: list[str] = []
        for line in self._bash.stdout:
            if line.startswith(_END):
                return int(line.removeprefix(_END)), "".join(lines).rstrip("\n")
            lines.append(line)
        raise AssertionError(f"the shell ended: {''.join(lines)}")


def bare_environment(home: Path) -> Mapping[str, str]:
    """Return what a machine that was just set up has in its environment."""
    path = os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin"))
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}
