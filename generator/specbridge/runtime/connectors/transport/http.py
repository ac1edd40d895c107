"""The one place where a request leaves for a system: its turn, its deadline, its retries, its errors."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event, Lock
from urllib.parse import urljoin

import httpx

from specbridge.errors import (
    AuthenticationError,
    ProfileError,
    ServerError,
    ThrottledError,
    UnreachableError,
)
from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.runtime.connectors.transport.bodies import (
    BodyError,
    Bounds,
    read_body,
    read_json,
    write_json,
)
from specbridge.runtime.connectors.transport.clock import Clock
from specbridge.runtime.connectors.transport.connections import surroundings
from specbridge.runtime.connectors.transport.credentials.authorizing import (
    Authorizer,
    Proof,
)
from specbridge.runtime.connectors.transport.deadlines import ending_after
from specbridge.runtime.connectors.transport.errors import (
    describe,
    error_of,
    is_unexpected,
    mask,
    says,
    unexpected,
)
from specbridge.runtime.connectors.transport.leave import asking
from specbridge.runtime.connectors.transport.limits import Scheduler
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import NO_CONTENT, Answer, Request
from specbridge.runtime.connectors.transport.retry import (
    Failure,
    FailureKind,
    Patience,
    RetryPolicy,
    read_date,
    read_retry_after,
)
from specbridge.runtime.connectors.transport.sharing import Departure, Shared
from specbridge.runtime.connectors.transport.telling.routes import path_words, route_of
from specbridge.runtime.connectors.transport.telling.taping import Tape
from specbridge.runtime.records import Usage
from specbridge.runtime.reports.observing import SILENT, Observer

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_THROTTLED = 429
_UNAUTHORIZED = 401
_SERVER_ERRORS = 500
_FRAMING = (b"content-encoding", b"content-length", b"transfer-encoding")
# What an exchange may take where our patience is over, or was none from the beginning; and what one that
# changes something, a token that is used once too, may still take where the connector closes.
_GRACE = 3.0
_WAITS = {
    FailureKind.THROTTLED: "a pause that it asked for",
    FailureKind.UNSENT: "another try, as it cannot be reached",
    FailureKind.LOST: "another try, as no answer came",
    FailureKind.SERVER: "another try, as it failed",
}
_NOT_NOW = (408, 425)  # the request came too slowly, or too early: to be made again, as after a 5xx


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a system is, and how patiently it is asked; `closing` ends all waiting.

    `deadline` is the seconds that one exchange may take in all; `observer` is told of every request,
    and `tape` of what every answer looked like. `shared` are the limits that other processes count against too.
    """

    base_url: str
    clock: Clock
    closing: Event
    retry: RetryPolicy
    deadline: float = 60.0
    observer: Observer = SILENT
    tape: Tape | None = None
    shared: Shared | None = None


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
        self._deadline = place.deadline
        self._observer = place.observer
        self._tape = place.tape
        self._words = path_words(profile) if place.observer.active else frozenset[str]()
        self._scheduler = Scheduler(profile.limits, place.clock, place.shared)
        self._lock = Lock()

    def fetch(self, request: Request) -> Answer:
        """Return the answer to a request; raises ApiError for every answer that is no success."""
        answer = self.send(request)
        if not answer.ok:
            raise error_of(self._profile, request, answer)
        return answer

    def send(self, request: Request) -> Answer:
        """Return the answer to a request, repeated as its safety and the policy allow.

        Refusals (from 400 to 499) are returned too, but for 401, 429 and those that are about no
        record. Raises AuthenticationError, UnreachableError, ThrottledError, ServerError,
        MalformedResponseError, and UnexpectedStatusError for a redirect.
        """

        def hold(failure: Failure, seconds: float) -> None:
            if failure.kind is FailureKind.THROTTLED:
                path = self._limited_path(request)
                self._scheduler.hold(request.method, path, seconds, failure.limit)
            self._count("retried")
            self._clock.tell(_WAITS.get(failure.kind, "another try"), seconds)

        patience = Patience(
            policy=self._retry, clock=self._clock, safe=request.safe, before_wait=hold
        )
        return patience.repeat(lambda left: self._attempt(request, left))

    def interrupt(self) -> None:
        """Wake up whoever waits, and send nothing any more."""
        self._closing.set()

    def below(self, link: str) -> str:
        """Return a link of an answer as an address of this system.

        Raises MalformedResponseError for one that leads elsewhere: it would be sent our keys.
        """
        try:
            address = httpx.URL(urljoin(self._base_url + "/", link))
        except (httpx.InvalidURL, ValueError):
            raise malformed(self._profile.name, "a link is no address") from None
        if not self._is_ours(address):
            raise malformed(self._profile.name, "a link leads to another host")
        return str(address)

    def _attempt(self, request: Request, patience: float) -> Answer | Failure:
        """Make a request, and once more with another token where its token was refused."""
        proof = self._proof(request)
        outcome = self._exchange(request, proof, patience)
        expired = isinstance(outcome, Failure) and outcome.kind is FailureKind.EXPIRED
        if not expired or not self._authorizer.renew(proof):
            return outcome
        self._count("retried")
        return self._exchange(request, self._proof(request), patience)

    def _proof(self, request: Request) -> Proof:
        """Return what proves who makes a request; the call for a token brings its own keys."""
        return self._authorizer.authorize(self.send) if request.authorized else Proof()

    def _exchange(self, request: Request, proof: Proof, patience: float) -> Answer | Failure:
        built = self._build(request, proof)
        path, departure = self._limited_path(request), Departure()
        asked = self._scheduler.wait_turn(request.method, path, patience, departure)
        if asked > 0.0:
            return self._held(request, asked)
        if self._closing.is_set():
            raise UnreachableError(f"{self._profile.name}: {request}: the connector was closed")
        began = self._clock.monotonic()
        # A token is neither read nor written: a quiet run must count no write.
        with asking(writes=request.authorized and not request.reads):
            if request.authorized:
                self._count("read" if request.reads else "write")
            outcome = self._ask(request, built, min(self._deadline, patience + _GRACE))
        ended = self._clock.monotonic()
        departure.answer(ended)
        if isinstance(outcome, Failure):
            return replace(outcome, took=ended - began)
        return outcome

    def _build(self, request: Request, proof: Proof) -> httpx.Request:
        """Return the request as it leaves. Raises ProfileError where it would leave the system.

        Raises MalformedResponseError where what an answer gave (an id, a cursor) fits no address.
        """
        if "://" not in request.path and not request.path.startswith("/"):
            raise self._stray(request)
        headers = {**request.headers, **proof.headers}
        try:
            built = self._client.build_request(
                request.method,
                self._address(request, proof),
                content=None if request.body is None else write_json(request.body),
                data=dict(request.form) if request.form is not None else None,
                headers=headers if request.body is None else _typed(headers, request),
            )
        except (httpx.InvalidURL, ValueError):
            raise malformed(self._where(request), "no address can hold what it gave") from None
        if request.authorized and not self._is_ours(built.url):
            raise self._stray(request)
        return built

    def _address(self, request: Request, proof: Proof) -> httpx.URL:
        """Return the address of a request, with the parameters beside those that its path has."""
        absolute = "://" in request.path
        address = httpx.URL(request.path if absolute else self._base_url + request.path)
        query = {**request.query, **proof.query}
        # httpx would put `params` in the place of the address's own.
        return address.copy_merge_params(query) if query else address

    def _stray(self, request: Request) -> ProfileError:
        return ProfileError(f"{self._profile.path}: {request}: the path leads to another host")

    def _is_ours(self, url: httpx.URL) -> bool:
        ours = httpx.URL(self._base_url)
        return not url.userinfo and (url.scheme, url.netloc) == (ours.scheme, ours.netloc)

    def _ask(self, request: Request, built: httpx.Request, seconds: float) -> Answer | Failure:
        """Send a request and judge its answer, which must be here whole within so many seconds."""
        try:
            with (
                self._observer.request(*self._observed(request)) as exchange,
                ending_after(seconds, self._closing, 0.0 if request.reads else _GRACE),
                _streamed(self._client, built) as streamed,
            ):
                exchange.status = streamed.status_code
                response = _whole(streamed, request.bounds)
                if self._tape is not None:
                    self._tape.take(request, response)
        except httpx.TransportError as error:
            return self._broken(request, error)
        except BodyError as error:
            return self._unreadable(request, error)
        except (httpx.InvalidURL, ValueError):
            # httpx reads where a redirect points, though nobody goes there.
            return self._unreadable(request, BodyError("the answer points to what is no address"))
        self._scheduler.observe(request.method, self._limited_path(request), response.headers)
        return self._judge(request, response)

    def _held(self, request: Request, seconds: float) -> Failure:
        """Return the failure of a request that may not even be sent within our patience."""
        text = f"{self._where(request)}: the system asks to wait {seconds:,.0f} seconds"
        mend = "run again later, or be more patient: SPECBRIDGE_PATIENCE"
        error = ThrottledError(f"{text}; {mend}")
        return Failure(kind=FailureKind.THROTTLED, error=error, retry_after=seconds)

    def _unreadable(self, request: Request, error: BodyError) -> Failure:
        return Failure(
            kind=FailureKind.MALFORMED, error=malformed(self._where(request), str(error))
        )

    def _where(self, request: Request) -> str:
        return f"{self._profile.name}: {request}"

    def _observed(self, request: Request) -> tuple[str, str, str]:
        """Return what may be told of a request: system, method and route."""
        return self._profile.name, request.method, route_of(request.path, self._words)

    def _judge(self, request: Request, response: httpx.Response) -> Answer | Failure:
        answer = Answer(
            status=response.status_code,
            body=_decode_error(response, request.bounds) if response.is_error else None,
            headers=response.headers,
            date=read_date(response.headers.get("date"), self._clock.now()),
        )
        if failure := self._failure(request, answer):
            return failure
        if is_unexpected(answer.status):
            raise unexpected(self._profile, request, answer, str(response.url))
        if response.is_error:
            return answer
        try:
            body = _decode(response, request.bounds)
        except BodyError as error:
            return self._unreadable(request, error)
        return Answer(status=answer.status, body=body, headers=answer.headers, date=answer.date)

    def _failure(self, request: Request, answer: Answer) -> Failure | None:
        text = describe(self._profile, request, answer)
        wish = self._wish_of(answer)
        busy = answer.status in (_THROTTLED, *self._profile.busy_statuses)
        if busy or says(self._profile, answer, self._profile.busy):
            self._count("throttled")
            return self._throttled(request, answer, text, wish)
        if answer.status >= _SERVER_ERRORS or answer.status in _NOT_NOW:
            return Failure(kind=FailureKind.SERVER, error=ServerError(text), retry_after=wish)
        if answer.status == _UNAUTHORIZED and request.authorized:
            return Failure(kind=FailureKind.EXPIRED, error=AuthenticationError(text))
        return None

    def _wish_of(self, answer: Answer) -> float | None:
        """Return the seconds that an answer asks to wait."""
        wish = read_retry_after(answer.headers.get("retry-after"), self._clock.now())
        bound = self._profile.milliseconds_from
        # Of HubSpot's bursts nobody waits for a quarter of an hour.
        if wish is not None and answer.status == _THROTTLED and 0 < bound <= wish:
            return wish / 1000
        return wish

    def _throttled(
        self, request: Request, answer: Answer, text: str, wish: float | None
    ) -> Failure:
        limits = self._profile.limits
        named = next((one for one in limits if says(self._profile, answer, one.words)), None)
        if named is not None and named.stops:
            # By the day: nobody waits for its end, and no other request is sent in vain.
            wish = max(wish or 0.0, named.seconds)
            self._scheduler.hold(request.method, self._limited_path(request), wish, named)
            text = f"{text}; run again later"
        error = ThrottledError(text)
        return Failure(kind=FailureKind.THROTTLED, error=error, retry_after=wish, limit=named)

    def _broken(self, request: Request, error: httpx.TransportError) -> Failure:
        around = surroundings(self._base_url)
        text = f"{self._where(request)}: {_explain(error)}{around}"
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


def _typed(headers: dict[str, str], request: Request) -> dict[str, str]:
    return {**headers, "Content-Type": request.content_type}


def _decode(response: httpx.Response, bounds: Bounds) -> Json:
    return None if response.status_code == NO_CONTENT else read_json(response.content, bounds)


def _decode_error(response: httpx.Response, bounds: Bounds) -> Json:
    try:
        return _decode(response, bounds)
    except BodyError:
        return None


@contextmanager
def _streamed(client: httpx.Client, built: httpx.Request) -> Iterator[httpx.Response]:
    """Send a request, and give its answer while the body is still to be read."""
    streamed = client.send(built, stream=True)
    try:
        yield streamed
    finally:
        streamed.close()
        # httpx has both know each other, and the stream knows the connection and its pool.
        streamed.stream = httpx.ByteStream(b"")


def _whole(streamed: httpx.Response, bounds: Bounds) -> httpx.Response:
    """Return a streamed response with its body read, and unpacked."""
    body = read_body(streamed, bounds)
    kept = [(name, value) for name, value in streamed.headers.raw if name.lower() not in _FRAMING]
    return httpx.Response(
        streamed.status_code, headers=kept, content=body, request=streamed.request
    )


def _explain(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    # A server that does not speak HTTP is quoted by some messages.
    said = mask(str(error)) or type(error).__name__
    if isinstance(error, httpx.RemoteProtocolError):
        return (
            f"the answer is no whole HTTP answer ({said}): see what answers at the system's address"
        )
    return said
