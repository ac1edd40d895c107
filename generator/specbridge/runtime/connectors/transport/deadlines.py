"""A deadline for each request: httpx bounds the silence between two bytes, and never the whole.

A server that drips headers or bodies, or says `100 Continue` for ever, is never silent. So every read
and write of a connection waits no longer than what is left of the deadline of its thread's request; and
whoever waits looks now and then whether the connector closes, which ends the request early.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from ssl import SSLContext
from threading import Event, Thread
from typing import Any

import httpcore

from specbridge.runtime.connectors.transport.leave import ask_leave

# A slow reader may take a byte at a time: the clock is looked at after so many bytes.
_PIECE = 16_384
# So long at most does a closing connector wait for one who waits for a server.
_LOOK = 0.1
# Where httpx states no timeout.
_LONGEST = 86_400.0


class _End:
    """When a thread's request has to be done; sooner once its connector closes."""

    def __init__(self, seconds: float, closing: Event, grace: float) -> None:
        self._instant = time.monotonic() + seconds
        self._closing = closing
        self._grace = grace
        self._hurried = False

    def left(self) -> float:
        """Return the seconds that are left, 0.0 or less where none are."""
        now = time.monotonic()
        if not self._hurried and self._closing.is_set():
            self._hurried = True
            self._instant = min(self._instant, now + self._grace)
        return self._instant - now


_end: ContextVar[_End | None] = ContextVar("end", default=None)


@contextmanager
def ending_after(seconds: float, closing: Event, grace: float = 0.0) -> Iterator[None]:
    """Give the requests that this thread makes in the block so many seconds, all together.

    Once `closing` is set they have `grace` seconds left at most.
    """
    token = _end.set(_End(seconds, closing, grace))
    try:
        yield
    finally:
        _end.reset(token)


class PunctualBackend(httpcore.NetworkBackend):
    """Connections of httpcore's own backend, which keep the deadline of the thread that uses them."""

    def __init__(self) -> None:
        """Keep the backend that makes the connections."""
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a port. Raises httpcore's ConnectTimeout and ConnectError."""
        left = _left(timeout, httpcore.ConnectTimeout)
        connect = self._backend.connect_tcp
        return _open_aside(partial(connect, host, port, left, local_address, socket_options))


class _PunctualStream(httpcore.NetworkStream):
    """A connection whose reads and writes wait no longer than what is left of the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        silent = time.monotonic() + (_LONGEST if timeout is None else timeout)
        while True:
            left = _left(silent - time.monotonic(), httpcore.ReadTimeout)
            # One that gives up has taken nothing: the next one goes on where it was.
            with suppress(httpcore.ReadTimeout):
                return self._stream.read(max_bytes, min(left, _LOOK))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            # Here, and not before the connection was made: this is when a request begins.
            ask_leave()
            self._stream.write(piece, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _open_aside(partial(self._stream.start_tls, ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _open_aside(open_stream: Callable[[], httpcore.NetworkStream]) -> httpcore.NetworkStream:
    """Return a connection that a thread of its own opens; whoever waits for it may give up at any time.

    Nothing wakes up a thread that resolves a name, connects, or agrees on keys.
    """
    opened: Future[httpcore.NetworkStream] = Future()
    # No process waits for such a thread at its end.
    Thread(target=_open, args=(open_stream, opened), name="connecting", daemon=True).start()
    try:
        while not opened.done():
            wait([opened], timeout=min(_left(None, httpcore.ConnectTimeout), _LOOK))
        return _PunctualStream(opened.result())
    except BaseException:
        opened.add_done_callback(_close_unwanted)
        raise
    finally:
        # An error knows this frame, and the frame must not know the error.
        del opened


def _open(
    open_stream: Callable[[], httpcore.NetworkStream], opened: Future[httpcore.NetworkStream]
) -> None:
    try:
        opened.set_result(open_stream())
    except Exception as error:
        # With its frames, one of which knows the future, it would stay.
        opened.set_exception(error.with_traceback(None))


def _close_unwanted(opened: Future[httpcore.NetworkStream]) -> None:
    if opened.exception() is None:
        opened.result().close()


def _left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
    """Return the seconds that may be waited (the timeout, or what is left of the deadline); raises the error."""
    end = _end.get()
    left = _LONGEST if timeout is None else timeout
    left = left if end is None else min(left, end.left())
    if left <= 0.0:
        raise error("the deadline is over")
    return left
