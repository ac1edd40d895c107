"""Serving the application that takes webhooks in, in a thread of its own."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn
from starlette.applications import Starlette

_MOST_AT_ONCE = 500
_LARGEST_HEAD = 32_768


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it listens and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@contextmanager
def serving(application: Starlette, listener: socket.socket) -> Iterator[None]:
    """Serve on a bound socket until the block ends; what is under way then is finished."""
    config = uvicorn.Config(
        application,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=logging.CRITICAL,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_AT_ONCE,
        h11_max_incomplete_event_size=_LARGEST_HEAD,
        timeout_graceful_shutdown=10,
    )
    server = _Server(config)
    # Not a daemon: what was answered must have been stored.
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="webhooks")
    thread.start()
    server.listening.wait(10)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises OSError where the port is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)
