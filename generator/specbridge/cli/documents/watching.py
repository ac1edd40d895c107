"""Doing something again whenever one of some files changes; by looking, so that no package is needed."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Event

SECONDS = 0.5
"""How often the files are looked at."""


def watch_files(paths: Callable[[], Iterable[Path]], act: Callable[[], None], stop: Event) -> None:
    """Act at once, and after every change of the files, those while acting included, until `stop`."""
    # Before acting: what changes meanwhile is seen by the next look.
    seen = _stamps(paths())
    act()
    while not stop.wait(SECONDS):
        now = _stamps(paths())
        if now != seen:
            seen = now
            act()


def _stamps(paths: Iterable[Path]) -> Mapping[Path, tuple[int, int]]:
    stamps = {}
    for path in paths:
        try:
            status = path.stat()
        # Editors write by deleting and renaming: for a moment there is no file.
        except OSError:
            continue
        # The size too: a second write within a step of the clock has the time of the first.
        stamps[path] = status.st_mtime_ns, status.st_size
    return stamps
