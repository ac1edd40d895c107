"""Doing something again whenever one of some files changes; by looking, so that no package is needed."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

SECONDS = 0.5
"""How often the files are looked at."""


def watch_files(paths: Callable[[], Iterable[Path]], act: Callable[[], None]) -> None:
    """Act at once, and after every change of the files until the user interrupts."""
    act()
    seen = _stamps(paths())
    try:
        while True:
            time.sleep(SECONDS)
            now = _stamps(paths())
            if now != seen:
                seen = now
                act()
    except KeyboardInterrupt:
        return


def _stamps(paths: Iterable[Path]) -> Mapping[Path, tuple[int, int]]:
    stamps = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        stamps[path] = status.st_mtime_ns, status.st_size
    return stamps
