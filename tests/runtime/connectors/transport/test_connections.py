"""Connections: the deadline, the environment's certificates and proxies, cookies."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import httpx
import pytest
from specbridge.errors import SurroundingsError
from specbridge.runtime.connectors.transport.connections import open_client, surroundings
from specbridge.runtime.connectors.transport.deadlines import ending_after
from specbridge.runtime.connectors.transport.environment import is_loopback

from tests.acceptance.hostile import Answer, Asked, hostile_server, reply
from tests.runtime.connectors.servers import Reply, replies, serving

AWAY = "https://api.acme.example"


def dripping(before: bytes, drop: bytes) -> Answer:
    def send(asked: Asked) -> Iterator[bytes]:
        yield before
        while not asked.over.wait(0.05):
            yield drop

    return send


@pytest.mark.parametrize(
    "answer",
    [
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"."),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["headers", "body", "continue"],
)
def test_an_answer_that_drips_ends_with_its_deadline(answer: Answer) -> None:
    with hostile_server({"/x": answer}) as server, open_client("http://127.0.0.1", 1) as client:
        began = time.monotonic()
        with pytest.raises(httpx.TimeoutException), ending_after(0.3, Event()):
            client.get(f"http://127.0.0.1:{server.port}/x")
        assert 0.25 <= time.monotonic() - began < 5.0


def test_a_deadline_is_of_its_own_request_only() -> None:
    with serving(replies(Reply(body=1))) as server, open_client(server.base_url, 1) as client:
        with pytest.raises(httpx.TimeoutException), ending_after(0.0, Event()):
            client.get(server.base_url)
        with ending_after(5.0, Event()):
            assert client.get(server.base_url).json() == 1
        # The connection is kept, and its next request has no deadline, or one of its own.
        assert client.get(server.base_url).json() == 1


def test_cookies_are_neither_kept_nor_sent() -> None:
    cookie = Reply(headers={"Set-Cookie": "a=b; Path=/"})
    with serving(replies(cookie)) as server, open_client(server.base_url, 1) as client:
        client.get(server.base_url)
        client.get(server.base_url)
        assert "cookie" not in server.received[1].headers
        assert not client.cookies


PROXIES = ("https_proxy", "http_proxy", "all_proxy", "no_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


@contextmanager
def variables(**given: str) -> Iterator[None]:
    """Set variables of the environment; no other proxy or certificate is stated then."""
    with pytest.MonkeyPatch.context() as environment:
        for name in (*PROXIES, *map(str.upper, PROXIES), *CERTIFICATES):
            environment.delenv(name, raising=False)
        for name, value in given.items():
            environment.setenv(name, value)
        yield


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "http://me:hush@proxy:99999999"),
        ("https_proxy", "ftp://me:hush@proxy"),
        ("ALL_PROXY", "http://[hush"),
        ("SSL_CERT_FILE", "/nowhere/at/all.pem"),
        ("SSL_CERT_FILE", __file__),
        ("SSL_CERT_DIR", "/nowhere/at/all"),
        ("SSLKEYLOGFILE", "/nowhere/at/all/keys"),
        ("SSLKEYLOGFILE", "/"),
    ],
)
def test_a_fault_of_the_environment_is_named_by_its_variable(name: str, value: str) -> None:
    with variables(**{name: value}), pytest.raises(SurroundingsError) as caught:
        open_client(AWAY, 1)
    assert str(caught.value).startswith(f"{name}: ")
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_this_machine_needs_no_proxy_and_no_certificates() -> None:
    with variables(HTTPS_PROXY="nonsense://", SSL_CERT_FILE="/nowhere"):
        open_client("http://127.0.0.1:1", 1).close()
        assert surroundings("http://127.0.0.1:1") == ""
        assert surroundings(AWAY) == " (HTTPS_PROXY and SSL_CERT_FILE are set)"


def test_a_proxy_of_the_environment_is_used_and_keeps_the_deadline() -> None:
    with (
        hostile_server({"api.acme.example:443": dripping(b"HTTP/1.1 200 ", b"O")}) as proxy,
        variables(HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}"),
        open_client(AWAY, 1) as client,
    ):
        with pytest.raises(httpx.TimeoutException), ending_after(0.3, Event()):
            client.get(AWAY)
        assert proxy.heads["api.acme.example:443"][0].startswith("CONNECT ")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("http://127.9.8.7:80/x", True),
        ("http://[::1]:8080", True),
        ("http://127.evil.example", False),
        ("http://127.0.0.1.nip.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://evil.example/127.0.0.1", False),
        ("http://0x7f.1", False),
        ("http://10.0.0.1", False),
        ("http://[x", False),
        ("", False),
    ],
)
def test_this_machine_is_what_its_address_says(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


def test_an_answer_is_whole_before_it_is_judged() -> None:
    with hostile_server({"/x": lambda _: iter([reply(b"[]")[:-1]])}) as server:
        client = open_client("http://127.0.0.1", 1)
        with client, pytest.raises(httpx.RemoteProtocolError):
            client.get(f"http://127.0.0.1:{server.port}/x")
