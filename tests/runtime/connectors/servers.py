"""Small HTTP servers on loopback, whose answers a test states."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from specbridge.model.values import Json


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request as the server got it; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Json:
        """Return the body read as JSON."""
        value: Json = json.loads(self.text)
        return value


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What to answer; `text` goes out as it is, `reset` breaks the connection instead."""

    status: int = 200
    body: Json = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False


@dataclass
class LoopbackServer:
    """A running server: where it is, what it was asked, and the `Date` that it states."""

    base_url: str
    date: str = "Mon, 23 Nov 2026 12:00:00 GMT"
    received: list[Received] = field(default_factory=list)

    def paths(self) -> list[str]:
        """Return the method and path of each request, in order."""
        return [f"{one.method} {one.path}" for one in self.received]


Answering = Callable[[Received], Reply]


@contextmanager
def serving(answer: Answering) -> Iterator[LoopbackServer]:
    """Run a server that answers as the function says, until the block ends."""
    running = LoopbackServer(base_url="")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer, running))
    running.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def closing_beside() -> Iterator[Callable[[ExitStack], None]]:
    """Give what ends servers beside the tests that follow: each takes a while to stop."""
    ended: list[Future[None]] = []
    with ThreadPoolExecutor(4) as pool:
        yield lambda stack: ended.append(pool.submit(stack.close))
    for one in ended:
        one.result()


def replies(*given: Reply) -> Answering:
    """Return a function that gives these answers one after another, the last one for ever."""
    left = list(given)

    def answer(_request: Received) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def _handler(answer: Answering, running: LoopbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave together: apart, each answer waits for an acknowledgement.
        wbufsize = 65_536

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            parts = urlsplit(self.path)
            request = Received(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                text=self.rfile.read(int(self.headers.get("content-length", 0))).decode(),
            )
            running.received.append(request)
            self._reply(answer(request))

        def _reply(self, reply: Reply) -> None:
            if reply.reset:
                self.close_connection = True
                return
            text = reply.text if reply.text is not None else _dump(reply.body)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())
            self.wfile.flush()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return running.date

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    return Handler


def _dump(body: Json) -> str:
    return "" if body is None else json.dumps(body)
