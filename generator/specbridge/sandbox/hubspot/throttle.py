"""The account's limits: so many in ten seconds, so many a day, and five searches a second of their own."""

import time
from dataclasses import dataclass, field

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.hubspot.refusals import envelope
from specbridge.sandbox.limits import Buckets
from specbridge.sandbox.messages import Answer, Call, RefusalError, Row
from specbridge.sandbox.options import LimitsPlan

_SECONDS, _DAY = 10.0, 86_400.0
_SEARCHES = 5
# In ten seconds: a Professional account, and the smallest one.
_PLANS = {LimitsPlan.HIGH_VOLUME: 190, LimitsPlan.ENTERPRISE: 100}


@dataclass(slots=True)
class Throttle:
    """Counts requests against the plan's limits; `daily` is how many a day there may be."""

    plan: LimitsPlan
    otherwise: frozenset[Doubt] = frozenset()
    daily: int = 250_000
    _buckets: Buckets = field(default_factory=Buckets)

    def check(self, call: Call) -> dict[str, str]:
        """Return the headers that state the limits; raises RefusalError 429 where one is reached."""
        if self.plan is LimitsPlan.OFF:
            return {}
        now = time.monotonic()
        if call.path.endswith("/search"):
            # Its answers state no limits.
            if self._buckets.take("search", _SEARCHES, 1.0, now).wait:
                raise RefusalError(self.refuse("SECONDLY"))
            return {}
        day = self._buckets.take("day", self.daily, _DAY, now)
        if day.wait:
            raise RefusalError(self.refuse("DAILY"))
        burst = self._buckets.take("burst", _PLANS[self.plan], _SECONDS, now)
        headers = {
            "X-HubSpot-RateLimit-Max": str(burst.total),
            "X-HubSpot-RateLimit-Remaining": str(burst.remaining),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": str(day.total),
            "X-HubSpot-RateLimit-Daily-Remaining": str(day.remaining),
        }
        if burst.wait:
            answer = self.refuse("TEN_SECONDLY_ROLLING")
            raise RefusalError(
                Answer(status=429, body=answer.body, headers={**headers, **answer.headers})
            )
        return headers

    def refuse(self, policy: str) -> Answer:
        """Return the 429 of a limit."""
        word = "daily" if policy == "DAILY" else "secondly"
        body: Row = envelope(f"You have reached your {word} limit.", "RATE_LIMITS")
        body |= {"policyName": policy, "requestId": body["correlationId"]}
        if Doubt.LIMITS_AS_CATEGORY not in self.otherwise:
            del body["category"]
            body["errorType"] = "RATE_LIMIT"
        told = Doubt.WAITS_IN_MILLISECONDS in self.otherwise and policy != "DAILY"
        return Answer(status=429, body=body, headers={"Retry-After": "1000"} if told else {})
