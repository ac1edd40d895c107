"""The one place where a request leaves for a system: its turn, its retries, its errors.

httpx makes the connections; TLS is always verified, redirects are never followed.
"""

import json
import logging
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from threading import Event, Lock
from urllib.parse import urljoin, urlsplit

import httpx

from specbridge.errors import (
    ApiError,
    AuthenticationError,
    MalformedResponseError,
    ServerError,
    ThrottledError,
    UnreachableError,
)
from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.runtime.connectors.transport.auth import Authorizer
from specbridge.runtime.connectors.transport.clock import Clock
from specbridge.runtime.connectors.transport.environment import is_loopback
from specbridge.runtime.connectors.transport.errors import describe, error_of, says
from specbridge.runtime.connectors.transport.limits import Scheduler
from specbridge.runtime.connectors.transport.messages import Answer, Request
from specbridge.runtime.connectors.transport.retry import (
    Failure,
    FailureKind,
    Patience,
    RetryPolicy,
    read_retry_after,
)
from specbridge.runtime.connectors.transport.routes import path_words, route_of
from specbridge.runtime.records import Usage
from specbridge.runtime.reports.observing import SILENT, Observer

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_THROTTLED = 429
_UNAUTHORIZED = 401
_SERVER_ERRORS = 500
_NO_CONTENT = 204


def open_client(base_url: str, connections: int, timeout: float = 30.0) -> httpx.Client:
    """Open the HTTP client of one system; `timeout` is in seconds of silence. The caller closes it."""
    # httpx logs every address with its query, which may hold names and e-mail addresses.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.Client(
        timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
        # Shorter than servers keep idle connections, so that none breaks just as it is used again.
        limits=httpx.Limits(max_connections=connections, keepalive_expiry=2.5),
        # A proxy of the environment is for the world, not for this machine.
        trust_env=not is_loopback(base_url),
        headers={"Accept": "application/json", "User-Agent": "specbridge"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a system is, and how patiently it is asked; `closing` ends all waiting.

    `observer` is told of every request.
    """

    base_url: str
    clock: Clock
    closing: Event
    retry: RetryPolicy
    observer: Observer = SILENT


class Transport:
    """Sends requests to one system, and counts them; shared by all threads of a connector."""

    def __init__(
        self, profile: Profile, client: httpx.Client, authorizer: Authorizer, place: Place
    ) -> None:
        """Keep the parts; nothing is sent yet."""
        self.usage = Usage()
        self._profile = profile
        self._client = client
        self._authorizer = authorizer
        self._base_url = place.base_url
        self._clock = place.clock
        self._closing = place.closing
        self._retry = place.retry
        self._observer = place.observer
        self._words = path_words(profile) if place.observer.active else frozenset[str]()
        self._scheduler = Scheduler(profile.limits, place.clock)
        self._lock = Lock()

    def fetch(self, request: Request) -> Answer:
        """Return the answer to a request; raises ApiError for every answer of 400 and above."""
        answer = self.send(request)
        if not answer.ok:
            raise error_of(self._profile, request, answer)
        return answer

    def send(self, request: Request) -> Answer:
        """Return the answer to a request, repeated as its safety and the policy allow.

        Answers from 400 to 499 are returned too, but for 401 and 429. Raises AuthenticationError,
        UnreachableError, ThrottledError, ServerError and MalformedResponseError.
        """

        def hold(failure: Failure, seconds: float) -> None:
            if failure.kind is FailureKind.THROTTLED:
                self._scheduler.hold(request.method, self._limited_path(request), seconds)
            self._count("retried")

        patience = Patience(
            policy=self._retry, clock=self._clock, safe=request.safe, before_wait=hold
        )
        return patience.repeat(lambda: self._attempt(request))

    def interrupt(self) -> None:
        """Wake up whoever waits, and send nothing any more."""
        self._closing.set()

    def below(self, link: str) -> str:
        """Return a link of an answer as an address of this system.

        Raises MalformedResponseError for one that leads elsewhere: it would be sent our keys.
        """
        address = urljoin(self._base_url + "/", link)
        if urlsplit(address)[:2] != urlsplit(self._base_url)[:2]:
            raise MalformedResponseError(f"{self._profile.name}: a link leads to another host")
        return address

    def _attempt(self, request: Request) -> Answer | Failure:
        """Make a request, and once more with another token where its token was refused."""
        headers = self._headers(request)
        outcome = self._exchange(request, headers)
        expired = isinstance(outcome, Failure) and outcome.kind is FailureKind.EXPIRED
        if not expired or not self._authorizer.renew(headers):
            return outcome
        self._count("retried")
        return self._exchange(request, self._headers(request))

    def _headers(self, request: Request) -> dict[str, str]:
        headers = dict(request.headers)
        if request.authorized:
            headers.update(self._authorizer.authorize(self.send))
        return headers

    def _exchange(self, request: Request, headers: dict[str, str]) -> Answer | Failure:
        self._scheduler.wait_turn(request.method, self._limited_path(request))
        if self._closing.is_set():
            raise UnreachableError(f"{self._profile.name}: {request}: the connector was closed")
        # A token is neither read nor written: a quiet run must count no write.
        if request.authorized:
            self._count("read" if request.method == "GET" else "write")
        with self._observer.request(*self._observed(request)) as exchange:
            try:
                response = self._client.request(
                    request.method,
                    request.path if "://" in request.path else self._base_url + request.path,
                    params=dict(request.query) or None,
                    content=_encode(request),
                    data=dict(request.form) if request.form is not None else None,
                    headers=headers if request.body is None else _typed(headers, request),
                )
            except httpx.TransportError as error:
                return self._broken(request, error)
            # httpx has both know each other, and the stream knows the connection and its pool.
            response.stream = httpx.ByteStream(b"")
            exchange.status = response.status_code
        self._scheduler.observe(request.method, self._limited_path(request), response.headers)
        return self._judge(request, response)

    def _observed(self, request: Request) -> tuple[str, str, str]:
        """Return what may be told of a request: system, method and route."""
        return self._profile.name, request.method, route_of(request.path, self._words)

    def _judge(self, request: Request, response: httpx.Response) -> Answer | Failure:
        answer = Answer(
            status=response.status_code,
            body=_decode_error(response) if response.is_error else None,
            headers=response.headers,
            date=_read_date(response.headers.get("date")),
        )
        if failure := self._failure(request, answer):
            return failure
        if response.is_error:
            return answer
        try:
            body = _decode(response)
        except ValueError:
            error = MalformedResponseError(
                f"{self._profile.name}: {request}: the answer is no JSON"
            )
            return Failure(kind=FailureKind.MALFORMED, error=error)
        return Answer(status=answer.status, body=body, headers=answer.headers, date=answer.date)

    def _failure(self, request: Request, answer: Answer) -> Failure | None:
        text = describe(self._profile, request, answer)
        wish = read_retry_after(answer.headers.get("retry-after"), self._clock.now())
        if answer.status == _THROTTLED or says(self._profile, answer, self._profile.busy):
            self._count("throttled")
            return Failure(kind=FailureKind.THROTTLED, error=ThrottledError(text), retry_after=wish)
        if answer.status >= _SERVER_ERRORS:
            return Failure(kind=FailureKind.SERVER, error=ServerError(text), retry_after=wish)
        if answer.status == _UNAUTHORIZED and request.authorized:
            return Failure(kind=FailureKind.EXPIRED, error=AuthenticationError(text))
        return None

    def _broken(self, request: Request, error: httpx.TransportError) -> Failure:
        text = f"{self._profile.name}: {request}: {_explain(error)}"
        if isinstance(error.__context__, ssl.SSLCertVerificationError) or "CERTIFICATE" in str(
            error
        ):
            raise UnreachableError(text) from None
        kind = FailureKind.UNSENT if isinstance(error, _UNSENT) else FailureKind.LOST
        return Failure(kind=kind, error=UnreachableError(text))

    def _limited_path(self, request: Request) -> str:
        """Return the path as the profile's limits know it; links are whole addresses."""
        return request.path.removeprefix(self._base_url).partition("?")[0]

    def _count(self, name: str) -> None:
        self._observer.count(self._profile.name, name)
        with self._lock:
            setattr(self.usage, name, getattr(self.usage, name) + 1)


def _encode(request: Request) -> bytes | None:
    if request.body is None:
        return None
    try:
        return json.dumps(request.body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, as some system sent it: as an escape it is JSON all the same.
        return json.dumps(request.body, separators=(",", ":")).encode()


def _typed(headers: dict[str, str], request: Request) -> dict[str, str]:
    return {**headers, "Content-Type": request.content_type}


def _decode(response: httpx.Response) -> Json:
    if response.status_code == _NO_CONTENT or not response.content.strip():
        return None
    body: Json = json.loads(response.content, parse_constant=_reject_constant)
    return body


def _decode_error(response: httpx.Response) -> Json:
    try:
        return _decode(response)
    except ValueError:
        return None


def _reject_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _read_date(text: str | None) -> datetime | None:
    try:
        return None if text is None else parsedate_to_datetime(text)
    except ValueError:
        return None


def _explain(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__
