"""A crew: the slots of one `specbridge worker`, started anew where they die, and the tick beside them."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import structlog

log = structlog.get_logger("specbridge")

TICK = 1.0
"""Seconds between two looks at who is due, and at which slots live."""

_REST = 2.0
"""Seconds before a slot that died is started anew."""


@dataclass(slots=True)
class Crew:
    """So many slots, each a process of `words`."""

    words: Sequence[str]
    count: int
    _slots: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _rests_until: float = 0.0

    def fill(self) -> None:
        """Start the slots that are missing; those that have died rest a moment."""
        for slot in [one for one in self._slots if one.poll() is not None]:
            log.warning("a slot died, another one takes its place", status=slot.returncode)
            self._slots.remove(slot)
            self._rests_until = time.monotonic() + _REST
        if time.monotonic() >= self._rests_until:
            while len(self._slots) < self.count:
                # A session of its own: Ctrl-C reaches this process, which passes it on once.
                self._slots.append(subprocess.Popen(self.words, start_new_session=True))

    def end(self) -> None:
        """Have all slots end cleanly, and wait for them."""
        for slot in self._slots:
            slot.terminate()
        for slot in self._slots:
            slot.wait()
        self._slots.clear()


@contextmanager
def working(crew: Crew) -> Iterator[None]:
    """Have the slots end with the block, however that does."""
    try:
        yield
    finally:
        crew.end()


def keep(crew: Crew, tick: Callable[[], None], stop: Event) -> None:
    """Keep the slots going, and tick, until told to stop."""
    while not stop.is_set():
        crew.fill()
        tick()
        stop.wait(TICK)
