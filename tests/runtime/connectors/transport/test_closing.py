"""A connector that closes: nothing is sent any more, and nobody is waited for who hangs."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Semaphore, Timer

import httpx
import pytest
from specbridge.errors import UnreachableError
from specbridge.runtime.connectors.transport.connections import open_client
from specbridge.runtime.connectors.transport.deadlines import ending_after

from tests.acceptance.hostile import Asked, hostile_server, reply
from tests.runtime.connectors.servers import Received, Reply, replies
from tests.runtime.connectors.transport.test_connections import dripping
from tests.runtime.connectors.transport.test_http import OK, POST, READ, bench


def test_a_closed_connector_sends_nothing() -> None:
    with bench(replies(OK)) as it:
        it.transport.interrupt()
        with pytest.raises(UnreachableError, match="the connector was closed"):
            it.transport.send(READ)
        assert it.server.received == []


def test_a_read_ends_at_once_and_a_write_when_it_is_answered() -> None:
    asked, over = Semaphore(0), Event()

    def hang(request: Received) -> Reply:
        asked.release()
        over.wait(0.5 if request.method == "POST" else 30.0)
        return OK

    with bench(hang) as it, ThreadPoolExecutor(2) as pool:
        written = pool.submit(it.transport.send, POST)
        read = pool.submit(it.transport.send, READ)
        assert asked.acquire(timeout=5.0)
        assert asked.acquire(timeout=5.0)
        it.transport.interrupt()
        with pytest.raises(UnreachableError, match="the connector was closed"):
            read.result(5.0)
        assert written.result(5.0).body == {"ok": True}
        over.set()


@contextmanager
def closing_soon() -> Iterator[Event]:
    """Give what is set while the block waits."""
    closing = Event()
    timer = Timer(0.2, closing.set)
    timer.start()
    yield closing
    timer.join()


@contextmanager
def deaf_server(*, crowded: bool) -> Iterator[int]:
    """Give the port of a server that hears nobody; where it is crowded, nobody even gets through."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port: int = server.getsockname()[1]
        crowd = [socket.socket() for _ in range(4 if crowded else 0)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        yield port
        for one in crowd:
            one.close()


@pytest.mark.parametrize(
    ("scheme", "crowded"),
    [("http", False), ("https", False), ("http", True)],
    ids=["reading", "agreeing on keys", "connecting"],
)
def test_whoever_waits_for_a_server_is_woken_by_closing(scheme: str, crowded: bool) -> None:
    with (
        deaf_server(crowded=crowded) as port,
        open_client("http://127.0.0.1", 1) as client,
        closing_soon() as closing,
    ):
        began = time.monotonic()
        with pytest.raises(httpx.TimeoutException), ending_after(30.0, closing):
            client.get(f"{scheme}://127.0.0.1:{port}/x")
        assert 0.15 <= time.monotonic() - began < 2.0


def test_what_is_better_seen_to_its_end_has_a_little_time_after_closing() -> None:
    def slow(asked: Asked) -> Iterator[bytes]:
        asked.over.wait(0.5)
        yield reply(b"[]")

    with (
        hostile_server(
            {"/x": slow, "/y": dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")}
        ) as server,
        open_client("http://127.0.0.1", 1) as client,
        # The server closes after such an answer, and the other request must not meet with that.
        open_client("http://127.0.0.1", 1) as another,
        closing_soon() as closing,
    ):
        with ending_after(30.0, closing, 5.0):
            assert client.get(f"http://127.0.0.1:{server.port}/x").json() == []
        began = time.monotonic()
        with pytest.raises(httpx.TimeoutException), ending_after(30.0, closing, 0.3):
            another.get(f"http://127.0.0.1:{server.port}/y")
        assert 0.25 <= time.monotonic() - began < 2.0
