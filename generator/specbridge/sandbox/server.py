"""A system behind a real HTTP server: faults before and after it, its requests counted."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as WebRoute
from uvicorn.protocols.http.h11_impl import H11Protocol

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.faults import FaultBox, parse_fault
from specbridge.sandbox.messages import Answer, Call

_SIGN_IN = "https://login.example/sign-in?back=1"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# ASGI gives an application no way to its connection: a fault finds it by the client's address.
_transports: dict[tuple[str, int], asyncio.Transport] = {}


class System(Protocol):
    """One of the two APIs: state, a clock, and an answer to every request."""

    name: str
    clock: Clock
    faults: FaultBox

    def answer(self, call: Call) -> Answer:
        """Carry out a request."""

    def throttle(self, call: Call) -> Answer:
        """Return the API's own answer 429."""

    def fail(self, status: int) -> Answer:
        """Return the API's own answer for a failure of the server."""

    def world(self) -> dict[str, list[dict[str, Any]]]:
        """Return a copy of all records by kind."""


class AbortableProtocol(H11Protocol):
    """uvicorn's protocol, which remembers its connection so that a fault can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own signature is narrower than asyncio's
        """Remember the connection by the client's address."""
        # Head and body are two writes: without this each answer waits for a delayed ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        _transports[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        _transports.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


@dataclass(slots=True)
class RequestLog:
    """Counts requests by method, path and status; ids in paths stay as they are."""

    entries: list[tuple[str, str, int]] = field(default_factory=list)

    def count(self, method: str = "", prefix: str = "", status: int | None = None) -> int:
        """Return how many requests had the method, a path that starts so, and the status."""
        return sum(
            (not method or m == method) and p.startswith(prefix) and (status is None or s == status)
            for m, p, s in self.entries
        )

    def clear(self) -> None:
        """Forget all requests."""
        self.entries.clear()


Gateway = Callable[[Call, Callable[[Call], Answer]], Answer]
"""Stands before a system: is given a call and the way on, and answers as it likes."""


@dataclass(slots=True)
class Server:
    """The web application around one system; `lock` guards its state against tests' threads.

    `gateway` stands before the system while it is set, behind the faults.
    """

    system: System
    hang_seconds: float
    gateway: Gateway | None = None
    log: RequestLog = field(default_factory=RequestLog)
    lock: RLock = field(default_factory=RLock)

    def application(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(routes=[WebRoute("/{path:path}", self._serve, methods=_METHODS)])

    async def _serve(self, request: Request) -> Response:
        call = Call(
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
            pairs=tuple(request.query_params.multi_items()),
        )
        # Before the faults: they must not keep anybody from ending them.
        if call.path.startswith("/_sandbox/"):
            return _respond(self._control(call))
        return await self._answer_with_faults(request, call)

    async def _answer_with_faults(self, request: Request, call: Call) -> Response:
        faults = self.system.faults
        if latency := faults.seconds("latency"):
            await asyncio.sleep(latency)
        if faults.strikes("timeout"):
            await asyncio.sleep(self.hang_seconds)
        if faults.strikes("reset"):
            return _break(request)
        with self.lock:
            answer = self._fault_answer(call) or self._ask(call)
        # Logged before the connection breaks: what was done counts, though nobody hears of it.
        self.log.entries.append((call.method, call.path, answer.status))
        if faults.strikes("reset-after-commit"):
            return _break(request)
        return _respond(answer, cut=bool(faults.strikes("malformed")))

    def _ask(self, call: Call) -> Answer:
        if self.gateway is None:
            return self.system.answer(call)
        return self.gateway(call, self.system.answer)

    def _fault_answer(self, call: Call) -> Answer | None:
        match self.system.faults.strikes("302", "empty", "429", "500", "502", "503", "504"):
            case None:
                return None
            case "302":
                return Answer(status=302, headers={"Location": _SIGN_IN})
            case "empty":
                return Answer()
            case "429":
                return self.system.throttle(call)
            case status:
                return self.system.fail(int(status))

    def _control(self, call: Call) -> Answer:
        deeds: dict[str, Callable[[Call], Answer]] = {
            "/_sandbox/world": self._show_world,
            "/_sandbox/faults": self._replace_faults,
            "/_sandbox/clock": self._advance_clock,
        }
        deed = deeds.get(call.path)
        if deed is None:
            return Answer(status=404, body={"error": "no such control"})
        try:
            with self.lock:
                return deed(call)
        except (ValueError, KeyError, TypeError) as error:
            return Answer(status=400, body={"error": str(error)})

    def _show_world(self, call: Call) -> Answer:
        return Answer(body=self.system.world())

    def _replace_faults(self, call: Call) -> Answer:
        self.system.faults.replace([parse_fault(text) for text in call.json()["faults"]])
        return Answer(status=204)

    def _advance_clock(self, call: Call) -> Answer:
        self.system.clock.advance(float(call.json()["seconds"]))
        return Answer(status=204)


def _respond(answer: Answer, cut: bool = False) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    if isinstance(answer.body, str):
        content, media_type = answer.body.encode(), "text/plain"
    else:
        content, media_type = json.dumps(answer.body).encode(), "application/json"
    if cut:
        content = content[: len(content) // 2]
    return Response(content, answer.status, dict(answer.headers), media_type)


class _Broken(Response):
    """Sends nothing: the connection is gone."""

    async def __call__(
        self, scope: Any, receive: Any, send: Callable[..., Awaitable[None]]
    ) -> None:
        """Do nothing."""


def _break(request: Request) -> Response:
    address = request.client
    transport = _transports.get((address.host, address.port)) if address else None
    if transport is not None:
        # Not `close`, which would still send what is waiting.
        transport.abort()
    return _Broken()
