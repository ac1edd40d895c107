"""The account's limits: per minute, per endpoint, per record; and the headers that state them."""

import re
import time
from dataclasses import dataclass, field
from math import ceil

from specbridge.sandbox.limits import Buckets, Verdict
from specbridge.sandbox.messages import Answer, Call, RefusalError
from specbridge.sandbox.options import LimitsPlan
from specbridge.sandbox.zendesk.refusals import too_many_requests

_MINUTE = 60.0
# requests a minute: account, all exports, users' cursor export
_PLANS = {LimitsPlan.HIGH_VOLUME: (2500, 30, 60), LimitsPlan.ENTERPRISE: (700, 10, 20)}
_USER = re.compile(r"/api/v2/users/(\d+)")
_ORGANIZATION = re.compile(r"/api/v2/organizations/(\d+)")
_UPDATES_PER_MINUTE = 5
_CURSOR_EXPORT = "/api/v2/incremental/users/cursor"
_SEARCH_EXPORT, _SEARCH_EXPORTS = "/api/v2/search/export", 100


@dataclass(slots=True)
class Throttle:
    """Counts requests against the plan's limits."""

    plan: LimitsPlan
    _buckets: Buckets = field(default_factory=Buckets)

    def check(self, call: Call) -> dict[str, str]:
        """Return the headers that state the limits; raises RefusalError 429 where one is reached."""
        if self.plan is LimitsPlan.OFF:
            return {}
        account, exports, cursor = _PLANS[self.plan]
        headers = _account_headers(self._take("account", account))
        # The users' cursor has a bucket of its own, beside that of all other exports.
        if call.path == _CURSOR_EXPORT:
            verdict = self._take("cursor", cursor)
            headers["zendesk-ratelimit-incremental-exports-cursor"] = _header(verdict)
        elif call.path.startswith("/api/v2/incremental/"):
            headers["zendesk-ratelimit-incremental-exports"] = _header(
                self._take("export", exports)
            )
        elif call.path == _SEARCH_EXPORT:
            self._take("search-export", _SEARCH_EXPORTS)
        headers.update(self._check_update(call))
        return headers

    def _check_update(self, call: Call) -> dict[str, str]:
        headers: dict[str, str] = {}
        if call.method == "PUT" and (match := _USER.fullmatch(call.path)):
            # One a second for the account, and five a minute for each user: both hold.
            self._take("user-updates", 1, 1.0)
            verdict = self._take(f"user:{match[1]}", _UPDATES_PER_MINUTE)
            headers["zendesk-ratelimit-create-update-user"] = _header(verdict)
        elif call.path == "/api/v2/users/create_or_update":
            self._take("user-updates", 1, 1.0)
        elif call.method == "PUT" and (match := _ORGANIZATION.fullmatch(call.path)):
            self._take(f"organization:{match[1]}", _UPDATES_PER_MINUTE)
        return headers

    def _take(self, key: str, total: int, window: float = _MINUTE) -> Verdict:
        verdict = self._buckets.take(key, total, window, time.monotonic())
        if verdict.wait:
            answer = too_many_requests(verdict.wait)
            headers = dict(answer.headers)
            if key == "account":
                headers |= _account_headers(verdict)
            raise RefusalError(Answer(status=429, body=answer.body, headers=headers))
        return verdict


def _account_headers(verdict: Verdict) -> dict[str, str]:
    return {
        # Two families of headers say the same; the vendor sends both.
        "x-rate-limit": str(verdict.total),
        "x-rate-limit-remaining": str(verdict.remaining),
        "ratelimit-limit": str(verdict.total),
        "ratelimit-remaining": str(verdict.remaining),
        "ratelimit-reset": str(ceil(verdict.resets)),
    }


def _header(verdict: Verdict) -> str:
    return f"total={verdict.total}; remaining={verdict.remaining}; resets={ceil(verdict.resets)}"
