"""Webhooks that the sandbox sends: signed as Zendesk does, at least once, in no order, again where nobody answers.

On request (faults.py) they are repeated, overtaken by others, late, or joined by forged ones.
"""

import hmac
import json
import secrets
import threading
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import count
from urllib.parse import urlsplit

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.messages import Row

_SENDERS = 4
_PATIENCE = 10.0
"""Seconds that an answer is waited for."""

_AGAIN_AFTER = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds until it is tried again, each time where nobody answered, or with 408, 409, 429 or 5xx."""

_OVERTAKEN, _LATE = 0.3, 3.0


@dataclass(order=True, slots=True)
class _Sending:
    due: float
    number: int
    body: bytes = field(compare=False)
    secret: str = field(compare=False)
    tried: int = field(default=0, compare=False)


class Deliveries:
    """What is still to be delivered to one address, by threads of its own; `answers` are statuses, 0 for none."""

    def __init__(self, url: str, secret: str, clock: Clock, faults: FaultBox) -> None:
        """Send to `url`; raises ValueError for what is no address."""
        self._parts = urlsplit(url)
        if self._parts.scheme not in ("http", "https") or not self._parts.hostname:
            raise ValueError(f"{url!r} is no address for webhooks")
        self._secret, self._clock, self._faults = secret, clock, faults
        self._ready = threading.Condition()
        self._waiting: list[_Sending] = []
        self._under_way = 0
        self._numbers = count()
        self._closed = False
        self.answers: list[int] = []
        for number in range(_SENDERS):
            name = f"webhooks {number}"
            threading.Thread(target=self._work, name=name, daemon=True).start()

    def send(self, events: Sequence[Row]) -> None:
        """Deliver events, with whatever faults strike."""
        for event in events:
            strikes = self._faults.strikes
            body = json.dumps(event).encode()
            late = _LATE if strikes("webhook-late") else 0.0
            overtaken = _OVERTAKEN if strikes("webhook-reordered") else 0.0
            self._put(body, late + overtaken)
            if strikes("webhook-repeated"):
                self._put(body, late + overtaken)
            if strikes("webhook-forged"):
                forged = {**event, "id": secrets.token_hex(13)}
                self._put(json.dumps(forged).encode(), 0.0, secrets.token_hex(16))

    def settle(self, seconds: float = 30.0) -> bool:
        """Return whether all was delivered or given up within some seconds."""
        with self._ready:
            return self._ready.wait_for(lambda: not self._waiting and not self._under_way, seconds)

    def close(self) -> None:
        """Send nothing any more."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def _put(self, body: bytes, wait: float, secret: str = "") -> None:
        due = time.monotonic() + wait
        with self._ready:
            number = next(self._numbers)
            heappush(self._waiting, _Sending(due, number, body, secret or self._secret))
            self._ready.notify_all()

    def _work(self) -> None:
        while (sending := self._next()) is not None:
            status = self._deliver(sending)
            with self._ready:
                self.answers.append(status)
                self._under_way -= 1
                if _is_to_come_again(status) and sending.tried < len(_AGAIN_AFTER):
                    sending.due = time.monotonic() + _AGAIN_AFTER[sending.tried]
                    sending.tried += 1
                    heappush(self._waiting, sending)
                self._ready.notify_all()

    def _next(self) -> _Sending | None:
        """Return what is to be sent next once it is due, None at the end."""
        with self._ready:
            while not self._closed:
                left = self._waiting[0].due - time.monotonic() if self._waiting else None
                if left is not None and left <= 0:
                    self._under_way += 1
                    return heappop(self._waiting)
                self._ready.wait(left)
            return None

    def _deliver(self, sending: _Sending) -> int:
        """Send it once, and return the status of the answer, 0 where none came."""
        parts = self._parts
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(str(parts.hostname), parts.port, timeout=_PATIENCE)
        path = parts.path or "/"
        headers = sign(sending.secret, sending.body, self._clock.seconds())
        try:
            connection.request("POST", f"{path}?{parts.query}".rstrip("?"), sending.body, headers)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()


def sign(secret: str, body: bytes, seconds: float) -> dict[str, str]:
    """Return the headers of a delivery that is signed at an instant."""
    instant = datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = hmac.digest(secret.encode(), instant.encode() + body, "sha256")
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-Zendesk-Webhook-Signature": b64encode(made).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": instant,
    }


def _is_to_come_again(status: int) -> bool:
    return status in (0, 408, 409, 429) or status >= 500  # noqa: PLR2004  # failures of the server
