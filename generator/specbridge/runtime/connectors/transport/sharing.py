"""Limits that several processes share: a process asks for one turn at a time, waits for it, and leaves.

Whoever asks first is first, and nobody holds more than one turn: a company that has a thousand requests waiting
leaves the others every other turn. A request that leaves late would arrive among those of others: a turn that was missed is
put off, or taken anew.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from threading import Lock

from specbridge.errors import StoreError
from specbridge.model.profile import Limit, Profile
from specbridge.runtime.connectors.transport.clock import Clock, pause, read_halt
from specbridge.runtime.connectors.transport.environment import read_shared
from specbridge.runtime.turns import Terms, Turn, Turns

STRETCH = 1.035
"""How much longer than a limit says a span is planned: networks bunch requests up."""

PACED_UP_TO = 1.0
"""Seconds of a limit up to which it is paced evenly."""

# Of what is paced, the span and the pace of turns: the rest is for those that come late. More than within one
# process: what each knows of the others is when they were to leave.
_STRETCH_OF_PACED = 1.04
_STRETCH_OF_PACE = 1.055
# The share of a limit's seconds by which a request may leave late.
_LATE = 0.01
_LEAST_LATE = 0.01
# An answer that takes so much longer than the quickest may tell of a request that arrived late, and
# that a limit has counted late; up to so much it is believed.
_SLOW, _SLOWEST = 0.02, 0.2
# Who comes late as often as that leaves all the same: on such a machine nothing else would ever leave.
_TRIES = 6
_CHUNKS = 64
# Who waits for longer looks now and then whether an answer to another process changed something.
_LOOK = 1.0
_MOMENT = 0.25
WORTH_TELLING = 2.0
"""Seconds of a wait from which on people are told of it."""


def terms_of(profile: Profile, limit: Limit, shared: str) -> Terms:
    """Return what the store is told of a limit; `shared` is what shares it, which is told to nobody.

    Limits of one bucket have one key, and so have those of two profiles' versions, whatever size they state.
    """
    named = limit.bucket or f"{limit.method} {limit.path} {limit.seconds}"
    text = "\0".join((profile.name, named, shared))
    paced = limit.seconds <= PACED_UP_TO
    span = limit.seconds * (_STRETCH_OF_PACED if paced else STRETCH)
    return Terms(
        key=blake2b(text.encode(), digest_size=16, person=b"specbridge turns").hexdigest(),
        requests=limit.requests,
        span=span,
        gap=limit.seconds * _STRETCH_OF_PACE / limit.requests if paced else 0.0,
        chunk=max(1, limit.requests // _CHUNKS),
        stops=limit.stops,
    )


def name_limit(limit: Limit, size: int) -> str:
    """Return how people know a limit: by its numbers, `size` for this account, and what it is about."""
    about = " ".join(filter(None, (limit.method, limit.path)))
    counted = f"its limit, {size} in {limit.seconds:g} s"
    return f"{counted} ({about})" if about else counted


@dataclass(frozen=True, slots=True)
class Due:
    """What came of a wait: a turn and its instant, or the seconds that answers ask for beyond our patience.

    `alone`: no turn can be had, and the limit is to be kept by this process.
    """

    instant: float = 0.0
    turn: Turn | None = None
    asked: float = 0.0
    alone: bool = False


class SharedLimit:
    """A limit that is shared, as the threads of this process see it; all instants are monotonic seconds."""

    def __init__(self, limit: Limit, terms: Terms, turns: Turns, clock: Clock) -> None:
        """Ask for nothing yet."""
        self.size = limit.requests
        self._limit = limit
        self._terms = terms
        self._turns = turns
        self._clock = clock
        self._lock = Lock()
        self._late = max(_LEAST_LATE, limit.seconds * _LATE)
        self._closed_until = 0.0
        self._ended = False
        self._quickest = math.inf

    def wait(self, patience: float, cost: int = 1) -> Due:
        """Wait for as many turns as a request costs, and return when the last one came.

        Where answers ask for more than `patience` seconds nothing is waited for. Raises StoreError where the
        store fails, HaltedError where a stop is asked for.
        """
        due = Due(self._clock.monotonic())
        with self._alone():
            for _ in range(min(cost, self.size)):
                due = self._wait_for_one(patience)
                if due.asked or due.alone:
                    break
        return due

    def is_late(self, due: Due | None) -> bool:
        """Return whether a request may not leave with a turn any more, or (None) has none."""
        if due is None:
            return True
        return not self._ended and self._clock.monotonic() - due.instant > self._late

    def defer(self, due: Due) -> Due | None:
        """Return a turn that was missed as one of this instant, None where it is lost."""
        now = self._clock.monotonic()
        late = now - due.instant
        if due.turn is None or not self._turns.defer(self._terms, due.turn, late):
            return None
        return Due(now, replace(due.turn, start=due.turn.start + late))

    def note_answer(self, due: Due, now: float) -> None:
        """Have a turn count from when its request may have arrived, where the answer took long.

        Only of what is paced: what was planned a moment after another would arrive together with it.
        """
        if due.turn is None or not self._terms.gap:
            return
        took = now - due.instant
        self._quickest = min(self._quickest, took)
        late = took - self._quickest
        if late > _SLOW * self._limit.seconds:
            self._turns.defer(self._terms, due.turn, min(late, _SLOWEST * self._limit.seconds))

    def is_closed(self, now: float) -> bool:
        """Return whether an answer to this process asked to wait beyond now."""
        return self._closed_until > now

    @property
    def share(self) -> float:
        """Return the seconds after which one more request has room, where the limit leaks evenly."""
        return self._terms.span / self.size

    def close(self, until: float) -> None:
        """Let nothing start before then, in any process."""
        if until > self._closed_until:
            self._closed_until = until
            self._turns.close(self._terms, until - self._clock.monotonic())

    def resize(self, size: int) -> None:
        """Take over the size that the system states for this account, for all processes."""
        if size != self.size:
            self.size = max(1, size)
            self._turns.resize(self._terms, self.size)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep the other threads of this process waiting: each company has one turn at a time."""
        while not self._lock.acquire(timeout=_MOMENT):
            if (halt := read_halt()) is not None:
                raise halt
        try:
            yield
        finally:
            self._lock.release()

    def _wait_for_one(self, patience: float) -> Due:
        while not self._ended:
            turn = self._turns.take(self._terms, patience)
            if turn is None:
                return Due(alone=True)
            self.size = turn.size
            if not turn.taken:
                return Due(asked=turn.asked)
            due = self._clock.monotonic() + turn.wait
            self._tell(turn.wait)
            if self._reach(due):
                return Due(due, turn)
            patience -= min(turn.asked, turn.wait)
        return Due(self._clock.monotonic())

    def _reach(self, due: float) -> bool:
        """Wait until an instant; return whether the turn is still worth what it was when it was taken."""
        size, far = self.size, due - self._clock.monotonic() > _LOOK
        while (left := due - self._clock.monotonic()) > 0.0:
            step, began = min(left, _LOOK), self._clock.monotonic()
            pause(self._clock, step)
            if self._clock.monotonic() - began < step / 2:
                # Woken up: the connector closes, and nobody of this process waits any more.
                self._ended = True
                return True
            if far and self._is_changed(size):
                return False
        return not self.is_closed(self._clock.monotonic())

    def _is_changed(self, size: int) -> bool:
        """Return whether an answer to any process closed the limit since, or stated a larger one."""
        found = self._turns.look(self._terms)
        return found.asked > 0.0 or found.size > size

    def _tell(self, wait: float) -> None:
        # A pace of so many a second is kept all the time, and nobody waits for it.
        if wait >= WORTH_TELLING:
            self._clock.tell(name_limit(self._limit, self.size), wait)


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared limits of a connector by their buckets' names, and who gives the turns."""

    turns: Turns
    limits: Mapping[str, SharedLimit]

    def find(self, name: str) -> SharedLimit | None:
        """Return the limit of a bucket, None where it is this process's own."""
        return self.limits[name] if name in self.limits and self.turns.usable() else None


def share_limits(
    profile: Profile, environment: Mapping[str, str], turns: Turns | None, clock: Clock
) -> Shared | None:
    """Return the limits of a profile that are shared, None where no turns are given at all."""
    if turns is None:
        return None
    limits: dict[str, SharedLimit] = {}
    for index, limit in enumerate(profile.limits):
        name = limit.bucket or str(index)
        if limit.shared_by and name not in limits:
            shared = read_shared(profile, limit.shared_by, environment)
            limits[name] = SharedLimit(limit, terms_of(profile, limit, shared), turns, clock)
    return Shared(turns, limits)


class Departure:
    """The turns with which a request leaves; they are told when its answer came."""

    def __init__(self) -> None:
        """Have none yet."""
        self._dues: list[tuple[SharedLimit, Due]] = []

    def leave(self, dues: Iterable[tuple[SharedLimit, Due]]) -> None:
        """Leave with turns."""
        self._dues = list(dues)

    def answer(self, now: float) -> None:
        """Note when the answer came."""
        # A store that fails is told of when it is next asked: the answer must not be lost for it.
        with suppress(StoreError):
            for limit, due in self._dues:
                limit.note_answer(due, now)


def wait_for_turns(
    wanted: Sequence[tuple[SharedLimit, int]], patience: float, departure: Departure
) -> float | None:
    """Wait until a request may leave that counts against these limits, at these costs; return 0.0.

    The narrowest comes first: its turns come one by one, and those of wide ones mostly at once. Where answers asked
    for more than `patience` seconds, those are returned; None where no turns can be had, and limits are kept alone.
    """
    held: list[Due | None] = [None] * len(wanted)
    for _ in range(_TRIES):
        late = [n for n, (limit, _) in enumerate(wanted) if limit.is_late(held[n])]
        for number in late:
            limit, cost = wanted[number]
            missed = held[number]
            due = (missed and limit.defer(missed)) or limit.wait(patience, cost)
            if due.asked or due.alone:
                return None if due.alone else due.asked
            held[number] = due
        if not late:
            break
    departure.leave((limit, due) for (limit, _), due in zip(wanted, held, strict=True) if due)
    return 0.0
