"""Faults on request, and the grammar in which they are asked for.

    [SYSTEM:]KIND=AMOUNT[*TIMES]

SYSTEM is `poweroffice` or `zendesk`; both where it is missing. KIND and AMOUNT are one of

    429, 500, 502, 503, 504   a share of requests (0.2) answered so, before anything is done
    302                       a share sent elsewhere, to sign in, as by a gateway; nothing is done
    empty                     a share answered 200 without a body; nothing is done
    reset                     a share of connections broken before anything is done
    reset-after-commit        a share of connections broken when all is done, before the answer
    timeout                   a share of requests that hang
    malformed                 a share of answers with a body cut short
    half-done-job             a share of Zendesk's bulk jobs that stop half way
    webhook-repeated          a share of webhooks delivered twice; so, signed anew, are all that nobody answered
    webhook-reordered         a share overtaken by those that come after them
    webhook-late              a share three seconds late
    webhook-forged            a share joined by another one that somebody else has signed
    latency                   every answer is late by 50ms, or 0.2s
    clock-skew                the server's clock is off by +90s or -90s

TIMES bounds how often the fault strikes: `500=1*3` is the first three requests.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

SYSTEMS = ("poweroffice", "zendesk")
_SHARES = (
    *("302", "empty", "429", "500", "502", "503", "504"),
    *("reset", "reset-after-commit", "timeout", "malformed", "half-done-job"),
    *("webhook-repeated", "webhook-reordered", "webhook-late", "webhook-forged"),
)
_DURATIONS = ("latency", "clock-skew")
_FORM = re.compile(
    r"(?:(?P<system>[\w-]+):)?(?P<kind>[\w-]+)=(?P<amount>[^*]+)(?:\*(?P<times>\d+))?"
)
_DURATION = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)(?P<unit>ms|s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of one system (None: both): `amount` is a share, or seconds for durations."""

    kind: str
    amount: float
    system: str | None = None
    times: int | None = None


def parse_fault(text: str, systems: Sequence[str] = SYSTEMS) -> Fault:
    """Return the fault that a text asks for; `systems` are those that it may be of.

    Raises ValueError, saying what is wrong, for a text that the grammar does not hold.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not [SYSTEM:]KIND=AMOUNT[*TIMES]")
    system, kind, times = match["system"], match["kind"], match["times"]
    amount = match["amount"]
    # The system may stand behind the sign of equality too: `clock-skew=zendesk:+90s`.
    if kind == "clock-skew" and ":" in amount:
        system, _, amount = amount.partition(":")
    if system is not None and system not in systems:
        raise ValueError(f"{text!r}: {system!r} is none of {', '.join(systems)}")
    return Fault(
        kind=kind,
        amount=_parse_amount(text, kind, amount),
        system=system,
        times=int(times) if times else None,
    )


def _parse_amount(text: str, kind: str, amount: str) -> float:
    if kind in _DURATIONS:
        match = _DURATION.fullmatch(amount)
        if match is None:
            raise ValueError(f"{text!r}: {amount!r} is no duration such as 50ms or 90s")
        return float(match["number"]) / (1000 if match["unit"] == "ms" else 1)
    if kind not in _SHARES:
        raise ValueError(f"{text!r}: {kind!r} is none of {', '.join((*_SHARES, *_DURATIONS))}")
    try:
        share = float(amount)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"{text!r}: {amount!r} is no share from 0 to 1")
    return share


@dataclass(slots=True)
class FaultBox:
    """Draws the faults of one system, the same ones for the same seed and requests."""

    system: str
    seed: int
    faults: Sequence[Fault] = ()
    _random: random.Random = field(init=False)
    _struck: dict[int, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Seed the generator; take only the faults of this system."""
        # By system: requests to the one must not change what the other meets.
        self._random = random.Random(f"{self.system}:{self.seed}")
        self.replace(self.faults)

    def replace(self, faults: Sequence[Fault]) -> None:
        """Take other faults from now on."""
        self.faults = [f for f in faults if f.system in (None, self.system)]
        self._struck = {}

    def strikes(self, *kinds: str) -> str | None:
        """Return the first of the kinds that strikes now, None where none does."""
        for number, fault in enumerate(self.faults):
            # Drawn only for faults that were asked for: others leave the sequence as it is.
            asked = fault.kind in kinds and self._has_times(number, fault)
            if asked and self._random.random() < fault.amount:
                self._struck[number] = self._struck.get(number, 0) + 1
                return fault.kind
        return None

    def seconds(self, kind: str) -> float:
        """Return the sum of a duration's faults: `latency` or `clock-skew`."""
        return sum(fault.amount for fault in self.faults if fault.kind == kind)

    def _has_times(self, number: int, fault: Fault) -> bool:
        return fault.times is None or self._struck.get(number, 0) < fault.times
