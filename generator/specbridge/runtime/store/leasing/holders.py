"""Who holds a lease: threads, processes, containers and machines told apart."""

import os
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from platform import uname
from typing import Final

LIVE: Final[set[str]] = set()
"""The tokens of this process's own runs: of what is not here, a run of this process has ended."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


@cache
def own_place() -> str:
    """Return this process's place: equal for two processes that see each other by number, "" if unknown."""
    if os.name != "posix":
        # Elsewhere, asking after a process by signal 0 would end it.
        return ""
    try:
        # A name is no machine: containers and clones of one image share theirs.
        return f"{_BOOT.read_text(encoding='ascii').strip()} {_NAMESPACE.readlink()}"
    except OSError:
        # On Linux it is shut away: containers may share name and address, and none sees the others.
        return "" if uname().system == "Linux" else f"{uname().node} {uuid.getnode():x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A run that holds, or held, a lease.

    `place` is where `pid` is a process's number: a machine since it started, and there a namespace of
    processes, as containers have their own; "" where that cannot be told. `name` is for people.
    """

    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    place: str = field(default_factory=own_place)
    pid: int = field(default_factory=os.getpid)

    def is_dead(self, live: Iterable[str] = LIVE) -> bool:
        """Return whether the run is over for certain; of other places nothing is known."""
        if not self.place or self.place != own_place():
            return False
        if self.pid == os.getpid():
            # Its store may have failed before it could give the lease back.
            return self.token not in live
        try:
            # Signal 0 is sent to nobody: it only asks whether there is somebody.
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except (PermissionError, OverflowError):
            return False
        return False
