"""A connection that the server closed while it was idle fails nobody."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Semaphore, Thread
from typing import Any

import pytest
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Create, Written

BODY = b'{"organization": {"id": 1, "name": "Acme", "updated_at": "2026-11-01T12:00:00Z"}}'


class _Closing(BaseHTTPRequestHandler):
    """Lets the client believe that the connection stays open, and closes it after each answer."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


class _Server(ThreadingHTTPServer):
    """Tells of each connection that it has closed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Closing)
        self.closed = Semaphore(0)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.closed.release()


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_a_write_after_the_server_closed_the_connection_is_sent_once(
    server: _Server,
) -> None:
    profile = replace(load_profiles()["zendesk"], limits=())
    address = f"http://127.0.0.1:{server.server_address[1]}"
    environment = {"ZENDESK_BASE_URL": address, "ZENDESK_OAUTH_TOKEN": "a token"}
    with closing(build_connector(profile, environment)) as connector:
        for number in range(5):
            write = Create(key=str(number), properties={"name": "Acme"}, external_reference="")
            (outcome,) = connector.write_records("Organizations", [write], frozenset({"name"}))
            assert isinstance(outcome, Written)
            assert server.closed.acquire(timeout=5)
        assert connector.usage.write == 5
        assert connector.usage.retried == 0
