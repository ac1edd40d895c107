"""A deadline for each request: httpx bounds the silence between two bytes, and never the whole.

A server that drips headers or bodies, or says `100 Continue` for ever, is never silent. So every read
and write of a connection waits no longer than what is left of the deadline of its thread's request.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

import httpcore

from specbridge.runtime.connectors.transport.leave import ask_leave

_ends: ContextVar[float | None] = ContextVar("ends", default=None)
# A slow reader may take a byte at a time: the clock is looked at after so many bytes.
_PIECE = 16_384


@contextmanager
def ending_after(seconds: float) -> Iterator[None]:
    """Give the requests that this thread makes in the block so many seconds, all together."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


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
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _PunctualStream(stream)


class _PunctualStream(httpcore.NetworkStream):
    """A connection whose reads and writes wait no longer than what is left of the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

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
        return _PunctualStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    """Return the seconds that may be waited: the timeout, or what is left of the deadline."""
    ends = _ends.get()
    if ends is None:
        return timeout
    left = ends - time.monotonic()
    if left <= 0.0:
        raise error("the deadline is over")
    return left if timeout is None else min(timeout, left)
