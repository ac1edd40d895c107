"""A browser comes back from signing in: its address is awaited on this machine."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import AF_INET6, has_ipv6
from urllib.parse import parse_qs, urlsplit

from specbridge.errors import AuthenticationError, SettingsError, SurroundingsError

_PAGE = b"""<!doctype html><meta charset="utf-8"><title>specbridge</title>
<p>The answer has arrived. You can close this page, and go back to the terminal.
"""
_LOCAL = ("127.0.0.1", "localhost", "::1")
_LOOK = 0.5


class Arrivals:
    """Waits for the one request that answers an invitation; every other is turned away."""

    def __init__(self, redirect_url: str, state: str) -> None:
        """Listen at the address that the system sends the browser to.

        Raises SettingsError for an address that is not this machine's, SurroundingsError for a port that is taken.
        """
        parts = urlsplit(redirect_url)
        if parts.scheme != "http" or parts.hostname not in _LOCAL:
            raise SettingsError(
                f"redirect_url {redirect_url} is no address http://127.0.0.1:PORT/…: use --paste"
            )
        self.arrived = ""
        try:
            self._server = _server(
                parts.hostname, parts.port or 80, self._handler(parts.path, state)
            )
        except OSError as error:
            reason = error.strerror or error
            raise SurroundingsError(
                f"cannot listen at {redirect_url}: {reason}; or use --paste"
            ) from None

    def wait(self, seconds: float) -> str:
        """Return the address that the browser came with; raises AuthenticationError after so many seconds."""
        end = time.monotonic() + seconds
        while not self.arrived:
            if time.monotonic() >= end:
                raise AuthenticationError(f"nobody signed in within {seconds:g} seconds: try again")
            self._server.handle_request()
        return self.arrived

    def close(self) -> None:
        """Listen no longer."""
        self._server.server_close()

    def _handler(self, path: str, state: str) -> type[BaseHTTPRequestHandler]:
        arrivals = self

        class Handler(BaseHTTPRequestHandler):
            # Who connects and says nothing must not keep the right one waiting.
            timeout = 2.0

            def do_GET(self) -> None:  # http.server's own name
                parts = urlsplit(self.path)
                # Any page that a browser shows can call this address, but knows no state.
                right = parts.path == (path or "/") and parse_qs(parts.query).get("state") == [
                    state
                ]
                self.send_response(200 if right else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                if right:
                    arrivals.arrived = self.path
                    self.wfile.write(_PAGE)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the address holds the code."""

        return Handler


@contextmanager
def awaiting(redirect_url: str, state: str) -> Iterator[Arrivals]:
    """Listen for the answer to an invitation until the block ends."""
    arrivals = Arrivals(redirect_url, state)
    try:
        yield arrivals
    finally:
        arrivals.close()


class _Server(HTTPServer):
    timeout = _LOOK

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a request that broke off."""


class _SixthServer(_Server):
    address_family = AF_INET6


def _server(host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> HTTPServer:
    kind = _SixthServer if host == "::1" and has_ipv6 else _Server
    return kind((host, port), handler)
