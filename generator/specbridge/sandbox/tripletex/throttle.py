"""The limit of an employee and a consumer, and the headers that state it."""

import time
from dataclasses import dataclass, field
from math import ceil

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.limits import Buckets, Verdict
from specbridge.sandbox.messages import Answer, RefusalError
from specbridge.sandbox.options import LimitsPlan
from specbridge.sandbox.tripletex.refusals import envelope

# Not published: enough for a sync, few enough for a test to reach them.
_REQUESTS, _SECONDS = 200, 5.0


@dataclass(slots=True)
class Throttle:
    """Counts requests; in real time, so that a client waits however the server's clock is moved."""

    plan: LimitsPlan
    otherwise: frozenset[Doubt]
    _buckets: Buckets = field(default_factory=Buckets)

    def check(self) -> dict[str, str]:
        """Return the headers that state the limit; raises RefusalError 429 where it is reached."""
        if self.plan is LimitsPlan.OFF:
            return {}
        verdict = self._buckets.take("all", _REQUESTS, _SECONDS, time.monotonic())
        if verdict.wait:
            raise RefusalError(self.refusal(verdict.wait))
        return _headers(verdict)

    def refusal(self, wait: float) -> Answer:
        """Return the 429; it does not say when the period ends unless the doubt has it so."""
        body = envelope(429, 4290, "Too many requests").body
        told = {"X-Rate-Limit-Limit": str(_REQUESTS), "X-Rate-Limit-Remaining": "0"}
        if Doubt.TX_RESETS_TOLD in self.otherwise:
            told["X-Rate-Limit-Reset"] = str(max(1, ceil(wait)))
            return Answer(status=429, body=body, headers=told)
        return Answer(status=429, body=body)


def _headers(verdict: Verdict) -> dict[str, str]:
    return {
        "X-Rate-Limit-Limit": str(verdict.total),
        "X-Rate-Limit-Remaining": str(verdict.remaining),
        "X-Rate-Limit-Reset": str(max(1, ceil(verdict.resets))),
    }
