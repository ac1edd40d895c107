"""Turns at a limit that several processes share: what the connectors ask for, and a store gives."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a limit lets through: at most `requests` in any `span` seconds, one at least `gap` after the other.

    `key` tells the limit and whose it is, as a digest: of a credential nothing can be read from it. `chunk`
    requests are remembered by one instant; `stops`: nobody waits for long where nothing is left.
    """

    key: str
    requests: int
    span: float
    gap: float = 0.0
    chunk: int = 1
    stops: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn that comes in `wait` seconds, 0.0 or less: now.

    `asked` are the seconds of it that the system's answers asked for. Where that is more than was agreed to, the turn
    is not `taken`. `size` is how many requests the limit lets through for this account, `start` when it comes by the
    store's own clock.
    """

    wait: float
    asked: float
    taken: bool
    size: int
    start: float = 0.0


class Turns(Protocol):
    """Gives turns to all that ask, in the order in which they ask.

    What asks for several at once waits for none of them longer than for the others: each process holds one turn
    at a time. All raise StoreError where the store fails.
    """

    def usable(self) -> bool:
        """Return whether turns can be had: who may only read a store, or finds it busy, keeps limits alone."""

    def take(self, terms: Terms, patience: float) -> Turn | None:
        """Take the next turn, unless answers asked to wait for more than `patience` seconds; None: it is not usable."""

    def defer(self, terms: Terms, turn: Turn, seconds: float) -> bool:
        """Have a turn count from so many seconds after its start on; False: others have come too far, and it is lost."""

    def look(self, terms: Terms) -> Turn:
        """Take nothing, and return what answers have asked for and stated meanwhile."""

    def close(self, terms: Terms, seconds: float) -> None:
        """Let nothing start for so many seconds, whoever asks."""

    def resize(self, terms: Terms, size: int) -> None:
        """Let so many requests through from now on, as the system states it of this account."""
