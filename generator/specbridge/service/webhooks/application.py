"""The web application that takes webhooks in: an address for each door, and nothing else."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from specbridge.errors import StoreError
from specbridge.service.webhooks.doors import Door
from specbridge.service.webhooks.events import read_events
from specbridge.service.webhooks.signing import Delivery, Refusal, examine
from specbridge.service.webhooks.waking import Intake

MOST_BYTES = 1_048_576
"""Bytes of a body at most; a hundred events have a tenth of that."""

_MOST_DISCARDED = 16 * MOST_BYTES
"""Bytes that are read and thrown away, so that who sends too much hears of it; then the connection is cut."""

_MOST_SECONDS = 10.0
"""Seconds within which a body must be there."""

_BETWEEN_WARNINGS = 60.0

log = structlog.get_logger("specbridge")


def build_application(doors: Sequence[Door], intake: Intake, address: str) -> Starlette:
    """Return the application; `address` is what the systems know it by, without a trailing slash."""
    routes = [
        Route(door.path, _taking(door, intake, f"{address}{door.path}"), methods=["POST"])
        for door in doors
    ]
    application = Starlette(routes=[*routes, Route("/health", _say_well, methods=["GET"])])
    application.router.redirect_slashes = False
    return application


def _taking(door: Door, intake: Intake, address: str) -> Callable[[Request], Awaitable[Response]]:
    refused = _Refused(door)

    async def take(request: Request) -> Response:
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                body = await _read_body(request)
        except (TimeoutError, ClientDisconnect):
            return _answer(408, "the body did not come", close=True)
        if body is None:
            return _answer(413, f"a body has {MOST_BYTES} bytes at most", close=True)
        # With its query, which belongs to the address that was asked.
        query = f"?{request.url.query}" if request.url.query else ""
        delivery = Delivery(
            method=request.method, address=address + query, headers=_headers(request), body=body
        )
        refusal = examine(door.webhooks, door.secrets, delivery, time.time())
        if refusal is not None:
            refused.note(refusal)
            return _answer(401, "refused")
        return await _take_in(door, intake, delivery)

    return take


async def _take_in(door: Door, intake: Intake, delivery: Delivery) -> Response:
    events = read_events(door.profile, delivery)
    where = {"system": door.profile.name, "company": door.company}
    if events is None:
        log.warning("a webhook's body cannot be read", **where)
        return _answer(400, "the body tells of no event")
    try:
        taken = await run_in_threadpool(intake.take, door, events)
    except StoreError as error:
        # Its system sends it again.
        log.error("a webhook was not taken in: the store failed", reason=str(error), **where)
        return _answer(503, "try again", {"Retry-After": "5"})
    log.info("webhook", events=len(events), new=taken, **where)
    return Response(status_code=204)


async def _read_body(request: Request) -> bytes | None:
    """Return the body, None where it is too large; no more than the limit is ever held."""
    body, size = bytearray(), 0
    async for part in request.stream():
        size += len(part)
        if size <= MOST_BYTES:
            body += part
        elif size > _MOST_DISCARDED:
            return None
    return bytes(body) if size <= MOST_BYTES else None


def _headers(request: Request) -> dict[str, str]:
    """Return the headers by name; one that is there twice is joined, and no signature any more."""
    return {name: ", ".join(request.headers.getlist(name)) for name in request.headers}


def _answer(
    status: int, words: str, headers: dict[str, str] | None = None, *, close: bool = False
) -> Response:
    # What of a body was not read would be taken for the next request.
    more = {"Connection": "close"} if close else {}
    return PlainTextResponse(f"{words}\n", status, {**(headers or {}), **more})


async def _say_well(_request: Request) -> Response:
    return PlainTextResponse("well\n")


class _Refused:
    """Tells of refusals, once a minute at most: strangers must not fill the log."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._count = 0
        self._told = -_BETWEEN_WARNINGS

    def note(self, refusal: Refusal) -> None:
        with self._lock:
            self._count += 1
            if time.monotonic() - self._told < _BETWEEN_WARNINGS:
                return
            count, self._count, self._told = self._count, 0, time.monotonic()
        log.warning(
            "webhooks were refused",
            system=self._door.profile.name,
            company=self._door.company,
            count=count,
            reason=refusal.value,
        )
